"""Плагин, названный в командной строке: `--use NAME --set key=value`."""

from __future__ import annotations

from typing import Any

from tts_framework.errors import ConfigError
from tts_framework.options import Options
from tts_framework.plugins import Plugins


def chosen(kind: str, name: str, options: list[str] | None) -> tuple[type[Any], Options]:
    """Верни класс плагина и его проверенные options.

    Raises:
        PluginError: такого плагина нет; ConfigError: options неверны.
    """
    from tts_framework.config import Use
    from tts_framework.configure import configure

    plugins = Plugins()
    plugins.get(kind, name)
    use = Use.model_validate({"use": name, **pairs(options or [])})
    return configure(plugins, kind, use, name)


def pairs(options: list[str], flag: str = "--set") -> dict[str, str]:
    """Разбери `KEY=VALUE`; значение разбирает сам плагин.

    Raises:
        ConfigError: пара без ключа или без знака равенства.
    """
    split = [option.partition("=") for option in options]
    wrong = [
        f"{flag} {key}: expected KEY=VALUE" for key, equals, _ in split if not (key and equals)
    ]
    if wrong:
        raise ConfigError(wrong)
    return {key: value for key, _, value in split}
