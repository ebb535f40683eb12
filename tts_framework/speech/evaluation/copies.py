"""Копии настоящей речи: пол и потолок, между которыми читают оценки голоса."""

from __future__ import annotations

import numpy as np

from tts_framework.components import Mel, Sound, Voice
from tts_framework.options import AudioSettings
from tts_framework.speech import mels
from tts_framework.speech.audio import resample


def griffin_lim_copy(
    sound: Sound, audio: AudioSettings, *, iterations: int = 32, seed: int = 0
) -> Sound:
    """Разложи настоящую речь в mel и собери обратно Griffin-Lim.

    Raises:
        DataError: запись короче половины окна FFT.
    """
    samples = mels.griffin_lim(_mel(sound, audio), audio, iterations=iterations, seed=seed)
    return Sound(sound.tag, np.clip(samples, -1.0, 1.0), audio.sampling_rate)


def vocoder_copy(sound: Sound, audio: AudioSettings, vocoder: Voice, *, seed: int = 0) -> Sound:
    """Разложи настоящую речь в mel и собери обратно вокодером (`maps == ("mel", "audio")`).

    Raises:
        DataError: запись короче половины окна FFT.
    """
    made = vocoder(Mel(_mel(sound, audio), audio), seed=seed)
    return Sound(sound.tag, np.clip(made.samples, -1.0, 1.0), made.sampling_rate)


def _mel(sound: Sound, audio: AudioSettings) -> np.ndarray:
    samples = resample(sound.samples, sound.sampling_rate, audio.sampling_rate)
    return mels.mel_spectrogram(samples, audio)
