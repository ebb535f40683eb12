"""Обучение FastSpeech 2 по шагам.

Вся случайность шага - функция (зерно, итерация), поэтому чекпоинту не нужно состояние генераторов,
а оценка и картинки не могут повлиять на обучение.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from tts_framework.components import Picture, Session, Sound, TrainingContext
from tts_framework.events import HParams
from tts_framework.training import checkpoint, hparams, saved
from tts_framework.training.adam import Adam
from tts_framework.training.averaging import Average
from tts_framework.training.device import resolve
from tts_framework.training.feed import Feed
from tts_framework.training.weights import load_weights
from ttsf_fastspeech2 import evaluation, losses, preview
from ttsf_fastspeech2.clips import Clips
from ttsf_fastspeech2.network import Batch, FastSpeech2, Outputs
from ttsf_fastspeech2.options import FastSpeech2Options
from ttsf_fastspeech2.precision import precision

NAME = "fastspeech2"
ADVICE = "use the preset, sizes, postnet, durations and symbols it was trained with"
_BETAS = (0.9, 0.98)
_SCALARS = ("training.loss", "grad.norm", *(f"training.{name}" for name in losses.Losses._fields))


class FastSpeech2Session(Session):
    """Одна сеть, один AdamW, одна выборка."""

    def __init__(self, config: FastSpeech2Options, context: TrainingContext) -> None:
        self._config, self._context = config, context
        self._device = resolve(context.device)
        self._train = Clips("train", context, config)
        self._validation = Clips("validation", context, config)
        pin = self._device.type == "cuda"
        self._feed: Feed[Batch] = Feed(self._train, context.batch_size, context.seed, pin=pin)
        torch.manual_seed(context.seed % 2**63)
        self._network = built(config, context.audio.n_mel_channels, len(context.frontend.symbols))
        mean, scale, variance = self._train.statistics()
        self._network.mel_mean.copy_(mean)
        self._network.mel_scale.copy_(scale)
        self._network.variance.copy_(variance)
        self._network.to(self._device)
        self._optimizer = Adam(self._network.parameters(), betas=_BETAS, decoupled=True)
        self._average = Average(self._network, config.ema_decay) if config.ema_decay > 0 else None
        self._sums, self._count = torch.zeros(len(_SCALARS), device=self._device), 0
        self._enforce(config)

    def step(self) -> None:
        batch = self._feed.next().to(self._device)
        torch.manual_seed((self._feed.seed * 1_000_003 + self.iteration) % 2**63)
        self._optimizer.learning_rate = self._config.rate_at(self.iteration)
        with self._precision:
            outputs = self._network(batch)
        found = losses.measure(outputs, batch)
        loss = found.total(self._config, self.iteration)
        self._optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(
            self._network.parameters(), self._config.grad_clip_thresh
        )
        self._optimizer.step()
        if self._average is not None:
            self._average.update(self._network)
        self.iteration += 1
        self._sums += torch.stack([loss.detach(), norm, *(term.detach() for term in found)])
        self._count += 1

    def progress(self) -> dict[str, float]:
        values = {"learning.rate": self._config.learning_rate}
        if self._count:
            values["learning.rate_warmed"] = self._config.rate_at(self.iteration - 1)
            means = dict(zip(_SCALARS, (self._sums / self._count).tolist(), strict=True))
            if self._network.aligner is None:
                del means["training.alignment"], means["training.binarization"]
            values |= means
        self._sums.zero_()
        self._count = 0
        return values

    def evaluate(self) -> dict[str, float]:
        audio = self._context.audio
        frame = audio.hop_length / audio.sampling_rate
        with self._undisturbed():
            return evaluation.evaluate(self._validation, self._judge, self._device, frame)

    def media(self) -> Iterable[Picture | Sound]:
        batch = next(self._validation.in_order(1)).to(self._device)
        with self._undisturbed():
            outputs, network = self._judge(batch), self._judged
            spoken = network.infer(batch.text, batch.text_lengths)
            return list(preview.shown(batch, outputs, spoken, self._context.audio))

    def save(self, path: Path) -> None:
        extras: dict[str, Any] = {}
        if self._average is not None:
            extras = {
                "ema": self._average.network.state_dict(),
                "ema_updates": self._average.updates,
            }
        checkpoint.write(
            path,
            {
                "iteration": self.iteration,
                "state_dict": self._network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "learning_rate": self._config.learning_rate,
                **self._description(),
                "hparams": saved.hparams(self._config, self._feed.batch_size),
                "sampler": self._feed.to_dict(),
                "progress": {"sums": self._sums, "count": self._count},
                **extras,
            },
        )

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; действуют гиперпараметры сессии, а не те, что в файле."""
        found = checkpoint.read(path)
        self._require_same(path, found)
        load_weights(path, self._network, found.get("state_dict"), advice=ADVICE)
        if self._average is not None:
            self._average.restart(self._network)
        if warm_start:
            return
        if self._average is not None and "ema" in found:
            load_weights(path, self._average.network, found["ema"], key="ema", advice=ADVICE)
            self._average.updates = saved.count(path, found, "ema_updates")
        saved.load_moments(path, self._optimizer, found.get("optimizer"))
        self.iteration = saved.count(path, found, "iteration")
        saved.restore_place(path, self._feed, found.get("sampler"), self._context.warn)
        sums, self._count = saved.progress(path, found.get("progress"), len(_SCALARS))
        self._sums = sums.to(self._device)

    def apply(self, hparams_: HParams) -> None:
        values = dict(hparams_)
        batch_size = hparams.batch_size(values.pop("batch_size", self._feed.batch_size))
        self._enforce(hparams.updated(self._config, values, NAME))
        self._feed.resize(batch_size)

    def close(self) -> None:
        self._feed.close()

    @property
    def _judged(self) -> FastSpeech2:
        """Сеть, которую оценивают: усреднённая, если среднее ведётся."""
        return self._network if self._average is None else self._average.network

    @property
    def _precision(self) -> Any:
        return precision(self._device, self._config.precision, self._network.sizes.hidden_dim)

    def _judge(self, batch: Batch) -> Outputs:
        with self._precision:
            outputs: Outputs = self._judged(batch, own_variance=True)
            return outputs

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Оценивай без градиентов, dropout и следа в состоянии обучения."""
        self._network.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self._network.train()

    def _enforce(self, config: FastSpeech2Options) -> None:
        """Введи значения настроек в силу."""
        self._config = config
        self._network.dropout = config.dropout
        self._network.dropout_predictor = config.dropout_predictor
        self._optimizer.weight_decay = config.weight_decay

    def _description(self) -> dict[str, Any]:
        context = self._context
        return saved.description(NAME, self._config, context.frontend, context.audio)

    def _require_same(self, path: Path, found: dict[str, Any]) -> None:
        """Сверь форму сети, символы и настройки звука.

        Raises:
            CheckpointError: названо первое расхождение.
        """
        there = saved.options(path, found, NAME, FastSpeech2Options)
        saved.require_equal(path, "model", _shape(there), _shape(self._config))
        saved.require_symbols(path, found.get("symbols"), list(self._context.frontend.symbols))
        audio = saved.audio(path, found)
        saved.require_equal(
            path, "data.audio", audio.model_dump(), self._context.audio.model_dump()
        )


def built(config: FastSpeech2Options, n_mels: int, n_symbols: int) -> FastSpeech2:
    """Построй сеть по настройкам."""
    return FastSpeech2(
        config.network_sizes(n_mels),
        n_symbols,
        aligner=config.durations == "aligner",
        postnet=config.postnet,
    )


def _shape(config: FastSpeech2Options) -> dict[str, Any]:
    aligner = config.durations == "aligner"
    shape = {"postnet": config.postnet, "durations: aligner": aligner}
    return {**asdict(config.network_sizes(n_mels=1)), **shape}
