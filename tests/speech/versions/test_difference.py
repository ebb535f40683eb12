"""Разница версий: клипы, тексты построчно, секунды."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.versions import difference
from tts_framework.speech.versions.saving import save


def quiet(done: int, total: int, what: str) -> None:
    pass


def test_clips_texts_and_totals_are_compared(corpus: Path, store: MLflowVersions) -> None:
    old = difference.stored(store, save(corpus, store).record)
    rows = {row.id: row for row in table.read(corpus)}
    (corpus / "wavs/c0.wav").unlink()
    (corpus / "labels/c0.lab").unlink()
    (corpus / "wavs/c1.wav").write_bytes(b"other sound")
    (corpus / "labels/c2.lab").write_text("other labels")
    (corpus / "wavs/new.wav").write_bytes(b"new sound")
    table.write(
        corpus,
        [rows["c1"], rows["c2"], Row("c3", "Тр+и", 0.25, "a"), Row("new", "Новый", 1.0, "a")],
    )
    (corpus / "LICENSE").write_text("not free")

    found = difference.compare(old, difference.on_disk(corpus, quiet))

    assert (found.added, found.removed) == (("new",), ("c0",))
    changed = {clip.id: (clip.audio, clip.labels, dict(clip.fields)) for clip in found.changed}
    assert changed == {
        "c1": ("changed", False, {}),
        "c2": ("", True, {}),
        "c3": ("", False, {"text": ("Текст 3", "Тр+и")}),
    }
    assert found.files.changed == ("LICENSE", "metadata.csv")
    assert (found.old["clips"], found.old["seconds"]) == (4, 0.2)
    assert (found.new["clips"], found.new["seconds"]) == (4, 1.35)
    assert json.loads(json.dumps(found.to_dict()))["changed"][0]["id"] == "c1"


def test_a_version_does_not_differ_from_its_files(corpus: Path, store: MLflowVersions) -> None:
    saved = difference.stored(store, save(corpus, store).record)
    assert not difference.compare(saved, difference.on_disk(corpus, quiet))


def test_a_corpus_without_a_readable_table_is_compared_by_its_files(
    corpus: Path, store: MLflowVersions
) -> None:
    saved = difference.stored(store, save(corpus, store).record)
    (corpus / "metadata.csv").write_bytes(b"\xff\xfe")
    (corpus / "wavs/c1.wav").write_bytes(b"x")
    found: Any = difference.compare(saved, difference.on_disk(corpus, quiet))
    assert "c1" in [clip.id for clip in found.changed if clip.audio]
    assert found.new["seconds"] == 0
