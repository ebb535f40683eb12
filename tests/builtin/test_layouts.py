"""Плагины раскладок: лёгкий импорт, options из командной строки, записи по порядку."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tts_framework.components import Layout
from tts_framework.plugins import Plugins

NAMES = ("ljspeech", "vctk", "common_voice", "kaldi", "textgrid", "festvox", "mailabs")


@pytest.mark.parametrize("name", NAMES)
def test_a_layout_is_a_plugin_with_documented_options(name: str) -> None:
    layout = Plugins().get("layout", name)
    assert issubclass(layout, Layout) and layout.__doc__
    assert all(field.description for field in layout.Config.model_fields.values())
    assert not layout.matches(Path("/nonexistent"))


def test_the_front_ends_import_nothing_heavy() -> None:
    modules = ", ".join(f"tts_framework.builtin.{name}" for name in NAMES)
    code = (
        f"import sys, {modules};"
        "print([m for m in ('numpy', 'soundfile', 'soxr', 'torch') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_ljspeech_is_a_corpus_and_a_layout() -> None:
    [info] = [info for info in Plugins().infos() if info.name == "ljspeech"]
    assert set(info.kinds) == {"corpus", "layout"}


def test_kaldi_takes_its_root_from_the_options(tmp_path: Path) -> None:
    kaldi = Plugins().get("layout", "kaldi")
    assert kaldi(kaldi.Config()).root(tmp_path) == tmp_path
    assert kaldi(kaldi.Config(root="/audio")).root(tmp_path) == Path("/audio")
