"""Указатель моделей: тот, что в пакете, пользователя и названные `--index`; поздний важнее."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tts_framework.errors import ConfigError, DataError
from tts_framework.problems import Lines, did_you_mean, explain
from tts_framework.speech.corpora.download import cache_folder, download
from tts_framework.yaml_text import parse

MAX_INDEX = 1 << 20
MAX_MODEL = 16 << 30
PACKAGED = "the packaged index"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_REMOTE = ("https://", "http://")
EXAMPLE = """\
models:
  ru-vocoder:
    plugin: hifigan
    language: ru
    licence: CC-BY-4.0
    sha256: "0000000000000000000000000000000000000000000000000000000000000000"  # sha256sum FILE
    size: 3789995  # bytes: stat -c %s FILE
    mirrors:
      - https://example.org/ru-vocoder.zip
      - file:///srv/models/ru-vocoder.zip
    description: HiFi-GAN V2, 16 kHz, hop 200.
"""
"""Указатель из одной записи, с которого начинают свой."""


class Entry(BaseModel):
    """Одна модель указателя."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plugin: str
    language: str
    licence: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(gt=0, le=MAX_MODEL)]
    mirrors: Annotated[tuple[str, ...], Field(min_length=1)]
    description: str = ""

    @field_validator("mirrors")
    @classmethod
    def _addresses(cls, mirrors: tuple[str, ...]) -> tuple[str, ...]:
        for mirror in mirrors:
            if not mirror.startswith((*_REMOTE, "file:///")):
                raise ValueError(
                    f"{mirror!r} is neither https:// nor file:///; give a full address"
                )
        return mirrors


class _Index(BaseModel):
    model_config = ConfigDict(extra="forbid")

    models: dict[str, Entry]


@dataclass(frozen=True)
class Listed:
    """Запись и указатель, из которого она взята."""

    name: str
    entry: Entry
    source: str


def user_index() -> Path:
    """Верни место указателя пользователя: `$XDG_CONFIG_HOME/ttsf/models.yaml`."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ttsf/models.yaml"


def load(extra: Sequence[str] = (), *, offline: bool = False) -> dict[str, Listed]:
    """Прочти и слей указатели: пакета, пользователя (если он есть) и `extra` (файлы и адреса).

    Raises:
        ConfigError: указатель не читается или неверен; все проблемы, каждая как `файл:строка`;
        DataError: адрес не отвечает.
    """
    packaged = resources("tts_framework.zoo").joinpath("index.yaml").read_text("utf-8")
    found = dict(_parsed(packaged, PACKAGED, local=True))
    own = [str(user_index())] if user_index().is_file() else []
    problems: list[str] = []
    for source in (*own, *extra):
        try:
            remote = source.startswith(_REMOTE)
            path = _fetched(source, offline) if remote else Path(source)
            found.update(_parsed(_text(path, source), source, local=not remote))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return dict(sorted(found.items()))


def find(index: Mapping[str, Listed], name: str) -> Listed:
    """Верни запись по имени.

    Raises:
        ConfigError: такой нет.
    """
    if name not in index:
        where = f"add it to {user_index()} or give --index"
        raise ConfigError([f"{name}: no such model in the index; {did_you_mean(name, index)};"
                           f" {where}"])  # fmt: skip
    return index[name]


def require_name(name: str) -> str:
    """Верни имя модели, если оно годится и для имени папки.

    Raises:
        ConfigError: в имени что-то кроме строчных букв, цифр, точки, `_` и `-`.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(
            [f"name: {name!r} needs lower case letters, digits, '.', '_' and '-', up to 64"]
        )
    return name


def _parsed(text: str, source: str, *, local: bool) -> list[tuple[str, Listed]]:
    document = parse(text, source)
    lines, problems = Lines(document.origins), list(document.problems)
    models: dict[str, Entry] = {}
    try:
        models = _Index.model_validate(document.data).models
    except ValidationError as error:
        problems += explain(error, _Index, document.data)
    for name, entry in models.items():
        if not NAME.fullmatch(name):
            text = "needs lower case letters, digits, '.', '_' and '-', up to 64"
            problems.append((("models", name), text))
        if not local and any(mirror.startswith("file:") for mirror in entry.mirrors):
            text = "file:/// mirrors are taken from local indexes only; give https://"
            problems.append((("models", name, "mirrors"), text))
    if problems:
        raise ConfigError(lines.report(problems))
    return [(name, Listed(name, entry, source)) for name, entry in models.items()]


def _text(path: Path, source: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_INDEX + 1)
        if len(content) > MAX_INDEX:
            raise ConfigError([f"{source}: larger than {MAX_INDEX} bytes; is it an index?"])
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{source}: {(error.strerror or str(error)).lower()}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{source}: not UTF-8 text; save the file as UTF-8"]) from error


def _fetched(url: str, offline: bool) -> Path:
    """Скачай указатель заново; без сети годится скачанный прежде."""
    import hashlib

    kept = cache_folder() / "indexes" / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.yaml"
    if offline:
        if not kept.is_file():
            raise DataError(f"--index {url}: was never fetched; run once without --offline")
        return kept
    fresh = kept.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    download(url, fresh, attempts=2, max_bytes=MAX_INDEX)
    fresh.replace(kept)
    return kept
