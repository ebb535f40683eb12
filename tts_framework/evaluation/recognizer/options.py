"""Размеры и обучение распознавателя: подобраны под два ядра CPU и час-другой речи."""

from __future__ import annotations

from pydantic import Field

from tts_framework.options import AudioSettings, Options

FRAME_SECONDS = 0.01
BANDS = 64
HIGHEST = 8000.0


class RecognizerOptions(Options):
    """Options распознавателя."""

    channels: int = Field(192, ge=8, le=2048, description="Каналов свёрток.")
    blocks: int = Field(2, ge=0, le=16, description="Свёрточных блоков после прореживания кадров.")
    hidden: int = Field(160, ge=8, le=2048, description="Ячеек LSTM в каждую сторону.")
    layers: int = Field(2, ge=1, le=8, description="Слоёв двусторонней LSTM.")
    dropout: float = Field(0.2, ge=0, lt=1, description="Доля выпавших значений.")
    learning_rate: float = Field(2e-3, gt=0, description="Наибольший шаг AdamW.")
    weight_decay: float = Field(1e-2, ge=0, description="Затухание весов.")
    batch_size: int = Field(8, ge=1, description="Клипов в пачке.")
    epochs: int = Field(30, ge=1, description="Проходов по обучающей выборке.")
    evaluations: int = Field(20, ge=1, description="Оценок за обучение, через равные промежутки.")
    seed: int = Field(1234, ge=0, description="Зерно порядка, весов и искажений.")


def audio_for(sampling_rate: int) -> AudioSettings:
    """Верни настройки mel распознавателя: кадр каждые 10 мс, окно не короче 25 мс."""
    window = round(2.5 * FRAME_SECONDS * sampling_rate)
    size = 1 << (window - 1).bit_length()
    return AudioSettings(
        sampling_rate=sampling_rate,
        filter_length=size,
        win_length=window,
        hop_length=round(FRAME_SECONDS * sampling_rate),
        n_mel_channels=BANDS,
        mel_fmin=0.0,
        mel_fmax=min(HIGHEST, sampling_rate / 2),
    )
