"""`ttsf plugins`: что установлено, по метаданным пакетов."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer


def plugins(
    kind: Annotated[
        str | None, typer.Option(help="Only plugins of this kind, such as model or optimizer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Перечисли плагины, не импортируя их."""
    from tts_framework.errors import PluginError
    from tts_framework.plugins import Plugins

    infos = Plugins().infos()
    kinds = sorted({k for info in infos for k in info.kinds})
    if kind is not None and kind not in kinds:
        raise PluginError(f"--kind {kind}: no such plugins; kinds are: {', '.join(kinds)}")
    infos = [info for info in infos if kind is None or kind in info.kinds]
    if as_json:
        typer.echo(json.dumps([asdict(info) for info in infos], indent=2))
        return

    infos = sorted(infos, key=lambda info: (info.kinds, info.name))
    rows = [("NAME", "KIND", "DISTRIBUTION", "VERSION")]
    rows += [(i.name, ", ".join(i.kinds) or "?", i.distribution, i.version) for i in infos]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:  # без rich: его импорт — четверть времени команды
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        typer.echo("  ".join(cells).rstrip())
