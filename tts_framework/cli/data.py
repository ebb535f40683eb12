"""`ttsf data`: получить корпус плагином-источником."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Get a corpus and prepare it for training."
)
_EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "  ttsf data get ru-nsh --dest data/ru_nsh",
        "  ttsf data get ru-nsh --dest data/short --limit 80 --set max_seconds=8",
        "  ttsf data get synthetic --dest data/synthetic --limit 200",
        "  ttsf data get ljspeech --dest data/lj --url https://example.org/LJSpeech-1.1.tar.bz2",
    )
)


@app.command(epilog=_EXAMPLES)
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
    from tts_framework.components import CorpusRequest
    from tts_framework.config import Use
    from tts_framework.configure import configure
    from tts_framework.plugins import Plugins

    plugins = Plugins()
    plugins.get("corpus", name)
    use = Use.model_validate({"use": name, **_parsed(options or [])})
    cls, config = configure(plugins, "corpus", use, name)
    with _bars() as progress:
        cls(config).fetch(CorpusRequest(dest, limit, url, seed, progress))
    _summarize(dest, limit)


@app.command("list")
def list_corpora() -> None:
    """List the corpora that can be fetched and the options each takes with --set."""
    from tts_framework.plugins import Plugins

    plugins = Plugins()
    for name in plugins.names("corpus"):
        fields = plugins.get("corpus", name).Config.model_fields
        typer.echo(" ".join([name, *(f"{key}={info.default}" for key, info in fields.items())]))


def _parsed(options: list[str]) -> dict[str, str]:
    from tts_framework.errors import ConfigError

    pairs = [option.partition("=") for option in options]
    wrong = [f"--set {key}: expected KEY=VALUE" for key, equals, _ in pairs if not (key and equals)]
    if wrong:
        raise ConfigError(wrong)
    return {key: value for key, _, value in pairs}


@contextmanager
def _bars() -> Iterator[Callable[[int, int, str], None]]:
    """Показывай по полосе на каждый этап; вне терминала остаются только итоги этапов."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    tasks = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        yield report


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
