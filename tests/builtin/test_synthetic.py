"""synthetic: плагин виден по имени и делает корпус."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.builtin.synthetic import Synthetic
from tts_framework.components import CorpusRequest
from tts_framework.plugins import Plugins


def test_is_found_by_its_name() -> None:
    assert Plugins().get("corpus", "synthetic").__name__ == "Synthetic"


def test_makes_a_corpus(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    Synthetic(Synthetic.Config()).fetch(CorpusRequest(tmp_path / "corpus", limit=2))
    assert len(list((tmp_path / "corpus" / "wavs").glob("*.wav"))) == 2
