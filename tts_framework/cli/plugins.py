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

    from rich.console import Console
    from rich.table import Table

    table = Table("name", "kind", "distribution", "version")
    for info in sorted(infos, key=lambda info: (info.kinds, info.name)):
        table.add_row(info.name, ", ".join(info.kinds) or "?", info.distribution, info.version)
    Console().print(table)
