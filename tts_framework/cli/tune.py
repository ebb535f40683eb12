"""`ttsf tune`: подстройка модели, пока она учится."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def tune(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The run's YAML file.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one key; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, print the plan, start nothing.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run; implied when its folder exists.")
    ] = False,
) -> None:
    """Проверь файл, собери план и веди запуск до остановки."""
    from dataclasses import replace

    from tts_framework import config_file, plan
    from tts_framework.errors import ExitCode, TTSFError
    from tts_framework.plugins import Plugins

    source = config_file.read(config, overrides or ())
    made = plan.build(
        source.settings,
        Plugins(),
        config_path=source.settings.folder / "run.yaml",
        lines=source.lines,
        secrets=source.secrets,
    )
    made = replace(made, config_text=config_file.dump(source))
    if dry_run:
        typer.echo(plan.describe(made))
        return
    if resume and not made.folder.exists():
        raise TTSFError(f"{made.folder}: there is no run to resume; drop --resume to start it")

    from tts_framework.cli.tune_display import Display
    from tts_framework.smart_tuner.run import run

    with Display(made) as display:
        stopped = run(made, {"display": display}, display.say)
    display.summary()
    if not stopped.finished:
        typer.echo(f"continue with: ttsf tune --config {config}")
        raise typer.Exit(ExitCode.INTERRUPTED)
