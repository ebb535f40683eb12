"""LogWatcher: потоки всех наблюдателей одного trial, слитые и без повторов (спецификация 10.2)."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tts_framework.components import Watcher
from tts_framework.events import Metric
from tts_framework.smart_tuner.metrics_store import MetricsStore

_SETTLE_MS = 200
"""Шаг, с которым watchfiles будит процесс: чаще — дороже, реже — измерение приходит позже."""
_GROUP_MS = 400


class LogWatcher:
    """Ждёт изменений файлов (а где их нет — опрашивает) и складывает новое в MetricsStore."""

    def __init__(
        self,
        trial: int,
        watchers: Mapping[str, Watcher],
        store: MetricsStore,
        step_offset: int = 0,
    ) -> None:
        self._trial = trial
        self._step_offset = step_offset
        self._watchers = dict(watchers)
        self._store = store
        self._broken: dict[str, str] = {}
        self._seconds = min((w.poll_seconds for w in self._watchers.values()), default=0.5)
        self._changes: Generator[object, None, None] | None = None
        self._watched: tuple[Path, ...] = ()

    def wait(self) -> None:
        """Жди изменения любого из источников, но не дольше периода опроса."""
        changes = self._notifications()
        if changes is None:
            time.sleep(self._seconds)
        else:
            next(changes)

    def read(self) -> tuple[tuple[Metric, ...], list[str]]:
        """Верни новые измерения (они уже в хранилище) и предупреждения о новых отказах."""
        fresh: list[Metric] = []
        warnings: list[str] = []
        for name, watcher in self._watchers.items():
            try:
                fresh += self._store.add(self._trial, self._shifted(watcher.read()))
                self._broken.pop(name, None)
            except Exception as error:  # чужой источник не должен ронять подстройку
                warnings += self._note(name, error)
        return tuple(sorted(fresh, key=lambda m: (m.step, m.tag))), warnings

    def close(self) -> None:
        """Закрой наблюдателей."""
        if self._changes is not None:
            self._changes.close()
        for watcher in self._watchers.values():
            watcher.close()

    def _shifted(self, metrics: list[Metric]) -> list[Metric]:
        if not self._step_offset:
            return metrics
        return [replace(metric, step=metric.step + self._step_offset) for metric in metrics]

    def _note(self, name: str, error: Exception) -> list[str]:
        known = name in self._broken
        self._broken[name] = str(error)
        return [] if known else [f"watcher {name}: {error}; will be asked again"]

    def _notifications(self) -> Generator[object, None, None] | None:
        """Верни подписку на существующие сейчас пути; None, если подписаться не на что."""
        paths = tuple(self._existing())
        if paths != self._watched:
            if self._changes is not None:
                self._changes.close()
            self._watched = paths
            self._changes = self._watch(paths) if paths else None
        return self._changes

    def _existing(self) -> Iterator[Path]:
        for watcher in self._watchers.values():
            yield from (path for path in watcher.paths() if path.exists())

    def _watch(self, paths: tuple[Path, ...]) -> Generator[object, None, None]:
        """Превращай изменения файлов и истечение срока в одинаковые пробуждения."""
        from watchfiles import watch

        return watch(
            *paths,
            watch_filter=None,
            debounce=_GROUP_MS,
            step=_SETTLE_MS,
            rust_timeout=int(self._seconds * 1000),
            yield_on_timeout=True,
            raise_interrupt=True,
        )
