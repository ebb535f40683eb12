"""Отметка версии: id для журналов и предупреждение, когда файлы от версии отличаются."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.speech.versions import marks
from tts_framework.speech.versions.marks import Used, used
from tts_framework.speech.versions.saving import save


@pytest.fixture
def saved(corpus: Path, store: MLflowVersions) -> str:
    return save(corpus, store).record.id


def lists(corpus: Path) -> tuple[Path, Path]:
    return corpus / "train.csv", corpus / "validation.csv"


@pytest.mark.parametrize("length", [None, 8, 64])
def test_untouched_files_give_the_whole_id(corpus: Path, saved: str, length: int | None) -> None:
    asked = None if length is None else saved[:length]
    assert used(lists(corpus), asked) == Used(saved)
    assert used(lists(corpus), "voice") == Used(saved)


def test_without_a_version_there_is_nothing_to_say(corpus: Path) -> None:
    assert used(lists(corpus), None) == Used()
    assert used((None, None), None) == Used()


def test_a_foreign_trainer_may_name_its_version() -> None:
    assert used((None, None), "v1") == Used("v1")


def test_changed_files_are_counted_and_the_first_is_named(corpus: Path, saved: str) -> None:
    (corpus / "wavs/c1.wav").write_bytes(b"x")
    (corpus / "wavs/c2.wav").write_bytes(b"x")
    (corpus / "labels/c3.lab").unlink()
    (corpus / "wavs/new.wav").write_bytes(b"x")

    found = used(lists(corpus), None)

    assert found.id == f"{saved} (changed)"
    assert found.notes == (
        f"data.version {saved[:12]}: files differ from it: 2 changed, 1 removed, 1 added, first"
        f" wavs/c1.wav; see ttsf data version diff {saved[:12]} {corpus}",
    )
    assert used(lists(corpus), None, compare=False) == Used(saved)


def test_another_version_in_the_folder_is_said(corpus: Path, saved: str) -> None:
    found = used(lists(corpus), "feedbeef")
    assert found.id == f"{saved} (asked for feedbeef)"
    assert f"{corpus} holds version {saved[:12]} instead" in found.notes[0]


def test_a_version_named_for_a_folder_without_one_cannot_be_compared(corpus: Path) -> None:
    found = used(lists(corpus), "feedbeef")
    assert found.id == "feedbeef (not checked)"
    assert "records no version; compare: ttsf data version diff feedbeef" in found.notes[0]


def test_the_store_is_named_in_the_advice(corpus: Path, store: MLflowVersions) -> None:
    save(corpus, store, use="dvc")
    (corpus / "LICENSE").write_text("x")
    assert used(lists(corpus), None).notes[0].endswith(f" {corpus} --use dvc")


def test_a_lost_or_false_manifest_is_not_taken_for_agreement(corpus: Path, saved: str) -> None:
    (corpus / marks.CURRENT).write_text("{}")
    found = used(lists(corpus), None)
    assert found.id == f"{saved} (not checked)" and "keeps no manifest" in found.notes[0]


def test_a_corpus_that_cannot_be_scanned_is_said(corpus: Path, saved: str) -> None:
    (corpus / "wavs/link.wav").symlink_to("/etc/passwd")
    found = used(lists(corpus), None)
    assert found.id == f"{saved} (not checked)" and "symbolic link" in found.notes[0]


@pytest.mark.parametrize("section", [None, [], {}, {"id": 1}, {"id": "../../x"}, "x"])
def test_a_spoiled_mark_is_no_mark(corpus: Path, section: object) -> None:
    (corpus / "corpus.json").write_text(json.dumps({"version": section}))
    assert marks.read(corpus) is None
