"""Кто судит о разборчивости: расшифровщик-плагин или распознаватель, обученный на корпусе."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from tts_framework.components import Sound, Transcriber
from tts_framework.errors import DataError
from tts_framework.speech.audio import resample
from tts_framework.speech.transcribing.letters import letters

if TYPE_CHECKING:
    from tts_framework.evaluation.recognizer.listening import Listener

_SILENT_PEAK = 1e-3


class Judge(ABC):
    """Слышит звуки и считает правки до ожидаемого текста."""

    name: str
    batch: int = 1

    @property
    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """Назови всё, от чего зависит услышанное."""

    @abstractmethod
    def hear(self, sounds: Sequence[Sound]) -> list[Any]:
        """Верни услышанное в каждом звуке JSON-типами."""

    @abstractmethod
    def errors(self, text: str, heard: Any) -> tuple[int, int]:
        """Верни число правок до текста и длину текста (букв или фонем)."""

    def text(self, heard: Any) -> str:
        """Запиши услышанное словами."""
        return str(heard)

    @property
    def about(self) -> dict[str, Any]:
        """Опиши судью для отчёта."""
        return {"name": self.name, "recipe": self.recipe}


class TranscriberJudge(Judge):
    """Плагин-расшифровщик; сравниваются буквы без регистра, знаков и ударений."""

    def __init__(self, name: str, transcriber: Transcriber) -> None:
        self.name, self._transcriber = name, transcriber
        self.batch = transcriber.batch

    @property
    def recipe(self) -> dict[str, Any]:
        return self._transcriber.recipe

    def hear(self, sounds: Sequence[Sound]) -> list[Any]:
        rate = self._transcriber.sampling_rate
        samples = [resample(sound.samples, sound.sampling_rate, rate) for sound in sounds]
        audible = [n for n, one in enumerate(samples) if np.abs(one).max(initial=0) >= _SILENT_PEAK]
        found = [""] * len(sounds)
        if audible:
            said = self._transcriber.transcribe([samples[n] for n in audible])
            for n, transcript in zip(audible, said, strict=True):
                found[n] = transcript.text
        return found

    def errors(self, text: str, heard: Any) -> tuple[int, int]:
        expected = letters(text)
        return Levenshtein.distance(expected, letters(heard or "")), len(expected)


class RecognizerJudge(Judge):
    """Распознаватель CTC; сравниваются его классы."""

    name = "recognizer"
    batch = 8

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    @property
    def recipe(self) -> dict[str, Any]:
        return {"recognizer": self._listener.sha256}

    @property
    def about(self) -> dict[str, Any]:
        return {**super().about, "held_out": self._listener.held_out}

    def hear(self, sounds: Sequence[Sound]) -> list[Any]:
        return self._listener.hear(sounds)

    def errors(self, text: str, heard: Any) -> tuple[int, int]:
        expected = self._listener.expected(text)
        return Levenshtein.distance(expected, list(heard)), len(expected)

    def text(self, heard: Any) -> str:
        return self._listener.text(heard)


def require_readable(judge: Judge, texts: Sequence[str]) -> None:
    """Потребуй, чтобы судья знал все знаки текстов: узнать это надо до работы.

    Raises:
        DataError: названы первый непрочитанный текст и знак.
    """
    for text in texts:
        try:
            judge.errors(text, [])
        except DataError as error:
            raise DataError(
                f"--{judge.name}: cannot read {text[:40]!r}: {error.problems[0]}"
            ) from error
