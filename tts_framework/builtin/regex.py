"""`regex`: наблюдатель, который достаёт числа из вывода или журнала тренера."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from tts_framework.components import Options, TrialSource, Watcher
from tts_framework.events import Metric
from tts_framework.hookspecs import hookimpl


class RegexWatcher(Watcher):
    r"""Ищет в строках именованные группы: `step (?P<step>\d+).*loss (?P<loss>\S+)`."""

    class Config(Options):
        """Выражения и журнал."""

        pattern: str | tuple[str, ...] = Field(
            description="Выражение или их список; группы: `step` и имена метрик (или `tag` и"
            " `value`). Без `step` действует шаг, названный раньше."
        )
        path: str | None = Field(
            None,
            pattern=r"^[^/]",
            description="Маска файлов внутри {output_dir}; по умолчанию — вывод тренера.",
        )

        @field_validator("pattern")
        @classmethod
        def _named_groups(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
            for pattern in (value,) if isinstance(value, str) else value:
                try:
                    groups = re.compile(pattern).groupindex
                except re.error as error:
                    raise ValueError(f"{pattern!r}: {error}; fix the pattern") from error
                if not groups:
                    raise ValueError(f"{pattern!r} has no named group; write (?P<val_loss>\\S+)")
            if not value:
                raise ValueError("the list is empty; give a pattern")
            return value

    def __init__(self, config: Any, source: TrialSource) -> None:
        from tts_framework.training.text_metrics import RegexLines

        super().__init__(config, source)
        patterns = (config.pattern,) if isinstance(config.pattern, str) else config.pattern
        self._lines = RegexLines(source, patterns, config.path)

    def paths(self) -> Sequence[Path]:
        """Назови папку, в которой лежит журнал."""
        own = self.source.log_file
        return (own,) if self.config.path is None and own else (self.source.output_dir,)

    def read(self) -> list[Metric]:
        """Верни новые измерения."""
        return self._lines.read()

    def close(self) -> None:
        """Закрой файлы."""
        self._lines.close()


@hookimpl
def ttsf_watcher() -> type[Watcher]:
    return RegexWatcher
