"""Хранилище версий набора данных."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework.components.base import Component


class Versions(Component):
    """Хранит содержимое файлов по их sha256 и записи о версиях (`ttsf data version --use NAME`).

    Что такое версия и верно ли содержимое, решает ядро (`speech.versions`); плагин хранит байты.
    Описание версии («путь -> sha256») — такое же содержимое: его sha256 и есть id версии.
    Методы `put` и `get` зовутся из нескольких потоков сразу.
    """

    workers: int = 4
    """Сколько `put` и `get` имеет смысл вести одновременно."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def staging(self) -> Path:
        """Назови папку для снимков перед `put`; лучше на диске хранилища — тогда хватит rename."""
        return Path(tempfile.gettempdir())

    @abstractmethod
    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Верни sha256, содержимого которых нет или чей размер другой (запись прервали)."""

    @abstractmethod
    def put(self, digest: str, staged: Path) -> None:
        """Положи содержимое под его sha256; прерванная запись целой не считается.

        `staged` — снимок, уже сверенный с `digest`; файл можно забрать переименованием. Прежнее
        содержимое под этим sha256 заменяется: `save --verify` так чинит испорченное.
        """

    @abstractmethod
    def get(self, digest: str, path: Path) -> None:
        """Запиши содержимое в новый файл `path`; сверяет его ядро.

        Raises:
            DataError: такого содержимого в хранилище нет; TTSFError: хранилище недоступно.
        """

    def open(self, id: str) -> None:
        """Приготовь содержимое версии; вызывается один раз перед чтением её файлов."""

    @abstractmethod
    def publish(self, record: bytes, manifest: bytes) -> None:
        """Сделай версию видимой одним неделимым действием; её содержимое уже всё в хранилище.

        `record` — JSON не длиннее 4000 байт, `manifest` — описание, ключи JSON которых публичны
        (`speech/versions/records.py`, `manifest.py`).
        """

    @abstractmethod
    def records(self) -> list[bytes]:
        """Верни записи всех опубликованных версий, в любом порядке."""
