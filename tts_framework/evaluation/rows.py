"""Строки отчёта: настоящая речь, её копия, синтез, пол и трудные фразы; сводка по каждой."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tts_framework.evaluation.items import Item
from tts_framework.evaluation.metrics import METRICS, Estimate, mean, ratio, share
from tts_framework.evaluation.workshop import Recording

REAL, COPY, SYNTHESIS, OTHER, HARD = "real", "copy", "synthesis", "other", "hard"
ABOUT = {
    REAL: "the recordings themselves: the ceiling, and the error of the judge itself",
    COPY: "the recordings taken apart into mel and put together again: the ceiling of the vocoder",
    SYNTHESIS: "the voice reading the texts of the clips",
    HARD: "the voice reading the hard sentences",
    OTHER: "another recording of the same voice in place of the right one: the floor",
}


@dataclass
class Cell:
    """Всё измеренное об одном звуке строки; чего нет, того не измеряли.

    `errors` - по судьям: правки и длина текста; `heard` - услышанное словами.
    """

    recording: Recording
    values: dict[str, float | None] = field(default_factory=dict)
    errors: dict[str, tuple[int, int]] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] | None = None
    seconds: float | None = None
    spent: float | None = None
    problems: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def note(self, measured: Mapping[str, Any]) -> None:
        """Прими измерения или причину, по которой их нет."""
        if "problem" in measured:
            self.problems.append(str(measured["problem"]))
        else:
            self.values |= measured

    def cer(self, judge: str) -> float | None:
        """Верни долю ошибок этого звука."""
        edits, length = self.errors.get(judge, (0, 0))
        return edits / length if length else None

    def to_json(self) -> dict[str, Any]:
        """Верни словарь JSON-типов."""
        return {
            **self.values,
            "judges": {
                name: {"edits": edits, "length": length, "heard": self.heard.get(name, "")}
                for name, (edits, length) in self.errors.items()
            },
            "failures": None if self.failures is None else list(self.failures),
            "seconds": self.seconds,
            "spent": self.spent,
            "problems": self.problems,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Row:
    """Строка: её звуки по именам текстов."""

    name: str
    cells: Mapping[str, Cell]

    def summary(self, judges: Sequence[str], seed: int) -> dict[str, Estimate]:
        """Сведи каждую измеренную меру; `cer` - первого судьи, прочих - `cer_<имя>`."""
        cells = list(self.cells.values())
        found: dict[str, Estimate | None] = {}
        for number, judge in enumerate(judges):
            counts = [cell.errors[judge] for cell in cells if judge in cell.errors]
            name = f"cer_{judge}" if number else "cer"
            found[name] = ratio([edits for edits, _ in counts], [size for _, size in counts], seed)
        for name in METRICS:
            values = [cell.values.get(name) for cell in cells]
            if name not in ("cer", "failures", "rtf"):
                found[name] = mean([value for value in values if value is not None], seed)
        found["failures"] = share([bool(c.failures) for c in cells if c.failures is not None])
        timed = [(c.spent, c.seconds) for c in cells if c.spent is not None and c.seconds]
        found["rtf"] = ratio([t[0] for t in timed], [t[1] or 0.0 for t in timed], seed)
        return {name: estimate for name, estimate in found.items() if estimate is not None}

    def failures(self) -> dict[str, int]:
        """Сосчитай срывы по видам."""
        return dict(Counter(kind for cell in self.cells.values() for kind in cell.failures or ()))


def nearest_other(items: Sequence[Item], seconds: Mapping[str, float]) -> dict[str, str]:
    """Подбери каждому клипу другой, ближайший по длине и с другим текстом: имя -> имя."""
    found = {}
    for item in items:
        others = [one for one in items if one.text != item.text]
        if others:
            length = seconds[item.name]
            closest = min(others, key=lambda one: (abs(seconds[one.name] - length), one.name))
            found[item.name] = closest.name
    return found
