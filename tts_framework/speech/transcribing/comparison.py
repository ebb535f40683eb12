"""Сравнение текстов корпуса с услышанным: чужой текст у клипа виден по CER."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tts_framework.components import Transcript
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.disk import write
from tts_framework.speech.transcribing.letters import cer

TABLE = "comparison.csv"
DOCUMENT = "comparison.json"

Verdict = Literal["ok", "unsure", "mismatch"]


@dataclass(frozen=True)
class Pair:
    """Текст клипа и услышанное; `unsure` — расходятся, но и услышанному верить нельзя."""

    id: str
    cer: float
    confidence: float
    verdict: Verdict
    text: str
    heard: str


def compare(
    row: Row, transcript: Transcript, doubts: tuple[list[str], bool], max_cer: float
) -> Pair:
    """Сравни услышанное с текстом клипа и с его нормализованным видом: берётся ближайший.

    Клип, в котором ничего не слышно, расходится с любым текстом.
    """
    error = min(cer(text, transcript.text) for text in {row.text, row.normalized or row.text})
    reasons, usable = doubts
    verdict: Verdict = "ok"
    if error > max_cer:
        verdict = "unsure" if reasons and usable else "mismatch"
    return Pair(row.id, round(error, 4), transcript.confidence, verdict, row.text, transcript.text)


def worst_first(pairs: Sequence[Pair]) -> list[Pair]:
    """Упорядочь пары: сначала самые далёкие друг от друга."""
    return sorted(pairs, key=lambda pair: (-pair.cer, pair.confidence, pair.id))


def save(folder: Path, pairs: Sequence[Pair], max_cer: float) -> None:
    """Запиши сравнение таблицей и документом JSON, худшие пары — первыми."""
    records = [asdict(pair) for pair in worst_first(pairs)]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, Pair.__annotations__, delimiter="|", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    document = {"max_cer": max_cer, "clips": records}
    write(folder / DOCUMENT, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    write(folder / TABLE, buffer.getvalue().encode())
