"""Вход `ttsf`: группа команд, модуль команды импортируется, лишь когда её выбрали."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer
from typer.main import get_command

from tts_framework import __version__
from tts_framework.cli.commands import COMMANDS, EXAMPLES
from tts_framework.cli.lazy import Command, group
from tts_framework.errors import ExitCode, TTSFError

app = group(
    COMMANDS,
    name="ttsf",
    help="Train text-to-speech models and tune their hyperparameters while they train.",
    epilog=Command("", "", EXAMPLES).epilog,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ttsf {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Прими общие ключи."""


def run() -> None:
    """Выполни командную строку и заверши процесс с кодом по `ExitCode`."""
    try:
        get_command(app)(prog_name="ttsf")
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except TTSFError as error:
        code = error.exit_code
        _print(str(error), "error: ")
    except Exception:
        code = ExitCode.BUG
        _print(traceback.format_exc())
        _print(
            f"this is a bug in ttsf {__version__} or in a plugin, not in your input;"
            " please report it with the lines above (README.md says where)",
            "bug: ",
        )
    sys.exit(code)


def _print(text: str, prefix: str = "") -> None:
    from tts_framework.secrets import redact

    for line in redact(text).splitlines():
        print(f"{prefix}{line}", file=sys.stderr)
