"""`ttsf plugin new`: проект нового плагина."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    name: Annotated[
        str, typer.Argument(help="The name for run.yaml, such as my_search.", show_default=False)
    ],
    kind: Annotated[
        str,
        typer.Option(
            help="optimizer, model, watcher, store, stopper, alerter, transcriber or frontend.",
            show_default=False,
        ),
    ],
    folder: Annotated[Path, typer.Option("--dir", help="Where to put the project.")] = Path("."),
) -> None:
    """Напиши проект и скажи, что делать дальше."""
    from tts_framework.testing.project import create

    paths = create(name, kind, folder)
    for path in paths:
        typer.echo(path)
    project = folder / f"ttsf-{name.replace('_', '-')}"
    typer.echo(f"next: pip install -e '{project}[test]' && ttsf plugin check {project}")
