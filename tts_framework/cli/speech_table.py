"""Таблица скорости синтеза для терминала."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tts_framework.synthesis.report import Summary
    from tts_framework.synthesis.speaking import Spoken

SHOWN = 30
_TEXT = 32
_WIDTH = 132
_NUMBERS = ("symbols", "speech s", "front end s", "acoustic s", "vocoder s", "RTF", "confidence")


def show(rows: Sequence[Spoken], total: Summary, *, err: bool) -> None:
    """Покажи фразы (длинный список - с конца) и итог."""
    console = Console(stderr=err, highlight=False, width=None if _terminal(err) else _WIDTH)
    console.print(speech_table(rows, total))
    if len(rows) > SHOWN:
        console.print(f"the last {SHOWN} of {len(rows)} phrases are shown; --json gives all")
    first = "" if total.first_audio is None else f"; first audio after {total.first_audio:.2f} s"
    console.print(f"loading took {total.loading:.2f} s and is not counted in RTF{first}")


def speech_table(rows: Sequence[Spoken], total: Summary) -> Table:
    """Построй таблицу: цена каждой фразы по частям, фактор реального времени, замечания."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("phrase", f"{total.phrases} phrase(s)", no_wrap=True)
    sums = (total.symbols, total.seconds, total.front_end, total.acoustic, total.vocoder)
    footers = [*_cells(*sums), f"{total.rtf:.3f}", _share(total.confidence)]
    for name, footer in zip(_NUMBERS, footers, strict=True):
        table.add_column(name, footer, justify="right", no_wrap=True)
    table.add_column("flags")
    for row in rows[-SHOWN:]:
        work = row.work
        numbers = _cells(row.symbols, row.seconds, row.front_end, work.acoustic, work.vocoder)
        rtf = f"{row.spent / row.seconds:.3f}" if row.seconds else "-"
        text = row.text if len(row.text) <= _TEXT else row.text[: _TEXT - 1] + "…"
        flags = Text(", ".join(work.flags), style="yellow")
        table.add_row(Text(text), *numbers, rtf, _share(work.confidence), flags)
    return table


def _cells(symbols: int, *seconds: float) -> list[str]:
    return [str(symbols), *(f"{value:.3f}" for value in seconds)]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _terminal(err: bool) -> bool:
    return (sys.stderr if err else sys.stdout).isatty()
