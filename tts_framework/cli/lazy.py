"""Группы команд, которые импортируют модуль команды, лишь когда её выбрали."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command


@dataclass(frozen=True)
class Command:
    """Одна команда: `target` — `модуль:имя` функции или Typer-группы."""

    target: str
    help: str
    examples: tuple[str, ...] = ()

    @property
    def epilog(self) -> str:
        """Верни примеры для конца справки, по одному на строке."""
        return "\n\n".join(("Examples:", *(f"  {example}" for example in self.examples)))


class LazyGroup(TyperGroup):
    """Подменяет заглушку настоящей командой, когда её имя встретилось в командной строке."""

    table: ClassVar[Mapping[str, Command]] = {}
    default: ClassVar[str] = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Подставь команду по умолчанию, если группу вызвали сразу с ключами (или без них)."""
        if self.default and (not args or args[0].startswith("-")):
            args = [self.default, *(args or ["--help"])]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Загрузи выбранную команду; опечатка в имени — обычная ошибка Typer с подсказкой."""
        if args[0] in self.table:
            self.commands[args[0]] = load(args[0], self.table[args[0]])
        return super().resolve_command(ctx, args)

    def load_all(self) -> None:
        """Загрузи все команды: так строится справочник."""
        for name, command in self.table.items():
            self.commands[name] = load(name, command)


def group(commands: Mapping[str, Command], default: str = "", **options: Any) -> typer.Typer:
    """Собери Typer-группу: в её справке команды есть, а модули их ещё не импортированы.

    `default` - команда, которой достаются ключи, стоящие сразу за именем группы.
    """
    cls = type("LazyGroup", (LazyGroup,), {"table": commands, "default": default})
    app = typer.Typer(cls=cls, no_args_is_help=True, add_completion=False, **options)
    for name, command in commands.items():
        app.command(name, help=command.help)(_stub)
    return app


def load(name: str, command: Command) -> Any:
    """Импортируй модуль команды и собери из её функции или Typer-группы команду click."""
    module, _, attribute = command.target.partition(":")
    target = getattr(import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        function, target = target, typer.Typer(add_completion=False)
        epilog = command.epilog if command.examples else None
        target.command(name, help=command.help, epilog=epilog)(function)
    loaded = get_command(target)
    loaded.name = name
    return loaded


def _stub() -> None:
    """Займи место команды в справке."""
