"""`ttsf data split`: списки обучающей, проверочной и тестовой выборок."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def split(
    corpus: Annotated[Path, typer.Argument(help="Folder of the corpus.")],
    validation: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of clips to validate on.")
    ] = 0.05,
    test: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of clips to test on; 0 for none.")
    ] = 0.05,
    seed: Annotated[int, typer.Option(help="Same seed, same split.")] = 1234,
    min_validation: Annotated[
        int, typer.Option(min=1, help="Validate on this many clips at least.")
    ] = 1,
) -> None:
    """Write the lists of training, validation and test clips."""
    from tts_framework.speech.splitting.lists import split_corpus
    from tts_framework.speech.splitting.shares import Shares

    done = split_corpus(corpus, Shares(validation, test, seed, min_validation))
    for part, rows in done.parts.items():
        if rows:
            minutes = sum(row.seconds for row in rows) / 60
            speakers = len({row.speaker for row in rows})
            typer.echo(
                f"{corpus / part}.csv: {len(rows)} clips, {minutes:.1f} min, {speakers} speaker(s)"
            )
    if done.without_text:
        typer.echo(
            f"{done.without_text} clip(s) without a text are in no list;"
            f" 'ttsf data transcribe {corpus}' writes texts"
        )
    typer.echo(
        f"next: in run.yaml set data.train to {corpus / 'train.csv'} and data.validation to"
        f" {corpus / 'validation.csv'}"
    )
