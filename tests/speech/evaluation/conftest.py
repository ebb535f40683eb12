"""Настоящие записи (espeak-ng) для тестов мер."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from tts_framework.components import Sound


@pytest.fixture(scope="session")
def clips(spoken: Path) -> list[Sound]:
    """Три самые короткие фразы корпуса."""
    found = sorted((spoken / "wavs").glob("*.wav"), key=lambda path: path.stat().st_size)
    return [Sound(path.stem, *soundfile.read(str(path), dtype="float32")) for path in found[:3]]
