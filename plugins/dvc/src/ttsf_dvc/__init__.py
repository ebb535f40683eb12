"""dvc: версии данных в кэше и удалённом хранилище DVC; каждую достаёт и сам `dvc pull`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from tts_framework.components import Options, Versions
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    from ttsf_dvc.repository import Repository


class DVCVersions(Versions):
    """Хранит содержимое в кэше DVC, а версию — файлом `.dvc` и записью JSON рядом с ним."""

    class Config(Options):
        """Настройки репозитория DVC."""

        repository: Path = Field(
            Path("."), description="Папка внутри репозитория DVC (`dvc init` его создаёт)."
        )
        folder: str = Field(
            "datasets",
            pattern=r"^\w[\w.\-]*$",
            description="Папка репозитория с файлами версий; её и кладут в Git.",
        )
        remote: str | None = Field(
            None, description="Имя удалённого хранилища; по умолчанию — основное, если оно есть."
        )
        push: bool = Field(True, description="Отправлять ли содержимое в удалённое хранилище.")

    config: Config

    @cached_property
    def _repository(self) -> Repository:
        from ttsf_dvc.repository import Repository

        config = self.config
        return Repository(config.repository, config.folder, config.remote, config.push)

    def staging(self) -> Path:
        """Снимай внутри репозитория: в кэш файл попадёт переименованием."""
        return self._repository.scratch / "staging"

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Сверь журнал sha256 -> md5 с кэшем DVC."""
        return self._repository.missing(sizes)

    def put(self, digest: str, staged: Path) -> None:
        """Положи содержимое в кэш DVC под его md5."""
        self._repository.put(digest, staged)

    def get(self, digest: str, path: Path) -> None:
        """Скопируй содержимое из кэша DVC."""
        self._repository.get(digest, path)

    def open(self, id: str) -> None:
        """Докачай версию из удалённого хранилища."""
        self._repository.open(id)

    def publish(self, record: bytes, manifest: bytes) -> None:
        """Запиши `.dvc`, отправь содержимое и запиши видимую запись."""
        self._repository.publish(record, manifest)

    def records(self) -> list[bytes]:
        """Прочитай записи из папки версий."""
        return self._repository.records()


@hookimpl
def ttsf_versions() -> type[Versions]:
    return DVCVersions
