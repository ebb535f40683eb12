"""Что нарезка оставляет в папке корпуса: `metadata.csv`, `segments.jsonl`, раздел `corpus.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework.errors import ConfigError, DataError
from tts_framework.problems import shown
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.disk import explained, write_text
from tts_framework.speech.segmenting.naming import printable

SEGMENTS = "segments.jsonl"
SECTION = "segment"
Records = Mapping[str, Mapping[str, Any]]


def refuse_foreign(out: Path, recipe: Mapping[str, Any], redo: bool) -> None:
    """Не трогай чужую папку и не смешивай клипы разных настроек.

    Raises:
        DataError: в папке корпус, сделанный не нарезкой; ConfigError: настройки были другими.
    """
    section = manifest.read(out).get(SECTION)
    if not isinstance(section, dict):
        for name in (table.TABLE, "wavs"):
            if (out / name).exists():
                raise DataError(
                    f"{out}: holds {name} that 'ttsf data segment' did not make; choose another"
                    " --out"
                )
        return
    before = section.get("recipe", {})
    keys = [key for key in {**before, **recipe} if before.get(key) != recipe.get(key)]
    if keys and not redo:
        raise ConfigError(
            [
                f"{out / manifest.MANIFEST}: segment.{key}: the clips were cut with"
                f" {shown(before.get(key))}, now {shown(recipe.get(key))}; choose another --out"
                " or cut again with --redo"
                for key in keys
            ]
        )


def announce(out: Path, recipe: Mapping[str, Any]) -> None:
    """Отметь в `corpus.json`, что нарезка началась и ещё не закончена."""
    section = manifest.read(out).get(SECTION, {})
    manifest.update(out, segment={**section, "recipe": dict(recipe), "complete": False})
    try:
        (out / "wavs").mkdir(exist_ok=True)  # после раздела: по нему папку узнают своей
    except OSError as error:
        raise explained(error, out / "wavs") from error


def wanted(out: Path) -> set[str] | None:
    """Верни id, которые ещё нужны: убранное человеком из таблицы не возвращается.

    None, пока нарезка ни разу не доходила до конца: тогда нужны все.
    """
    published = _published(out)
    if not published or not (out / table.TABLE).is_file():
        return None
    return {row.id for row in table.read(out)}


def publish(out: Path, records: Records, recipe: Mapping[str, Any]) -> None:
    """Собери таблицу и манифест из журнала; тексты прежних клипов сохраняются."""
    published = _published(out)
    rows = {row.id: row for row in table.read(out)} if (out / table.TABLE).is_file() else {}
    kept, lines = [], []
    for name, record in records.items():
        source = printable(name, record["slug"])
        for clip in record["clips"]:
            same = published.get(clip["id"]) == _line(name, clip)
            if same and clip["id"] not in rows:
                continue
            row = rows[clip["id"]] if same else table.Row(clip["id"], "", clip["seconds"])
            kept.append(table.Row(**{**vars(row), "source": source}))
            lines.append(_line(name, clip))
    table.write(out, kept)
    write_text(out / SEGMENTS, "".join(f"{line}\n" for line in lines))
    manifest.update(
        out,
        segment={
            "recipe": dict(recipe),
            "complete": True,
            "sources": len(records),
            "clips": len(kept),
            "seconds": round(sum(row.seconds for row in kept), 3),
        },
    )


def _line(name: str, clip: Mapping[str, Any]) -> str:
    record = {"id": clip["id"], "source": name, **clip}
    del record["frames"]
    return json.dumps(record, ensure_ascii=False)


def _published(out: Path) -> dict[str, str]:
    """Верни строки прежнего манифеста по id; испорченная строка — будто её не было."""
    found: dict[str, str] = {}
    path = out / SEGMENTS
    if path.is_file():
        for line in path.read_text("utf-8", errors="replace").split("\n"):
            try:
                found[json.loads(line)["id"]] = line
            except (ValueError, KeyError, TypeError):
                continue
    return found
