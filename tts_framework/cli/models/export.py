"""`ttsf models export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[str, typer.Argument(help="A checkpoint or the name of an installed model.")],
    form: Annotated[str, typer.Option("--format", help="onnx or reference.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")],
) -> None:
    """Переведи чекпоинт в ONNX (сверяя с PyTorch) или в файлы эталона."""
    from tts_framework.plugins import Plugins
    from tts_framework.zoo.exporting import export_model

    done = export_model(model, form, out, Plugins())
    for note in done.notes:
        typer.echo(note)
    for path in done.files:
        typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
