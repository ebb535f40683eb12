"""`ttsf plugin check`: контракты установленного плагина."""

from __future__ import annotations

from typing import Annotated

import typer


def check(
    target: Annotated[
        str, typer.Argument(metavar="PATH|NAME", help="The project's folder, or a plugin's name.")
    ],
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="An option of the plugin; may be repeated."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Проверь и объясни каждую неудачу одной строкой."""
    import json
    from dataclasses import asdict

    from tts_framework.cli.part import pairs
    from tts_framework.cli.progress import bars
    from tts_framework.errors import ExitCode, TTSFError

    try:
        from tts_framework.testing import checking
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise TTSFError("pytest is not installed; run 'pip install pytest'") from None

    with bars() as progress:
        report = checking.check(target, pairs(options or []), progress)
    failed, skipped = report.of("failed"), report.of("skipped")
    if as_json:
        typer.echo(json.dumps({"ok": not failed, **asdict(report)}, ensure_ascii=False, indent=2))
    else:
        for finding in failed:
            typer.echo(f"FAIL {finding.words}: {finding.problem}; {finding.advice}")
        for finding in skipped:
            typer.echo(f"skip {finding.words}: {finding.problem}")
        names = ", ".join(f"{i.name} ({', '.join(i.kinds)})" for i in report.plugins)
        passed = len(report.of("passed"))
        counts = f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped"
        typer.echo(f"{names}: {counts}")
    if failed:
        raise typer.Exit(ExitCode.USER)
