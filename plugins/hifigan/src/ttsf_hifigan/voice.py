"""Голос: чекпоинт -> mel -> звук."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework.components import AudioSettings, Mel, Sound, Voice
from tts_framework.errors import DataError
from tts_framework.speech.fingerprints import differences
from tts_framework.training import checkpoint
from tts_framework.training.device import resolve
from ttsf_hifigan import state
from ttsf_hifigan.synthesis import FIRST_FRAMES, Synthesizer


class HifiganVoice(Voice):
    """Поднимает генератор и настройки звука из одного файла."""

    maps = ("mel", "audio")
    audio: AudioSettings

    def __init__(self, path: Path, device: str = "cpu") -> None:
        saved = checkpoint.read(path)
        config = state.saved_options(path, saved)
        self.audio = state.saved_audio(path, saved)
        sizes = state.saved_sizes(path, config, self.audio)
        generator = state.load_generator(path, sizes, saved, "state_dict")
        self._synthesizer = Synthesizer(generator, resolve(device, key="device"))

    def __call__(self, source: Mel, *, seed: int = 0) -> Sound:
        """Озвучь mel: `(T - 1) * hop_length` отсчётов; `seed` ничего не меняет.

        Raises:
            DataError: mel с другими настройками звука (названо, с какими), другой формы или с NaN.
        """
        samples = self._synthesizer.whole(self._checked(source))
        return Sound("speech", samples, self.audio.sampling_rate)

    def stream(
        self, source: Mel, *, seed: int = 0, first_frames: int = FIRST_FRAMES
    ) -> Iterator[Sound]:
        """Отдавай тот же звук кусками, не дожидаясь конца; проверки - до первого куска."""
        pieces = self._synthesizer.stream(self._checked(source), first_frames)
        return (Sound("speech", piece, self.audio.sampling_rate) for piece in pieces)

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
