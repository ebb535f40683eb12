"""Когда звучит каждый символ текста: символы фронтенда приложены к меткам фонов.

Какой символ какими фонами звучит, узнаётся из самого корпуса: сначала по местам в клипе, потом
несколько раз по приложенному (как обучение HMM по Витерби). Поэтому годятся и буквы, и фонемы, и
любой набор имён в метках.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts_framework.speech import disk
from tts_framework.speech.phones import labels as phone_labels
from tts_framework.speech.phones.labels import Phone
from tts_framework.speech.phones.matching import Costs, align
from tts_framework.speech.text import is_spoken

Numbers = NDArray[np.int64]
Spans = NDArray[np.float32]

_ROUNDS = 3
_LEARNT_FROM = 150
"""Клипов хватает, чтобы узнать фоны символов; прикладываются потом все."""

_VERSION = 1
"""Меняется вместе с алгоритмом: старый кэш не читается."""


class LabelledClips:
    """Клипы, их символы и метки фонов."""

    def __init__(
        self,
        paths: Sequence[Path],
        seconds: Sequence[float],
        texts: Sequence[Numbers],
        symbols: Sequence[str],
    ) -> None:
        self._texts, self._seconds = texts, seconds
        self._spoken = np.array([is_spoken(symbol) for symbol in symbols])
        self._symbols = list(symbols)
        self.phones = [
            phone_labels.read(phone_labels.beside(path), length)
            for path, length in zip(paths, seconds, strict=True)
        ]

    def spans(
        self,
        cache: Path,
        progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> list[Spans]:
        """Верни начало и конец каждого символа `[T_in, 2]`, секунды; у клипа без меток - NaN."""
        kept = cache / f"symbol_times_{self._fingerprint()}.npy"
        sizes = [len(text) for text in self._texts]
        with suppress(OSError, ValueError):
            table = np.load(kept, allow_pickle=False)
            if table.shape == (sum(sizes), 2) and table.dtype == np.float32:
                return np.split(table, np.cumsum(sizes)[:-1])
        found = self._aligned(progress)
        file = io.BytesIO()
        np.save(file, np.concatenate(found))
        disk.write(kept, file.getvalue())
        return found

    def edges(self) -> list[tuple[float, float]]:
        """Верни начало и конец речи каждого клипа, секунды; без меток - весь клип."""
        return [
            (_silence(phones), _sounding(phones)[-1].end) if _sounding(phones) else (0.0, seconds)
            for phones, seconds in zip(self.phones, self._seconds, strict=True)
        ]

    def _aligned(self, progress: Callable[[int, int, str], None]) -> list[Spans]:
        labelled = [n for n, phones in enumerate(self.phones) if _sounding(phones)]
        spans = [np.full((len(text), 2), np.nan, dtype=np.float32) for text in self._texts]
        if not labelled:
            return spans
        names = sorted({phone.name for n in labelled for phone in self.phones[n]})
        costs = Costs(self._symbols, self._spoken, names)
        lessons = labelled[:: max(1, len(labelled) // _LEARNT_FROM)]
        pairs = {n: (self._texts[n], costs.numbers(_sounding(self.phones[n]))) for n in labelled}
        costs.learn_places([pairs[n] for n in lessons])
        for _ in range(_ROUNDS):
            costs.learn([(*pairs[n], align(*pairs[n], costs)) for n in lessons])
        for done, n in enumerate(labelled, start=1):
            spans[n] = self._span(n, align(*pairs[n], costs))
            progress(done, len(labelled), "phone labels")
        return spans

    def _span(self, number: int, owners: Numbers) -> Spans:
        """Время символов по владельцам фонов; непроизнесённый символ - миг на границе соседей."""
        phones = self.phones[number]
        ends = np.array([phone.end for phone in _sounding(phones)])
        starts = np.concatenate([[_silence(phones)], ends[:-1]])
        span = np.full((len(self._texts[number]), 2), np.nan)
        for owner, start, end in zip(owners, starts, ends, strict=True):
            span[owner, 1] = end
            if np.isnan(span[owner, 0]):
                span[owner, 0] = start
        edge = starts[0]
        for place in range(len(span)):
            if np.isnan(span[place, 0]):
                span[place] = edge
            edge = span[place, 1]
        span[span[:, 0] <= starts[0], 0] = 0.0
        span[span[:, 1] >= ends[-1], 1] = self._seconds[number]
        return span.astype(np.float32)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"{_VERSION}\n{self._symbols}".encode())
        for text, seconds, phones in zip(self._texts, self._seconds, self.phones, strict=True):
            digest.update(f"{text.tolist()} {seconds} {phones}\n".encode())
        return digest.hexdigest()[:16]


def _sounding(phones: list[Phone]) -> list[Phone]:
    """Отбрось тишину по краям клипа."""
    first, last = 0, len(phones)
    while first < last and phone_labels.is_pause(phones[first].name):
        first += 1
    while last > first and phone_labels.is_pause(phones[last - 1].name):
        last -= 1
    return phones[first:last]


def _silence(phones: list[Phone]) -> float:
    """Длина тишины в начале клипа, секунды."""
    leading = [0.0]
    for phone in phones:
        if not phone_labels.is_pause(phone.name):
            break
        leading.append(phone.end)
    return leading[-1]
