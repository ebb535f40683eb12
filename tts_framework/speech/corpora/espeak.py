"""Синтез речи espeak-ng через ctypes; библиотеку и данные несёт пакет `espeakng-loader`."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from tts_framework.errors import DataError

SYNCHRONOUS = 2
DO_NOT_EXIT = 0x8000
UTF8 = 1
POSITION_CHARACTER = 1
RATE = 1
CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """Голос espeak-ng; один на процесс — библиотека хранит состояние глобально.

    U+0301 после ударной гласной соблюдается.
    """

    def __init__(self, voice: str, words_per_minute: int) -> None:
        self._library = _load()
        self._callback = CALLBACK(self._receive)  # ссылка удерживает обратный вызов живым
        self._pieces: list[np.ndarray] = []
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise DataError(f"voice: espeak-ng has no voice {voice!r}; reinstall espeakng-loader")
        self._library.espeak_SetParameter(RATE, words_per_minute, 0)

    def synthesize(self, text: str) -> np.ndarray:
        """Прочитай текст: float32 [N] с частотой `sampling_rate`."""
        self._pieces = []
        data = text.encode()
        status = self._library.espeak_Synth(
            data, len(data) + 1, 0, POSITION_CHARACTER, 0, UTF8, None, None
        )
        if status or not self._pieces:
            raise DataError(f"text: espeak-ng could not read {text!r} (status {status})")
        return np.concatenate(self._pieces).astype(np.float32) / 32768.0

    @property
    def sampling_rate(self) -> int:
        """Верни частоту дискретизации голоса, Гц."""
        return _rate

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0


_rate = 0
