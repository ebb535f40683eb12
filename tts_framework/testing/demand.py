"""Требование контракта: что не так и что делать — одной строкой, которую покажет и pytest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tts_framework.errors import TTSFError


class Broken(AssertionError):
    """Плагин нарушает контракт."""


def demand(holds: object, problem: str, advice: str) -> None:
    """Потребуй; `problem` — что увидено, `advice` — следующий шаг автора.

    Raises:
        Broken: требование не выполнено.
    """
    __tracebackhide__ = True
    if not holds:
        raise Broken(f"{problem}; {advice}")


@contextmanager
def refused(error: type[TTSFError], what: str, advice: str) -> Iterator[None]:
    """Потребуй, чтобы блок отказал ошибкой `error` в одну строку, а не чем-то другим."""
    __tracebackhide__ = True
    try:
        yield
    except error as found:
        text = str(found)
        demand(
            text and text.isprintable(), f"{what}: message {text!r} is not one line", "reword it"
        )
    except Exception as found:
        name = type(found).__name__
        raise Broken(f"{what} raises {name} ({found}); raise {error.__name__}: {advice}") from found
    else:
        raise Broken(f"{what} is accepted; raise {error.__name__}: {advice}")
