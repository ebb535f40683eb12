"""Обучение Tacotron 2 по шагам.

Вся случайность шага - функция (зерно, итерация), поэтому чекпоинту не нужно состояние генераторов,
а оценка и картинки не могут повлиять на обучение.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import BatchNorm1d

from tts_framework.components import Picture, Session, Sound, TrainingContext
from tts_framework.events import HParams
from tts_framework.training import checkpoint, hparams, saved
from tts_framework.training.adam import Adam
from tts_framework.training.averaging import Average
from tts_framework.training.feed import Feed
from ttsf_tacotron2 import evaluation, objective, preview, state
from ttsf_tacotron2 import warm_start as warm_start_
from ttsf_tacotron2.batches import Batch, Clips
from ttsf_tacotron2.device import precision, resolve
from ttsf_tacotron2.free_running import FreeRunning
from ttsf_tacotron2.network import Outputs, Tacotron2
from ttsf_tacotron2.objective import Balance
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.resizing import change_reduction_factor

_EVALUATION_SEED = 0


class Tacotron2Session(Session):
    """Одна сеть, один Adam, одна выборка."""

    def __init__(self, config: Tacotron2Options, context: TrainingContext) -> None:
        self._config, self._context = config, context
        self._device = resolve(context.device)
        self._train = Clips(context.train, context, labels=config.guidance == "labels")
        self._frame_rate = context.audio.sampling_rate / context.audio.hop_length
        self._validation = Clips(context.validation, context)
        self._free = FreeRunning(self._validation, config.validation_sentences, context.audio)
        pin = self._device.type == "cuda"
        self._feed = Feed(self._train, context.batch_size, context.seed, pin=pin)
        torch.manual_seed(context.seed % 2**63)
        self._network = Tacotron2(
            config.network_sizes(context.audio.n_mel_channels),
            len(context.frontend.symbols),
            config.reduction_at(0),
            mmi=config.mmi,
            gst=config.gst,
            attention=config.attention,
        )
        self._start_from_mean()
        self._network.to(self._device)
        self._optimizer = Adam(self._network.parameters())
        self._balance = Balance(self._network, config.mmi_max_factor)
        self._average = Average(self._network, config.ema_decay) if config.ema_decay > 0 else None
        self._sums, self._count = torch.zeros(state.SCALARS, device=self._device), 0
        self._mean_mel_known = False
        self._enforce(config)
        self._warn_of_short_clips()

    def step(self) -> None:
        self._follow_schedule()
        batch = self._feed.next().to(self._device)
        torch.manual_seed((self._feed.seed * 1_000_003 + self.iteration) % 2**63)
        outputs = self._forward(batch)
        found = objective.terms(self._config, self.iteration, outputs, batch, self._frame_rate)
        self._optimizer.zero_grad()
        loss = self._balance.backward(found, self.iteration)
        norm = torch.nn.utils.clip_grad_norm_(
            self._network.parameters(), self._config.grad_clip_thresh
        )
        self._optimizer.step()
        if self._average is not None:
            self._average.update(self._network)
        self.iteration += 1
        factor = loss.new_zeros(()) if self._balance.factor is None else self._balance.factor
        scalars = [loss, norm, found.guided.detach(), found.ctc.detach(), factor]
        self._sums += torch.stack(scalars)
        self._count += 1

    def progress(self) -> dict[str, float]:
        values = {"learning.rate": self._config.learning_rate}
        if self._count:
            loss, norm, guided, ctc, factor = (self._sums / self._count).tolist()
            values |= {"training.loss": loss, "grad.norm": norm}
            if self._config.guidance_weight(self.iteration) > 0:
                values["training.guided_attention"] = guided
            if self._config.mmi:
                values |= {"training.ctc": ctc, "training.gaf": factor}
        self._sums.zero_()
        self._count = 0
        return values

    def evaluate(self) -> dict[str, float]:
        with self._undisturbed():
            metrics = evaluation.evaluate(self._validation, self._forward, self._device)
            return metrics | self._free.evaluate(self._judged, self._config, self._device)

    def media(self) -> Iterable[Picture | Sound]:
        batch = next(self._validation.in_order(1)).to(self._device)
        with self._undisturbed():
            shown = list(preview.pictures(batch, self._forward(batch)))
            audio = self._context.audio
            return [*shown, preview.sound(batch, self._judged, audio, _EVALUATION_SEED)]

    def save(self, path: Path) -> None:
        checkpoint.write(
            path,
            {
                "iteration": self.iteration,
                "state_dict": self._network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "learning_rate": self._config.learning_rate,
                **self._description(),
                "hparams": saved.hparams(self._config, self._feed.batch_size),
                "reduction_factor": self._network.reduction_factor,
                "frames_per_symbol": self._train.slowest_pace,
                "sampler": self._feed.to_dict(),
                "progress": {"sums": self._sums, "count": self._count},
                **self._extras(),
            },
        )

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; действуют гиперпараметры сессии, а не те, что в файле."""
        found = checkpoint.read(path)
        if warm_start:
            parts = ("state_dict", "model", "symbols", "reduction_factor")
            found = {key: found[key] for key in found if key in parts}
        state.require_same(path, found, self._description(), warm=warm_start)
        if self._config.reduction_schedule and "model" in found:
            self._reduce(state.reduction_factor(path, found))
        weights = found.get("state_dict")
        if warm_start and isinstance(weights, Mapping):
            weights = self._adapted(path, weights, found.get("symbols"))
        state.load_weights(path, self._network, weights)
        self._restore_average(path, found)
        if warm_start:
            return
        saved.load_moments(path, self._optimizer, found.get("optimizer"))
        self.iteration = saved.count(path, found, "iteration")
        if "sampler" in found:  # у чекпоинта эталона остального нет
            saved.restore_place(path, self._feed, found["sampler"], self._context.warn)
            progress, sizes = found.get("progress"), (state.SCALARS, state.OLD_SCALARS)
            sums, self._count = saved.progress(path, progress, sizes[0], older=sizes[1])
            self._sums = sums.to(self._device)
        self._restore_extras(path, found)

    def apply(self, hparams_: HParams) -> None:
        values = dict(hparams_)
        batch_size = hparams.batch_size(values.pop("batch_size", self._feed.batch_size))
        self._enforce(hparams.updated(self._config, values, state.NAME))
        self._feed.resize(batch_size)

    def close(self) -> None:
        self._feed.close()

    def _forward(self, batch: Batch) -> Outputs:
        width = self._network.sizes.decoder_rnn_dim
        network = self._network if self._network.training else self._judged
        with precision(self._device, self._config.precision, width):
            outputs: Outputs = network(
                batch.text, batch.text_lengths, batch.mels, batch.mel_lengths
            )
            return outputs

    @property
    def _judged(self) -> Tacotron2:
        """Сеть, которую оценивают: усреднённая, если среднее ведётся."""
        return self._network if self._average is None else self._average.network

    def _follow_schedule(self) -> None:
        """Перейди на reduction factor этой итерации."""
        wanted = self._config.reduction_at(self.iteration)
        if wanted != self._network.reduction_factor:
            self._reduce(wanted)
            self._warn_of_short_clips()

    def _reduce(self, reduction_factor: int) -> None:
        change_reduction_factor(self._network, reduction_factor, self._optimizer)
        if self._average is not None:
            change_reduction_factor(self._average.network, reduction_factor)

    def _start_from_mean(self) -> None:
        """Начни со среднего спектра корпуса и postnet, который пока ничего не поправляет.

        Иначе первые сотни шагов уходят на поиск уровня -6, а val_loss шумит из-за postnet.
        """
        bias = self._network.decoder.linear_projection.linear_layer.bias
        mean = torch.from_numpy(self._train.first_mean())
        *_, last_norm = (m for m in self._network.postnet.modules() if isinstance(m, BatchNorm1d))
        with torch.no_grad():
            bias.copy_(mean.repeat(self._network.reduction_factor))
            last_norm.weight.zero_()

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Оценивай без градиентов, с постоянным зерном и без следа в состоянии обучения."""
        devices = [self._device] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), torch.no_grad():
            torch.manual_seed(_EVALUATION_SEED)
            self._network.eval()
            try:
                yield
            finally:
                self._network.train()

    def _enforce(self, config: Tacotron2Options) -> None:
        """Введи значения настроек в силу."""
        self._config = config
        self._network.dropout_decoder = config.dropout_decoder
        self._network.dropout_attention = config.dropout_attention
        self._network.dropout_prenet = self._judged.dropout_prenet = config.dropout_prenet
        self._network.drop_frame_rate = config.drop_frame_rate
        if config.drop_frame_rate > 0 and not self._mean_mel_known:
            self._know_mean_mel(torch.from_numpy(self._train.mean_mel()))
        self._optimizer.learning_rate = config.learning_rate
        self._optimizer.weight_decay = config.weight_decay

    def _know_mean_mel(self, mean: Tensor) -> None:
        self._network.mean_mel.copy_(mean)
        self._mean_mel_known = True

    def _warn_of_short_clips(self) -> None:
        """Предупреди о клипах, на которых MMI молчит: CTC нужно по шагу на символ."""
        if not self._config.mmi:
            return
        reduction_factor = self._network.reduction_factor
        short = self._train.too_few_steps(reduction_factor)
        if short:
            self._context.warn(
                f"mmi: {short} of {len(self._train)} clips have fewer decoder steps than symbols at"
                f" reduction_factor {reduction_factor} and teach MMI nothing; lower"
                " reduction_factor or use slower clips"
            )

    def _extras(self) -> dict[str, Any]:
        """Верни то, что есть в чекпоинте не всегда."""
        extras: dict[str, Any] = {}
        if self._mean_mel_known:
            extras["mean_mel"] = self._network.mean_mel
        if self._balance.factor is not None:
            extras["mmi_factor"] = self._balance.factor
        if self._average is not None:
            extras["ema"] = self._average.network.state_dict()
            extras["ema_updates"] = self._average.updates
        return extras

    def _adapted(self, path: Path, weights: Mapping[str, Any], symbols: Any) -> dict[str, Any]:
        """Возьми из чужих весов всё, что подходит, и скажи об остальном."""
        own = self._context.frontend.symbols
        known = [str(symbol) for symbol in symbols] if isinstance(symbols, list) else None
        found, note = warm_start_.adapted(path, weights, self._network, known, own)
        if note:
            self._context.warn(note)
        return found

    def _restore_average(self, path: Path, found: dict[str, Any]) -> None:
        """Верни среднее весов; без него в чекпоинте оно начинается с самих весов."""
        if self._average is None:
            return
        self._average.restart(self._network)
        if "ema" in found:
            state.load_weights(path, self._average.network, found["ema"])
            self._average.updates = saved.count(path, found, "ema_updates")

    def _restore_extras(self, path: Path, found: dict[str, Any]) -> None:
        n_mels = self._network.sizes.n_mels
        if (mean := state.tensor(path, found, "mean_mel", (n_mels,))) is not None:
            self._know_mean_mel(mean)
        if self._config.mmi:
            factor = state.tensor(path, found, "mmi_factor", ())
            self._balance.factor = None if factor is None else factor.to(self._device)

    def _description(self) -> dict[str, Any]:
        return state.description(self._config, self._context.frontend, self._context.audio)
