"""Плагин pytest, который приходит вместе с ядром: фикстуры `ttsf_tune` и `tiny_corpus`.

Загружается в каждом pytest, поэтому сам не импортирует ничего, кроме pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tts_framework.testing.corpus import TinyCorpus
    from tts_framework.testing.tuning import Tuned

pytest.register_assert_rewrite("tts_framework.testing")


@pytest.fixture
def ttsf_tune(tmp_path: Path) -> Callable[..., Tuned]:
    """Проведи настоящую подстройку в tmp_path: `ttsf_tune(tuner={"search_algorithm": "mine"})`.

    Разделы run.yaml дополняют `testing.tuning.SETTINGS`; учит программа `testing.trainer`, а с
    разделом `model` — `ttsf train`. Возвращает `Tuned`: события и tuning_history.json.
    """

    def run(**sections: Any) -> Tuned:
        from tts_framework.testing.tuning import tune, write_config

        return tune(write_config(tmp_path, sections))

    return run


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> TinyCorpus:
    """Восемь коротких клипов настоящей речи (без espeakng-loader — тонов) с текстами."""
    from tts_framework.testing.corpus import make

    return make(tmp_path_factory.mktemp("tiny_corpus"))
