"""Находки проверки: что не так, где, почему и что делать."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """Тяжесть: с error обучение сорвётся или испортится, warning стоит послушать."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        """Верни вклад находки в «плохость» клипа."""
        return {"error": 100, "warning": 10, "note": 1}[self.value]


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Finding:
    """Одна находка; `where` — `metadata.csv:17`, `clip` пуст, когда она не о клипе.

    `value` и `limit` — измеренное и порог, если правило сравнивает числа.
    """

    rule: str
    severity: Severity
    clip: str
    where: str
    reason: str
    advice: str
    value: float | None = None
    limit: float | None = None
