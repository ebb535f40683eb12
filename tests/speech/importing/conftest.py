"""Маленькие корпуса разных раскладок из речи espeak-ng."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.components import BadRecord, Recording
from tts_framework.plugins import Plugins
from tts_framework.speech.importing.run import Imported, ImportRequest, import_corpus

TEXTS = (
    "The boat is ready.",
    "Two birds sit on the roof.",
    "It will rain tomorrow.",
    "She closed the old door.",
)
Bring = Callable[..., Imported]
Listing = Callable[..., tuple[list[Recording], list[BadRecord]]]


@dataclass(frozen=True)
class Speech:
    """Прочитанные предложения: тексты, отсчёты float32 [N] и частота, Гц."""

    texts: Sequence[str]
    samples: Sequence[np.ndarray]
    rate: int

    def write(self, number: int, path: Path, **options: Any) -> None:
        """Положи предложение в файл; формат — по расширению."""
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, self.samples[number], self.rate, **options)


@pytest.fixture(scope="session")
def speech() -> Speech:
    """Прочитай четыре английских предложения."""
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.corpora.espeak import Espeak

    voice = Espeak("en", 220)
    read = [voice.synthesize(text) for text in TEXTS]
    return Speech(TEXTS, [samples for samples, _ in read], read[0][1])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Дай пустую папку чужого корпуса."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Дай место будущего корпуса."""
    return tmp_path / "corpus"


@pytest.fixture
def bring(source: Path, out: Path) -> Bring:
    """Импортируй `source` названной раскладкой; лишние аргументы — options раскладки."""

    def bring(
        layout: str,
        *,
        rate: int | None = None,
        limit: int | None = None,
        skip_bad: bool = False,
        **options: Any,
    ) -> Imported:
        cls = Plugins().get("layout", layout)
        request = ImportRequest(
            source, out, rate, limit, skip_bad, warn=lambda text: warnings.append(text)
        )
        warnings: list[str] = []
        return import_corpus(cls(cls.Config(**options)), layout, request)

    return bring


@pytest.fixture
def listing(source: Path) -> Listing:
    """Перечисли записи названной раскладки: годные и негодные."""

    def listing(layout: str, **options: Any) -> tuple[list[Recording], list[BadRecord]]:
        cls = Plugins().get("layout", layout)
        found = list(cls(cls.Config(**options)).recordings(source))
        good = [record for record in found if isinstance(record, Recording)]
        return good, [record for record in found if isinstance(record, BadRecord)]

    return listing
