"""Клипы -> расшифровки: короткие — пачкой, длиннее окна Whisper — по одному."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from faster_whisper import BatchedInferencePipeline

from tts_framework.components import Transcript, Word
from ttsf_whisper.model import load

if TYPE_CHECKING:
    from faster_whisper.transcribe import Segment

    from ttsf_whisper import Whisper

RATE = 16000
WINDOW = 30 * RATE
"""Окно Whisper, отсчётов: клип длиннее слушают по частям."""


class Listener:
    """Держит загруженную модель.

    Температура всегда 0: случайных повторов нет, и тот же клип даёт тот же текст.
    """

    def __init__(self, config: Whisper.Config) -> None:
        self._model = load(config)
        self._pipeline = BatchedInferencePipeline(self._model)
        self._batch_size = config.batch_size
        automatic = config.language == "auto" and self._model.model.is_multilingual
        self._language = None if automatic else config.language.replace("auto", "en")
        self._options: dict[str, Any] = {
            "beam_size": config.beam_size,
            "initial_prompt": config.prompt or None,
            "temperature": 0.0,
            "word_timestamps": True,
            "suppress_tokens": [-1, *(self._digits() if config.spell_numbers else ())],
        }

    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        """Расшифруй клипы: каждый float32 [N], 16 кГц."""
        found: dict[int, Transcript] = {}
        groups: dict[str, list[int]] = {}
        for number, clip in enumerate(clips):
            language = self._language or self._detected(clip)
            if len(clip) < WINDOW:
                groups.setdefault(language, []).append(number)
            else:
                found[number] = self._long(clip, language)
        for language, numbers in groups.items():
            transcripts = self._short([clips[number] for number in numbers], language)
            found.update(zip(numbers, transcripts, strict=True))
        return [found[number] for number in range(len(clips))]

    def _short(self, clips: list[np.ndarray], language: str) -> list[Transcript]:
        """Расшифруй клипы короче окна одной пачкой: в общей записи каждый — свой отрезок."""
        ends = np.cumsum([len(clip) for clip in clips])
        starts = [int(end) - len(clip) for end, clip in zip(ends, clips)]
        spans = [{"start": s / RATE, "end": int(e) / RATE} for s, e in zip(starts, ends)]
        segments, _ = self._pipeline.transcribe(
            np.concatenate(clips),
            language=language,
            clip_timestamps=spans,
            batch_size=self._batch_size,
            **self._options,
        )
        heard: list[list[Segment]] = [[] for _ in clips]
        for segment in segments:
            middle = (segment.start + segment.end) / 2 * RATE
            heard[min(int(np.searchsorted(ends, middle, "right")), len(clips) - 1)].append(segment)
        return [
            _transcript(found, start / RATE, len(clip) / RATE, language)
            for found, start, clip in zip(heard, starts, clips)
        ]

    def _long(self, clip: np.ndarray, language: str) -> Transcript:
        segments, _ = self._model.transcribe(
            clip, language=language, condition_on_previous_text=False, **self._options
        )
        return _transcript(segments, 0.0, len(clip) / RATE, language)

    def _detected(self, clip: np.ndarray) -> str:
        language, _, _ = self._model.detect_language(clip)
        return str(language)

    def _digits(self) -> list[int]:
        """Найди символы модели с цифрами: без них она пишет числа словами."""
        vocabulary = self._model.hf_tokenizer.get_vocab()
        return sorted(
            number
            for token, number in vocabulary.items()
            if any(char.isdigit() for char in token) and not token.startswith("<|")
        )


def _transcript(
    segments: Iterable[Segment], offset: float, seconds: float, language: str
) -> Transcript:
    """Собери отрезки одного клипа; времена — от его начала, с."""
    found = list(segments)
    words = tuple(
        Word(
            word.word.strip(),
            _inside(word.start - offset, seconds),
            _inside(word.end - offset, seconds),
            float(word.probability),
        )
        for segment in found
        for word in segment.words or ()
    )
    text = " ".join("".join(segment.text for segment in found).split())
    tokens = sum(len(segment.tokens) for segment in found)
    logprob = sum(segment.avg_logprob * len(segment.tokens) for segment in found)
    return Transcript(
        text=text,
        confidence=math.exp(logprob / tokens) if tokens else 0.0,
        words=words,
        language=language,
        no_speech=max((segment.no_speech_prob for segment in found), default=0.0),
    )


def _inside(time: float, seconds: float) -> float:
    return float(min(max(time, 0.0), seconds))
