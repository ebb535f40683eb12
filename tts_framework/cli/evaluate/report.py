"""Таблица оценки в терминале."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tts_framework.evaluation.run import Evaluation

WIDE = 130
"""С такой ширины терминала значение и его интервал помещаются в одну строку."""


def print_report(evaluation: Evaluation) -> None:
    """Напечатай меры по строкам отчёта, ошибку судьи, срывы и неизмеренное."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    from tts_framework.evaluation.rows import ABOUT
    from tts_framework.evaluation.words import metric_names, remarks, shown

    summary = evaluation.summary()
    rows = [name for name in ABOUT if name in evaluation.rows]
    console = Console(highlight=False)
    if not console.is_terminal:  # файл и журнал CI ширины не знают
        console = Console(highlight=False, width=max(WIDE, console.width))
    narrow = console.width < WIDE
    table = Table(Column("measure", no_wrap=True), *rows, box=SIMPLE_HEAD, pad_edge=False)
    names = [name for name in metric_names(evaluation) if any(name in summary[r] for r in rows)]
    for name in names:
        table.add_row(name, *(shown(name, summary[row].get(name), narrow) for row in rows))
    counts = (str(len(evaluation.rows[row].cells)) for row in rows)
    table.add_section()
    table.add_row("texts", *counts)
    console.print(table)
    for line in remarks(evaluation):
        console.print(line, markup=False, soft_wrap=True)
