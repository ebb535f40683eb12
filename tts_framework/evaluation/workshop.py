"""Рабочая папка оценки: звуки и итоги, с которых прерванную работу продолжает та же команда.

Измерение зависит только от отсчётов и рецепта, поэтому его ключ - отпечаток звука, а не имя.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tts_framework.components import Sound
from tts_framework.errors import DataError
from tts_framework.evaluation.items import sound_of
from tts_framework.speech.results import Results

Report = Callable[[int, int, str], None]
Job = TypeVar("Job")

WORK = ".work"


def silent(done: int, total: int, what: str) -> None:
    """Не показывай ход работы."""


@dataclass(frozen=True)
class Recording:
    """Звук на диске; `digest` - отпечаток файла."""

    path: Path
    digest: str

    @classmethod
    def of(cls, path: Path) -> Recording:
        """Прочти файл и вычисли отпечаток."""
        return cls(path, digest_of(path))

    @property
    def sound(self) -> Sound:
        """Прочти отсчёты."""
        return sound_of(self.path)


def digest_of(path: Path) -> str:
    """Верни отпечаток содержимого файла; пусто - его нет."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, hashlib.sha256).hexdigest()[:24]
    except OSError:
        return ""


@dataclass(frozen=True)
class Workshop:
    """Папка `out`, ход работы и место производных данных."""

    out: Path
    progress: Report = silent

    def sound_path(self, row: str, name: str) -> Path:
        """Верни место звука строки `row`."""
        return self.out / "sounds" / row / f"{name}.wav"

    def attention_path(self, name: str) -> Path:
        """Верни место картинки внимания; у голоса без внимания она пуста."""
        return self.out / WORK / "attention" / f"{name}.png"

    def results(self, name: str, recipe: dict[str, Any]) -> Results:
        """Открой итоги одной работы; с другим рецептом они начинаются заново."""
        return Results(self.out / WORK / f"{name}.jsonl", recipe)

    def measured(
        self,
        name: str,
        recipe: dict[str, Any],
        jobs: dict[str, Job],
        work: Callable[[Sequence[Job]], Sequence[Any]],
        batch: int = 1,
    ) -> dict[str, Any]:
        """Измерь то, чего ещё нет: `jobs` - по ключам, `work` - пачка заданий в пачку итогов.

        Негодный звук - итог `{"problem": ...}`, а не остановка работы.
        """
        with self.results(name, recipe) as results:
            waiting = [key for key in jobs if key not in results]
            ready = len(jobs) - len(waiting)
            if waiting:
                self.progress(ready, len(jobs), name)
            for start in range(0, len(waiting), batch):
                keys = waiting[start : start + batch]
                for key, value in zip(keys, _tried(work, [jobs[k] for k in keys]), strict=True):
                    results.add(key, value)
                self.progress(ready + start + len(keys), len(jobs), name)
            return {key: results[key] for key in jobs}


def _tried(work: Callable[[Sequence[Job]], Sequence[Any]], jobs: list[Job]) -> Sequence[Any]:
    try:
        return work(jobs)
    except DataError as error:
        if len(jobs) == 1:
            return [{"problem": str(error)}]
        return [_tried(work, [job])[0] for job in jobs]
