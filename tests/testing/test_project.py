"""`ttsf plugin new`: имена, занятые места, папки; целые проекты проверяет руководство."""

from __future__ import annotations

import ast
import os
import tomllib
from pathlib import Path

import pytest

from tts_framework.errors import TTSFError
from tts_framework.testing.project import KINDS, create, render


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My-Search", "'My-Search': is not a name of a plugin: .*; try 'my_search'"),
        ("ttsf_mine", "ttsf_mine: the package adds 'ttsf_' by itself; try 'mine'"),
        ("class", "'class': is not a name of a plugin: .*; try 'my_plugin'"),
        ("../escape", "'../escape': is not a name of a plugin"),
        ("поиск", "'поиск': is not a name of a plugin"),
        ("two__marks", "'two__marks': is not a name of a plugin"),
        ("a" * 41, "at most 40"),
        ("", "'': is not a name of a plugin"),
        ("patience", "patience: is taken by tts-framework .*; choose another name"),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(TTSFError, match=message):
        create(name, "stopper", tmp_path)
    assert os.listdir(tmp_path) == []


def test_an_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TTSFError, match="--kind colour: no template for it; kinds are optimizer, "):
        create("mine", "colour", tmp_path)


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    mine = tmp_path / "ttsf-mine"
    mine.mkdir()
    (mine / "README.md").write_text("mine")
    with pytest.raises(TTSFError, match="ttsf-mine: already exists; choose another name or --dir"):
        create("mine", "stopper", tmp_path)
    assert (mine / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TTSFError, match="ttsf-mine: .*; choose another --dir"):
        create("mine", "stopper", tmp_path / "file" / "inner")


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_is_whole_and_named_after_its_plugin(tmp_path: Path, kind: str) -> None:
    made = create("my_thing", kind, tmp_path / "new")
    project = tmp_path / "new" / "ttsf-my-thing"
    assert made == sorted(path for path in project.rglob("*") if path.is_file())
    assert os.listdir(tmp_path / "new") == ["ttsf-my-thing"]
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert about["name"] == "ttsf-my-thing"
    assert about["entry-points"]["ttsf"] == {"my_thing": "ttsf_my_thing"}
    texts = render("my_thing", kind)
    assert not [path for path, text in texts.items() if "<<" in text or "<%" in text]
    for path in made:
        if path.suffix == ".py":
            ast.parse(path.read_text(), str(path))
