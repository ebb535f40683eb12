"""Обучение распознавателя по шагам.

Порядок пачек, искажения и dropout - функции (зерно, номер шага), поэтому точному продолжению
не нужны ни место в выборке, ни состояния генераторов.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tts_framework.components import Frontend, Session
from tts_framework.evaluation.recognizer import state
from tts_framework.evaluation.recognizer.alphabet import BLANK, Alphabet, errors
from tts_framework.evaluation.recognizer.augmenting import augmented
from tts_framework.evaluation.recognizer.clips import Clips, order
from tts_framework.evaluation.recognizer.decoding import greedy
from tts_framework.evaluation.recognizer.network import Recognizer, padded, steps_of
from tts_framework.evaluation.recognizer.options import RecognizerOptions
from tts_framework.events import HParams
from tts_framework.options import AudioSettings
from tts_framework.training import checkpoint
from tts_framework.training.adam import Adam
from tts_framework.training.device import resolve

WARMUP = 0.05
LAST_RATE = 0.01
CLIP_NORM = 5.0
CHECK_BATCH = 16


class RecognizerSession(Session):
    """Сеть, AdamW и две выборки."""

    def __init__(
        self,
        options: RecognizerOptions,
        frontend: Frontend,
        alphabet: Alphabet,
        audio: AudioSettings,
        train: Clips,
        validation: Clips,
        device: str = "cpu",
    ) -> None:
        self._options, self._frontend = options, frontend
        self._alphabet, self._audio = alphabet, audio
        self._train, self._validation = train, validation
        self._device = resolve(device, key="--device")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.network = Recognizer(options, audio.n_mel_channels, len(alphabet))
        self.network.to(self._device)
        self._optimizer = Adam(self.network.parameters(), betas=(0.9, 0.98), decoupled=True)
        self._optimizer.weight_decay = options.weight_decay
        self._sums, self._count = torch.zeros(2, device=self._device), 0
        self._measured: dict[str, Any] = {}

    @property
    def steps_per_epoch(self) -> int:
        """Сколько пачек в одном проходе."""
        return -(-len(self._train) // self._options.batch_size)

    @property
    def last(self) -> int:
        """Верни номер последнего шага."""
        return self.steps_per_epoch * self._options.epochs

    def step(self) -> None:
        epoch, place = divmod(self.iteration, self.steps_per_epoch)
        frames, options = self._train.frames, self._options
        numbers = order(frames, options.batch_size, options.seed, epoch)[place]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed((options.seed << 32) + self.iteration)
            mels, lengths = padded([augmented(self._train.mel(number)) for number in numbers])
            self.network.train()
            log_probs = self.network(mels.to(self._device), lengths)
            loss = _loss(log_probs, lengths, *self._train.targets(numbers))
            self._optimizer.zero_grad()
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP_NORM)
        self._optimizer.learning_rate = self._rate()
        self._optimizer.step()
        self._sums += torch.stack([loss.detach(), norm])
        self._count += 1
        self.iteration += 1

    def progress(self) -> dict[str, float]:
        loss, norm = (self._sums / max(1, self._count)).tolist()
        self._sums.zero_()
        self._count = 0
        return {"training.loss": loss, "grad.norm": norm, "learning.rate": self._rate()}

    def evaluate(self) -> dict[str, float]:
        """Верни `val_loss` и `val_cer` - долю ошибочных букв (или фонем) всей выборки."""
        clips, wrong, total, loss = self._validation, 0, 0, 0.0
        self.network.eval()
        by_length = sorted(range(len(clips)), key=lambda number: clips.frames[number])
        for start in range(0, len(by_length), CHECK_BATCH):
            numbers = by_length[start : start + CHECK_BATCH]
            mels, lengths = padded([clips.mel(number) for number in numbers])
            with torch.inference_mode():
                log_probs = self.network(mels.to(self._device), lengths)
                targets = clips.targets(numbers)
                loss += float(_loss(log_probs, lengths, *targets)) * len(numbers)
            for number, found in zip(numbers, greedy(log_probs, steps_of(lengths)), strict=True):
                wrong += errors(clips.expected[number], found)
                total += len(clips.expected[number])
        values = {"val_loss": loss / len(clips), "val_cer": wrong / total}
        counts = {"clips": len(clips), "labels": total, "iteration": self.iteration}
        self._measured = {"cer": values["val_cer"], "loss": values["val_loss"], **counts}
        return values

    def save(self, path: Path) -> None:
        checkpoint.write(
            path,
            {
                "iteration": self.iteration,
                "state_dict": self.network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "learning_rate": self._options.learning_rate,
                **state.description(self._options, self._frontend, self._alphabet, self._audio),
                "data": self._data,
                "held_out": self._measured,
                "progress": {"sums": self._sums, "count": self._count},
            },
        )

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; настройки, выборка и классы должны быть те же.

        Raises:
            CheckpointError: чекпоинт повреждён или от другого обучения.
        """
        saved = checkpoint.read(path)
        own = state.description(self._options, self._frontend, self._alphabet, self._audio)
        state.require_same(path, saved, {**own, "data": self._data})
        with state.damaged(path):
            state.load_network(path, self.network, saved)
            self._optimizer.load_moments(saved["optimizer"]["state"])
            self._sums = saved["progress"]["sums"].to(self._device, copy=True)
            self._count = int(saved["progress"]["count"])
            self._measured = dict(saved["held_out"])
            self.iteration = int(saved["iteration"])

    def apply(self, hparams: HParams) -> None:
        """Ничего не меняй: тюнер распознаватель не подстраивает."""

    def close(self) -> None:
        """Освобождать нечего."""

    @property
    def _data(self) -> dict[str, str]:
        return {"train": self._train.fingerprint, "validation": self._validation.fingerprint}

    def _rate(self) -> float:
        """Верни шаг этой итерации: разгон, потом косинус."""
        done = min(1.0, self.iteration / self.last)
        if done < WARMUP:
            return self._options.learning_rate * (self.iteration + 1) / (WARMUP * self.last + 1)
        share = (done - WARMUP) / (1 - WARMUP)
        fading = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        return self._options.learning_rate * fading


def _loss(log_probs: Tensor, frames: Tensor, targets: Tensor, sizes: Tensor) -> Tensor:
    """CTC на букву, средний по клипам пачки `[B, S, V]`."""
    losses = torch.nn.functional.ctc_loss(
        log_probs.transpose(0, 1),
        targets.to(log_probs.device),
        steps_of(frames),
        sizes,
        blank=BLANK,
        reduction="none",
        zero_infinity=True,
    )
    return (losses / sizes.to(losses)).mean()
