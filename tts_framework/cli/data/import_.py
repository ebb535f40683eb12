"""`ttsf data import`: корпус чужой раскладки становится папкой корпуса."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tts_framework.speech.importing.run import Imported

REPAIRS_SHOWN = 20


def import_corpus(
    layout: Annotated[
        str, typer.Argument(help="Layout of SOURCE ('ttsf plugins' shows them), or auto.")
    ],
    source: Annotated[Path, typer.Argument(help="Folder of the corpus as it was published.")],
    out: Annotated[Path, typer.Option(help="Folder of the new corpus; running again continues.")],
    rate: Annotated[
        int | None,
        typer.Option(min=8000, max=192000, help="Sample rate; default 22050 or the source's own."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take a fixed subset of this many clips.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad records out and list them.")
    ] = False,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the layout; repeatable."),
    ] = None,
) -> None:
    """Turn a corpus of another layout into a corpus folder."""
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.plugins import Plugins
    from tts_framework.speech.importing.detecting import detected
    from tts_framework.speech.importing.run import ImportRequest, import_corpus

    if layout == "auto":
        plugins = Plugins()
        layouts = {name: plugins.get("layout", name) for name in plugins.names("layout")}
        layout = detected(source, layouts)
        typer.echo(f"{source}: the layout is {layout}")
    cls, config = chosen("layout", layout, options)
    with bars() as progress:
        request = ImportRequest(source, out, rate, limit, skip_bad, progress, typer.echo)
        imported = import_corpus(cls(config), layout, request)
    _summarize(out, imported)


def _summarize(out: Path, imported: Imported) -> None:
    rows = imported.rows
    for line in imported.repaired[:REPAIRS_SHOWN]:
        typer.echo(f"repaired: {line}")
    if len(imported.repaired) > REPAIRS_SHOWN:
        typer.echo(f"... and {len(imported.repaired) - REPAIRS_SHOWN} more repaired")
    minutes = sum(row.seconds for row in rows) / 60
    speakers = len({row.speaker for row in rows if row.speaker})
    typer.echo(
        f"{out}: {len(rows)} clips, {minutes:.1f} min, {speakers} speaker(s), {imported.rate} Hz,"
        f" {imported.labelled} with phone labels, {len(imported.bad)} bad left out"
    )
    others = {rate: n for rate, n in imported.source_rates.items() if rate != imported.rate}
    if others:
        typer.echo("resampled: " + ", ".join(f"{n} from {rate} Hz" for rate, n in others.items()))
    if not any(row.text for row in rows):
        typer.echo(f"next: ttsf data transcribe {out}")
    else:
        typer.echo(f"next: ttsf data check {out}, then ttsf data split {out}")
