"""Хранилище запуска в одном файле SQLite (спецификация 10.2, MetricsStore)."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tts_framework.components import Store
from tts_framework.errors import DiskFull, TTSFError
from tts_framework.events import Event, Metric, from_dict
from tts_framework.hookspecs import hookimpl

NAME = "ttsf.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS metrics (
    trial INTEGER, tag INTEGER REFERENCES tags, step INTEGER, value REAL, wall_time REAL,
    PRIMARY KEY (trial, tag, step)
) WITHOUT ROWID;
"""


class SqliteStore(Store):
    """Журнал WAL: kill -9 в любой миг не теряет возвращённых записей и не портит файл."""

    def __init__(self, config: Any, folder: Path) -> None:
        super().__init__(config, folder)
        self.path = folder / NAME
        self._tags: dict[str, int] = {}
        with self._guarded():
            self._db = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            self._tags.update(self._db.execute("SELECT name, id FROM tags").fetchall())

    def append(self, event: Event) -> None:
        body = json.dumps(event.to_dict(), ensure_ascii=False)
        with self._guarded(), self._db:
            self._db.execute("INSERT INTO events (body) VALUES (?)", (body,))

    def events(self) -> Iterator[Event]:
        with self._guarded():
            rows = self._db.execute("SELECT body FROM events ORDER BY seq").fetchall()
        for (body,) in rows:
            yield from_dict(json.loads(body))

    def add_metrics(self, trial: int, metrics: Iterable[Metric]) -> list[Metric]:
        with self._guarded(), self._db:
            return [metric for metric in metrics if self._insert(trial, metric)]

    def metrics(self, trial: int, tag: str) -> list[Metric]:
        with self._guarded():
            rows = self._db.execute(
                "SELECT step, value, wall_time FROM metrics WHERE trial = ? AND tag = ?"
                " ORDER BY step",
                (trial, self._tags.get(tag, -1)),
            ).fetchall()
        return [
            Metric(tag, step, math.nan if value is None else value, wall_time)
            for step, value, wall_time in rows
        ]

    def tags(self, trial: int) -> list[str]:
        """Верни теги trial: по одному поиску в индексе на каждый известный тег."""
        query = "SELECT 1 FROM metrics WHERE trial = ? AND tag = ? LIMIT 1"
        with self._guarded():
            return sorted(
                name
                for name, key in self._tags.items()
                if self._db.execute(query, (trial, key)).fetchone()
            )

    def close(self) -> None:
        self._db.close()

    def _insert(self, trial: int, metric: Metric) -> bool:
        """Добавь измерение; NaN SQLite хранит как NULL. Скажи, было ли оно новым."""
        row = (trial, self._tag(metric.tag), metric.step, metric.value, metric.wall_time)
        query = "INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?, ?)"
        return self._db.execute(query, row).rowcount == 1

    def _tag(self, name: str) -> int:
        if name not in self._tags:
            self._db.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (name,))
            row = self._db.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
            self._tags[name] = row[0]
        return self._tags[name]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Переведи ошибки SQLite, которые исправляет пользователь, в понятные строки."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "disk is full" in str(error):
                raise DiskFull(f"{self.path}: disk is full; free some space and resume") from error
            raise TTSFError(f"{self.path}: {error}; check the folder and its rights") from error
        except sqlite3.DatabaseError as error:
            raise TTSFError(
                f"{self.path}: {error}; restore the file or start a run under another name"
            ) from error


@hookimpl
def ttsf_store() -> type[Store]:
    return SqliteStore
