"""Оценка голоса целиком: сказать, пересказать, сравнить, послушать, свести."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts_framework.errors import DataError
from tts_framework.evaluation import describing
from tts_framework.evaluation import items as reading
from tts_framework.evaluation import measuring, speaking
from tts_framework.evaluation.items import Item
from tts_framework.evaluation.judges import Judge, require_readable
from tts_framework.evaluation.metrics import Estimate
from tts_framework.evaluation.rows import (
    COPY,
    HARD,
    OTHER,
    REAL,
    SYNTHESIS,
    Cell,
    Row,
    nearest_other,
)
from tts_framework.evaluation.workshop import Recording, Report, Workshop, silent
from tts_framework.folder_lock import held
from tts_framework.speech.audio import read_header
from tts_framework.synthesis.chain import Chain

AUTO, NONE = "auto", "none"


@dataclass(frozen=True)
class Request:
    """Что судить и как.

    `sentences` - `ru`, `en`, файл, `auto` (по буквам текстов списка) или `none`; `voice` - описание
    голоса для отчёта: по нему узнают, годятся ли сказанные раньше звуки.
    """

    chain: Chain
    voice: dict[str, Any]
    out: Path
    data: Path | None = None
    sentences: str = AUTO
    judges: tuple[Judge, ...] = ()
    limit: int | None = None
    seed: int = 0
    skip_bad: bool = False
    allow_outside: bool = False
    unmeasured: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """Итог: строки отчёта и всё, что нужно о нём знать; `unmeasured` - мера и причина."""

    request: Request
    items: tuple[Item, ...]
    rows: dict[str, Row]
    unmeasured: dict[str, str]
    sentences: str

    @property
    def judges(self) -> list[str]:
        """Верни имена судей."""
        return [judge.name for judge in self.request.judges]

    def summary(self) -> dict[str, dict[str, Estimate]]:
        """Сведи меры каждой строки."""
        seed = self.request.seed
        return {name: row.summary(self.judges, seed) for name, row in self.rows.items()}


def texts_of(
    data: Path | None, sentences: str, limit: int | None, allow_outside: bool = False
) -> tuple[list[Item], str]:
    """Прочти клипы и трудные фразы; второе - взятый список фраз или `none`.

    Raises:
        DataError: список или файл фраз не читается, судить нечего.
    """
    clips = reading.of_list(data, limit, allow_outside) if data is not None else []
    source = (reading.language_of(clips) or NONE) if sentences == AUTO else sentences
    hard = reading.of_sentences(source) if source != NONE else []
    if not clips and not hard:
        raise DataError("there is nothing to judge; give --data LIST or --sentences ru, en or FILE")
    return [*clips, *hard], source


def evaluate(
    request: Request, progress: Report = silent, warn: Callable[[str], None] = print
) -> Evaluation:
    """Оцени голос; прерванную оценку продолжает та же команда в той же папке.

    Raises:
        DataError: тексты или записи негодны; DiskFull: кончилось место, измеренное цело.
    """
    found, sentences = texts_of(
        request.data, request.sentences, request.limit, request.allow_outside
    )
    with held(request.out, "choose another --out"):
        workshop = Workshop(request.out, progress)
        items = reading.checked(found, request.chain.phrases, request.skip_bad, warn)
        for judge in request.judges:
            require_readable(judge, [item.text for item in items])
        rows = _sounds(request, items, workshop)
        unmeasured = {**request.unmeasured, **_measure(request, items, rows, workshop)}
    return Evaluation(request, tuple(items), rows, unmeasured, sentences)


def _sounds(request: Request, items: Sequence[Item], workshop: Workshop) -> dict[str, Row]:
    clips = [item for item in items if item.is_clip]
    recipe: dict[str, Any] = {"voice": describing.recipe(request.voice), "seed": request.seed}
    spoken = speaking.speak_all(items, request.chain, request.seed, recipe, workshop)
    without_reader = {k: v for k, v in recipe["voice"].items() if k != "acoustic"}
    copying = {"voice": without_reader, "seed": request.seed}
    copies = speaking.copy_all(clips, request.chain, request.seed, copying, workshop)
    real = {item.name: Recording.of(item.path) for item in clips if item.path is not None}
    seconds = {item.name: read_header(item.path).seconds for item in clips if item.path is not None}
    said = {
        item.name: Cell(
            spoken[item.name].recording,
            dict(spoken[item.name].attention),
            failures=spoken[item.name].failures,
            seconds=spoken[item.name].seconds,
            spent=spoken[item.name].spent,
            notes=spoken[item.name].notes,
        )
        for item in items
    }
    names = {item.name for item in clips}
    rows = {
        REAL: Row(REAL, {name: Cell(real[name], seconds=seconds[name]) for name in real}),
        COPY: Row(COPY, {name: Cell(copy) for name, copy in copies.items()}),
        SYNTHESIS: Row(SYNTHESIS, {name: cell for name, cell in said.items() if name in names}),
        HARD: Row(HARD, {name: cell for name, cell in said.items() if name not in names}),
        OTHER: Row(OTHER, {a: Cell(real[b]) for a, b in nearest_other(clips, seconds).items()}),
    }
    return {name: row for name, row in rows.items() if row.cells}


def _measure(
    request: Request, items: Sequence[Item], rows: dict[str, Row], workshop: Workshop
) -> dict[str, str]:
    """Измерь звуки строк; верни, чего измерить нельзя и почему."""
    unmeasured: dict[str, str] = {}
    if reason := measuring.missing("distances"):
        unmeasured |= dict.fromkeys(("mcd_db", "log_f0_rmse", "vuv_error"), reason)
    elif REAL in rows:
        _compare(rows, workshop)
    if reason := measuring.missing("dnsmos"):
        unmeasured["dnsmos_ovrl"] = reason
    else:
        recordings = _recordings(rows, (REAL, COPY, SYNTHESIS, HARD))
        _note(rows, measuring.naturalness(recordings, workshop))
    texts = {item.name: item.text for item in items}
    for judge in request.judges:
        _judge(judge, texts, rows, workshop)
    if all(cell.failures is None for row in rows.values() for cell in row.cells.values()):
        reason = "this voice shows no attention"
        unmeasured |= dict.fromkeys(("failures", "diagonality", "coverage", "entropy"), reason)
    return unmeasured


Place = tuple[str, str]


def _recordings(rows: dict[str, Row], names: Sequence[str]) -> dict[Place, Recording]:
    return {
        (row, name): cell.recording
        for row in names
        if row in rows
        for name, cell in rows[row].cells.items()
    }


def _note(rows: dict[str, Row], measured: dict[Place, dict[str, Any]]) -> None:
    for (row, name), values in measured.items():
        rows[row].cells[name].note(values)


def _compare(rows: dict[str, Row], workshop: Workshop) -> None:
    real = rows[REAL].cells
    pairs = {
        place: (real[place[1]].recording, recording)
        for place, recording in _recordings(rows, (COPY, SYNTHESIS, OTHER)).items()
    }
    _note(rows, measuring.distances(pairs, workshop))


def _judge(judge: Judge, texts: dict[str, str], rows: dict[str, Row], workshop: Workshop) -> None:
    everything = _recordings(rows, (REAL, COPY, SYNTHESIS, HARD, OTHER))
    for (row, name), value in measuring.heard(everything, judge, workshop).items():
        cell = rows[row].cells[name]
        if "problem" in value:
            cell.note(value)
            continue
        cell.errors[judge.name] = judge.errors(texts[name], value["heard"])
        cell.heard[judge.name] = judge.text(value["heard"])
