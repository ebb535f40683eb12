"""`ttsf trainer check`: договор с тренером, проверенный на самой программе."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tts_framework.smart_tuner.contract.finding import Finding

_STYLES = {"holds": "green", "costs": "yellow", "fails": "red", "unknown": "cyan"}


def check(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The run's YAML file.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one key; may be repeated."),
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0.1, help="Give the whole check this much time.")
    ] = 10.0,
    folder: Annotated[
        Path | None,
        typer.Option(help="Work under this folder instead of the system's temporary one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Запусти программу четыре раза во временной папке и скажи, что держится, а что нет.

    The program is really trained, stopped by SIGINT, restarted from its checkpoint, given a new
    learning rate, killed during a save and started again. Your own output folder is not touched.
    Exit code 2 when something is broken that makes tuning impossible.
    """
    from tts_framework import config_file, plan
    from tts_framework.cli.progress import bars
    from tts_framework.errors import ExitCode
    from tts_framework.plugins import Plugins
    from tts_framework.smart_tuner.contract.check import check_trainer
    from tts_framework.smart_tuner.contract.finding import as_json as dicts
    from tts_framework.smart_tuner.contract.finding import broken

    with bars() as progress:
        made = plan.from_file(config_file.read(config, overrides or ()), Plugins(), progress)
        findings = check_trainer(
            made,
            folder=folder,
            minutes=minutes,
            progress=lambda done, total, what: progress(done, total, "trainer"),
        )
    if as_json:
        import json

        report = {"ok": not broken(findings), "findings": dicts(findings)}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print(findings)
    if broken(findings):
        raise typer.Exit(ExitCode.USER)


def _print(findings: list[Finding]) -> None:
    """Покажи по строке на пункт: таблица в терминале, простой текст вне его."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tts_framework.secrets import redact

    console = Console()
    if not console.is_terminal:
        for finding in findings:
            cost = f"; {finding.cost}" if finding.cost else ""
            typer.echo(redact(f"{finding.state:8}{finding.point}: {finding.seen}{cost}"))
    else:
        table = Table("", "point", "seen", "what it costs", box=box.SIMPLE_HEAD, pad_edge=False)
        for finding in findings:
            state = Text(finding.state, style=_STYLES[finding.state])
            words = (finding.point, finding.seen, finding.cost)
            table.add_row(state, *(Text(redact(word)) for word in words))
        console.print(table)
    states = [finding.state for finding in findings]
    counted = (f"{states.count(state)} {state}" for state in _STYLES if state in states)
    typer.echo(", ".join(counted))
