"""Как говорить: зерно, стиль, голос, темп, число попыток."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tts_framework.errors import ConfigError
from tts_framework.synthesis.lines import Line
from tts_framework.synthesis.rate import FASTEST, SLOWEST

Style = Path | tuple[float, ...] | None


@dataclass(frozen=True)
class Manner:
    """Просьба к голосу; чего он не умеет, то и просить нельзя."""

    seed: int = 0
    style: Style = None
    speaker: str = ""
    rate: float = 1.0
    best_of: int = 1

    def __post_init__(self) -> None:
        if not SLOWEST <= self.rate <= FASTEST:
            raise ConfigError(
                [f"--rate {self.rate:g}: give a speaking rate from {SLOWEST:g} to {FASTEST:g}"]
            )
        if self.best_of < 1:
            raise ConfigError([f"--best-of {self.best_of}: give 1 or more takes"])

    def asked(self) -> dict[str, Any]:
        """Верни то, о чём просят сверх обычного."""
        plain = Manner()
        names = ("style", "speaker", "rate", "best_of")
        return {
            name: getattr(self, name)
            for name in names
            if getattr(self, name) != getattr(plain, name)
        }

    def of(self, line: Line) -> Manner:
        """Верни манеру строки: её столбцы старше общих ключей.

        Raises:
            ConfigError: стиль строки не запись и не веса; DataError: запись вне папки таблицы.
        """
        changes: dict[str, Any] = {}
        if line.style:
            folder = Path(line.where.rpartition(":")[0]).parent
            changes["style"] = style(line.style, f"{line.where}: style", folder)
        if line.speaker:
            changes["speaker"] = line.speaker
        return replace(self, **changes) if changes else self


def style(value: str, name: str = "--style", folder: Path | None = None) -> Style:
    """Разбери стиль: веса токенов `0.2,0.8,...`, `none` или путь к записи.

    Путь из таблицы отсчитывается от её папки и обязан лежать внутри неё.

    Raises:
        ConfigError: это не веса и такого файла нет; DataError: файл снаружи.
    """
    if not value or value == "none":
        return None
    weights = _weights(value)
    if weights is not None:
        return weights
    if folder is not None:
        from tts_framework.speech.fence import Fence

        Fence(folder).check(value, "put the recording next to the table")
    path = (folder or Path()) / value
    if not path.is_file():
        raise ConfigError(
            [f"{name} {value}: no such recording; give a WAV file, weights of the style tokens"
             " such as 0.2,0.8,0 or none"]
        )  # fmt: skip
    return path


def _weights(value: str) -> tuple[float, ...] | None:
    try:
        found = tuple(float(part) for part in value.split(","))
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None
