"""Требование контракта: что не так и что делать — одной строкой, которую покажет и pytest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tts_framework.errors import TTSFError


class Broken(AssertionError):
    """Плагин нарушает контракт: `problem` — что увидено, `advice` — следующий шаг автора."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem}; {advice}")
        self.problem, self.advice = problem, advice


def demand(holds: object, problem: str, advice: str) -> None:
    """Потребуй.

    Raises:
        Broken: требование не выполнено.
    """
    __tracebackhide__ = True
    if not holds:
        raise Broken(problem, advice)


@contextmanager
def refused(error: type[TTSFError], what: str, advice: str) -> Iterator[None]:
    """Потребуй, чтобы блок отказал ошибкой `error` в одну строку, а не чем-то другим."""
    __tracebackhide__ = True
    name = error.__name__
    try:
        yield
    except error as found:
        text = str(found)
        one_line = text and text.isprintable()
        demand(one_line, f"{what}: message {text!r} is not one line", "reword it")
    except Exception as found:
        seen = f"{what} raises {type(found).__name__} ({found})"
        raise Broken(seen, f"raise {name}: {advice}") from found
    else:
        raise Broken(f"{what} is accepted", f"raise {name}: {advice}")
