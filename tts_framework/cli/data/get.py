"""`ttsf data get`, `ttsf data list`: получить корпус плагином-источником."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def get(
    name: Annotated[str, typer.Argument(help="Corpus; 'ttsf data list' shows them.")],
    dest: Annotated[Path, typer.Option(help="Folder of the corpus; running again continues.")],
    limit: Annotated[
        int | None, typer.Option(min=2, help="Take a fixed subset of this many clips.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Another address of the source.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the subset and of the split.")] = 1234,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Option of the corpus ('ttsf data list'); repeatable.",
        ),
    ] = None,
) -> None:
    """Fetch a corpus into wavs/, metadata.csv, train.csv and validation.csv."""
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.components import CorpusRequest

    cls, config = chosen("corpus", name, options)
    with bars() as progress:
        cls(config).fetch(CorpusRequest(dest, limit, url, seed, progress))
    _summarize(dest, limit)


def list_corpora() -> None:
    """List the corpora that can be fetched and the options each takes with --set."""
    from tts_framework.plugins import Plugins

    plugins = Plugins()
    for name in plugins.names("corpus"):
        fields = plugins.get("corpus", name).Config.model_fields
        typer.echo(" ".join([name, *(f"{key}={info.default}" for key, info in fields.items())]))


def _summarize(dest: Path, limit: int | None) -> None:
    from tts_framework.speech import filelist

    train, validation = (filelist.read(dest / f"{part}.csv") for part in ("train", "validation"))
    clips = len(train) + len(validation)
    if limit is not None and clips < limit:
        typer.echo(f"only {clips} clips of {limit} asked for: the source has no more that fit")
    typer.echo(f"{dest}: {len(train)} clips to train, {len(validation)} to validate")
    typer.echo(
        f"next: in run.yaml set data.train to {dest / 'train.csv'} and data.validation to"
        f" {dest / 'validation.csv'}"
    )
