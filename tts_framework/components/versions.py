"""Хранилище версий набора данных."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tts_framework.components.base import Component


class Versions(Component):
    """Хранит содержимое файлов по их sha256 и описания версий (`ttsf data version --use NAME`).

    Что такое версия (список «путь -> sha256»), решает ядро; плагин только хранит байты.
    """

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def missing(self, digests: Iterable[str]) -> set[str]:
        """Верни sha256, содержимого которых в хранилище ещё нет."""

    @abstractmethod
    def put(self, digest: str, path: Path) -> None:
        """Положи содержимое файла под его sha256; прерванная запись целой не считается."""

    @abstractmethod
    def get(self, digest: str, path: Path) -> None:
        """Запиши содержимое в файл.

        Raises:
            DataError: такого содержимого в хранилище нет.
        """

    @abstractmethod
    def publish(self, name: str, manifest: bytes) -> None:
        """Сделай версию видимой; вызывается, когда всё её содержимое уже в хранилище."""

    @abstractmethod
    def manifests(self) -> dict[str, bytes]:
        """Верни описания всех версий по их именам."""
