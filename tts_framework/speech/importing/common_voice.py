"""Раскладка Mozilla Common Voice: таблица TSV выборки и папка `clips/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.errors import DataError
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import numbered
from tts_framework.speech.importing.options import CommonVoiceOptions

COLUMNS = ("client_id", "path", "sentence", "up_votes", "down_votes")
SPEAKER_LENGTH = 16
"""Столько знаков client_id (хэша из 128) хватает, чтобы отличить дикторов."""


def recordings(config: CommonVoiceOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли записи таблицы, которые слушатели приняли.

    Raises:
        DataError: в таблице нет нужных столбцов.
    """
    header: list[str] = []
    for where, line in numbered(source / f"{config.table}.tsv", Fence(source)):
        fields = line.split("\t")
        if not header:
            header = fields
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise DataError(f"{where}: no column {', '.join(missing)}; is it Common Voice?")
            continue
        if len(fields) != len(header):
            yield BadRecord(
                where, f"expected {len(header)} columns, found {len(fields)}; fix the line"
            )
            continue
        found = _recording(config, source, where, dict(zip(header, fields)))
        if found is not None:
            yield found


def _recording(
    config: CommonVoiceOptions, source: Path, where: str, row: dict[str, str]
) -> Recording | BadRecord | None:
    try:
        up, down = int(row["up_votes"] or 0), int(row["down_votes"] or 0)
    except ValueError:
        votes = f"{row['up_votes']!r} and {row['down_votes']!r}"
        return BadRecord(where, f"votes {votes} are not numbers; fix the line")
    too_many = config.max_down_votes is not None and down > config.max_down_votes
    if up < config.min_up_votes or too_many:
        return None
    name = row["path"].strip()
    if not name or "\0" in name:
        return BadRecord(where, "the path is empty; fix the line")
    wav = source / "clips" / name
    if not wav.suffix:
        wav = wav.with_name(f"{wav.name}.mp3")
    speaker = row["client_id"].strip()[:SPEAKER_LENGTH]
    return Recording(wav.stem, row["sentence"].strip(), wav, speaker, where=where)
