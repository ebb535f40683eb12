"""Обучение HiFi-GAN по шагам.

Случайность есть только в порядке отрезков, и та - функция (зерно, номер отрезка): чекпоинту не
нужно состояние генераторов, а оценка и звук для журнала не могут повлиять на обучение.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from tts_framework.components import Picture, Session, Sound, TrainingContext
from tts_framework.errors import ConfigError
from tts_framework.events import HParams
from tts_framework.training import checkpoint, hparams, saved
from tts_framework.training.device import resolve
from ttsf_hifigan import preview, state
from ttsf_hifigan.clips import Clips
from ttsf_hifigan.evaluation import Examination
from ttsf_hifigan.feed import Feed
from ttsf_hifigan.log_mel import LogMel
from ttsf_hifigan.networks import MEASURED, Networks
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.precision import precision

_TAGS = dict(
    zip(MEASURED, (f"training.{name}" for name in MEASURED[:5]), strict=False),
    norm="grad.norm",
    norm_d="grad.norm_d",
)
WEIGHTS = ("state_dict", "mpd", "msd")


class HifiganSession(Session):
    """Генератор и дискриминаторы, два AdamW, одна выборка."""

    def __init__(self, config: HifiganOptions, context: TrainingContext) -> None:
        self._config, self._context, audio = config, context, context.audio
        try:
            sizes = config.network_sizes(audio)
        except ValueError as error:
            raise ConfigError([f"model: {error}"]) from error
        self._require_segment(config)
        self._device = resolve(context.device)
        self._train = Clips(context.train, context, config.mels)
        validation = Clips(context.validation, context, config.mels)
        self._examination = Examination(
            validation, config.validation_clips, config.validation_seconds
        )
        self._feed = Feed(
            self._train,
            context.batch_size,
            config.segment_frames(audio.hop_length),
            context.seed,
            pin=self._device.type == "cuda",
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed % 2**63)
            self._networks = Networks(sizes, config, LogMel.full_band(audio))
        self._networks.to(self._device)
        self._sums, self._count = torch.zeros(len(MEASURED), device=self._device), 0

    def step(self) -> None:
        self._networks.enforce(self._config, self._feed.epoch)
        batch = self._feed.next().to(self._device)
        self._sums += self._networks.step(batch, self._config)
        self._count += 1
        self.iteration += 1

    def progress(self) -> dict[str, float]:
        config = self._config
        values = {
            "learning.rate": config.learning_rate,
            "learning.rate_decayed": config.learning_rate * config.lr_decay**self._feed.epoch,
        }
        if self._count:
            measured = zip(MEASURED, (self._sums / self._count).tolist(), strict=True)
            values |= {_TAGS[name]: value for name, value in measured}
        self._sums.zero_()
        self._count = 0
        return values

    def evaluate(self) -> dict[str, float]:
        with self._undisturbed():
            return self._examination.evaluate(self._made, self._networks.log_mel, self._device)

    def media(self) -> Iterable[Picture | Sound]:
        with self._undisturbed():
            mel, real = self._examination.clip(0, self._device)
            made = self._made(mel).float().squeeze(1)
            return list(preview.shown(real, made, self._networks.log_mel, self._context.audio))

    def save(self, path: Path) -> None:
        networks = self._networks
        checkpoint.write(
            path,
            {
                "iteration": self.iteration,
                "state_dict": networks.generator.state_dict(),
                "optimizer": networks.optimizer_g.state_dict(),
                "learning_rate": self._config.learning_rate,
                "mpd": networks.mpd.state_dict(),
                "msd": networks.msd.state_dict(),
                "optimizer_d": networks.optimizer_d.state_dict(),
                **state.description(self._config, self._context.audio),
                "hparams": saved.hparams(self._config, self._feed.batch_size),
                "sampler": self._feed.to_dict(),
                "progress": {"sums": self._sums, "count": self._count},
            },
        )

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; действуют гиперпараметры сессии, а не те, что в файле."""
        found = checkpoint.read(path)
        state.require_same(path, found, self._config, self._context.audio)
        networks = self._networks
        for key, network in zip(
            WEIGHTS, (networks.generator, networks.mpd, networks.msd), strict=True
        ):
            if key != "state_dict" and warm_start and key not in found:
                self._context.warn(f"{path}: has no {key}; it starts from random weights")
                continue
            state.load_network(path, network, found, key)
        if warm_start:
            return
        for key, optimizer in (
            ("optimizer", networks.optimizer_g),
            ("optimizer_d", networks.optimizer_d),
        ):
            misfit = f"{key} does not fit these networks"
            saved.load_moments(path, optimizer, found.get(key), misfit=misfit)
        self.iteration = saved.count(path, found, "iteration")
        saved.restore_place(path, self._feed, found.get("sampler"), self._context.warn)
        if "progress" in found:  # в переведённом из формата эталона его нет
            sums, self._count = saved.progress(path, found["progress"], len(MEASURED))
            self._sums = sums.to(self._device)

    def apply(self, hparams_: HParams) -> None:
        values = dict(hparams_)
        batch_size = hparams.batch_size(values.pop("batch_size", self._feed.batch_size))
        config: HifiganOptions = hparams.updated(self._config, values, state.NAME)
        self._require_segment(config)
        self._config = config
        self._feed.resize(batch_size, config.segment_frames(self._context.audio.hop_length))

    def close(self) -> None:
        self._feed.close()

    def _made(self, mel: Tensor) -> Tensor:
        with precision(self._device, self._config.precision):
            made: Tensor = self._networks.generator(mel)
            return made

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Оценивай без градиентов; дискриминаторы, у которых есть состояние, не участвуют."""
        self._networks.generator.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self._networks.generator.train()

    def _require_segment(self, config: HifiganOptions) -> None:
        """Потребуй отрезок длиннее половины окна: иначе его mel не посчитать."""
        audio = self._context.audio
        samples = config.segment_frames(audio.hop_length) * audio.hop_length
        if samples <= audio.filter_length // 2:
            raise ConfigError(
                [
                    f"model.segment_size: {config.segment_size} is {samples} samples of whole"
                    f" frames; use more than {audio.filter_length // 2} (filter_length / 2)"
                ]
            )
