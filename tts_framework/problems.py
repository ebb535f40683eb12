"""Проблемы настроек: место каждого ключа в файле и понятные слова вместо ошибок pydantic."""

from __future__ import annotations

import difflib
import math
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

KeyPath = tuple[str | int, ...]

_WORDS = {
    "missing": "is required; add it",
    "int_type": "{value} is not an integer",
    "int_parsing": "{value} is not an integer",
    "int_from_float": "{value} is not an integer",
    "float_type": "{value} is not a number",
    "float_parsing": "{value} is not a number",
    "finite_number": "{value} is not a finite number",
    "bool_type": "{value} is neither true nor false",
    "bool_parsing": "{value} is neither true nor false",
    "greater_than": "{value} is not above {gt}; use a larger value",
    "greater_than_equal": "{value} is below {ge}; use {ge} or more",
    "less_than": "{value} is not below {lt}; use a smaller value",
    "less_than_equal": "{value} is above {le}; use {le} or less",
    "string_type": "{value} is not text; put it in quotes",
    "string_pattern_mismatch": "{value} does not match {pattern}",
    "path_type": "{value} is not a path",
    "dict_type": "expected 'key: value' lines here, got {value}",
    "model_type": "expected 'key: value' lines here, got {value}",
    "model_attributes_type": "expected 'key: value' lines here, got {value}",
    "tuple_type": "expected a list, got {value}; put it in [ ]",
    "list_type": "expected a list, got {value}; put it in [ ]",
    "value_error": "{error}",
}


@dataclass(frozen=True)
class Lines:
    """Откуда взялся каждый ключ: `run.yaml:14` или `--set tuner.n_trials=10`."""

    origins: Mapping[KeyPath, str] = field(default_factory=dict)

    def at(self, path: KeyPath) -> str:
        """Верни место ключа или ближайшего его предка; пустую строку, если места нет."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return ""

    def problem(self, path: KeyPath, text: str) -> str:
        """Собери строку `место: ключ: что не так`."""
        return one_line(": ".join(filter(None, (self.at(path), ".".join(map(str, path)), text))))

    def located(self, text: str) -> str:
        """Поставь место перед чужим сообщением, которое начинается с ключа: `tuner.x: ...`."""
        key = text.partition(": ")[0]
        return ": ".join(filter(None, (self.at(tuple(key.split("."))), text)))

    def report(self, problems: Iterable[tuple[KeyPath, str]]) -> list[str]:
        """Собери строки всех проблем в порядке строк файла, каждую один раз."""
        ordered = sorted(problems, key=lambda problem: self._order(problem[0]))
        return list(dict.fromkeys(self.problem(path, text) for path, text in ordered))

    def _order(self, path: KeyPath) -> float:
        line = self.at(path).rpartition(":")[2]
        return int(line) if line.isdecimal() else math.inf


def one_line(text: str) -> str:
    """Замени непечатаемые знаки их кодами: ключ из файла не разорвёт и не раскрасит сообщение."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Верни подсказку с похожим именем, а без похожего — со всеми известными."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(known)}" if known else "there are none"


def explain(
    error: ValidationError, model: type[BaseModel], data: Any, subject: str = ""
) -> Iterator[tuple[KeyPath, str]]:
    """Переведи ошибки pydantic в пары «ключ, текст», по одной на ключ.

    `subject` — чьи это options: `tacotron2 has no such option` вместо `no such key`.
    """
    seen = set()
    for details in error.errors(include_url=False):
        path = _existing(details, data)
        if path not in seen:
            seen.add(path)
            yield path, _words(details, path, model, subject)


def _words(details: ErrorDetails, path: KeyPath, model: type[BaseModel], subject: str) -> str:
    kind, value = details["type"], shown(details["input"])
    if kind == "extra_forbidden":
        return _unknown_key(path, model, subject)
    if kind == "literal_error":
        choices = typing.get_args(_annotation(model, path)) or (details["ctx"]["expected"],)
        return f"{value} is not one of {', '.join(map(str, choices))}"
    template = _WORDS.get(kind)
    if template is None:
        return f"{details['msg'][:1].lower()}{details['msg'][1:]}, got {value}"
    return template.format(value=value, **details.get("ctx", {}))


def shown(value: Any) -> str:
    """Покажи значение коротко, чтобы сообщение осталось одной строкой."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unknown_key(path: KeyPath, model: type[BaseModel], subject: str) -> str:
    name, owner = str(path[-1]), _annotation(model, path[:-1])
    known = list(owner.model_fields) if _is_model(owner) else []
    start = f"{subject} has no such option" if subject else "no such key"
    if not difflib.get_close_matches(name, known, n=1):
        for section, info in model.model_fields.items():
            inner = info.annotation
            if _is_model(inner) and name in inner.model_fields and path[:-1] != (section,):
                return f"{start} here; it belongs under '{section}:'"
    return f"{start}; {did_you_mean(name, known)}"


def _existing(details: ErrorDetails, data: Any) -> KeyPath:
    """Отбрось от места ошибки имена ветвей union, которых нет в самих данных."""
    path: KeyPath = ()
    for part in details["loc"]:
        if isinstance(data, Mapping):
            inside = part in data
        else:
            inside = isinstance(data, list | tuple) and isinstance(part, int)
        if not inside:
            return (*path, part) if details["type"] == "missing" else path
        path = (*path, part)
        data = data[part]
    return path


def _annotation(owner: Any, path: KeyPath) -> Any:
    """Дойди по полям моделей до типа ключа; None, если путь ведёт мимо схемы."""
    for part in path:
        owner = _plain(owner)
        if _is_model(owner):
            info = owner.model_fields.get(str(part))
            owner = info.annotation if info else None
        else:
            arguments = [a for a in typing.get_args(owner) if a is not Ellipsis]
            owner = arguments[-1] if arguments else None
    return _plain(owner)


def _plain(annotation: Any) -> Any:
    """Сними `| None` с типа."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [a for a in typing.get_args(annotation) if a is not type(None)]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def _is_model(annotation: Any) -> typing.TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
