"""Справочники docs/reference из самой программы: `python tools/reference.py [--check]`."""

from __future__ import annotations

import inspect
import sys
import tomllib
import types
import typing
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.main import get_command

from tts_framework import components, hookspecs
from tts_framework.cli.lazy import LazyGroup
from tts_framework.cli.main import app
from tts_framework.config import Settings, Use
from tts_framework.config_schema import SLOTS
from tts_framework.hookspecs import INTERFACES
from tts_framework.plugins import GROUP, Plugins

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTICE = "<!-- Создано tools/reference.py; правьте исходный код, а не этот файл. -->\n"


def pages() -> dict[str, str]:
    """Верни тексты справочников по именам файлов."""
    return {
        "run-yaml.md": "\n".join(_config()) + "\n",
        "commands.md": "\n".join(_commands()) + "\n",
        "hooks.md": "\n".join(_hooks()) + "\n",
    }


def _config() -> Iterator[str]:
    yield NOTICE
    yield "# Ключи run.yaml\n"
    yield "Любой ключ можно задать и в командной строке: `--set tuner.n_trials=10`."
    yield "Относительные пути отсчитываются от рабочей папки. `${NAME}` берётся из окружения и"
    yield "считается секретом; `$${` — буквальное `${`."
    yield from _section((), Settings)
    yield "\n# Options плагинов\n"
    yield "Плагин называют в `use` рядом с его options: `store: {use: sqlite}`; без options хватает"
    yield "имени: `store: sqlite`. Ключи, помеченные ⚙, можно назвать в `tuner.search_space`."
    plugins = Plugins(_own())
    for path, kind in SLOTS.items():
        yield f"\n## `{'.'.join(path)}`: {kind}\n"
        for name in plugins.names(kind):
            cls = plugins.get(kind, name)
            yield f"### {name}\n"
            yield (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()
            rows = list(_rows("", cls.Config))
            yield from ["", *_TABLE, *rows] if rows else ["", "Без options."]
            yield ""


def _own() -> list[EntryPoint]:
    """Верни плагины этого репозитория: чужие, стоящие на машине, в справочник не входят."""
    projects = [ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")]
    own = {tomllib.loads(path.read_text())["project"]["name"] for path in projects}
    return [p for p in entry_points(group=GROUP) if p.dist and p.dist.name in own]


_TABLE = ("| ключ | тип | по умолчанию | что это |", "|---|---|---|---|")


def _section(path: tuple[str, ...], model: type[BaseModel]) -> Iterator[str]:
    title = ".".join(path)
    yield f"\n## {f'`{title}`' if title else 'Верхний уровень'}\n"
    yield from (*_TABLE, *_rows(title, model))
    for name, info in model.model_fields.items():
        inner = _inner(info)
        if inner is not None:
            mapping = typing.get_origin(info.annotation) is dict
            yield from _section((*path, name, *(["<имя>"] if mapping else [])), inner)


def _rows(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        tunable = " ⚙" if isinstance(extra, dict) and extra.get("tunable") else ""
        key = f"{prefix}.{name}" if prefix else name
        text = _cell(info.description or "")
        yield f"| `{key}`{tunable} | {_type(info.annotation)} | {_default(info)} | {text} |"


def _inner(info: FieldInfo) -> type[BaseModel] | None:
    found = [info.annotation, *typing.get_args(info.annotation)]
    models = [a for a in found if isinstance(a, type) and issubclass(a, BaseModel)]
    return models[0] if models and models[0] is not Use else None


def _type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " или ".join(dict.fromkeys(_type(a) for a in arguments if a is not type(None)))
    if origin is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is tuple:
        return f"список: {_type(arguments[0])}"
    if origin is dict:
        return f"имя: {_type(arguments[1])}"
    if origin is typing.Annotated:
        return _type(arguments[0])
    if annotation is Use:
        return "плагин"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "раздел"
    names = {"int": "целое", "float": "число", "str": "текст", "bool": "true/false", "Path": "путь"}
    name = getattr(annotation, "__name__", str(annotation))
    return names.get(name, name)


def _default(info: FieldInfo) -> str:
    value = info.default
    if value is PydanticUndefined:
        return "обязателен"
    if isinstance(value, Use):
        return f"`{value.use}`"
    if isinstance(value, tuple):
        value = [v.use if isinstance(v, Use) else v for v in value]
    if isinstance(value, BaseModel):
        return "см. ниже"
    if value is None or value == "":
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _commands() -> Iterator[str]:
    yield NOTICE
    yield "# Команды\n"
    yield "`ttsf КОМАНДА --help` показывает то же самое в терминале. Код завершения: 0 — всё"
    yield "сделано, 1 — дефект программы (с traceback), 2 — ошибка в настройках, данных или"
    yield "командной строке, 3 — обучение разошлось, 4 — не хватило памяти, 5 — кончился диск,"
    yield "130 — прервано."
    yield from _command("ttsf", get_command(app))


def _command(name: str, command: Any) -> Iterator[str]:
    if isinstance(command, LazyGroup):
        command.load_all()
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = [name, *(p.name.upper() for p in arguments)]
    yield f"\n## `{' '.join(usage)}`\n"
    yield (command.help or "").strip()
    rows = [row for parameter in command.params for row in _parameter(parameter)]
    if rows:
        yield from ("", "| ключ | по умолчанию | что это |", "|---|---|---|", *rows)
    examples = [line.strip() for line in (command.epilog or "").splitlines()[1:] if line.strip()]
    if examples:
        yield from ("", "```console", *(f"$ {line}" for line in examples), "```")
    for child, inner in getattr(command, "commands", {}).items():
        yield from _command(f"{name} {child}", inner)


def _parameter(parameter: Any) -> Iterator[str]:
    if parameter.name in ("help", "install_completion", "show_completion"):
        return
    names = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        names = [parameter.name.upper()]
    default = parameter.default
    if parameter.required:
        shown = "обязателен"
    elif default is None or default is False or default in ("", (), []) or callable(default):
        shown = "—"
    else:
        shown = f"`{default}`"
    keys = ", ".join(f"`{name}`" for name in names)
    yield f"| {keys} | {shown} | {_cell(parameter.help or '')} |"


def _hooks() -> Iterator[str]:
    yield NOTICE
    yield "# Хуки и интерфейсы\n"
    yield "Хук возвращает один класс; аргументов у хуков нет. Интерфейсы —"
    yield "в `tts_framework.components`, там же полные описания методов."
    for kind, interface in INTERFACES.items():
        yield f"\n## `ttsf_{kind}() -> type[{interface.__name__}]`\n"
        yield inspect.getdoc(getattr(hookspecs, f"ttsf_{kind}")) or ""
        yield f"\n{_summary(interface)}"
        yield from _interface(interface)
        if interface is components.Model:
            yield f"\n### `Session`: что возвращает `start`\n\n{_summary(components.Session)}"
            yield from _interface(components.Session)


def _interface(interface: type[Any]) -> Iterator[str]:
    own = {n: m for n, m in vars(interface).items() if not n.startswith("_") and n != "Config"}
    methods = {n: m for n, m in own.items() if callable(getattr(interface, n)) or _is_property(m)}
    yield from ("", "| метод | обязателен | что делает |", "|---|---|---|")
    for name, member in methods.items():
        required = "да" if getattr(member, "__isabstractmethod__", False) else "—"
        text = inspect.getdoc(member) or inspect.getdoc(getattr(interface, name)) or ""
        signature = _signature(member).replace("|", "\\|")
        yield f"| `{name}{signature}` | {required} | {_cell(text.splitlines()[0])} |"


def _is_property(member: Any) -> bool:
    return isinstance(member, property)


def _signature(member: Any) -> str:
    function = getattr(member, "__func__", member)
    return "" if _is_property(function) else str(inspect.signature(function)).replace("'", "")


def _summary(interface: type[Any]) -> str:
    return (inspect.getdoc(interface) or "").split("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def main(arguments: list[str]) -> int:
    """Запиши справочники; с `--check` только сравни и назови устаревшие."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for name in stale:
        print(f"docs/reference/{name}: {'stale' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
