"""Mel-спектрограмма и её обращение — одна функция на акустическую модель и вокодер.

Соглашение Tacotron 2: модуль STFT с окном Ханна, края отражены на `filter_length / 2`
(T = 1 + N // hop_length), фильтры Slaney с нормировкой по площади, ln(clamp(mel, 1e-5)).
Библиотека librosa не нужна: её импорт стоит секунду, а фильтры совпадают с ней до округления.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tts_framework.errors import DataError
from tts_framework.options import AudioSettings

FLOOR = 1e-5
LINEAR_HZ = 1000.0
HZ_PER_MEL = 200.0 / 3.0
LOG_STEP = np.log(6.4) / 27.0
LOUDEST = 10.0
INVERSION_STEPS = 10
MOMENTUM = 0.99


def mel_spectrogram(samples: np.ndarray, audio: AudioSettings) -> np.ndarray:
    """Переведи отсчёты [N] в логарифмическую mel-спектрограмму float32 [n_mels, T].

    Raises:
        DataError: запись не длиннее половины окна FFT — отражать нечего.
    """
    if samples.ndim != 1 or len(samples) <= audio.filter_length // 2:
        raise DataError(
            f"samples {list(samples.shape)}: expected one channel longer than"
            f" {audio.filter_length // 2} samples (filter_length / 2)"
        )
    magnitude = np.abs(stft(samples.astype(np.float32, copy=False), audio))
    mel = _sparse_filters(audio) @ magnitude.T
    return np.log(np.maximum(mel, FLOOR))


def frames_of(samples: int, audio: AudioSettings) -> int:
    """Сколько кадров mel получится из записи такой длины."""
    return 1 + samples // audio.hop_length


def stft(samples: np.ndarray, audio: AudioSettings) -> np.ndarray:
    """Верни комплексный спектр complex64 [T, filter_length / 2 + 1] с отражёнными краями."""
    import scipy.fft

    padded = np.pad(samples, audio.filter_length // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, audio.filter_length)
    return scipy.fft.rfft(windows[:: audio.hop_length] * window(audio), axis=-1)


def istft(spectrum: np.ndarray, audio: AudioSettings, length: int) -> np.ndarray:
    """Обрати `stft` по наименьшим квадратам: [T, bins] -> float32 [length]."""
    import scipy.fft

    frames = scipy.fft.irfft(spectrum, n=audio.filter_length, axis=-1) * window(audio)
    half = audio.filter_length // 2
    total = _overlap_add(frames, audio.hop_length)[half : half + length]
    return total / _window_energy(len(frames), audio)[half : half + length]


@lru_cache(maxsize=8)
def window(audio: AudioSettings) -> np.ndarray:
    """Верни периодическое окно Ханна, дополненное нулями до `filter_length`, float32."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(audio.win_length) / audio.win_length)
    before = (audio.filter_length - audio.win_length) // 2
    padded = np.zeros(audio.filter_length, dtype=np.float32)
    padded[before : before + audio.win_length] = hann
    return padded


@lru_cache(maxsize=8)
def mel_filters(audio: AudioSettings) -> np.ndarray:
    """Верни треугольные фильтры Slaney [n_mels, filter_length / 2 + 1], float32."""
    edges = _mel_to_hz(
        np.linspace(
            _hz_to_mel(audio.mel_fmin), _hz_to_mel(audio.mel_fmax), audio.n_mel_channels + 2
        )
    )
    bins = np.fft.rfftfreq(audio.filter_length, 1 / audio.sampling_rate)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)


def _hz_to_mel(hz: float) -> float:
    if hz < LINEAR_HZ:
        return hz / HZ_PER_MEL
    return float(LINEAR_HZ / HZ_PER_MEL + np.log(hz / LINEAR_HZ) / LOG_STEP)


def _mel_to_hz(mels: np.ndarray) -> np.ndarray:
    knee = LINEAR_HZ / HZ_PER_MEL
    return np.where(mels < knee, mels * HZ_PER_MEL, LINEAR_HZ * np.exp(LOG_STEP * (mels - knee)))


def griffin_lim(
    mel: np.ndarray, audio: AudioSettings, iterations: int = 32, seed: int = 0
) -> np.ndarray:
    """Восстанови звук float32 [N] из логарифмической mel [n_mels, T].

    Быстрый Griffin-Lim с моментом 0.99 (Perraudin et al., 2013); начальные фазы — от `seed`.

    Raises:
        DataError: в mel есть NaN или бесконечность.
    """
    if not np.isfinite(mel).all():
        raise DataError("mel: contains NaN or infinite values; the model has diverged")
    magnitude = magnitude_from_mel(mel, audio)
    if len(magnitude) < 2:
        return np.zeros(0, dtype=np.float32)
    length = (len(magnitude) - 1) * audio.hop_length
    generator = np.random.default_rng(seed)
    phase = np.exp(2j * np.pi * generator.random(magnitude.shape)).astype(np.complex64)
    previous: np.ndarray | float = 0.0
    for _ in range(iterations):
        rebuilt = stft(istft(magnitude * phase, audio, length), audio)
        phase = rebuilt - MOMENTUM / (1 + MOMENTUM) * previous
        phase /= np.abs(phase) + 1e-9
        previous = rebuilt
    return istft(magnitude * phase, audio, length)


def magnitude_from_mel(mel: np.ndarray, audio: AudioSettings) -> np.ndarray:
    """Оцени модуль спектра [T, bins] >= 0 мультипликативными шагами NNLS (Lee, Seung, 2001)."""
    filters = _sparse_filters(audio)
    spread = filters.T.tocsr()
    projected = spread @ np.exp(np.clip(mel, np.log(FLOOR), LOUDEST)).astype(np.float32)
    magnitude = projected.copy()
    for _ in range(INVERSION_STEPS):
        magnitude *= projected / np.maximum(spread @ (filters @ magnitude), 1e-10)
    return np.ascontiguousarray(magnitude.T)


@lru_cache(maxsize=8)
def _sparse_filters(audio: AudioSettings) -> Any:
    """Те же фильтры в CSR: плотное умножение заняло бы все ядра BLAS ради сотой доли пользы."""
    from scipy.sparse import csr_array

    return csr_array(mel_filters(audio))


def _overlap_add(frames: np.ndarray, hop: int) -> np.ndarray:
    """Сложи кадры [T, n] с шагом `hop` в один ряд (кадр режется на куски длиной `hop`)."""
    count, size = frames.shape
    pieces = -(-size // hop)
    padded = np.pad(frames, ((0, 0), (0, pieces * hop - size))).reshape(count, pieces, hop)
    total = np.zeros((count + pieces - 1, hop), dtype=frames.dtype)
    for piece in range(pieces):
        total[piece : piece + count] += padded[:, piece]
    return total.reshape(-1)


@lru_cache(maxsize=8)
def _window_energy(count: int, audio: AudioSettings) -> np.ndarray:
    squares = np.broadcast_to(window(audio) ** 2, (count, audio.filter_length))
    return np.maximum(_overlap_add(squares, audio.hop_length), 1e-8)
