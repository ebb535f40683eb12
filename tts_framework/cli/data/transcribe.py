"""`ttsf data transcribe`: тексты клипов расшифровщиком и их сравнение с имеющимися."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tts_framework.speech.transcribing import Summary


def transcribe(
    corpus: Annotated[Path, typer.Argument(help="Corpus folder: wavs/ and metadata.csv.")],
    use: Annotated[str, typer.Option(help="Transcriber: whisper, pocketsphinx, ...")] = "whisper",
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the transcriber; repeatable."),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also compare the texts there are with what is heard.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the texts there are by what is heard.")
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Set clips below it aside; each transcriber has its own."),
    ] = None,
    max_no_speech: Annotated[
        float, typer.Option(min=0, max=1, help="Set aside above this probability of no speech.")
    ] = 0.6,
    min_words_per_second: Annotated[
        float, typer.Option(min=0, help="Set aside slower speech.")
    ] = 0.3,
    max_words_per_second: Annotated[
        float, typer.Option(min=0.1, help="Set aside faster speech.")
    ] = 6.0,
    max_cer: Annotated[
        float, typer.Option(min=0, help="--compare: a text further from the sound is a mismatch.")
    ] = 0.3,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave clips with bad sound out and list them.")
    ] = False,
    show: Annotated[int, typer.Option(min=0, help="Rows of the comparison to print.")] = 20,
) -> None:
    """Write down what is said in the clips; running again continues."""
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.errors import ExitCode
    from tts_framework.speech import transcribing

    cls, config = chosen("transcriber", use, options)
    settings = transcribing.Settings(
        compare=compare,
        replace=replace,
        skip_bad=skip_bad,
        min_confidence=min_confidence,
        max_no_speech=max_no_speech,
        min_words_per_second=min_words_per_second,
        max_words_per_second=max_words_per_second,
        max_cer=max_cer,
    )
    try:
        with bars() as progress:
            summary = transcribing.transcribe(corpus, cls(config), settings, progress)
    except KeyboardInterrupt:
        typer.echo("stopped; the clips heard so far are kept, the same command continues", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if compare:
        _print_comparison(corpus, summary, show)
    _print_summary(corpus, summary)


def _print_comparison(corpus: Path, summary: Summary, show: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("id", "CER", "confidence", "verdict", "text", "heard")
    for pair in summary.pairs[:show]:
        numbers = (f"{pair.cer:.2f}", f"{pair.confidence:.2f}")
        table.add_row(
            escape(pair.id), *numbers, pair.verdict, escape(pair.text), escape(pair.heard)
        )
    Console().print(table)
    typer.echo(
        f"compared {len(summary.pairs)} clips: {summary.mismatched} mismatched;"
        f" all of them are in {corpus / 'comparison.csv'}"
    )


def _print_summary(corpus: Path, summary: Summary) -> None:
    for problem in summary.bad:
        typer.echo(f"left out: {problem}", err=True)
    speed = f", {summary.speed:.1f} x real time" if summary.listened else ""
    typer.echo(
        f"{corpus}: {summary.clips} clips, {summary.seconds / 3600:.2f} h;"
        f" {summary.listened} listened to{speed}"
    )
    typer.echo(
        f"texts: {summary.filled} new, {summary.kept} kept, {summary.set_aside} set aside,"
        f" {len(summary.bad)} left out"
    )
    typer.echo(f"next: {_next_step(corpus, summary)}")


def _next_step(corpus: Path, summary: Summary) -> str:
    if summary.set_aside or summary.mismatched:
        return f"correct {corpus / 'review.csv'}, then ttsf data review apply {corpus}"
    return f"ttsf data check {corpus}"
