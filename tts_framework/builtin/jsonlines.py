"""`jsonlines`: наблюдатель за журналом из JSON-строк."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from tts_framework.components import Options, TrialSource, Watcher
from tts_framework.events import Metric
from tts_framework.hookspecs import hookimpl


class JsonLinesWatcher(Watcher):
    """Дочитывает `.jsonl` в папке trial: объект на строку или `tag`, `step`, `value`."""

    class Config(Options):
        """Где журнал и под какими ключами в нём что."""

        path: str = Field(
            "**/*.jsonl",
            pattern=r"^[^/]",
            description="Маска файлов внутри {output_dir}.",
        )
        step: str = Field("step", min_length=1, description="Ключ шага; вложенный — через точку.")
        tag: str | None = Field(
            None, description="Ключ имени, если строка — одно измерение; иначе имена — сами ключи."
        )
        value: str = Field("value", min_length=1, description="Ключ значения при заданном `tag`.")
        time: str = Field("time", description="Ключ времени (Unix или ISO 8601), если он есть.")

    def __init__(self, config: Any, source: TrialSource) -> None:
        from tts_framework.training.text_metrics import JsonLines

        super().__init__(config, source)
        self._lines = JsonLines(source, config)

    def paths(self) -> Sequence[Path]:
        """Назови папку trial."""
        return (self.source.output_dir,)

    def read(self) -> list[Metric]:
        """Верни новые измерения."""
        return self._lines.read()

    def close(self) -> None:
        """Закрой файлы."""
        self._lines.close()


@hookimpl
def ttsf_watcher() -> type[Watcher]:
    return JsonLinesWatcher
