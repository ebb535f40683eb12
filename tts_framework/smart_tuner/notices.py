"""Notices: то, чего не говорит ни один trial сам по себе, — плато и кончающееся место."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tts_framework.config import TunerSettings
from tts_framework.events import DiskLow, Event, PlateauReached
from tts_framework.smart_tuner.memory import Memory


class Notices:
    """Смотрит на память и на диск после каждого trial; об одном и том же говорит однажды."""

    def __init__(self, tuner: TunerSettings, folder: Path) -> None:
        self._tuner = tuner
        self._folder = folder
        self._low = False

    def after_trial(self, memory: Memory) -> Iterator[Event]:
        """Верни новые события; решений они не меняют."""
        if plateau := plateau_reached(memory, self._tuner.plateau_trials):
            yield plateau
        free = shutil.disk_usage(self._folder).free
        threshold = int(self._tuner.disk_low_gb * 1e9)
        was_low, self._low = self._low, free < threshold
        if self._low and not was_low:
            yield DiskLow(free_bytes=free, threshold_bytes=threshold)


def plateau_reached(memory: Memory, trials: int) -> PlateauReached | None:
    """Верни плато ровно тогда, когда без улучшения прошло `trials` законченных trial-ов.

    Считается по одной памяти, поэтому после сбоя и продолжения второй раз не сообщается.
    """
    if memory.best is None:
        return None
    since = sum(record.started.trial > memory.best.trial for record in memory.closed)
    if since != trials:
        return None
    best = memory.best
    return PlateauReached(metric=best.metric, value=best.value, best_trial=best.trial, trials=since)
