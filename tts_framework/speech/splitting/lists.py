"""`train.csv`, `validation.csv`, `test.csv` корпуса: строки `wavs/ID.wav|текст`."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.files import replacing
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.disk import explained
from tts_framework.speech.splitting.shares import Shares, divide

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Итог деления: клипы выборок, сколько клипов осталось без текста и сколько исключено."""

    parts: Mapping[str, Sequence[Row]]
    without_text: int
    excluded: int


def split_corpus(
    folder: Path,
    shares: Shares,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    exclude: Collection[str] = (),
) -> Split:
    """Раздели корпус без клипов `exclude`, запиши списки и раздел `split` в corpus.json.

    Raises:
        DataError: таблицы нет, доли несовместимы с группами; DiskFull: прежние списки целы.
    """
    rows = table.read(folder)
    spoken = [row for row in rows if row.spoken]
    if not spoken:
        raise DataError(
            f"{folder / table.TABLE}: no clip has a text; run 'ttsf data transcribe {folder}' first"
        )
    without_text, named = len(rows) - len(spoken), len(spoken)
    spoken = [row for row in spoken if row.id not in exclude]
    if not spoken:
        raise DataError(f"{folder}: every clip with a text has errors; see its check.html")
    progress(0, len(spoken), "split")
    parts = divide(spoken, shares)
    _write(folder, {part: _list(parts[part]) for part in PARTS if parts[part]})
    counts = {part: len(parts[part]) for part in PARTS}
    left_out = {"without_text": without_text, "excluded": named - len(spoken)}
    manifest.update(folder, split={**asdict(shares), "clips": counts, **left_out})
    progress(len(spoken), len(spoken), "split")
    return Split(parts, **left_out)


def _list(rows: Sequence[Row]) -> str:
    return "".join(f"wavs/{row.id}.wav|{row.spoken}\n" for row in rows)


def _write(folder: Path, lists: Mapping[str, str]) -> None:
    """Замени списки разом: `train.csv` появляется последним, без него корпус не готов.

    Сперва все новые списки ложатся на диск под временными именами, поэтому нехватка места прежних
    не портит.
    """
    paths = {part: folder / f"{part}.csv" for part in PARTS}
    if all(_content(path) == lists.get(part) for part, path in paths.items()):
        return
    try:
        with ExitStack() as stack:
            for part, text in lists.items():  # train первым: переименования идут с конца
                temporary = stack.enter_context(replacing(paths[part]))
                with temporary.open("w", encoding="utf-8", newline="") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            for part in PARTS:
                if part == "train" or part not in lists:
                    paths[part].unlink(missing_ok=True)
    except OSError as error:
        raise explained(error, folder) from error


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
