"""Обученный распознаватель: звук -> услышанные классы."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from tts_framework import files
from tts_framework.components import Frontend, Sound
from tts_framework.errors import CheckpointError
from tts_framework.evaluation.recognizer import state
from tts_framework.evaluation.recognizer.alphabet import Alphabet
from tts_framework.evaluation.recognizer.clips import symbols_of
from tts_framework.evaluation.recognizer.decoding import greedy
from tts_framework.evaluation.recognizer.network import Recognizer, normalized, padded, steps_of
from tts_framework.evaluation.recognizer.options import RecognizerOptions
from tts_framework.options import AudioSettings
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import resample
from tts_framework.speech.mels import mel_spectrogram
from tts_framework.training import checkpoint
from tts_framework.training.checkpoint_folder import BEST


class Listener:
    """Распознаватель из папки `train-recognizer` (или из одного чекпоинта).

    `held_out` - его собственная ошибка: `cer`, `clips`, `labels`, `iteration`.
    """

    def __init__(self, path: Path) -> None:
        file = path / BEST if path.is_dir() else path
        saved = checkpoint.read(file)
        state.require_format(file, saved)
        with state.damaged(file):
            try:
                options = RecognizerOptions.model_validate(saved["options"])
                self.audio = AudioSettings.model_validate(saved["audio"])
            except ValidationError as error:
                raise CheckpointError(f"{file}: options are damaged; choose another one") from error
            self._alphabet = Alphabet(str(label) for label in saved["labels"])
            self._frontend = _frontend(file, saved["frontend"])
            self.held_out: dict[str, Any] = dict(saved["held_out"])
        self._network = _network(file, saved, options, self.audio, len(self._alphabet))
        self.sha256 = files.sha256(file)

    def expected(self, text: str) -> list[int]:
        """Верни классы, которые должны быть услышаны.

        Raises:
            DataError: в тексте есть знак, которого фронтенд распознавателя не знает.
        """
        return self._alphabet.encode(symbols_of(self._frontend, text))

    def hear(self, sounds: Sequence[Sound]) -> list[list[int]]:
        """Верни услышанные классы каждого звука; в звуке короче окна не слышно ничего."""
        shortest = self.audio.filter_length
        found: list[list[int]] = [[] for _ in sounds]
        samples = [
            resample(sound.samples, sound.sampling_rate, self.audio.sampling_rate)
            for sound in sounds
        ]
        audible = [n for n, one in enumerate(samples) if len(one) >= shortest]
        if audible:
            mels = [
                normalized(torch.from_numpy(mel_spectrogram(samples[n], self.audio)))
                for n in audible
            ]
            batch, lengths = padded(mels)
            with torch.inference_mode():
                heard = greedy(self._network(batch, lengths), steps_of(lengths))
            for n, numbers in zip(audible, heard, strict=True):
                found[n] = numbers
        return found

    def text(self, numbers: Sequence[int]) -> str:
        """Запиши классы словами."""
        return self._alphabet.text(numbers)


def _network(
    path: Path,
    saved: Mapping[str, Any],
    options: RecognizerOptions,
    audio: AudioSettings,
    classes: int,
) -> Recognizer:
    network = Recognizer(options, audio.n_mel_channels, classes)
    state.load_network(path, network, saved)
    return network.eval()


def _frontend(path: Path, saved: Mapping[str, Any]) -> Frontend:
    """Подними фронтенд, с которым распознаватель учили.

    Raises:
        CheckpointError: фронтенд не принимает записанных настроек; PluginError: его нет.
    """
    options = {key: value for key, value in saved.items() if key != "use"}
    cls = Plugins().get("frontend", saved["use"])
    try:
        frontend: Frontend = cls(cls.Config.model_validate(options))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: front end {saved['use']} does not accept {options}; install the version"
            " it was trained with"
        ) from error
    return frontend
