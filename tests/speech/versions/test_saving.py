"""Сохранение: изменившийся клип стоит одного клипа, невидимого недописанного не бывает."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.errors import DataError, DiskFull
from tts_framework.speech.corpora import manifest as sections
from tts_framework.speech.versions import digests, marks, reading, records, snapshot
from tts_framework.speech.versions.saving import save


def rewrite(path: Path, seed: int) -> None:
    """Замени файл другим того же размера, что клипы корпуса."""
    path.write_bytes(random.Random(seed).randbytes(1644))


def all_whole(objects: Path) -> bool:
    """Скажи, что под каждым sha256 лежит именно его содержимое."""
    found = [path for path in objects.glob("??/*") if len(path.name) == 64]
    return bool(found) and all(
        hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in found
    )


def test_the_same_files_are_the_same_version_wherever_they_are(
    corpus: Path, store: MLflowVersions, tmp_path: Path
) -> None:
    first = save(corpus, store, message="first")
    shutil.copytree(corpus, tmp_path / "copy")
    (tmp_path / "copy/corpus.json").write_text(
        json.dumps({"corpus": "test", "frontend": sections.read(corpus)["frontend"], "limit": None})
    )
    again = save(corpus, store)
    copied = save(tmp_path / "copy", store, name="other")

    assert first.new and not again.new and copied.new
    assert {first.record.id, again.record.id, copied.record.id} == {first.record.id}
    assert (again.stored, copied.stored) == (0, 0)
    assert again.record.message == "first"
    found, damaged = records.read(store)
    assert [record.name for record in found] == ["voice", "other"] and damaged == 0


def test_a_changed_clip_costs_one_clip(corpus: Path, store: MLflowVersions) -> None:
    first = save(corpus, store)
    rewrite(corpus / "wavs/c2.wav", seed=77)

    second = save(corpus, store)

    assert second.new and second.record.parent == first.record.id
    assert second.stored == 2  # клип и описание
    assert second.record.clips == 4 and second.record.seconds == pytest.approx(0.2)


def test_an_unchanged_file_is_not_read_again(
    corpus: Path, store: MLflowVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in corpus.rglob("*"):
        os.utime(path, ns=(10**18 + 1, 10**18 + 1))
    save(corpus, store)
    read: list[Path] = []
    copy = digests.copy
    monkeypatch.setattr(digests, "copy", lambda s, t: read.append(s) or copy(s, t))

    assert not save(corpus, store).new
    assert read == []


def test_an_edit_that_keeps_size_and_time_is_seen(corpus: Path, store: MLflowVersions) -> None:
    first, clip = save(corpus, store), corpus / "wavs/c1.wav"
    before = clip.stat()
    rewrite(clip, seed=99)
    os.utime(clip, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clip.stat().st_size == before.st_size

    assert save(corpus, store).record.id != first.record.id


def test_the_front_end_and_its_symbols_are_in_the_manifest(
    corpus: Path, store: MLflowVersions
) -> None:
    first = save(corpus, store).record
    frontend = reading.manifest(store, first).frontend
    assert frontend["use"] == "russian" and len(frontend["symbols_sha256"]) == 64

    sections.update(corpus, frontend={"use": "russian", "symbols": ["_", "а"]})
    assert save(corpus, store).record.id != first.id


def test_hidden_and_foreign_files_are_left_out_and_named(
    corpus: Path, store: MLflowVersions
) -> None:
    before = snapshot.take(corpus).manifest.id
    for name in (".secret", "wavs/.c1.wav.tmp", "check.html", "model.ckpt"):
        (corpus / name).write_text("x")

    saved = save(corpus, store)

    assert saved.record.id == before
    assert saved.left_out == ("check.html", "model.ckpt")


def test_a_corpus_without_corpus_json_keeps_its_id(corpus: Path, store: MLflowVersions) -> None:
    (corpus / "corpus.json").unlink()
    first = save(corpus, store)
    assert marks.read(corpus) is not None
    assert save(corpus, store).record.id == first.record.id


def test_a_corpus_json_that_is_not_json_is_saved_and_not_touched(
    corpus: Path, store: MLflowVersions
) -> None:
    (corpus / "corpus.json").write_text("{torn")
    assert save(corpus, store).marked is False
    assert (corpus / "corpus.json").read_text() == "{torn"


STRANGE = ["два слова.wav", "new\nline.wav", "pipe|pipe.wav", "q'\"*.wav", "\udcff\udcfe.wav"]


def test_any_file_name_goes_in(corpus: Path, store: MLflowVersions) -> None:
    for number, name in enumerate(STRANGE):
        rewrite(corpus / "wavs" / name, seed=number + 50)
    saved = save(corpus, store).record
    assert {f"wavs/{name}" for name in STRANGE} < reading.manifest(store, saved).files.keys()


@pytest.mark.parametrize("name", ["wavs/out.wav", "train.csv", "wavs", "labels/x.lab"])
def test_a_symbolic_link_is_refused_and_named(
    corpus: Path, store: MLflowVersions, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    place = corpus / name
    if place.exists():
        shutil.move(place, outside)
    else:
        outside.write_text("x")
    place.symlink_to(outside)

    with pytest.raises(DataError, match=f"{name}: is a symbolic link"):
        save(corpus, store)
    assert records.read(store) == ([], 0)


def test_a_pipe_is_refused_and_does_not_hang(corpus: Path, store: MLflowVersions) -> None:
    os.mkfifo(corpus / "wavs/pipe.wav")
    with pytest.raises(DataError, match="not a regular file"):
        save(corpus, store)


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/passwd", "wavs/../../x.wav"])
def test_a_list_that_leads_out_of_the_corpus_is_refused(
    corpus: Path, store: MLflowVersions, path: str
) -> None:
    (corpus / "train.csv").write_text(f"wavs/c1.wav|Да\n{path}|Нет\n")
    with pytest.raises(DataError, match=r"train.csv:2: .* is outside of the corpus"):
        save(corpus, store)


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path, store: MLflowVersions) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(DataError, match="neither metadata.csv nor wavs/"):
        save(tmp_path / "x", store)
    with pytest.raises(DataError, match="cannot be read"):
        save(tmp_path / "absent", store)


class Meddler(MLflowVersions):
    """Правит корпус посреди сохранения — как программа, которая ещё пишет в него."""

    victim: Path
    at: str

    def missing(self, sizes: Any) -> set[str]:
        if self.at == "before":
            rewrite(self.victim, seed=1000)
        return super().missing(sizes)

    def put(self, digest: str, staged: Path) -> None:
        super().put(digest, staged)
        if self.at == "after":
            rewrite(self.victim, seed=1000)


@pytest.mark.parametrize("at", ["before", "after"])
def test_files_that_change_while_being_saved_are_noticed(
    corpus: Path, store: MLflowVersions, objects: Path, at: str
) -> None:
    meddler = Meddler(store.config)
    meddler.victim, meddler.at = corpus / "wavs/c3.wav", at

    with pytest.raises(DataError, match="c3.wav: changed while it was being read"):
        save(corpus, meddler)

    assert records.read(store) == ([], 0) and all_whole(objects)
    assert save(corpus, store).new and all_whole(objects)


def test_two_saves_at_once_make_one_version(
    corpus: Path, store: MLflowVersions, objects: Path
) -> None:
    def run(number: int) -> str:
        return save(corpus, MLflowVersions(store.config)).record.id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(run, range(4)))

    assert len(ids) == 1 and all_whole(objects)
    assert [record.id for record in records.read(store)[0]] == list(ids)


def test_verify_repairs_what_is_damaged(corpus: Path, store: MLflowVersions, objects: Path) -> None:
    save(corpus, store)
    clip = hashlib.sha256((corpus / "wavs/c1.wav").read_bytes()).hexdigest()
    place = objects / clip[:2] / clip
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[::-1])

    assert save(corpus, store).stored == 0
    assert save(corpus, store, verify=True).stored == 1
    assert all_whole(objects)


def test_a_half_written_object_is_written_again(
    corpus: Path, store: MLflowVersions, objects: Path
) -> None:
    clip = hashlib.sha256((corpus / "wavs/c1.wav").read_bytes()).hexdigest()
    place = objects / clip[:2] / clip
    place.parent.mkdir(parents=True)
    place.write_bytes(b"half")
    save(corpus, store)
    assert all_whole(objects)


def test_a_corpus_that_cannot_be_written_is_saved_unmarked(
    corpus: Path, store: MLflowVersions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    mounted = subprocess.run(["mount", "--bind", corpus, frozen], capture_output=True)
    if mounted.returncode:
        pytest.skip("a read-only folder needs the right to mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", frozen], check=True)
        saved = save(frozen, store)
        assert saved.new and not saved.marked
        assert list((tmp_path / "cache/ttsf/versions").iterdir())
    finally:
        subprocess.run(["umount", frozen], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "mlruns/datasets"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_of_the_store_is_named_and_the_next_run_goes_on(
    make_corpus: Any, mlflow_uri: str, small_disk: Path
) -> None:
    store = MLflowVersions(MLflowVersions.Config(tracking_uri=mlflow_uri))
    corpus = make_corpus(clips=12, samples=16000)  # 384 кБ в 256

    with pytest.raises(DiskFull, match="no space left"):
        save(corpus, store)
    assert records.read(store) == ([], 0)
    objects = small_disk / "objects"
    kept = {path.name for path in objects.glob("??/*")}
    assert kept and all_whole(objects) and not list(objects.glob(".incoming/*"))

    subprocess.run(["mount", "-o", "remount,size=2m", small_disk], check=True)
    saved = save(corpus, store)
    assert saved.new and all_whole(objects)
    assert saved.stored == len({p.name for p in objects.glob("??/*")} - kept)


def test_a_full_disk_of_the_corpus_is_named(
    corpus: Path, store: MLflowVersions, full_disk: None
) -> None:
    with pytest.raises(DiskFull, match="no space left"):
        save(corpus, store)
