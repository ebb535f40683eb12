"""Копии настоящей речи: пол и потолок, между которыми читают оценки голоса."""

from __future__ import annotations

from tts_framework.components import Sound, Voice
from tts_framework.options import AudioSettings


def griffin_lim_copy(
    sound: Sound, audio: AudioSettings, *, iterations: int = 32, seed: int = 0
) -> Sound:
    """Разложи настоящую речь в mel и собери обратно Griffin-Lim.

    Raises:
        DataError: запись короче половины окна FFT.
    """
    raise NotImplementedError


def vocoder_copy(sound: Sound, audio: AudioSettings, vocoder: Voice, *, seed: int = 0) -> Sound:
    """Разложи настоящую речь в mel и собери обратно вокодером (`maps == ("mel", "audio")`).

    Raises:
        DataError: запись короче половины окна FFT.
    """
    raise NotImplementedError
