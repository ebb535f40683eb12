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
    skip_bad: Annotated[
        bool,
        typer.Option("--skip_bad", "--skip-bad", help="Leave bad clips out and list them."),
    ] = False,
) -> None:
    """Проверь файл, собери план и веди запуск до остановки."""
    from tts_framework import config_file, plan
    from tts_framework.cli.progress import bars
    from tts_framework.errors import ExitCode, TTSFError
    from tts_framework.plugins import Plugins

    asked = [*(overrides or ()), *(["data.skip_bad=true"] * skip_bad)]
    with bars() as progress:
        made = plan.from_file(config_file.read(config, asked), Plugins(), progress)
    if dry_run:
        typer.echo(plan.describe(made))
        return
    if resume and not made.folder.exists():
        raise TTSFError(f"{made.folder}: there is no run to resume; drop --resume to start it")

    from tts_framework.cli.tune_display import Display
    from tts_framework.smart_tuner.run import run

    for note in made.notes:
        typer.echo(f"note: {note}")
    with Display(made) as display:
        stopped = run(made, {"display": display}, display.say)
    display.summary()
    if not stopped.finished:
        typer.echo(f"continue with: ttsf tune --config {config}")
        raise typer.Exit(ExitCode.INTERRUPTED)
