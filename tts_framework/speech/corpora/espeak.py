"""Синтез речи espeak-ng через ctypes; библиотеку и данные несёт пакет `espeakng-loader`."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tts_framework.errors import DataError

SYNCHRONOUS = 2
DO_NOT_EXIT = 0x8000
UTF8 = 1
POSITION_CHARACTER = 1
RATE = 1
FULL_SCALE = 32768.0
CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


@dataclass(frozen=True)
class Espeak:
    """Голос espeak-ng; русских знаков ударения версия 1.52 не понимает, убирайте их."""

    voice: str
    words_per_minute: int

    def synthesize(self, text: str) -> tuple[np.ndarray, int]:
        """Прочитай текст: float32 [N] в [-1, 1] и частота дискретизации, Гц.

        Одинаковый текст звучит одинаково. Вызывать из одного потока.
        """
        pieces: list[np.ndarray] = []

        def receive(samples: Any, count: int, events: int) -> int:
            if samples and count > 0:
                pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
            return 0

        callback = CALLBACK(receive)
        with fresh_library() as (library, rate):
            library.espeak_SetSynthCallback(callback)
            if library.espeak_SetVoiceByName(self.voice.encode()):
                raise DataError(
                    f"voice: espeak-ng has no voice {self.voice!r}; reinstall espeakng-loader"
                )
            library.espeak_SetParameter(RATE, self.words_per_minute, 0)
            data = text.encode()
            size = ctypes.c_size_t(len(data) + 1)
            status = library.espeak_Synth(data, size, 0, POSITION_CHARACTER, 0, UTF8, None, None)
        if status or not pieces:
            raise DataError(f"text: espeak-ng could not read {text!r} (status {status}); change it")
        return np.concatenate(pieces).astype(np.float32) / FULL_SCALE, rate


@contextmanager
def fresh_library() -> Iterator[tuple[Any, int]]:
    """Дай только что загруженную библиотеку и её частоту.

    Фаза генератора живёт в статических переменных, которых не сбрасывает и `espeak_Initialize`:
    без выгрузки (20 мс на предложение) звук зависел бы от всего прочитанного раньше.
    """
    try:
        import espeakng_loader
    except ImportError as error:
        raise DataError(
            "espeakng-loader: not installed; run pip install 'tts-framework[synthetic]'"
        ) from error
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data = str(espeakng_loader.get_data_path()).encode()
        rate = library.espeak_Initialize(SYNCHRONOUS, 0, data, DO_NOT_EXIT)
        if rate <= 0:
            raise DataError("espeakng-loader: espeak-ng does not start; reinstall espeakng-loader")
        yield library, rate
        library.espeak_Terminate()
    finally:
        ctypes.CDLL(None).dlclose(ctypes.c_void_p(library._handle))
