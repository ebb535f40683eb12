"""`ttsf vocoder export-mels`: mel акустической модели для доучивания вокодера."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_mels(
    checkpoint: Annotated[
        Path, typer.Option("--checkpoint", "-c", help="A checkpoint of an acoustic model.")
    ],
    data: Annotated[
        list[Path],
        typer.Option(
            "--data",
            help="A list of clips; repeat it for the validation list, which is needed too.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the mels; running again continues.")
    ],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Clips retold at once.")] = 16,
    seed: Annotated[int, typer.Option(help="Of the dropout that stays on.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Start the folder anew.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad clips out and list them.")
    ] = False,
    allow_outside: Annotated[
        bool, typer.Option("--allow-outside", help="Let the lists name files outside their folder.")
    ] = False,
) -> None:
    """Retell clips with an acoustic model under teacher forcing, to tune a vocoder on its mels."""
    from tts_framework.cli.progress import bars
    from tts_framework.plugins import Plugins
    from tts_framework.synthesis.exporting import Export

    export = Export(
        checkpoint, data, out, device, batch_size, seed, force, skip_bad, allow_outside, _warn
    )
    with bars() as progress:
        done = export.run(Plugins(), progress)
    typer.echo(
        f"{out}: {done.made} clip(s) retold, {done.clips} in the folder, {done.frames} frames"
    )
    typer.echo(f"next: train a vocoder with model: {{use: hifigan, mels: {out}}}")


def _warn(text: str) -> None:
    typer.echo(text, err=True)
