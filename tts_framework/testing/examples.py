"""Проверка `example.yaml` плагина: всё, кроме того, чего на этой машине может не быть."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tts_framework import config_file, plan
from tts_framework.errors import ConfigError
from tts_framework.plugins import Plugins

_NO_LIST = "no-such-list-of-the-example.csv"
_ABSENT = re.compile(rf"{re.escape(_NO_LIST)}|no such \w+ plugin; installed: ")
"""Данных примера и соседних плагинов здесь может не быть: это не ошибка примера."""


class _AnyVariable(Mapping[str, str]):
    """Окружение, в котором заданы все переменные."""

    def __getitem__(self, name: str) -> str:
        return f"https://example.org/value-of-{name}"  # годится и там, где ждут адрес

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def example_problems(path: Path) -> list[str]:
    """Верни проблемы, которые назвал бы `ttsf config check`, не считая отсутствующих данных."""
    lists = [f"data.{part}={_NO_LIST}" for part in ("train", "validation")]
    try:
        plan.from_file(config_file.read(path, lists, _AnyVariable()), Plugins())
    except ConfigError as error:
        return [line for line in error.problems if not _ABSENT.search(line)]
    return []
