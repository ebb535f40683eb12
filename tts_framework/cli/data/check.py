"""`ttsf data check`: найти дефекты корпуса и, если просят, исправить их в новой папке."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tts_framework.errors import ExitCode

if TYPE_CHECKING:
    from tts_framework.speech.checking.fixing import Fixes
    from tts_framework.speech.checking.report import Report

Pairs = list[str] | None


def check(
    corpus: Annotated[Path, typer.Argument(help="Folder of the corpus: metadata.csv and wavs/.")],
    frontend: Annotated[
        str | None,
        typer.Option(help="Front end that has to read the texts; default: of corpus.json."),
    ] = None,
    options: Annotated[
        Pairs,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the front end; repeatable."),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(min=1, help="Expected rate, Hz; default: the most common one.")
    ] = None,
    threshold: Annotated[
        Pairs,
        typer.Option(metavar="NAME=VALUE", help="Threshold of a rule (docs/how-to/check.md)."),
    ] = None,
    dnsmos: Annotated[bool, typer.Option("--dnsmos", help="Score every clip; slow.")] = False,
    fix: Annotated[
        Path | None, typer.Option(metavar="NEW_FOLDER", help="Write a corrected copy here.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Where the findings go; default: CORPUS/check.json.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Where the page goes; default: CORPUS/check.html.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder of the measurements; default: CORPUS/.check.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the check too.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; default: all cores.")] = None,
) -> None:
    """Look for defects in the sounds and texts of a corpus and report them."""
    from tts_framework.cli.progress import bars
    from tts_framework.speech.checking.checking import check as check_corpus
    from tts_framework.speech.checking.fixing import fix as write_fixed
    from tts_framework.speech.checking.page import write_page
    from tts_framework.speech.checking.report import write_json
    from tts_framework.speech.checking.settings import CheckSettings

    settings = _settings(CheckSettings, threshold, rate)
    reader = _frontend(corpus, frontend, options)
    with bars() as progress:
        report = check_corpus(
            corpus, settings, reader, progress, workers, cache=cache, dnsmos=dnsmos
        )
        json, html = json or corpus / "check.json", html or corpus / "check.html"
        write_json(report, json)
        write_page(report, html)
    _print(report)
    typer.echo(f"details: {html} and {json}")
    if fix is not None:
        with bars() as progress:
            fixes = write_fixed(report, fix, progress, workers)
            report = check_corpus(fix, fixes.settings, reader, progress, workers)
            write_json(report, fix / "check.json")
            write_page(report, fix / "check.html")
        _print_fixes(fixes, report)
    if report.failed(strict):
        raise typer.Exit(ExitCode.USER)


def _settings(cls: Any, threshold: Pairs, rate: int | None) -> Any:
    from pydantic import ValidationError

    from tts_framework.cli.part import pairs
    from tts_framework.errors import ConfigError
    from tts_framework.problems import explain

    values: dict[str, Any] = pairs(threshold or [], "--threshold")
    values |= {} if rate is None else {"rate": rate}
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        found = explain(error, cls, values, "the check")
        raise ConfigError([f"--threshold {path[-1]}: {text}" for path, text in found]) from error


def _frontend(corpus: Path, name: str | None, options: Pairs) -> Any:
    """Собери фронтенд: названный, или тот, что записан в `corpus.json`, или никакой."""
    from tts_framework.cli.part import chosen
    from tts_framework.errors import ConfigError
    from tts_framework.speech.corpora import manifest

    if name is None and options:
        raise ConfigError([f"--set {options[0]}: name the front end too: --frontend"])
    if name is None:
        return _recorded(manifest.read(corpus).get("frontend"))
    cls, config = chosen("frontend", name, options)
    return cls(config)


def _recorded(section: Any) -> Any:
    from pydantic import ValidationError

    from tts_framework.errors import TTSFError
    from tts_framework.plugins import Plugins

    if not isinstance(section, dict) or not isinstance(section.get("use"), str):
        return None
    try:
        cls = Plugins().get("frontend", section["use"])
        return cls(cls.Config.model_validate(section.get("options") or {}))
    except (TTSFError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise TTSFError(
            f"corpus.json: frontend: {section['use']!r} does not work here ({reason});"
            " name another one: --frontend"
        ) from error


def _print(report: Report) -> None:
    from tts_framework.speech.checking.summary import summary

    for line in summary(report):
        typer.echo(line)


def _print_fixes(fixes: Fixes, report: Report) -> None:
    from tts_framework.speech.checking.findings import Severity

    typer.echo("")
    typer.echo(f"{fixes.folder}: {fixes.kept} clips, {len(fixes.changed)} of them changed,")
    typer.echo(f"  {len(fixes.dropped)} left out; each is named in {fixes.list}")
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    typer.echo(f"checked again: errors {errors}, warnings {warnings}")
    if errors or warnings:
        typer.echo(f"what is left needs a person: {fixes.folder / 'check.html'}")
