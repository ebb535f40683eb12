"""ljspeech: плагин виден по имени; архив без нужного в нём — ошибка, а не пустой корпус."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from tts_framework.builtin.ljspeech import LJSpeech
from tts_framework.components import CorpusRequest
from tts_framework.errors import DataError
from tts_framework.plugins import Plugins


def test_is_found_by_its_name() -> None:
    assert Plugins().get("corpus", "ljspeech").__name__ == "LJSpeech"


def test_takes_only_a_full_sha256() -> None:
    with pytest.raises(ValidationError):
        LJSpeech.Config(sha256="abc")


def test_takes_only_an_http_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataError, match="is not an http"):
        request = CorpusRequest(tmp_path / "lj", url="file:///etc/passwd")
        LJSpeech(LJSpeech.Config()).fetch(request)
