"""Обучение Tacotron 2 по шагам.

Вся случайность шага - функция (зерно, итерация), поэтому чекпоинту не нужно состояние генераторов,
а оценка и картинки не могут повлиять на обучение.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tts_framework.components import Picture, Session, Sound, TrainingContext
from tts_framework.errors import CheckpointError
from tts_framework.events import HParams, Value
from tts_framework.training import checkpoint
from ttsf_tacotron2 import preview, state
from ttsf_tacotron2.alignment import coverage, diagonality
from ttsf_tacotron2.batches import Batch, Clips, Prefetch
from ttsf_tacotron2.device import precision, resolve
from ttsf_tacotron2.hparams import batch_size as whole_batch_size
from ttsf_tacotron2.hparams import updated
from ttsf_tacotron2.losses import guided_attention_loss, tacotron_loss
from ttsf_tacotron2.masking import step_lengths
from ttsf_tacotron2.network import Outputs, Tacotron2
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.order import LengthBuckets, Place

_VALIDATION_BATCH = 16
_VALIDATION_SEED = 0
_METRICS = (
    "val_mel",
    "val_mel_post",
    "val_gate",
    "attention_diagonality",
    "attention_coverage",
)


class Tacotron2Session(Session):
    """Одна сеть, один Adam, одна выборка."""

    def __init__(self, config: Tacotron2Options, context: TrainingContext) -> None:
        self._device = resolve(context.device)
        self._config, self._context, self._seed = config, context, context.seed
        self._train = Clips(context.train, context, config.reduction_factor)
        self._validation = Clips(context.validation, context, config.reduction_factor)
        self._order = LengthBuckets(self._train.frames, self._seed)
        self._place, self._feed = Place(context.batch_size), None
        torch.manual_seed(self._seed)
        self._network = Tacotron2(
            config.network_sizes(context.audio.n_mel_channels),
            len(context.frontend.symbols),
            config.reduction_factor,
        ).to(self._device)
        self._start_from_mean()
        self._optimizer = torch.optim.Adam(self._network.parameters(), fused=True)
        self._sums, self._count = torch.zeros(3, device=self._device), 0
        self._enforce(config)

    _feed: Prefetch | None

    def step(self) -> None:
        batch = self._next_batch()
        weight = self._config.guidance(self.iteration)
        torch.manual_seed(self._seed * 1_000_003 + self.iteration)
        outputs = self._forward(batch)
        losses = tacotron_loss(
            outputs,
            batch.mels,
            batch.mel_lengths,
            gate_positive_weight=self._config.gate_positive_weight,
        )
        loss, guided = losses.total, torch.zeros((), device=self._device)
        if weight > 0:
            guided = guided_attention_loss(
                outputs.alignments,
                batch.text_lengths,
                self._steps(batch),
                sigma=self._config.guided_attention_sigma,
            )
            loss = loss + weight * guided
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(
            self._network.parameters(), self._config.grad_clip_thresh
        )
        self._optimizer.step()
        self.iteration += 1
        self._sums += torch.stack([loss.detach(), norm, guided.detach()])
        self._count += 1

    def progress(self) -> dict[str, float]:
        values = {"learning.rate": self._config.learning_rate}
        if self._count:
            loss, norm, guided = (self._sums / self._count).tolist()
            values |= {"training.loss": loss, "grad.norm": norm}
            if self._config.guidance(self.iteration) > 0:
                values["training.guided_attention"] = guided
        self._sums.zero_()
        self._count = 0
        return values

    def evaluate(self) -> dict[str, float]:
        """Оцени с подсказкой; веса слагаемых всегда единичные, иначе trial-ы не сравнить."""
        sums, weights = torch.zeros(5, device=self._device), torch.zeros(5, device=self._device)
        with self._undisturbed():
            for batch in self._validation.in_order(_VALIDATION_BATCH):
                values, counts = self._assess(batch.to(self._device))
                sums += values * counts
                weights += counts
        metrics = dict(zip(_METRICS, (sums / weights).tolist(), strict=True))
        total = metrics["val_mel"] + metrics["val_mel_post"] + metrics["val_gate"]
        return {"val_loss": total, **metrics}

    def media(self) -> Iterable[Picture | Sound]:
        batch = next(self._validation.in_order(1)).to(self._device)
        with self._undisturbed():
            shown = list(preview.pictures(batch, self._forward(batch)))
            audio = self._context.audio
            return [*shown, preview.sound(batch, self._network, audio, _VALIDATION_SEED)]

    def save(self, path: Path) -> None:
        context = self._context
        checkpoint.write(
            path,
            {
                "iteration": self.iteration,
                "state_dict": self._network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "learning_rate": self._config.learning_rate,
                **state.description(self._config, context.frontend, context.audio),
                "hparams": self._hparams(),
                "seed": self._seed,
                "sampler": self._place.to_dict(),
                "data_fingerprint": self._train.fingerprint,
            },
        )

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; действуют гиперпараметры сессии, а не те, что в файле."""
        saved = checkpoint.read(path)
        context = self._context
        own = state.description(self._config, context.frontend, context.audio)
        if warm_start:
            saved = {key: saved[key] for key in saved if key in ("state_dict", "model", "symbols")}
        state.require_same(path, saved, own)
        state.load_weights(path, self._network, saved.get("state_dict"))
        if warm_start:
            return
        state.load_optimizer(path, self._optimizer, saved.get("optimizer"))
        self.iteration = _whole(path, saved, "iteration")
        self._restore_order(path, saved)

    def apply(self, hparams: HParams) -> None:
        values = dict(hparams)
        batch_size = whole_batch_size(values.pop("batch_size", self._place.batch_size))
        self._enforce(updated(self._config, values))
        if batch_size != self._place.batch_size:
            self._move(self._order.resize(self._place, batch_size))

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None

    def _start_from_mean(self) -> None:
        """Начни со среднего спектра корпуса и postnet, который пока ничего не поправляет.

        Иначе первые сотни шагов уходят на поиск уровня -6, а val_loss шумит из-за postnet.
        """
        bias = self._network.decoder.linear_projection.linear_layer.bias
        mean = torch.from_numpy(self._train.mean_frame()).to(bias)
        last_norm = self._network.postnet.convolutions[-1][1]
        with torch.no_grad():
            bias.copy_(mean.repeat(self._config.reduction_factor))
            last_norm.weight.zero_()

    def _next_batch(self) -> Batch:
        if self._feed is None:
            pin = self._device.type == "cuda"
            self._feed = Prefetch(self._order, self._train.batch, self._place, pin=pin)
        batch, self._place = self._feed.next()
        return batch.to(self._device)

    def _move(self, place: Place) -> None:
        """Перейди на другое место выборки; заготовленные пачки выбрасываются."""
        self.close()
        self._place = place

    def _forward(self, batch: Batch) -> Outputs:
        with precision(self._device, self._config.precision):
            return self._network(batch.text, batch.text_lengths, batch.mels, batch.mel_lengths)

    def _steps(self, batch: Batch) -> Tensor:
        return step_lengths(batch.mel_lengths, self._config.reduction_factor)

    def _assess(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Верни значения `_METRICS` одной пачки и их веса: кадры, шаги или клипы."""
        outputs, steps = self._forward(batch), self._steps(batch)
        losses = tacotron_loss(outputs, batch.mels, batch.mel_lengths)
        measured = (outputs.alignments.float(), batch.text_lengths, steps)
        values = [*losses, diagonality(*measured).mean(), coverage(*measured).mean()]
        frames, clips = batch.mel_lengths.sum(), torch.tensor(len(steps), device=self._device)
        return torch.stack(values), torch.stack([frames, frames, steps.sum(), clips, clips])

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Оценивай без градиентов, с постоянным зерном и без следа в состоянии обучения."""
        devices = [self._device] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), torch.no_grad():
            torch.manual_seed(_VALIDATION_SEED)
            self._network.eval()
            try:
                yield
            finally:
                self._network.train()

    def _enforce(self, config: Tacotron2Options) -> None:
        self._config = config
        self._network.dropout_decoder = config.dropout_decoder
        self._network.dropout_attention = config.dropout_attention
        self._network.dropout_prenet = config.dropout_prenet
        for group in self._optimizer.param_groups:
            group["lr"], group["weight_decay"] = config.learning_rate, config.weight_decay

    def _hparams(self) -> dict[str, Value]:
        values = {name: getattr(self._config, name) for name in self._config.tunables()}
        return {**values, "batch_size": self._place.batch_size}

    def _restore_order(self, path: Path, saved: dict[str, Any]) -> None:
        """Верни место в выборке; у чекпоинта эталона его нет, при других данных оно не годится."""
        wanted = self._place.batch_size
        if "sampler" not in saved:
            return self._move(Place(wanted))
        self._seed = _whole(path, saved, "seed")
        self._order = LengthBuckets(self._train.frames, self._seed)
        try:
            place = Place.from_dict(saved["sampler"])
            if saved.get("data_fingerprint") != self._train.fingerprint:
                self._context.warn(
                    f"{path}: the training clips changed since this checkpoint;"
                    " a new epoch is started"
                )
                return self._move(Place(wanted, place.epoch + 1))
            self._order.take(place)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CheckpointError(
                f"{path}: sampler {saved['sampler']!r} is damaged; use another checkpoint"
            ) from error
        same = place.batch_size == wanted
        return self._move(place if same else self._order.resize(place, wanted))


def _whole(path: Path, saved: dict[str, Any], key: str) -> int:
    value = saved.get(key)
    if not isinstance(value, int) or value < 0:
        raise CheckpointError(f"{path}: {key} is {value!r}; use another checkpoint")
    return value
