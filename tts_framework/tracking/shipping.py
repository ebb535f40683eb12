"""Отправка накопленного в MLflow."""

from __future__ import annotations

from pathlib import Path

from tts_framework.events import Metric
from tts_framework.tracking.background import Say
from tts_framework.tracking.server import Rejected, Server
from tts_framework.tracking.spool import Record, SpoolReader


def ship(reader: SpoolReader, folder: Path, run_id: str, server: Server, say: Say) -> None:
    """Отправь всё накопленное; отвергнутое сервером пропусти, сказав об этом.

    Raises:
        Unavailable: сервер не отвечает; неподтверждённое останется в накопителе.
    """
    while reader.waiting:
        records, offset = reader.read()
        if offset == reader.offset:
            return  # только оборванный хвост
        try:
            _send(records, folder, run_id, server)
        except Rejected:
            for record in records:
                try:
                    _send([record], folder, run_id, server)
                except Rejected as error:
                    say(f"mlflow: a record was rejected and left out: {error}")
        reader.acknowledge(offset)


def _send(records: list[Record], folder: Path, run_id: str, server: Server) -> None:
    metrics = [
        Metric(tag, int(record["step"]), float(value), float(record["at"]))
        for record in records
        for tag, value in record.get("metrics", {}).items()
    ]
    params = {name: value for r in records for name, value in r.get("params", {}).items()}
    if metrics or params:
        server.log(run_id, metrics, params)
    for record in records:
        if "artifact" in record and (path := folder / record["artifact"]).is_file():
            server.upload(run_id, path)
        if "status" in record:
            server.set_status(run_id, record["status"], record["at"])
