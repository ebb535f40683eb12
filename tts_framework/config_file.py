"""Чтение run.yaml: строки ключей, все проблемы сразу, `${NAME}` из окружения, `--set`.

Относительные пути в файле отсчитываются от рабочей папки процесса, а не от папки файла: так
же поступает тюнер, запуская `ttsf train --config output/<run>/run.yaml` из той же рабочей папки.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tts_framework import __version__
from tts_framework.config import Settings
from tts_framework.errors import ConfigError
from tts_framework.problems import KeyPath, Lines, explain, one_line
from tts_framework.secrets import redact, remember
from tts_framework.yaml_text import Document, parse

MAX_BYTES = 1 << 20
_PLACEHOLDER = re.compile(r"\$(\$?)\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class ConfigFile:
    """Прочитанный файл.

    `secrets` — значения, взятые из окружения; `templates` — исходный текст тех значений, где
    стояли `${NAME}`: только он и попадает в копию настроек.
    """

    path: Path
    settings: Settings
    lines: Lines = Lines()
    secrets: frozenset[str] = frozenset()
    templates: Mapping[KeyPath, str] = field(default_factory=dict)


def load(
    path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = os.environ
) -> Settings:
    """Прочитай настройки; подробности — у `read`."""
    return read(path, overrides, environ).settings


def read(
    path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = os.environ
) -> ConfigFile:
    """Прочитай run.yaml и наложи на него `overrides` вида `tuner.n_trials=10`.

    `environ=None` оставляет `${NAME}` как есть: кому секреты не нужны, тому их не найти — не беда.

    Raises:
        ConfigError: файла нет, это не YAML или настройки неверны; названы все проблемы.
    """
    document = parse(_text(path), str(path))
    for override in overrides:
        _override(document, override)
    secrets, templates = _substitute(document, environ)
    remember(secrets)
    lines = Lines(document.origins)
    problems = list(document.problems)
    try:
        settings = Settings.model_validate(document.data)
    except ValidationError as error:
        known = {at for at, _ in problems}
        found = explain(error, Settings, document.data)
        problems += [(at, text) for at, text in found if at not in known]
    if problems:
        raise ConfigError([redact(text, secrets) for text in lines.report(problems)])
    return ConfigFile(path, settings, lines, secrets, templates)


def dump(file: ConfigFile) -> str:
    """Верни полные настройки текстом YAML; вместо секретов — прежние `${NAME}`."""
    data = file.settings.model_dump(mode="json")
    for path, template in file.templates.items():
        _put(data, path, template)
    return f"# full settings of the run, written by ttsf {__version__}\n{_yaml(data)}"


def _yaml(data: dict[str, Any]) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """Пишет текст с непечатаемыми знаками в кавычках: иначе он прочтётся не тем же."""

        def represent_str(self, data: str) -> Any:
            style = None if data.isprintable() else '"'
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Representer.add_representer(str, Representer.represent_str)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: {(error.strerror or str(error)).lower()}"]) from None
    if len(content) > MAX_BYTES:
        raise ConfigError([f"{path}: larger than {MAX_BYTES} bytes; is it a config file?"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: not UTF-8 text; save the file as UTF-8"]) from None


def _override(document: Document, override: str) -> None:
    origin = one_line(f"--set {override}")
    key, equals, text = override.partition("=")
    if not equals or not all(key.split(".")):
        raise ConfigError([f"{origin}: expected key=value, as in --set tuner.n_trials=10"])
    value = parse(text, origin, numbered=False)
    if value.problems:
        raise ConfigError([f"{origin}: {text}" for _, text in value.problems])
    path = tuple(int(part) if part.isdecimal() else part for part in key.split("."))
    path = _put(document.data, path, value.data)
    document.forget(path)
    document.origins[path] = origin


def _put(data: Any, path: KeyPath, value: Any) -> KeyPath:
    """Положи значение по пути, создавая разделы; верни путь, по которому оно легло.

    Краткая запись плагина (`model: tacotron2`) раскрывается в `{use: tacotron2}`.
    """
    real: KeyPath = ()
    for part, following in zip(path, (*path[1:], None), strict=True):
        index = isinstance(data, list) and isinstance(part, int) and part <= len(data)
        name = part if index else str(part)
        real = (*real, name)
        if isinstance(data, list):
            if not index:
                key = one_line(".".join(map(str, path)))
                raise ConfigError([f"--set {key}: no list item {part}"])
            data.extend([None] * (int(part) + 1 - len(data)))
        if following is None:
            data[name] = value
            break
        child = data[name] if index else data.get(name)
        if not isinstance(child, dict | list):
            child = data[name] = {"use": child} if isinstance(child, str) else {}
        data = child
    return real


def _substitute(
    document: Document, environ: Mapping[str, str] | None
) -> tuple[frozenset[str], dict[KeyPath, str]]:
    """Замени `${NAME}` значениями окружения прямо в документе (`$${` — буквальное `${`)."""
    secrets: set[str] = set()
    templates: dict[KeyPath, str] = {}
    if environ is None:
        return frozenset(), templates
    for path, holder, key in list(_strings(document.data)):
        template = holder[key]
        if not _PLACEHOLDER.search(template):
            continue

        def value(match: re.Match[str], path: KeyPath = path) -> str:
            escaped, name = match.groups()
            if escaped:
                return match[0][1:]
            if not _NAME.fullmatch(name):
                text = f"{match[0]} is not of the form ${{NAME}}; write $${{ for a plain ${{"
                document.problems.append((path, text))
            elif not environ.get(name):
                text = f"environment variable {name} is not set; export {name}=..."
                document.problems.append((path, text))
            else:
                secrets.add(environ[name])
            return environ.get(name, match[0])

        templates[path] = template
        holder[key] = _PLACEHOLDER.sub(value, template)
    return frozenset(secrets), templates


def _strings(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, str):
            yield (*path, key), data, key
        elif isinstance(value, dict | list):
            yield from _strings(value, (*path, key))
