"""Наблюдатель за run MLflow: за своим тренером — по его накопителю, за чужим — через сервер."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from tts_framework.components import TrialSource
from tts_framework.events import Metric
from tts_framework.tracking.address import Address
from tts_framework.tracking.background import Background
from tts_framework.tracking.server import Server, Unavailable
from tts_framework.tracking.spool import RECORDS, SpoolReader
from tts_framework.tracking.spool import metrics as metrics_of

Stamp = tuple[int, int]
_INTERVAL = 0.4
_SETTLED_NS = 10**9


class SpoolTail:
    """Читает то, что свой тренер отправляет в run, прямо из накопителя.

    Те же измерения приходят раньше, чем на сервер, ничего не стоят и не пропадают, когда сервера
    нет. Имена в накопителе уже канонические.
    """

    def __init__(self, source: TrialSource) -> None:
        self._path = source.output_dir / RECORDS
        self._reader = SpoolReader(source.output_dir, run_id="")

    def paths(self) -> Sequence[Path]:
        """Назови файл накопителя."""
        return (self._path,)

    def read(self) -> list[Metric]:
        """Верни новые измерения."""
        records, self._reader.offset = self._reader.read()
        return metrics_of(records)

    def close(self) -> None:
        """Закрывать нечего."""


class RunPoll:
    """Спрашивает run, чей id лежит в файле `TTSF_MLFLOW_RUN_FILE` (или в `MLFLOW_RUN_ID`).

    С сервером говорит фоновый поток: зависший сервер не должен останавливать подстройку. Сначала
    сверяются последние значения, история читается лишь у изменившихся тегов.
    """

    def __init__(self, source: TrialSource) -> None:
        self._source = source
        self._address = Address.from_environment({**os.environ, **source.environment})
        self._server = Server(self._address)
        self._latest: dict[str, str] = {}
        self._seen: set[tuple[str, int]] = set()
        self._stamps: tuple[Stamp, ...] = ()
        self._fresh: deque[Metric] = deque()
        self._background: Background | None = None

    def paths(self) -> Sequence[Path]:
        """Назови файл локальной базы SQLite."""
        return () if self._address.database is None else (self._address.database,)

    def read(self) -> list[Metric]:
        """Верни новые измерения под каноническими именами.

        Raises:
            Unavailable: сервер не отвечает; пропущенное отдадут следующие вызовы.
        """
        if self._background is None:
            self._background = Background(
                self._poll, self._address.shown, _INTERVAL, say=lambda text: None
            )
        if self._background.trouble:
            raise Unavailable(f"{self._address.shown}: {self._background.trouble}")
        return [self._fresh.popleft() for _ in range(len(self._fresh))]

    def close(self) -> None:
        """Останови поток."""
        if self._background is not None:
            self._background.close(0.0)
            self._background = None

    def _poll(self) -> None:
        run_id, stamps = self._run_id(), self._file_stamps()
        if run_id is None or (stamps == self._stamps and _settled(stamps)):
            return
        latest = self._server.latest(run_id)
        for tag, mark in latest.items():
            if self._latest.get(tag) != mark:
                self._fresh.extend(self._new(run_id, tag))
        self._latest, self._stamps = latest, stamps

    def _new(self, run_id: str, tag: str) -> list[Metric]:
        name = self._source.rename.get(tag, tag)
        points = [p for p in self._server.history(run_id, tag) if (tag, p.step) not in self._seen]
        self._seen.update((tag, p.step) for p in points)
        return [Metric(name, p.step, p.value, p.wall_time) for p in points]

    def _run_id(self) -> str | None:
        environment = self._source.environment
        path = environment.get("TTSF_MLFLOW_RUN_FILE")
        try:
            named = Path(path).read_text().strip() if path else ""
        except OSError:
            named = ""
        return named or environment.get("MLFLOW_RUN_ID") or None

    def _file_stamps(self) -> tuple[Stamp, ...]:
        """Верни отметки файлов базы: пока они прежние, спрашивать нечего."""
        if self._address.database is None:
            return ()
        name = self._address.database
        stamps = []
        for path in (name, name.with_name(f"{name.name}-wal")):
            try:
                stat = path.stat()
            except OSError:
                continue
            stamps.append((stat.st_mtime_ns, stat.st_size))
        return tuple(stamps)


def _settled(stamps: tuple[Stamp, ...]) -> bool:
    """Скажи, давно ли менялись файлы: две записи подряд могут получить одну отметку времени."""
    return bool(stamps) and time.time_ns() - max(stamp[0] for stamp in stamps) > _SETTLED_NS
