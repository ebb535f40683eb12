"""Поиск чекпоинтов чужой программы: последний законченный, и никогда — недописанный.

Чекпоинт — файл или папка под маской. Он законченный, если
* под него нет следов незаконченной записи: временного имени, пустоты, оборванного формата;
* пока программа жива, он не менялся `settle` секунд и никем из её процессов не открыт на запись;
* папка содержит всё, что содержат её соседи, и файл-отметку, если она названа;
* файл, чей формат о своей длине молчит, не меньше соседей.
"""

from __future__ import annotations

import math
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tts_framework.config import TrainerSettings
from tts_framework.foreign_trainer.checking import FROM_LOG
from tts_framework.foreign_trainer.completeness import TEMPORARY, defect, files_of
from tts_framework.foreign_trainer.writers import writer_of, written_by

Signature = tuple[tuple[str, int, int], ...]
AskLog = Callable[[float], int]
"""Какой шаг был в журнале последним к этому времени (Unix, с); -1, если неизвестно."""

_SHARE = 0.9
_NUMBERS = re.compile(r"\d+")


class Discovery:
    """Чекпоинты в папке одного trial; `checked=False` — тренер свой: имя есть только у готового."""

    def __init__(
        self,
        mask: str = "checkpoint_*",
        *,
        iteration: str = r"(\d+)(?!.*\d)",
        marker: str | None = None,
        settle: float = 1.0,
        checked: bool = True,
    ) -> None:
        self.mask = mask
        self._from_log = iteration == FROM_LOG
        self._number = None if self._from_log else re.compile(iteration)
        self._marker = marker
        self._settle = settle
        self._checked = checked
        self._seen: dict[Path, tuple[Signature, float]] = {}
        self._judged: dict[Path, tuple[Signature, tuple[str | None, bool]]] = {}

    @classmethod
    def of(cls, settings: TrainerSettings) -> Discovery:
        """Создай по разделу `trainer`."""
        return cls(
            settings.checkpoint,
            iteration=settings.checkpoint_iteration,
            marker=settings.checkpoint_marker,
            settle=settings.checkpoint_settle_seconds,
            checked=settings.command is not None,
        )

    # --- поиск --------------------------------------------------------------------------------

    def iteration(self, path: Path, folder: Path, ask: AskLog | None = None) -> int:
        """Верни итерацию чекпоинта: из имени, из пути внутри папки или из журнала; -1 — никакой."""
        if self._number is None:
            return ask(_written(path)) if ask else -1
        inside = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""
        for text in (path.name, inside):
            if found := self._number.search(text):
                try:
                    return int(found[1])
                except (TypeError, ValueError):
                    return -1
        return -1

    def candidates(self, folder: Path, ask: AskLog | None = None) -> list[tuple[int, Path]]:
        """Верни (итерация, путь) всего, что подходит под маску, по возрастанию итерации."""
        found = [
            (self.iteration(path, folder, ask), path)
            for path in self.under_mask(folder)
            if not path.name.startswith(".") and not path.name.endswith(TEMPORARY)
        ]
        return sorted(pair for pair in found if pair[0] >= 0)

    def under_mask(self, folder: Path) -> list[Path]:
        """Верни всё под маской, кроме ссылок внутрь той же папки (`last.ckpt` на соседа)."""
        return [path for path in folder.glob(self.mask) if not _alias(path, folder)]

    def newest(
        self, folder: Path, below: float = math.inf, ask: AskLog | None = None
    ) -> Path | None:
        """Найди законченный чекпоинт с наибольшей итерацией меньше `below`."""
        found = self.candidates(folder, ask)
        fits = (path for iteration, path in reversed(found) if iteration < below)
        return next((path for path in fits if self.why_not(path, folder) is None), None)

    def at_least(self, folder: Path, iteration: int, ask: AskLog | None = None) -> Path | None:
        """Найди самый ранний законченный чекпоинт не раньше `iteration`."""
        fits = (path for number, path in self.candidates(folder, ask) if number >= iteration)
        return next((path for path in fits if self.why_not(path, folder) is None), None)

    # --- законченность ------------------------------------------------------------------------

    def why_not(self, path: Path, folder: Path) -> str | None:
        """Верни, почему брать этот чекпоинт нельзя (пока или совсем); None — можно."""
        if not self._checked:
            return None if path.is_file() else "is not a file"
        try:
            signature = _signature(path)
            return (
                self._unsettled(path, folder, signature)
                or self._unfinished(path, signature)
                or self._unlike_siblings(path, folder, signature)
            )
        except OSError as error:
            return f"cannot be read ({error.strerror})"

    def _unsettled(self, path: Path, folder: Path, signature: Signature) -> str | None:
        """Скажи, не пишут ли его сейчас; у завершившейся программы ждать нечего."""
        writer = writer_of(folder)
        if writer is None:
            return None
        now = time.monotonic()
        before, since = self._seen.get(path, (None, now))
        if before != signature:
            since = now
            self._seen[path] = (signature, since)
        age = max(now - since, time.time() - max(s[2] for s in signature) / 1e9)
        if before is not None and before != signature or age < self._settle:
            return f"changed less than {self._settle:g} s ago"
        real = path.resolve()
        if any(open_ == real or real in open_.parents for open_ in written_by(writer)):
            return "is open for writing"
        return None

    def _unfinished(self, path: Path, signature: Signature) -> str | None:
        if self._marker and path.is_dir() and not (path / self._marker).exists():
            return f"has no {self._marker} yet"
        return self._judge(path, signature)[0]

    def _unlike_siblings(self, path: Path, folder: Path, signature: Signature) -> str | None:
        """Сравни с соседями: оборванную запись папки или молчащего формата иначе не узнать."""
        others = [
            other
            for _, other in self._siblings(path, folder)
            if other.is_dir() == path.is_dir() and self._judge(other, _signature(other))[0] is None
        ]
        if not others:
            return None
        if path.is_dir():
            names = Counter(name for other in others for name in _shape(_signature(other)))
            usual = {name for name, times in names.items() if 2 * times >= len(others)}
            lacking = sorted(usual - _shape(signature))
            return f"has no {lacking[0]}, which its siblings have" if lacking else None
        if self._judge(path, signature)[1]:
            return None
        size = statistics.median(other.stat().st_size for other in others)
        if signature[0][1] < _SHARE * size:
            return f"has {signature[0][1]:,} bytes, its siblings have {size:,.0f}"
        return None

    def _siblings(self, path: Path, folder: Path) -> list[tuple[int, Path]]:
        """Верни соседей, а если их нет — чекпоинты соседних trial-ов."""
        own = [(i, p) for i, p in self._all(folder) if p != path]
        if own:
            return own
        beside = folder.parent.glob("trial_*") if folder.name.startswith("trial_") else ()
        return [pair for other in beside if other != folder for pair in self._all(other)]

    def _all(self, folder: Path) -> list[tuple[int, Path]]:
        return self.candidates(folder, ask=lambda when: 0)

    def _judge(self, path: Path, signature: Signature) -> tuple[str | None, bool]:
        known = self._judged.get(path)
        if known is None or known[0] != signature:
            known = self._judged[path] = (signature, defect(path))
        return known[1]


def size_of(path: Path) -> int:
    """Верни размер чекпоинта, байт."""
    return sum(file.stat().st_size for file in files_of(path))


def _written(path: Path) -> float:
    return max((file.stat().st_mtime for file in files_of(path)), default=0.0)


def _signature(path: Path) -> Signature:
    root = path if path.is_dir() else path.parent
    entries = []
    for file in files_of(path):
        stat = file.stat()
        entries.append((file.relative_to(root).as_posix(), stat.st_size, stat.st_mtime_ns))
    return tuple(entries) or (("", 0, path.stat().st_mtime_ns),)


def _shape(signature: Signature) -> set[str]:
    """Верни имена файлов папки без чисел: у соседей они отличаются."""
    return {_NUMBERS.sub("#", name) for name, _, _ in signature}


def _alias(path: Path, folder: Path) -> bool:
    return path.is_symlink() and path.resolve().is_relative_to(folder.resolve())
