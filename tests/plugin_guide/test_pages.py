"""Руководство автора плагина исполняется: каждый блок кода — файл, команда или интерфейс."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from blocks import PAGES, ROOT, Block, blocks, expected, kind_of  # noqa: E402
from execution import execute  # noqa: E402

from tts_framework.hookspecs import INTERFACES  # noqa: E402
from tts_framework.testing.project import KINDS, render  # noqa: E402

BLOCKS = [block for page in PAGES for block in blocks(page)]
FRESH = "run: python tests/plugin_guide/blocks.py"
RUNNABLE = [page for page in PAGES if page.parent.name == "plugins"]


def _timed(page: Path) -> Any:
    """Учебник исполняется всегда, остальные страницы — в долгих тестах."""
    marks = [] if page.stem == "tutorial" else [pytest.mark.long]
    return pytest.param(page, id=page.stem, marks=marks)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.where)
def test_a_block_is_what_the_code_says(block: Block) -> None:
    known = block.value("file") or block.value("interface") or block.info.startswith("run")
    assert known, f"{block.where}: nothing executes this block"
    wanted = expected(block)
    assert wanted is None or block.text == wanted, FRESH
    if block.language == "python" and not block.value("interface"):
        compile(block.text, block.where, "exec")


def test_every_kind_has_a_page_or_a_place() -> None:
    texts = {page.stem: page.read_text(encoding="utf-8") for page in RUNNABLE}
    for kind, interface in INTERFACES.items():
        page = texts.get(kind, texts["other"])
        assert f"interface={interface.__name__}\n" in page, kind
    assert set(KINDS) <= set(texts)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_a_kind_shows_the_whole_implementation(kind: str) -> None:
    shown = {block.value("file") for block in blocks(ROOT / "docs" / "plugins" / f"{kind}.md")}
    code = {path for path in render(f"my_{kind}", kind) if path.endswith(".py")}
    assert code <= shown


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("page", [_timed(page) for page in RUNNABLE])
def test_a_page_is_executed(page: Path, tmp_path: Path, site: Any) -> None:
    folder = tmp_path / "work"
    folder.mkdir()

    def run(command: str) -> tuple[int, str]:
        words = shlex.split(command)
        if words[:2] == ["pip", "install"]:
            site.install(folder / words[-1])
            return 0, ""
        module = {"ttsf": "tts_framework", "pytest": "pytest"}[words[0]]
        done = site.run(module, *words[1:], cwd=folder)
        return done.returncode, done.stdout + done.stderr

    kind = kind_of(page)
    execute(page, folder, run, f"ttsf-my-{kind}" if kind else "")
    if page.stem == "testing":
        assert site.run("pytest", "-q", "tests", cwd=folder).returncode == 0
