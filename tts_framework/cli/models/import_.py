"""`ttsf models import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_model(
    file: Annotated[
        Path, typer.Argument(help="A checkpoint, a zip or tar with one, or an ONNX voice.")
    ],
    name: Annotated[str, typer.Option(help="The name to install it under.")],
    member: Annotated[
        str | None, typer.Option(help="Which checkpoint of an archive that holds several.")
    ] = None,
    frontend: Annotated[
        str | None, typer.Option(help="The front end a reference Tacotron 2 was trained with.")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the front end; repeatable."),
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Audio setting it was trained with; repeatable."),
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="A file it needs, such as config.json; repeatable.")
    ] = None,
    language: Annotated[str, typer.Option(help="Its language, for the list.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence, for the list.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace the installed one.")] = False,
) -> None:
    """Прими модель из файла; сеть не нужна."""
    from tts_framework.cli.part import chosen, pairs
    from tts_framework.cli.progress import bars
    from tts_framework.plugins import Plugins
    from tts_framework.zoo import importing
    from tts_framework.zoo.store import path_of

    reader = None
    if frontend is not None:
        cls, config = chosen("frontend", frontend, options)
        reader = cls(config)
    wanted = importing.Wanted(
        name,
        member=member,
        frontend=reader,
        audio=pairs(audio or [], "--audio"),
        beside=tuple(beside or ()),
        language=language,
        licence=licence,
        force=force,
    )
    with bars() as progress:
        passport = importing.import_model(file, wanted, Plugins(), progress)
    typer.echo(f"{name}: {passport.plugin} ({passport.format}), at {path_of(name)}")
