"""`ttsf data normalize`: что фронтенд делает с текстом, строками файла или корпусом."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tts_framework.components import Frontend


def normalize(
    corpus: Annotated[
        Path | None, typer.Argument(help="Corpus to normalize; running again continues.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Show the stages of this text.")] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Print its lines normalized; '-' reads stdin."),
    ] = None,
    frontend: Annotated[
        str, typer.Option(help="Front end; 'ttsf plugins list' shows them.")
    ] = "russian",
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Option of the front end, such as"
            " dictionary=words.txt or output=phonemes; repeatable.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Show how a front end reads a text, stage by stage, or normalize a whole corpus."""
    from tts_framework.cli.part import chosen
    from tts_framework.errors import TTSFError

    if [corpus, text, file].count(None) != 2:
        raise TTSFError("give exactly one of CORPUS, --text and --file ('--file -' reads stdin)")
    cls, config = chosen("frontend", frontend, options)
    part: Frontend = cls(config)
    if text is not None:
        _show_stages(part, text)
    elif file is not None:
        _print_lines(part, file)
    elif corpus is not None:
        _normalize_corpus(part, frontend, corpus)


def _show_stages(frontend: Frontend, text: str) -> None:
    stages = frontend.stages(text)
    width = max(len(name) for name, _ in stages)
    for name, value in stages:
        typer.echo(f"{name:<{width}}  {value}")
    typer.echo(f"{'count':<{width}}  {len(frontend.encode(text))} symbols with the end mark")


def _print_lines(frontend: Frontend, file: str) -> None:
    from tts_framework.errors import DataError

    problems: list[str] = []
    for number, line in enumerate(_lines(file), start=1):
        try:
            typer.echo(frontend.normalize(line) if line.strip() else "")
        except DataError as error:
            problems += [f"{file}:{number}: {problem}" for problem in error.problems]
    if problems:
        raise DataError(problems)


def _lines(file: str) -> list[str]:
    """Прочти строки UTF-8; CRLF и BOM допустимы.

    Raises:
        DataError: файла нет или он в другой кодировке.
    """
    from tts_framework.errors import DataError

    try:
        raw: Any = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise DataError(f"--file {file}: {error.strerror}; give a text file") from error
    try:
        content = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        number = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{file}:{number}: not UTF-8 (byte 0x{raw[error.start]:02x}); convert it:"
            " iconv -f CP1251 -t UTF-8"
        ) from error
    return [line.removesuffix("\r") for line in content.removesuffix("\n").split("\n")]


def _normalize_corpus(frontend: Frontend, use: str, corpus: Path) -> None:
    from tts_framework.cli.progress import bars
    from tts_framework.speech.normalizing_corpus import normalize_corpus

    with bars() as progress:
        summary = normalize_corpus(corpus, frontend, use, progress)
    typer.echo(
        f"{corpus}: {summary.normalized} texts normalized by {use}, {summary.changed} of them new"
        f" or changed; {summary.empty} clips have no text yet"
    )
    typer.echo(f"next: ttsf data check {corpus}; ttsf data split {corpus}")
