"""Откуда берутся корпуса: источники (`Corpus`) и чужие раскладки папок (`Layout`)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tts_framework.components.base import Component


@dataclass(frozen=True)
class CorpusRequest:
    """Что и куда получить: `ttsf data get NAME --dest DIR [--limit N] [--url U]`."""

    dest: Path
    limit: int | None = None
    url: str | None = None
    seed: int = 1234
    progress: Callable[[int, int, str], None] = lambda done, total, what: None


class Corpus(Component):
    """Источник корпуса: получает записи и раскладывает их в папку корпуса."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def fetch(self, request: CorpusRequest) -> None:
        """Получи корпус; повторный вызов докачивает недостающее.

        Raises:
            DataError: источник недоступен или файл повреждён.
        """


@dataclass(frozen=True)
class Phone:
    """Фон и его границы в секундах от начала клипа."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Recording:
    """Одна запись до раскладки: где лежит звук, что сказано и кем.

    `start` и `end` вырезают отрезок длинного файла, с (`end` None — до конца); `source` — общий
    отрывок или запись, соседние клипы которой не должны попасть в разные выборки; `label` — готовый
    файл меток festvox, `phones` — метки фонов, прочитанные из другого формата; `where` — место в
    чужом списке, `metadata.csv:17`.
    """

    id: str
    text: str
    wav: Path
    speaker: str
    label: Path | None = None
    start: float | None = None
    end: float | None = None
    source: str = ""
    phones: tuple[Phone, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class BadRecord:
    """Строка чужого списка или файл, из которых записи не вышло: место и причина."""

    where: str
    reason: str


class Layout(Component):
    """Читает корпус, разложенный по чужим правилам: `ttsf data import NAME SOURCE --out DIR`."""

    expects: ClassVar[str] = ""
    """Что должно лежать в SOURCE, одной фразой по-английски: её видит тот, чью папку не узнали."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @classmethod
    @abstractmethod
    def matches(cls, source: Path) -> bool:
        """Узнай свою раскладку по именам файлов; содержимого звука не читай."""

    def root(self, source: Path) -> Path:
        """Верни папку, из которой пути записей не вправе выводить."""
        return source

    @abstractmethod
    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        """Перечисли записи и негодные строки, не открывая звука.

        Пути собирайте простым `source / имя`: ведут ли они наружу, проверит импорт.

        Raises:
            DataError: главный список не читается; названы файл, строка и что делать.
        """
