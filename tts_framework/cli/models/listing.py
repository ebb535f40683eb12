"""`ttsf models list` и `show`."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tts_framework.zoo.index import Listed
    from tts_framework.zoo.store import Passport

Indexes = Annotated[
    list[str] | None,
    typer.Option("--index", metavar="PATH|URL", help="Another index; repeatable, the last wins."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Use nothing but what is here already.")]
_NOTHING = """\
no models: no index names any (the packaged one is empty) and none is installed. What to do next:

  install a checkpoint of yours, or one of the reference Tacotron 2 or HiFi-GAN:
      ttsf models import output/run/best_model.ckpt --name my-voice
      ttsf models import LJ_V1.zip --name lj-vocoder

  read the index of somebody else:
      ttsf models list --index https://example.org/models.yaml

  write an index of your own, {user_index}:
{example}
'ttsf models get NAME' fetches, verifies and installs a model of an index; 'ttsf synthesize
--checkpoint NAME' speaks with it.
"""
_COLUMNS = ("name", "plugin", "language", "licence", "size", "installed", "index")


def list_models(
    index: Indexes = None,
    offline: Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Покажи модели указателей и установленные."""
    from tts_framework.zoo.index import EXAMPLE, load, user_index
    from tts_framework.zoo.store import installed

    listed, here = load(index or (), offline=offline), installed()
    rows = [_row(name, listed.get(name), here.get(name)) for name in sorted({*listed, *here})]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif not rows:
        typer.echo(
            _NOTHING.format(user_index=user_index(), example=indent(EXAMPLE, " " * 6)), nl=False
        )
    else:
        _print(rows)


def show(
    name: Annotated[str, typer.Argument(help="A name that 'ttsf models list' shows.")],
    index: Indexes = None,
    offline: Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Покажи всё об одной модели."""
    from tts_framework.zoo.index import find, load
    from tts_framework.zoo.store import installed, path_of

    listed, here = load(index or (), offline=offline), installed().get(name)
    facts: dict[str, Any] = {}
    if name in listed or here is None:
        found = find(listed, name)
        facts |= {"name": name, **found.entry.model_dump(mode="json"), "index": found.source}
    if here is not None:
        facts |= {"name": name, "plugin": here.plugin, "installed": str(path_of(name))}
        facts |= {"format": here.format, "source": here.source, "source_sha256": here.sha256}
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    for key, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            typer.echo(f"{key:<14}{line}")


def _row(name: str, listed: Listed | None, here: Passport | None) -> dict[str, Any]:
    entry, installed = (listed.entry if listed else None), here is not None
    return {
        "name": name,
        "plugin": entry.plugin if entry else here.plugin if here else "",
        "language": entry.language if entry else here.language if here else "",
        "licence": entry.licence if entry else here.licence if here else "",
        "size": entry.size if entry else None,
        "installed": installed,
        "index": listed.source if listed else None,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    shown = [[_text(key, row[key]) for key in _COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *shown, strict=True)]
    for line in (_COLUMNS, *shown):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def _text(key: str, value: Any) -> str:
    if key == "size":
        return "" if value is None else f"{value / 1e6:.1f} MB"
    if key == "installed":
        return "yes" if value else "no"
    return "" if value is None else str(value)
