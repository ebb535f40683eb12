"""Фронтенд: текст в символы."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from tts_framework.components.base import Component


class Frontend(Component):
    """Переводит текст в номера символов; таблица символов — часть чекпоинта.

    Options и есть всё состояние: по ним фронтенд поднимают и из чекпоинта, и в другом процессе.
    Нормализация повторно ничего не меняет: `normalize(normalize(text)) == normalize(text)`.
    """

    def __init__(self, config: Any) -> None:
        self.config = config

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """Таблица символов; номер символа — его место в ней, 0 — заполнитель."""

    @abstractmethod
    def normalize(self, text: str) -> str:
        """Приведи текст к виду, состоящему из одних символов таблицы.

        Raises:
            DataError: встретился символ, которого нет в таблице (молча ничего не пропадает).
        """

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Нормализуй и верни номера символов."""

    def is_light(self, text: str) -> bool:
        """Скажи, обойдётся ли нормализация этого текста без загрузки моделей.

        Тексты, для которых ответ «нет», нормализует отдельный процесс, и итог остаётся в кэше.
        """
        return True

    @property
    def is_loaded(self) -> bool:
        """Скажи, что всё, что могло понадобиться, загружено: ни один текст не станет ждать."""
        return True

    def stages(self, text: str) -> list[tuple[str, str]]:
        """Верни пары «этап, текст после него»; последний этап — то, что увидит модель."""
        return [("input", text), ("symbols", self.normalize(text))]

    @property
    def versions(self) -> Mapping[str, str]:
        """Верни версии всего, от чего зависит нормализованный текст; ничего тяжёлого не грузи."""
        return {}

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток символов, options и версий: по нему узнают устаревший текст."""
        parts = [list(self.symbols), self.config.model_dump(mode="json"), dict(self.versions)]
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def symbols_sha256(self) -> str:
        """Верни sha256 таблицы символов."""
        return hashlib.sha256("\n".join(self.symbols).encode()).hexdigest()
