"""`ttsf evaluate train-recognizer`: обучить распознаватель на том же корпусе."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train_recognizer(
    data: Annotated[Path, typer.Option(help="List 'path|text' to train on.")],
    validation: Annotated[Path, typer.Option(help="List 'path|text' to measure the error on.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the recognizer; running again continues.")
    ],
    frontend: Annotated[
        str, typer.Option(help="Front end whose letters (or phones) are heard.")
    ] = "russian_letters",
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the front end; repeatable."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the list.")] = 30,
    batch_size: Annotated[int, typer.Option(min=1, help="Clips a step.")] = 8,
    evaluations: Annotated[int, typer.Option(min=1, help="How often to measure and save.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed trains the same one.")] = 1234,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad clips out and list them.")
    ] = False,
) -> None:
    """Train a small CTC recognizer and tell its own error on held-out speech."""
    from tts_framework.training.screen import Screen
    from tts_framework.training.stop_request import StopRequest

    screen, stop = Screen(), StopRequest()
    stop.listen()  # раньше тяжёлых импортов
    from tts_framework.cli.part import chosen
    from tts_framework.evaluation.recognizer import start
    from tts_framework.evaluation.recognizer.options import RecognizerOptions

    cls, config = chosen("frontend", frontend, options)
    sizes = RecognizerOptions(
        epochs=epochs, batch_size=batch_size, evaluations=evaluations, seed=seed
    )
    request = start.Request(data, validation, out, cls(config), sizes, device, skip_bad)
    try:
        raise typer.Exit(start.train(request, screen, stop))
    finally:
        screen.close()
