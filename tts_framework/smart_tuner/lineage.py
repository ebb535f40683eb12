"""Lineage: чекпоинты запуска — где лежат, целы ли, кому нужны и что можно удалить.

Родитель открытого trial, голова ветви, родитель головы и лучший чекпоинт «в аренде»: сборка мусора
их не тронет, сколько бы места ни просили.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

from tts_framework.errors import CheckpointError, DiskFull
from tts_framework.events import CheckpointsRemoved
from tts_framework.files import link_or_copy, sha256
from tts_framework.foreign_trainer.discovery import AskLog, Discovery, size_of
from tts_framework.smart_tuner.memory import Memory, TrialRecord

BEST = "best_model.ckpt"
_RESERVE = 3
"""Столько чекпоинтов должно помещаться на диск, чтобы trial было где закончить."""


class Lineage:
    """Чекпоинты одной папки запуска; пути в событиях — относительно неё."""

    def __init__(
        self,
        folder: Path,
        discovery: Discovery,
        budget_bytes: float | None = None,
        step_at: Callable[[int, float], int] | None = None,
    ) -> None:
        self.folder = folder
        self.budget_bytes = budget_bytes
        self.root = folder / "checkpoints"
        self._discovery = discovery
        self._step_at = step_at or (lambda trial, when: -1)

    def trial_folder(self, trial: int) -> Path:
        """Верни папку, в которую пишет тренер этого trial."""
        return self.root / f"trial_{trial:04d}"

    def newest(self, trial: int, below: float = math.inf) -> Path | None:
        """Найди последний законченный чекпоинт trial с итерацией меньше `below`."""
        return self._discovery.newest(self.trial_folder(trial), below, self._ask(trial))

    def at_least(self, trial: int, iteration: int) -> Path | None:
        """Найди самый ранний законченный чекпоинт trial, записанный не раньше `iteration`."""
        return self._discovery.at_least(self.trial_folder(trial), iteration, self._ask(trial))

    def iteration(self, trial: int, path: Path) -> int:
        """Верни итерацию чекпоинта этого trial; -1, если она неизвестна."""
        return self._discovery.iteration(path, self.trial_folder(trial), self._ask(trial))

    def _ask(self, trial: int) -> AskLog:
        return lambda when: self._step_at(trial, when)

    def relative(self, path: Path) -> str:
        """Верни путь в том виде, в каком он хранится в событиях."""
        return path.relative_to(self.folder).as_posix()

    def verified(self, checkpoint: str, digest: str | None) -> Path:
        """Верни путь чекпоинта-родителя, убедившись, что он тот самый.

        Raises:
            CheckpointError: файла нет или его sha256 не тот, что записан в истории.
        """
        path = self.folder / checkpoint
        if not path.exists():
            raise CheckpointError(f"{path}: checkpoint is gone; restore it or start a new run")
        if digest is not None and sha256(path) != digest:
            raise CheckpointError(f"{path}: sha256 differs from the history; restore the file")
        return path

    def publish_best(self, checkpoint: str) -> None:
        """Поставь `best_model.ckpt` на чекпоинт жёсткой ссылкой (или копией)."""
        source, target = self.folder / checkpoint, self.folder / BEST
        if source.is_dir():
            _publish_folder(source, target)
        else:
            link_or_copy(source, target)

    def collect(self, memory: Memory) -> CheckpointsRemoved | None:
        """Удали самое ненужное, если вышли за предел или диску не хватит на следующий trial."""
        files = {
            path: size_of(path)
            for folder in self.root.glob("trial_*")
            for path in self._discovery.under_mask(folder)
        }
        largest = max(files.values(), default=0)
        free = shutil.disk_usage(self.folder).free
        excess = max(
            sum(files.values()) - self.budget_bytes if self.budget_bytes else 0,
            _RESERVE * largest - free,
        )
        if excess <= 0:
            return None
        removed: list[str] = []
        freed = 0
        for path in self._removable(memory, files):
            if freed >= excess:
                break
            _remove(path)
            freed += files[path]
            removed.append(self.relative(path))
        if free + freed < largest:
            raise DiskFull(
                f"{self.folder}: {free + freed:,} bytes free, the next checkpoint needs"
                f" {largest:,}; free some space and run the same command again"
            )
        return CheckpointsRemoved(paths=tuple(removed), freed_bytes=freed) if removed else None

    def _removable(self, memory: Memory, files: dict[Path, int]) -> list[Path]:
        """Упорядочи файлы от самых ненужных; арендованных в списке нет."""
        leased = self._leased(memory)
        lineage = set(memory.lineage)
        ends = {
            record.finished.checkpoint: record.started.trial in lineage
            for record in memory.closed
            if record.finished is not None
        }

        def need(path: Path) -> tuple[int, int, int]:
            name = self.relative(path)
            rank = 0 if name not in ends else 1 + ends[name]
            trial = int(path.relative_to(self.root).parts[0].removeprefix("trial_"))
            return rank, trial, self.iteration(trial, path)

        return sorted((path for path in files if self.relative(path) not in leased), key=need)

    def _leased(self, memory: Memory) -> set[str | None]:
        head, opened = memory.head, memory.open_trial
        leased: set[str | None] = {memory.best.checkpoint if memory.best else None}
        for record in (head, self._parent(memory, head)):
            if record is not None and record.finished is not None:
                leased.add(record.finished.checkpoint)
        if opened is not None:
            leased.add(opened.started.checkpoint)
            newest_own = self.newest(opened.started.trial)
            leased.add(self.relative(newest_own) if newest_own else None)
        return leased

    @staticmethod
    def _parent(memory: Memory, record: TrialRecord | None) -> TrialRecord | None:
        if record is None or record.started.parent is None:
            return None
        return memory.trials[record.started.parent]


def _publish_folder(source: Path, target: Path) -> None:
    """Поставь на место `target` папку из жёстких ссылок; прежняя исчезает последней."""
    fresh, old = (target.with_name(f".{target.name}.{word}.tmp") for word in ("new", "old"))
    for path in (fresh, old):
        shutil.rmtree(path, ignore_errors=True)
    for file in sorted(p for p in source.rglob("*") if p.is_file()):
        place = fresh / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(file, place)
    if target.is_dir():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
