"""Монотонное соответствие символов и фонов: цены и поиск самого дешёвого пути."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tts_framework.speech.phones.labels import Phone, is_pause

Numbers = NDArray[np.int64]
Table = NDArray[np.float64]

_SMOOTH = 0.1
_SAME_NAME = 20.0  # столько встреч заменяет одинаковое имя символа и фона
_SPREAD = 2  # на столько фонов вокруг места символа смотрят, пока ничего не известно
_SKIP = 2.0  # цена непроизнесённой буквы
_STAY = 0.7  # цена второго фона того же символа
_PAUSE = {True: 6.0, False: 0.1}  # цена паузы на произносимом символе и на знаке
_MARK_SOUNDS = 8.0  # цена звука, приписанного знаку препинания
_PLACE = 0.05  # цена ухода на фон от равномерного чтения


class Costs:
    """Цена фона у каждого символа `[V, P]` и цена пропуска символа `[V]`."""

    def __init__(self, symbols: Sequence[str], spoken: NDArray[np.bool_], names: list[str]) -> None:
        self._numbers = {name: n for n, name in enumerate(names)}
        self._spoken = spoken
        self._pauses = np.array([is_pause(name) for name in names], dtype=bool)
        self._prior = np.full((len(symbols), len(names)), _SMOOTH)
        for row, symbol in enumerate(symbols):
            column = self._numbers.get(_bare(symbol))
            if column is not None:
                self._prior[row, column] += _SAME_NAME
        self.skip = np.where(spoken, _SKIP, 0.0)
        self.emit = self._priced(np.zeros_like(self._prior))

    def numbers(self, phones: Sequence[Phone]) -> Numbers:
        """Верни номера имён фонов."""
        return np.array([self._numbers[phone.name] for phone in phones], dtype=np.int64)

    def learn_places(self, clips: Iterable[tuple[Numbers, Numbers]]) -> None:
        """Первое знание: символ звучит фонами возле своего места, считая лишь произносимые."""
        counts = np.zeros_like(self._prior)
        for text, phones in clips:
            said, sounds = text[self._spoken[text]], phones[~self._pauses[phones]]
            if not len(said) or not len(sounds):
                continue
            middle = (np.arange(len(said)) + 0.5) * len(sounds) / len(said) - 0.5
            for shift in range(-_SPREAD, _SPREAD + 1):
                near = np.clip(np.rint(middle + shift).astype(int), 0, len(sounds) - 1)
                np.add.at(counts, (said, sounds[near]), 1.0 / (1 + abs(shift)))
        self.emit = self._priced(counts)

    def learn(self, clips: Iterable[tuple[Numbers, Numbers, Numbers]]) -> None:
        """Пересчитай цены по приложенному: тексты, фоны и место владельца каждого фона."""
        counts = np.zeros_like(self._prior)
        for text, phones, owners in clips:
            np.add.at(counts, (text[owners], phones), 1.0)
        counts[:, self._pauses] = 0
        self.emit = self._priced(counts)

    def _priced(self, counts: Table) -> Table:
        """Цена - минус логарифм вероятности фона у символа относительно самого частого."""
        weights = counts + self._prior
        prices = np.log(weights.max(1, keepdims=True)) - np.log(weights)
        prices[~self._spoken] = _MARK_SOUNDS
        prices[:, self._pauses] = np.where(self._spoken, _PAUSE[True], _PAUSE[False])[:, None]
        return prices


def align(text: Numbers, phones: Numbers, costs: Costs) -> Numbers:
    """Верни место в тексте, которому принадлежит каждый фон: `[P]`, не убывает.

    Символ может звучать несколькими фонами или ни одним; порядок сохраняется.
    """
    size = len(text)
    emit = costs.emit[text][:, phones]  # [T, P]
    places = np.arange(size) * len(phones) / size
    emit = emit + _PLACE * np.abs(places[:, None] - np.arange(len(phones)))
    skipped = np.concatenate([[0.0], np.cumsum(costs.skip[text])])  # [T + 1], до символа
    best = np.empty((len(phones), size))
    best[0] = emit[:, 0] + skipped[:-1]
    for step in range(1, len(phones)):
        before = best[step - 1]
        moved = np.full(size, np.inf)
        moved[1:] = skipped[1:-1] + np.minimum.accumulate(before - skipped[1:])[:-1]
        best[step] = emit[:, step] + np.minimum(before + _STAY, moved)
    return _trace(best, emit, skipped)


def _trace(best: Table, emit: Table, skipped: Table) -> Numbers:
    """Пройди самый дешёвый путь от конца к началу."""
    steps = len(best)
    owners = np.empty(steps, dtype=np.int64)
    place = int(np.argmin(best[-1] + skipped[-1] - skipped[1:]))
    for step in range(steps - 1, 0, -1):
        owners[step] = place
        before = best[step - 1]
        if place == 0:
            continue
        earlier = before[:place] - skipped[1 : place + 1]
        source = int(np.argmin(earlier))
        if skipped[place] + earlier[source] < before[place] + _STAY:
            place = source
    owners[0] = place
    return owners


def _bare(symbol: str) -> str:
    """Имя символа без служебных знаков: `·aa` -> `aa`."""
    return "".join(char for char in symbol if char.isalnum())
