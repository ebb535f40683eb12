"""`ttsf doctor`: что есть на этой машине, чего нет и что с этим делать."""

from __future__ import annotations

from typing import Annotated

import typer

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Осмотри машину; код завершения 2, если не хватает обязательного."""
    from dataclasses import asdict

    from tts_framework.cli.checkup import FAIL, examine
    from tts_framework.errors import ExitCode

    findings = list(examine())
    if as_json:
        import json

        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table("", "what", "found", "what to do")
        for finding in findings:
            state = Text(finding.state, style=_COLOURS[finding.state])
            table.add_row(state, *map(Text, (finding.name, finding.found, finding.advice)))
        Console().print(table)
    if any(finding.state == FAIL for finding in findings):
        raise typer.Exit(ExitCode.USER)
