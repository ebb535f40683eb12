"""`ttsf data prepare`: от папки записей до проверенного корпуса, шаг за шагом."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tts_framework.speech.checking.report import Report

Pairs = list[str] | None
_STEPS = ("segment", "transcribe", "normalize", "check", "split")


def prepare(
    raw: Annotated[Path, typer.Argument(help="Folder of recordings, or one recording.")],
    out: Annotated[Path, typer.Option(help="Folder of the corpus; running again continues.")],
    language: Annotated[str, typer.Option(help="Language spoken: ru, en, ...")] = "ru",
    rate: Annotated[int, typer.Option(help="Sample rate of the clips, Hz.")] = 22050,
    min_seconds: Annotated[float, typer.Option(help="Join clips shorter than this.")] = 2.0,
    max_seconds: Annotated[float, typer.Option(help="Split clips longer than this.")] = 12.0,
    loudness: Annotated[
        float | None, typer.Option(help="Bring clips to this loudness (EBU R128), LUFS.")
    ] = None,
    detector: Annotated[str, typer.Option(help="Voice activity detector.")] = "silero",
    transcriber: Annotated[str, typer.Option(help="Who writes the speech down.")] = "whisper",
    transcriber_set: Annotated[
        Pairs, typer.Option(metavar="KEY=VALUE", help="Option of the transcriber; repeatable.")
    ] = None,
    frontend: Annotated[
        str | None,
        typer.Option(help="Front end of the texts; default: russian for ru, else characters."),
    ] = None,
    frontend_set: Annotated[
        Pairs, typer.Option(metavar="KEY=VALUE", help="Option of the front end; repeatable.")
    ] = None,
    validation: Annotated[float, typer.Option(help="Share of clips to validate on.")] = 0.05,
    test: Annotated[float, typer.Option(help="Share of clips to test on; 0 for none.")] = 0.05,
    seed: Annotated[int, typer.Option(help="Same seed, same split.")] = 1234,
    skip_bad: Annotated[bool, typer.Option(help="Leave bad recordings out and go on.")] = False,
) -> None:
    """Turn a folder of recordings into a corpus that 'ttsf tune' takes; running again continues."""
    from tts_framework.cli.data.segment import segment
    from tts_framework.cli.data.transcribe import transcribe
    from tts_framework.cli.part import chosen

    frontend = frontend or ("russian" if language == "ru" else "characters")
    listening = [f"language={language}", *(transcriber_set or [])]
    for kind, name, options in (  # опечатку в имени или options лучше узнать до часов работы
        ("detector", detector, None),
        ("transcriber", transcriber, listening),
        ("frontend", frontend, frontend_set),
    ):
        chosen(kind, name, options)
    _begin("segment")
    segment(
        raw,
        out,
        detector=detector,
        rate=rate,
        min_seconds=min_seconds,
        max_seconds=max_seconds,
        loudness=loudness,
        skip_bad=skip_bad,
    )
    _begin("transcribe")
    transcribe(out, use=transcriber, options=listening, skip_bad=skip_bad)
    _begin("normalize")
    _normalize(out, frontend, frontend_set)
    _begin("check")
    report = _check(out, frontend, frontend_set)
    _begin("split")
    _split(out, validation, test, seed, report)
    _finish(out, rate, frontend, frontend_set or [])


def _begin(step: str) -> None:
    typer.secho(f"\n[{_STEPS.index(step) + 1}/{len(_STEPS)}] {step}", bold=True)


def _normalize(out: Path, use: str, options: Pairs) -> None:
    """Нормализуй тексты; непонятые фронтендом останутся проверке, которая их и назовёт."""
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.speech.normalizing_corpus import normalize_corpus

    cls, config = chosen("frontend", use, options)
    with bars() as progress:
        summary = normalize_corpus(out, cls(config), use, progress, skip_bad=True)
    typer.echo(f"{out}: {summary.normalized} texts normalized by {use}")
    for problem in summary.problems:
        typer.echo(f"left out: {problem}", err=True)


def _check(out: Path, use: str, options: Pairs) -> Report:
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.speech.checking.checking import check
    from tts_framework.speech.checking.page import write_page
    from tts_framework.speech.checking.report import write_json
    from tts_framework.speech.checking.summary import summary

    cls, config = chosen("frontend", use, options)
    with bars() as progress:
        report = check(out, frontend=cls(config), progress=progress)
    write_json(report, out / "check.json")
    write_page(report, out / "check.html")
    for line in summary(report):
        typer.echo(line)
    return report


def _split(out: Path, validation: float, test: float, seed: int, report: Report) -> None:
    """Раздели корпус без клипов, в которых проверка нашла ошибки."""
    from tts_framework.speech.checking.findings import Severity
    from tts_framework.speech.splitting.lists import split_corpus
    from tts_framework.speech.splitting.shares import Shares

    bad = {f.clip for f in report.findings if f.severity is Severity.ERROR and f.clip}
    done = split_corpus(out, Shares(validation, test, seed), exclude=bad)
    for part, rows in done.parts.items():
        if rows:
            minutes = sum(row.seconds for row in rows) / 60
            typer.echo(f"{out / part}.csv: {len(rows)} clips, {minutes:.1f} min")
    if done.excluded:
        typer.echo(f"{done.excluded} clip(s) with errors are in no list: {out / 'check.html'}")


def _finish(out: Path, rate: int, frontend: str, options: list[str]) -> None:
    """Скажи, что осталось человеку и с чем запускать обучение."""
    from tts_framework.cli.part import pairs

    review = out / "review.csv"
    if review.is_file():
        typer.echo(f"\nto review: {review}, then ttsf data review apply {out}, then prepare again")
    typer.echo(f"report: {out / 'check.html'}")
    use = ", ".join([f"use: {frontend}", *(f"{k}: {v}" for k, v in pairs(options).items())])
    typer.echo(
        f"next: put this into run.yaml and start 'ttsf tune --config run.yaml'\n\n"
        f"data:\n"
        f"  train: {out / 'train.csv'}\n"
        f"  validation: {out / 'validation.csv'}\n"
        f"  frontend: {{{use}}}\n"
        f"  audio: {{sampling_rate: {rate}}}"
    )
