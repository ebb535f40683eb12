"""Другое допустимое значение option: им проверяют, действует ли она."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tts_framework.events import Value
from tts_framework.options import Options
from tts_framework.testing.demand import Broken


def another_value(cls: type[Options], config: Options, name: str) -> Value:
    """Подбери значение, отличное от нынешнего и допустимое для `Config`.

    Raises:
        Broken: подобрать не вышло; назовите его в `changes`.
    """
    now = getattr(config, name)
    for value in _candidates(now):
        try:
            made = cls(**{**config.model_dump(), name: value})
        except ValidationError:
            continue
        if getattr(made, name) != now:
            return value
    raise Broken(f"{name}: no other valid value than {now!r} was guessed", "add it to `changes`")


def _candidates(now: Any) -> Iterator[Value]:
    if isinstance(now, bool):
        yield not now
    elif isinstance(now, int):
        yield from (now * 2, now // 2, now + 1, now - 1, 1)
    elif isinstance(now, float):
        yield from (now * 3, now / 3, 0.5, 1.0, 1e-2, 2.0, 0.0)
    elif isinstance(now, str):
        yield from ()
