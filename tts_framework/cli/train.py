"""`ttsf train`: одно обучение без подстройки или отрезок обучения по заказу тюнера."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output_directory",
        "--output-directory",
        help="Folder of checkpoints; output/<run> by default.",
    ),
]
Logs = Annotated[
    Path | None,
    typer.Option(
        "-l",
        "--log_directory",
        "--log-directory",
        help="Folder of logs, under the output directory unless absolute; tb by default.",
    ),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--checkpoint_path",
        "--checkpoint-path",
        help="Checkpoint to continue from; the newest one in the output directory by default.",
    ),
]


def train(
    config: Annotated[Path, typer.Option("--config", help="Settings of the run.")] = Path(
        "run.yaml"
    ),
    output_directory: Folder = None,
    log_directory: Logs = None,
    checkpoint_path: Checkpoint = None,
    warm_start: Annotated[
        bool,
        typer.Option(
            "--warm_start", "--warm-start", help="Take only the weights of the checkpoint."
        ),
    ] = False,
    hparams: Annotated[str, typer.Option(help="Values to train with: a=1,b=2.")] = "",
    until_iteration: Annotated[
        int | None,
        typer.Option(
            "--until_iteration",
            "--until-iteration",
            min=1,
            help="Iteration to stop at; trainer.max_iterations by default.",
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Override a setting: key=value.")
    ] = None,
    skip_bad: Annotated[
        bool,
        typer.Option("--skip_bad", "--skip-bad", help="Leave bad clips out and list them."),
    ] = False,
) -> None:
    """Train a model without tuning, or one stretch of training for a tuner."""
    import os

    from tts_framework import config_file
    from tts_framework.training.screen import Screen
    from tts_framework.training.stop_request import StopRequest

    screen, stop = Screen(), StopRequest()
    stop.listen()  # раньше тяжёлых импортов
    from tts_framework.training import start

    file = config_file.read(config, [*(overrides or ()), *(["data.skip_bad=true"] * skip_bad)])
    request = start.Request(
        settings=file.settings,
        output_directory=output_directory,
        log_directory=log_directory,
        checkpoint=checkpoint_path,
        warm_start=warm_start,
        hparams=hparams,
        until_iteration=until_iteration,
        lines=file.lines,
        environ=os.environ,
    )
    try:
        raise typer.Exit(start.train(request, screen, stop))
    finally:
        screen.close()
