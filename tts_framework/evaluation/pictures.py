"""Спектрограммы и внимание маленькими PNG для страницы."""

from __future__ import annotations

import base64
import io

import numpy as np

from tts_framework.components import Sound
from tts_framework.evaluation.recognizer.options import audio_for
from tts_framework.speech.mels import mel_spectrogram
from tts_framework.training.pictures import heatmap

WIDTH, HEIGHT = 560, 128
QUIETEST, LOUDEST = -11.0, 1.0
_COLOURS = 64


def spectrogram(sound: Sound) -> bytes:
    """Нарисуй log-mel записи; у записи короче окна картинки нет."""
    audio = audio_for(sound.sampling_rate)
    if len(sound.samples) <= audio.filter_length:
        return b""
    return png(mel_spectrogram(sound.samples, audio), QUIETEST, LOUDEST)


def attention(alignment: np.ndarray) -> bytes:
    """Нарисуй внимание `[S, T_text]`: время - слева направо, текст - снизу вверх."""
    return png(np.sqrt(np.asarray(alignment, dtype=np.float32).T), 0.0, 1.0)


def png(values: np.ndarray, low: float, high: float) -> bytes:
    """Раскрась матрицу и сожми её до размеров страницы."""
    from PIL import Image

    picture = Image.fromarray(heatmap(values, low, high))
    size = (min(WIDTH, picture.width), min(HEIGHT, picture.height))
    small = picture.resize(size, Image.Resampling.BOX).quantize(_COLOURS)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def url(picture: bytes) -> str:
    """Верни `data:` для страницы; пусто - картинки нет."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}" if picture else ""
