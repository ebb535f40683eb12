"""Настоящая речь для тестов: несколько предложений, прочитанных espeak-ng один раз за сессию."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tts_framework.components import CorpusRequest
from tts_framework.options import AudioSettings

RATE = 16000


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Верни папку корпуса из шести предложений, 16 кГц."""
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.corpora import synthetic
    from tts_framework.speech.corpora.options import SyntheticOptions

    folder = tmp_path_factory.mktemp("spoken") / "corpus"
    synthetic.fetch(SyntheticOptions(sampling_rate=RATE), CorpusRequest(folder, limit=6))
    return folder


@pytest.fixture
def audio() -> AudioSettings:
    """Верни настройки звука под записи `spoken`."""
    return AudioSettings(sampling_rate=RATE)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Дай новым файлам устройство без свободного места: запись кончится настоящим ENOSPC."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    real_open = open

    def open_on_full_disk(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        if mode == "wb" and Path(file).name.startswith("."):
            os.symlink("/dev/full", file)
        return real_open(file, mode, *args, **options)

    monkeypatch.setattr("builtins.open", open_on_full_disk)
    monkeypatch.setattr("io.open", open_on_full_disk)
