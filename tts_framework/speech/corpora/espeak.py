"""Синтез речи espeak-ng через ctypes; библиотеку и данные несёт пакет `espeakng-loader`."""

from __future__ import annotations

import ctypes
from functools import cache
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
    """Голос espeak-ng; один живой объект на процесс — библиотека хранит состояние глобально."""

    def __init__(self, voice: str, words_per_minute: int) -> None:
        self._library, self.sampling_rate = _load()
        self._pieces: list[np.ndarray] = []
        self._callback = CALLBACK(self._receive)  # без ссылки ctypes освободил бы её
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise DataError(f"voice: espeak-ng has no voice {voice!r}; reinstall espeakng-loader")
        self._library.espeak_SetParameter(RATE, words_per_minute, 0)

    def synthesize(self, text: str) -> np.ndarray:
        """Прочитай текст: float32 [N] в [-1, 1]; U+0301 после ударной гласной соблюдается."""
        self._pieces = []
        data = text.encode()
        status = self._library.espeak_Synth(
            data, ctypes.c_size_t(len(data) + 1), 0, POSITION_CHARACTER, 0, UTF8, None, None
        )
        if status or not self._pieces:
            raise DataError(f"text: espeak-ng could not read {text!r} (status {status}); change it")
        return np.concatenate(self._pieces).astype(np.float32) / 32768.0

    def _receive(self, samples: Any, count: int, events: int) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0


@cache
def _load() -> tuple[Any, int]:
    """Загрузи библиотеку один раз за процесс; верни её и частоту дискретизации, Гц."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise DataError(
            "espeakng-loader: not installed; run pip install 'tts-framework[synthetic]'"
        ) from error
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, data, DO_NOT_EXIT)
    if rate <= 0:
        raise DataError("espeakng-loader: espeak-ng does not start; reinstall espeakng-loader")
    return library, rate
