"""`ttsf data review`: показать отложенные расшифровки и принять исправленные."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="See and apply the transcripts set aside for a person.",
)
Corpus = Annotated[Path, typer.Argument(help="Corpus folder.")]


@app.command(epilog="Example: ttsf data review show data/voice")
def show(
    corpus: Corpus,
    limit: Annotated[int, typer.Option(min=1, help="Clips to print.")] = 50,
) -> None:
    """Print the clips that wait for a person, the least certain first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from tts_framework.speech.transcribing import review

    path = corpus / review.REVIEW
    lines = sorted(review.read(path), key=lambda line: (line.confidence, line.id))
    table = Table("id", "confidence", "text", "heard", "reason")
    for line in lines[:limit]:
        cells = (line.id, f"{line.confidence:.2f}", line.text, line.heard, line.reason)
        table.add_row(*map(escape, cells))
    Console().print(table)
    typer.echo(f"{len(lines)} clips wait; correct the column 'text' of {path}")
    typer.echo(f"(empty: undecided, {review.DROP}: remove the clip)")
    typer.echo(f"next: ttsf data review apply {corpus}")


@app.command(
    epilog="Example: ttsf data review apply data/voice corrected.csv --encoding cp1251",
)
def apply(
    corpus: Corpus,
    file: Annotated[
        Path | None, typer.Argument(help="Corrected file; review.csv of the corpus by default.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the file.")] = "utf-8",
) -> None:
    """Take the corrected texts into the corpus and remove the clips marked [drop]."""
    from tts_framework.speech.transcribing import applying

    done = applying.apply(corpus, file, encoding)
    typer.echo(
        f"{corpus}: {done.corrected} corrected, {done.confirmed} as heard, {done.dropped} dropped,"
        f" {done.undecided} undecided"
    )
    step = f"ttsf data review show {corpus}" if done.undecided else f"ttsf data check {corpus}"
    typer.echo(f"next: {step}")
