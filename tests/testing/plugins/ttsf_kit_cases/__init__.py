"""Плагины-образцы: исправный каждого вида и неисправные, по одному на обещание контракта.

Неисправный — наследник исправного с одной ошибкой; над ним записано, какая проверка обязана его
поймать и какими словами. Модуль вида называет `Checked` — контракт, дополненный так, как дополнил
бы его автор плагина.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """Неисправный класс, проверка, которая его ловит, её слова и атрибуты контракта."""

    module: str
    cls: type[Any]
    test: str
    words: str
    contract: dict[str, Any]

    @property
    def plugin(self) -> str:
        """Имя точки входа."""
        return plugin_name(self.module, self.cls.__name__)


CASES: list[Case] = []


def broken(test: str, words: str, **contract: Any) -> Callable[[type[Any]], type[Any]]:
    """Объяви класс неисправным: его ловит `test` словами `words`."""

    def declare(cls: type[Any]) -> type[Any]:
        cls.__doc__ = cls.__doc__ or "Is broken."
        CASES.append(Case(cls.__module__.rpartition(".")[2], cls, test, words, contract))
        return cls

    return declare


def plugin_name(module: str, cls: str) -> str:
    """Верни имя плагина: `optimizers`, `TooFew` -> `kit_optimizers_too_few`."""
    return f"kit_{module}_{re.sub('(?<!^)(?=[A-Z])', '_', cls).lower()}"
