"""Спутники звука: метки фонем, манифест нарезки, расшифровки, списки — вслед за правками."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework.speech import disk
from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.fixes.plan import Plan
from tts_framework.speech.checking.reading import LISTS
from tts_framework.speech.corpora.table import TABLE

PAUSES = frozenset({"pau", "#", "sil", "sp", "_", "ssil", "h#"})
JOURNALS = ("segments.jsonl", "transcripts.jsonl")
COPIED = ("LICENSE", "README", "README.md", "LICENSE.txt")


def carry_label(plan: Plan, source: Path, target: Path) -> str:
    """Перенеси метки клипа, сдвинув времена; верни примечание, если их пришлось бросить."""
    if not source.is_file() or source.is_symlink():
        target.unlink(missing_ok=True)
        return ""
    if "trim" not in plan.actions:
        disk.write(target, source.read_bytes())
        return ""
    moved = _moved(source.read_text("utf-8", "replace"), plan.start, plan.end)
    if moved is None:
        target.unlink(missing_ok=True)
        return "labels dropped: they put speech where the sound was trimmed"
    disk.write(target, moved.encode())
    return ""


def _moved(text: str, start: float, end: float) -> str | None:
    """Сдвинь метки festvox (`конец номер фонема`); None — обрезана не пауза или строки не те."""
    header, hash_line, body = text.rpartition("#\n")
    lines: list[str] = []
    previous = 0.0
    for line in body.splitlines():
        fields = line.split(None, 2)
        if not fields:
            continue
        try:
            finish = float(fields[0])
        except ValueError:
            return None
        phone = fields[2].strip() if len(fields) > 2 else ""
        cut = min(finish, start) > previous or finish > max(previous, end)
        if cut and phone not in PAUSES and not _rounding(finish, end, previous, start):
            return None
        if finish > start and previous < end:
            kept = min(finish, end) - start
            lines.append(" ".join([f"{kept:.5f}", *fields[1:]]))
        previous = finish
    return f"{header}{hash_line}" + "".join(f"{line}\n" for line in lines)


def _rounding(finish: float, end: float, previous: float, start: float) -> bool:
    """Скажи, задета ли фонема меньше чем на 20 мс: такова точность самих меток."""
    return min(finish, start) - previous < 0.02 and finish - max(previous, end) < 0.02


def carry_journals(corpus: Corpus, plans: Mapping[str, Plan], target: Path) -> None:
    """Перенеси строки JSON-журналов о взятых клипах; время в записи сдвигается с обрезкой."""
    for name in JOURNALS:
        source = corpus.folder / name
        if source.is_file() and not source.is_symlink():
            lines = source.read_bytes().splitlines()
            kept = [new for new in (_journal_line(line, plans) for line in lines) if new]
            disk.write(target / name, b"".join(line + b"\n" for line in kept))


def _journal_line(line: bytes, plans: Mapping[str, Plan]) -> bytes | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    id = record.get("id", record.get("key"))
    if id is None:
        return line  # строка рецепта
    plan = plans.get(str(id))
    if plan is None:
        return None
    if "trim" not in plan.actions:
        return line
    inner = record.get("value")
    _shift(inner if isinstance(inner, dict) else record, plan)
    return json.dumps(record, ensure_ascii=False).encode()


def _shift(record: dict[str, Any], plan: Plan) -> None:
    """Сдвинь границы клипа в записи и времена слов внутри клипа."""
    words = record.get("words")
    if isinstance(words, list):  # расшифровка: времена от начала клипа
        for word in words:
            if isinstance(word, dict):
                for key in ("start", "end"):
                    if isinstance(word.get(key), int | float):
                        word[key] = round(max(0.0, word[key] - plan.start), 4)
        return
    start, end = record.get("start"), record.get("end")
    if isinstance(start, int | float) and isinstance(end, int | float):
        record["start"] = round(start + plan.start, 4)
        record["end"] = round(end - (plan.sound.seconds - plan.end), 4)


def carry_lists(corpus: Corpus, kept: set[str], target: Path) -> None:
    """Перенеси списки без клипов, которых не взяли, без повторов и без путей наружу."""
    taken: set[str] = set()
    for name in LISTS:
        rows = [line for line in corpus.lists if line.list == name]
        lines = []
        for row in rows:
            if row.id in kept and row.id not in taken:
                taken.add(row.id)
                lines.append(f"wavs/{row.id}.wav|{row.text}\n")
        if lines:
            disk.write(target / name, "".join(lines).encode())


def withdraw(target: Path) -> None:
    """Убери таблицу и списки: пока правки не кончены, корпуса нет."""
    for name in (*LISTS, TABLE):
        (target / name).unlink(missing_ok=True)


def carry_papers(source: Path, target: Path) -> None:
    """Скопируй лицензию и описание."""
    for name in COPIED:
        if (source / name).is_file() and not os.path.islink(source / name):
            disk.write(target / name, (source / name).read_bytes())
    review = source / "review.csv"
    if review.is_file() and not review.is_symlink():
        disk.write(target / "review.csv", review.read_bytes())
