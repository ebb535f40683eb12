"""Вход `ttsf`: группа команд, модуль команды импортируется, лишь когда её выбрали."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from tts_framework import __version__
from tts_framework.cli.commands import COMMANDS, EXAMPLES, Command
from tts_framework.errors import ExitCode, TTSFError


class LazyGroup(TyperGroup):
    """Подменяет заглушку настоящей командой, когда её имя встретилось в командной строке."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Загрузи выбранную команду; опечатка в имени — обычная ошибка Typer с подсказкой."""
        if args[0] in COMMANDS:
            self.commands[args[0]] = load(args[0], COMMANDS[args[0]])
        return super().resolve_command(ctx, args)


def load(name: str, command: Command) -> Any:
    """Импортируй модуль команды и собери из её функции или Typer-группы команду click."""
    module, _, attribute = command.target.partition(":")
    target = getattr(import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        function, target = target, typer.Typer(add_completion=False)
        target.command(name, help=command.help, epilog=command.epilog)(function)
    loaded = get_command(target)
    loaded.name = name
    return loaded


app = typer.Typer(
    name="ttsf",
    cls=LazyGroup,
    no_args_is_help=True,
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


def _stub() -> None:
    """Займи место команды в справке."""


for _name, _command in COMMANDS.items():
    app.command(_name, help=_command.help)(_stub)


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
