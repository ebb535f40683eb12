"""Голос вокодера, каким бы движком он ни считал: проверки, целиком и кусками."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tts_framework.components import AudioSettings, Mel, Sound, Voice
from tts_framework.errors import DataError
from tts_framework.speech.fingerprints import differences
from ttsf_hifigan.chunks import FIRST_FRAMES, FIRST_GROWN, Chunks


class Speaker(Voice):
    """Озвучивает mel тем, что умеет считать куски."""

    maps = ("mel", "audio")
    audio: AudioSettings

    def __init__(self, audio: AudioSettings, chunks: Chunks) -> None:
        self.audio, self._chunks, self._warm = audio, chunks, False

    def prepare(self, text: str) -> None:
        """Разогрей сеть: первый вызов ядер дольше следующих, и это ещё не синтез."""
        if not self._warm:
            self._warm = True
            frames = np.zeros((self.audio.n_mel_channels, FIRST_GROWN + 1), np.float32)
            next(self._chunks.stream(frames, FIRST_GROWN), None)

    def __call__(self, source: Mel, *, seed: int = 0) -> Sound:
        """Озвучь mel: `(T - 1) * hop_length` отсчётов; `seed` ничего не меняет.

        Raises:
            DataError: mel с другими настройками звука (названо, с какими), другой формы или с NaN.
        """
        samples = self._chunks.whole(self._checked(source))
        return Sound("speech", samples, self.audio.sampling_rate)

    def stream(
        self, source: Mel, *, seed: int = 0, first_frames: int = FIRST_FRAMES
    ) -> Iterator[Sound]:
        """Отдавай тот же звук кусками, не дожидаясь конца; проверки - до первого куска."""
        pieces = self._chunks.stream(self._checked(source), first_frames)
        return (Sound("speech", piece, self.audio.sampling_rate) for piece in pieces)

    def follow(
        self, pieces: Iterator[Mel], *, seed: int = 0, first_frames: int = FIRST_GROWN
    ) -> Iterator[Sound]:
        """Озвучивай mel, пока её говорят: отсчёты те же, что у целой; куски проверяются все."""
        frames = (self._checked(piece) for piece in pieces)
        for samples in self._chunks.follow(frames, first_frames):
            yield Sound("speech", samples, self.audio.sampling_rate)

    def _checked(self, source: Mel) -> np.ndarray:
        found = differences(source.audio, self.audio, "the mel", "the vocoder")
        if found:
            raise DataError(
                [f"mel: {text}; use a vocoder trained with the same data.audio" for text in found]
            )
        frames: Any = source.frames
        if frames.ndim != 2 or frames.shape[0] != self.audio.n_mel_channels:
            raise DataError(
                f"mel: shape {list(frames.shape)}, expected [{self.audio.n_mel_channels}, T]"
            )
        if not np.isfinite(frames).all():
            raise DataError("mel: contains NaN or infinite values; the model has diverged")
        return np.asarray(frames)
