"""Фронтенд: текст в символы."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from tts_framework.components.base import Component


class Frontend(Component):
    """Переводит текст в номера символов; таблица символов — часть чекпоинта."""

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
