"""Измерения из строк журнала: JSON-объекты и регулярное выражение."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tts_framework.components import TrialSource
from tts_framework.events import Metric
from tts_framework.training.log_tail import Line, Tail

_LARGEST_STEP = 2**63 - 1
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WORDS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_REGEX_LONGEST = 1 << 14
"""Знаков в строке для регулярного выражения: оно бывает медленнее, чем линейно."""


class BadLine(ValueError):
    """Строка журнала не такая, как обещано настройками."""


class _Follower:
    """Общее: читать новые строки и один раз на файл пожаловаться на плохую."""

    def __init__(self, source: TrialSource, tail: Tail) -> None:
        self._rename = source.rename
        self._tail = tail
        self._complained: set[Path] = set()
        self._unsaid: list[str] = []

    def read(self) -> list[Metric]:
        """Верни новые измерения под каноническими именами.

        Raises:
            ValueError: в журнале есть негодная строка; о каждом файле — один раз, остальные строки
                прочитаны.
        """
        if self._unsaid:
            raise ValueError(self._unsaid.pop(0))
        metrics: list[Metric] = []
        for line in self._tail.read():
            if not line.text:
                continue
            try:
                metrics += self.parse(line)
            except BadLine as error:
                self._note(line, error)
        return [
            Metric(self._rename.get(m.tag, m.tag), m.step, m.value, m.wall_time) for m in metrics
        ]

    def parse(self, line: Line) -> list[Metric]:
        """Разбери строку."""
        raise NotImplementedError

    def close(self) -> None:
        """Закрой файлы."""
        self._tail.close()

    def _note(self, line: Line, error: BadLine) -> None:
        if line.path not in self._complained:
            self._complained.add(line.path)
            self._unsaid.append(f"{line.path}:{line.number}: {error}; such lines are skipped")


class JsonLines(_Follower):
    """Объект на строку: `{"step": 10, "loss": 0.5}` или `{"tag": ..., "step": ..., "value": ...}`.

    Вложенные объекты дают имена через точку: `{"val": {"loss": 1}}` — `val.loss`. Строка-хвост без
    конца строки берётся, если объект в ней уже закрыт.
    """

    def __init__(self, source: TrialSource, config: Any) -> None:
        super().__init__(source, Tail(source.output_dir, config.path))
        self._config = config

    def parse(self, line: Line) -> list[Metric]:
        """Разбери объект одной строки."""
        try:
            record = json.loads(line.text)
        except (ValueError, RecursionError) as error:
            if line.whole:
                raise BadLine("is not a JSON object") from error
            return []
        if not line.whole:
            if not isinstance(record, dict):
                return []
            self._tail.take_tail(line.path)
        if not isinstance(record, dict):
            raise BadLine("is not a JSON object")
        return self._metrics(_flat(record), line)

    def _metrics(self, record: dict[str, Any], line: Line) -> list[Metric]:
        keys = self._config
        if keys.step not in record:
            return []  # заголовки и итоги без шага — обычное дело
        step, at = _step(record.pop(keys.step)), _time(record.pop(keys.time, None), line.written)
        if keys.tag is not None:
            if keys.tag not in record or keys.value not in record:
                return []
            record = {str(record[keys.tag]): record[keys.value]}
        numbers = ((name, _number(value)) for name, value in record.items())
        return [Metric(name, step, value, at) for name, value in numbers if value is not None]


class RegexLines(_Follower):
    """Именованные группы: `step`, имена метрик или пара `tag` и `value`.

    Без группы `step` действует шаг, названный в файле последним.
    """

    def __init__(self, source: TrialSource, patterns: Sequence[str], path: str | None) -> None:
        folder, mask = source.output_dir, path or ""
        if path is None:
            if source.log_file is None:
                raise ValueError("regex: this trainer's output is not kept; give a path")
            folder, mask = source.log_file.parent, source.log_file.name
        super().__init__(source, Tail(folder, mask, longest=_REGEX_LONGEST, returns=True))
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._steps: dict[Path, int] = {}

    def parse(self, line: Line) -> list[Metric]:
        """Примени выражения к законченной строке: хвост может оборваться посреди числа."""
        if not line.whole:
            return []
        text = _ANSI.sub("", line.text)
        matches = [m for pattern in self._patterns for m in pattern.finditer(text)]
        return [metric for match in matches for metric in self._metrics(match, line)]

    def _metrics(self, match: re.Match[str], line: Line) -> Iterator[Metric]:
        found = {name: text for name, text in match.groupdict().items() if text is not None}
        if "step" in found:
            number = _number(found.pop("step"))
            if number is None:
                raise BadLine(f"step {match['step']!r} is not a number")
            self._steps[line.path] = _step(number)
        step = self._steps.get(line.path)
        if step is None:
            return
        if "tag" in found:
            found = {found["tag"]: found["value"]} if "value" in found else {}
        for name, text in found.items():
            value = _number(text)
            if value is None:
                raise BadLine(f"{name} {text!r} is not a number")
            yield Metric(name, step, value, line.written)


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _step(value: Any) -> int:
    number = _number(value)
    if number is None or not math.isfinite(number) or number != int(number):
        raise BadLine(f"step {value!r:.40} is not a whole number")
    if not 0 <= number <= _LARGEST_STEP:
        raise BadLine(f"step {value!r:.40} is out of range")
    return value if isinstance(value, int) else int(number)


def _number(value: Any) -> float | None:
    """Верни число; None, если это не число. NaN и бесконечность бывают и словами."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if not isinstance(value, str):
        return None
    text = value.strip().replace(",", "").replace("_", "")
    word = _WORDS.get(text.lstrip("+-").lower())
    if word is not None:
        return -word if text.startswith("-") else word
    try:
        return float(text)
    except ValueError:
        return None


def _time(value: Any, otherwise: float) -> float:
    """Пойми время Unix в секундах или миллисекундах и ISO 8601."""
    number = _number(value)
    if number is not None and math.isfinite(number) and number > 0:
        return number / 1000 if number > 1e11 else number
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise
