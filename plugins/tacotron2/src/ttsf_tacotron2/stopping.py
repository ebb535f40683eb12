"""Когда кончается фраза; одно и то же правило для torch и ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LAST_SYMBOLS = 3
"""Стоя на стольких последних символах, внимание договорило: знак конца, точка, последний звук."""


@dataclass(frozen=True)
class Stopping:
    """Когда кончать фразу: признак остановки, внимание в конце текста, предел шагов.

    `limits` - предел шагов каждой фразы; `patience` - сколько шагов подряд внимание может стоять
    на последних символах, 0 - сколько угодно.
    """

    limits: Sequence[int]
    gate_threshold: float = 0.5
    patience: int = 0


class Progress:
    """Какие фразы ещё звучат и почему кончились остальные (`gate`, `attention`, `limit`)."""

    def __init__(self, stopping: Stopping, symbols: Sequence[int]) -> None:
        self._stopping, self._last = stopping, [max(0, n - LAST_SYMBOLS) for n in symbols]
        threshold = stopping.gate_threshold
        self._logit = math.log(threshold / (1 - threshold)) if threshold < 1 else math.inf
        self.steps, self._stay = [0] * len(symbols), [0] * len(symbols)
        self.reasons = [""] * len(symbols)

    @property
    def running(self) -> list[bool]:
        """Звучит ли ещё каждая фраза."""
        return [not reason for reason in self.reasons]

    def note(self, gates: Sequence[float], places: Sequence[int]) -> None:
        """Учти шаг: логиты остановки и самый важный символ каждой фразы."""
        for n, (gate, place) in enumerate(zip(gates, places, strict=True)):
            if self.reasons[n]:
                continue
            self.steps[n] += 1
            self._stay[n] = self._stay[n] + 1 if place >= self._last[n] else 0
            if gate > self._logit:
                self.reasons[n] = "gate"
            elif 0 < self._stopping.patience <= self._stay[n]:
                self.reasons[n] = "attention"
            elif self.steps[n] >= self._stopping.limits[n]:
                self.reasons[n] = "limit"
