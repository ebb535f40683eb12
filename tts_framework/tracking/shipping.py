"""Отправка накопленного в MLflow."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tts_framework.events import Value
from tts_framework.tracking.background import Say
from tts_framework.tracking.server import Rejected, Server
from tts_framework.tracking.spool import Record, SpoolReader, metrics


def ship(folder: Path, run_id: str, server: Server, say: Say) -> None:
    """Отправь всё накопленное в папке; отвергнутое сервером пропусти, сказав об этом.

    Raises:
        Unavailable: сервер не отвечает; неподтверждённое останется в накопителе.
    """
    reader = SpoolReader(folder, run_id)
    while True:
        records, offset = reader.read()
        if offset == reader.offset:
            return
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
    server.log(run_id, metrics(records))
    for record in records:
        _send_params(record.get("params", {}), run_id, server)
        if "artifact" in record and (path := folder / record["artifact"]).is_file():
            server.upload(run_id, path)
        if "status" in record:
            server.set_status(run_id, record["status"], record["at"])


def _send_params(params: dict[str, Value], run_id: str, server: Server) -> None:
    """Отправь параметры; изменить записанный MLflow не даёт, тогда остаётся прежний."""
    try:
        server.log(run_id, params=params)
    except Rejected:
        for name, value in params.items():
            with suppress(Rejected):
                server.log(run_id, params={name: value})
