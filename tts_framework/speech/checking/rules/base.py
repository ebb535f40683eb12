"""Правило: имя, тяжесть, о чём оно, и функция, которая ищет."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.findings import Finding

Check = Callable[[Corpus], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """Одно правило; имя постоянно: по нему фильтруют `check.json`."""

    name: str
    about: str
    check: Check
