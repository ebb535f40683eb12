"""Пределы для CI: `--fail-above cer=0.1`, `--fail-below hard.dnsmos_ovrl=3`."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tts_framework.errors import ConfigError
from tts_framework.evaluation.metrics import METRICS, Estimate
from tts_framework.evaluation.rows import ABOUT, HARD, SYNTHESIS


@dataclass(frozen=True)
class Limit:
    """Предел одной меры; `row` пуста - синтез клипов, а без клипов - трудные фразы."""

    text: str
    row: str
    metric: str
    value: float
    above: bool

    def broken(self, summary: Mapping[str, Mapping[str, Estimate]]) -> str:
        """Скажи, чем предел нарушен; пусто - соблюдён."""
        flag = "--fail-above" if self.above else "--fail-below"
        row = self.row or (SYNTHESIS if SYNTHESIS in summary else HARD)
        found = summary.get(row, {}).get(self.metric)
        if found is None:
            return f"{flag} {self.text}: {row}.{self.metric} was not measured"
        wrong = found.value > self.value if self.above else found.value < self.value
        side = "above" if self.above else "below"
        return f"{flag} {self.text}: {row}.{self.metric} is {found.value:.4g}, {side} it" * wrong


def limits(above: Sequence[str], below: Sequence[str]) -> list[Limit]:
    """Разбери пределы `[строка.]мера=число`.

    Raises:
        ConfigError: названы все негодные.
    """
    found, problems = [], []
    for text, is_above in [*((t, True) for t in above), *((t, False) for t in below)]:
        name, _, number = text.partition("=")
        row, _, metric = name.strip().rpartition(".")
        flag = "--fail-above" if is_above else "--fail-below"
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        known = metric in METRICS or metric.startswith("cer_")
        if not known or row not in ("", *ABOUT):
            close = difflib.get_close_matches(metric, METRICS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(METRICS)}"
            problems.append(f"{flag} {text}: there is no such measure; {hint}")
        elif not math.isfinite(value):
            problems.append(f"{flag} {text}: expected NAME=NUMBER")
        else:
            found.append(Limit(text, row, metric, value, is_above))
    if problems:
        raise ConfigError(problems)
    return found
