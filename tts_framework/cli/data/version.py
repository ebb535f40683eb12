"""`ttsf data version`: сохранить, перечислить, показать, сравнить и вернуть версии корпуса."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tts_framework.components import Versions
    from tts_framework.speech.versions.difference import Difference, Side
    from tts_framework.speech.versions.records import Record

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Save, list, compare and check out versions of a corpus.",
)
Use = Annotated[str, typer.Option("--use", help="Store of versions: mlflow, dvc or a plugin.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Option of the store; repeatable."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="run.yaml whose mlflow.tracking_uri names the server."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SHOWN = 20


@app.command(epilog="Example:\n\n  ttsf data version save data/voice -m 'stress fixed in 12 clips'")
def save(
    corpus: Annotated[Path, typer.Argument(help="Folder of the corpus.")],
    message: Annotated[str, typer.Option("-m", "--message", help="What is new.")] = "",
    name: Annotated[
        str | None, typer.Option(help="Name of the data set; the folder's name by default.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read back what the store holds, repair the damaged.")
    ] = False,
    use: Use = "mlflow",
    options: Set = None,
    config: Config = None,
) -> None:
    """Save the files of a corpus as a version; the same files are always the same version."""
    from tts_framework.speech.versions import saving

    store = _store(use, options, config)
    with _bars() as progress:
        saved = saving.save(
            corpus, store, use=use, name=name, message=message, verify=verify, progress=progress
        )
    if saved.left_out:
        typer.echo(f"not a part of the version: {', '.join(map(_shown, saved.left_out[:SHOWN]))}")
    record = saved.record
    if not saved.marked:
        typer.echo(f"{corpus}: cannot be marked; write data.version: {record.short} in run.yaml")
    what = "saved" if saved.new else "is already saved, nothing changed"
    typer.echo(
        f"{record.short} {record.name} {what}: {_counts(record)},"
        f" {saved.stored} new objects ({_megabytes(saved.stored_bytes)})"
    )


@app.command("list", epilog="Example:\n\n  ttsf data version list data/voice")
def list_versions(
    corpus: Annotated[Path | None, typer.Argument(help="Only versions of this corpus.")] = None,
    name: Annotated[str | None, typer.Option(help="Only versions of this data set.")] = None,
    json: Json = False,
    use: Use = "mlflow",
    options: Set = None,
    config: Config = None,
) -> None:
    """List the saved versions, the newest last."""
    from dataclasses import asdict

    from tts_framework.speech.versions import marks, records

    current = marks.read(corpus) if corpus else None
    if corpus and not name:
        name = (current.name if current else "") or corpus.resolve().name
    found, damaged = records.read(_store(use, options, config), name)
    if json:
        _print_json([asdict(record) for record in found])
        return
    for record in found:
        here = "*" if current and current.id == record.id else " "
        typer.echo(
            f"{here} {record.short} {record.day} {record.name} {_counts(record)} {record.message}"
        )
    if damaged:
        typer.echo(f"{damaged} damaged record(s) left out", err=True)
    if not found:
        typer.echo("no versions yet; 'ttsf data version save CORPUS' makes one")


@app.command(epilog="Example:\n\n  ttsf data version show 3f2a9c")
def show(
    version: Annotated[str, typer.Argument(help="Id, its beginning, or a name (its newest).")],
    json: Json = False,
    use: Use = "mlflow",
    options: Set = None,
    config: Config = None,
) -> None:
    """Show one version: its totals, its parent and its files."""
    from collections import Counter
    from dataclasses import asdict

    from tts_framework.speech.versions import reading

    store = _store(use, options, config)
    record = _resolved(store, version)
    manifest = reading.manifest(store, record)
    if json:
        files = [{"path": path, **file._asdict()} for path, file in sorted(manifest.files.items())]
        _print_json({**asdict(record), "frontend": dict(manifest.frontend), "files": files})
        return
    typer.echo(f"version  {record.id}")
    typer.echo(f"name     {record.name}")
    typer.echo(f"saved    {record.day}")
    typer.echo(f"message  {record.message}")
    typer.echo(f"parent   {record.parent or 'none'}")
    typer.echo(f"holds    {_counts(record)}")
    if manifest.frontend:
        typer.echo(f"frontend {_line(manifest.frontend)}")
    places = Counter(path.rpartition("/")[0] or _shown(path) for path in manifest.files)
    for place, number in sorted(places.items()):
        typer.echo(f"  {_shown(place)}" + (f"/ {number} files" if place in _FOLDERS else ""))


_FOLDERS = ("wavs", "labels")


@app.command(epilog="Example:\n\n  ttsf data version diff 3f2a9c data/voice")
def diff(
    old: Annotated[str, typer.Argument(help="Version, or a folder: the files on disk.")],
    new: Annotated[str, typer.Argument(help="Version, or a folder: the files on disk.")],
    json: Json = False,
    limit: Annotated[int, typer.Option(min=0, help="Clips to show; 0 for all.")] = SHOWN,
    use: Use = "mlflow",
    options: Set = None,
    config: Config = None,
) -> None:
    """Show added, removed and changed clips and what changed in their texts."""
    from tts_framework.speech.versions import difference

    store: Versions | None = None
    sides: list[Side] = []
    with _bars() as progress:
        for asked in (old, new):
            if _is_folder(asked):
                sides.append(difference.on_disk(Path(asked), progress))
            else:
                store = store or _store(use, options, config)
                sides.append(difference.stored(store, _resolved(store, asked)))
    found = difference.compare(sides[0], sides[1])
    if json:
        _print_json(found.to_dict())
    else:
        _print_difference(found, limit or None)


@app.command(epilog="Example:\n\n  ttsf data version checkout 3f2a9c --out data/voice")
def checkout(
    version: Annotated[str, typer.Argument(help="Id, its beginning, or a name (its newest).")],
    out: Annotated[Path, typer.Option(help="Folder to bring to this version.")],
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite changes that are in no version.")
    ] = False,
    use: Use = "mlflow",
    options: Set = None,
    config: Config = None,
) -> None:
    """Bring a folder to a version; every file is verified by its sha256."""
    from tts_framework.speech.versions import checkout as checking_out

    store = _store(use, options, config)
    record = _resolved(store, version)
    with _bars() as progress:
        done = checking_out.checkout(store, record, out, use=use, force=force, progress=progress)
    typer.echo(
        f"{out}: version {record.short} {record.name}: {done.written} files written"
        f" ({_megabytes(done.written_bytes)}), {done.removed} removed"
    )
    if done.kept:
        named = ", ".join(map(_shown, done.kept[:5]))
        typer.echo(f"{len(done.kept)} file(s) that are not in the version were kept: {named}")


def _store(use: str, options: list[str] | None, config: Path | None) -> Versions:
    from tts_framework.cli.part import chosen

    options = list(options or [])
    if config is not None and use == "mlflow":
        from tts_framework import config_file

        uri = config_file.load(config).mlflow.tracking_uri
        if uri and not any(option.startswith("tracking_uri=") for option in options):
            options.append(f"tracking_uri={uri}")
    cls, settings = chosen("versions", use, options)
    store: Versions = cls(settings)
    return store


def _resolved(store: Versions, asked: str) -> Record:
    from tts_framework.speech.versions import records

    return records.resolve(asked, records.read(store)[0])


def _is_folder(asked: str) -> bool:
    """Папкой считается путь; имя без `/` — только если такой версии быть не может."""
    return Path(asked).is_dir()


def _counts(record: Record) -> str:
    minutes = "" if record.seconds is None else f", {record.seconds / 60:.1f} min"
    return f"{record.clips} clips{minutes}, {_megabytes(record.size)}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _shown(path: str) -> str:
    from tts_framework.speech.versions.contents import shown

    return shown(path)


def _line(value: Any) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _print_json(document: Any) -> None:
    import json

    typer.echo(json.dumps(document, ensure_ascii=True, indent=1))


def _print_difference(found: Difference, limit: int | None) -> None:
    for side in (found.old, found.new):
        minutes, size = side["seconds"] / 60, _megabytes(side["size"])
        typer.echo(f"{side['title']}: {side['clips']} clips, {minutes:.1f} min, {size}")
    seconds = found.new["seconds"] - found.old["seconds"]
    typer.echo(
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed,"
        f" {seconds:+.1f} s"
        if found
        else "no difference"
    )
    lines = [f"+ {_shown(id)}" for id in found.added]
    lines += [f"- {_shown(id)}" for id in found.removed]
    for clip in found.changed:
        kinds = [f"audio {clip.audio}"] if clip.audio else []
        kinds += [*(["labels"] if clip.labels else []), *clip.fields]
        lines.append(
            "\n".join(
                [f"~ {_shown(clip.id)}: {', '.join(kinds)}"]
                + [
                    f"    {name}: {sign} {value}"
                    for name, (before, after) in clip.fields.items()
                    for sign, value in (("-", before), ("+", after))
                ]
            )
        )
    for line in lines[:limit]:
        typer.echo(line)
    if limit is not None and len(lines) > limit:
        typer.echo(f"... and {len(lines) - limit} more; --limit 0 shows all")
    for sign, paths in (
        ("+", found.files.added),
        ("-", found.files.removed),
        ("~", found.files.changed),
    ):
        for path in paths[:limit]:
            typer.echo(f"{sign} {_shown(path)}")


@contextmanager
def _bars() -> Iterator[Callable[[int, int, str], None]]:
    """Показывай ход в байтах; вне терминала остаются только итоги этапов."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def report(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total or None)
            shown.update(tasks[what], completed=done, total=total or None)

        yield report
