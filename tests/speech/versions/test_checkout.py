"""Возврат версии: файлы сверены, правки целы, прерванное продолжается."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.errors import DataError, DiskFull, TTSFError
from tts_framework.folder_lock import held
from tts_framework.speech.versions import marks, reading
from tts_framework.speech.versions.checkout import checkout
from tts_framework.speech.versions.records import Record
from tts_framework.speech.versions.saving import save

Visible = Callable[[Path], dict[str, bytes]]


def place(objects: Path, digest: str) -> Path:
    return objects / digest[:2] / digest


def object_of(objects: Path, path: Path) -> Path:
    return place(objects, hashlib.sha256(path.read_bytes()).hexdigest())


def damage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[::-1])


def temporaries(out: Path) -> list[Path]:
    return [path for path in out.rglob(".ttsf-checkout-*")]


def test_a_version_comes_back_byte_for_byte(
    corpus: Path, store: MLflowVersions, tmp_path: Path, visible: Visible
) -> None:
    for name in ("два слова.wav", "new\nline.wav", "pipe|pipe.wav", "\udcff.wav", "x" * 250):
        (corpus / "wavs" / name).write_text(name, "utf-8", "surrogateescape")
    (corpus / "wavs/deep/er").mkdir(parents=True)
    (corpus / "wavs/deep/er/x.wav").write_bytes(b"")
    record = save(corpus, store).record

    done = checkout(store, record, tmp_path / "out")

    assert visible(tmp_path / "out") == visible(corpus)
    assert done.written == record.files and done.written_bytes == record.size
    mark = marks.read(tmp_path / "out")
    assert mark is not None and (mark.id, mark.name) == (record.id, "voice")
    assert not marks.drift(tmp_path / "out", record.id)
    assert save(tmp_path / "out", store).new is False
    assert not temporaries(tmp_path / "out")


def test_files_cannot_spoil_the_store(
    corpus: Path, store: MLflowVersions, tmp_path: Path, objects: Path, visible: Visible
) -> None:
    record = save(corpus, store).record
    for round in ("a", "b"):
        checkout(store, record, tmp_path / round)
        assert visible(tmp_path / round) == visible(corpus)
        with open(tmp_path / round / "wavs/c1.wav", "r+b") as file:
            file.write(b"spoiled in place")


def test_only_what_is_missing_is_written(
    corpus: Path, store: MLflowVersions, tmp_path: Path
) -> None:
    record, out = save(corpus, store).record, tmp_path / "out"
    checkout(store, record, out)
    times = {path: path.stat().st_mtime_ns for path in out.glob("wavs/*")}
    (out / "wavs/c1.wav").unlink()
    done = checkout(store, record, out)
    assert done.written == 2  # клип и corpus.json
    assert sum(times[path] != path.stat().st_mtime_ns for path in times) == 1


def test_switching_replaces_and_removes_the_files_of_the_old_version(
    corpus: Path, store: MLflowVersions, tmp_path: Path, visible: Visible
) -> None:
    old, out = save(corpus, store).record, tmp_path / "out"
    before = visible(corpus)
    (corpus / "wavs/c1.wav").unlink()
    (corpus / "labels/c2.lab").write_text("changed")
    (corpus / "corpus.json").write_text('{"corpus": "other"}')
    new = save(corpus, store).record
    checkout(store, old, out)
    (out / "wavs/mine.wav").write_bytes(b"mine")

    done = checkout(store, new, out)

    assert done.removed == 1 and done.kept == ["wavs/mine.wav"]
    (out / "wavs/mine.wav").unlink()
    assert visible(out) == visible(corpus)
    checkout(store, old, out)
    assert visible(out) == before


@pytest.mark.parametrize("name", ["wavs/c1.wav", "metadata.csv", "corpus.json"])
def test_local_changes_are_kept_unless_forced(
    corpus: Path, store: MLflowVersions, tmp_path: Path, visible: Visible, name: str
) -> None:
    record, out = save(corpus, store).record, tmp_path / "out"
    checkout(store, record, out)
    content = json.dumps({**json.loads((out / "corpus.json").read_text()), "mine": 1})
    (out / name).write_text(content)
    before = visible(out)

    with pytest.raises(DataError, match=f"1 file.s. have changes .*: {name}; save them"):
        checkout(store, record, out)
    assert visible(out) == before

    checkout(store, record, out, force=True)
    assert visible(out) == visible(corpus)


def test_a_folder_with_files_of_its_own_is_not_overwritten(
    corpus: Path, store: MLflowVersions, make_corpus: Any
) -> None:
    record = save(corpus, store).record
    other = make_corpus("other", samples=900)
    with pytest.raises(DataError, match="have changes that are in no version"):
        checkout(store, record, other)


def test_damaged_and_missing_objects_are_named_and_nothing_wrong_is_left(
    corpus: Path, store: MLflowVersions, tmp_path: Path, objects: Path, visible: Visible
) -> None:
    record, out = save(corpus, store).record, tmp_path / "out"
    damage(object_of(objects, corpus / "wavs/c1.wav"))
    object_of(objects, corpus / "wavs/c2.wav").unlink()
    big = object_of(objects, corpus / "wavs/c3.wav")
    big.chmod(0o644)
    with open(big, "ab") as file:
        file.truncate(5_000_000)

    with pytest.raises(DataError) as caught:
        checkout(store, record, out)

    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        f"wavs/c{n}.wav" for n in (1, 2, 3)
    ]
    assert "is damaged" in caught.value.problems[0] and "is not in" in caught.value.problems[1]
    assert "save the version again with --verify" in str(caught.value)
    whole = visible(corpus)
    assert all(whole[name] == content for name, content in visible(out).items())
    assert not (out / "train.csv").exists() and marks.read(out) is None and not temporaries(out)

    save(corpus, store, verify=True)
    checkout(store, record, out)
    assert visible(out) == whole


def test_a_damaged_manifest_is_refused(
    corpus: Path, store: MLflowVersions, tmp_path: Path, objects: Path
) -> None:
    record = save(corpus, store).record
    damage(place(objects, record.id))
    with pytest.raises(DataError, match="its manifest: its content in the store is damaged"):
        checkout(store, record, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_huge_manifest_is_refused_before_it_is_read(
    corpus: Path, store: MLflowVersions, tmp_path: Path
) -> None:
    record = replace(save(corpus, store).record, manifest_bytes=1 << 40)
    with pytest.raises(DataError, match="its manifest has 1099511627776 bytes, over"):
        reading.manifest(store, record)


@pytest.mark.parametrize("path", ["../escaped.wav", "/tmp/escaped.wav", ".git/hooks/x", "wavs/.x"])
def test_a_hostile_manifest_writes_nothing(
    store: MLflowVersions, tmp_path: Path, path: str
) -> None:
    clip = b"payload"
    digest = hashlib.sha256(clip).hexdigest()
    document = {"format": 1, "frontend": {}, "files": [[path, digest, len(clip)]]}
    content = json.dumps(document).encode()
    id = hashlib.sha256(content).hexdigest()
    for key, value in ((digest, clip), (id, content)):
        staged = tmp_path / "staged"
        staged.write_bytes(value)
        store.put(key, staged)
    record = Record(id, "hostile", manifest_bytes=len(content))

    with pytest.raises(DataError, match="is not a file of a corpus"):
        checkout(store, record, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / "escaped.wav").exists()


@pytest.mark.parametrize("name", ["wavs", "labels/c1.lab", "metadata.csv"])
def test_a_link_in_the_folder_does_not_lead_out(
    corpus: Path, store: MLflowVersions, tmp_path: Path, name: str
) -> None:
    record, outside, out = save(corpus, store).record, tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    (out / name).parent.mkdir(parents=True)
    (out / name).symlink_to(outside)
    with pytest.raises(DataError, match="is a symbolic link"):
        checkout(store, record, out, force=True)
    assert not list(outside.iterdir())


def test_a_folder_in_the_way_is_named(corpus: Path, store: MLflowVersions, tmp_path: Path) -> None:
    record, out = save(corpus, store).record, tmp_path / "out"
    (out / "wavs/c1.wav").mkdir(parents=True)
    with pytest.raises(DataError, match="wavs/c1.wav: cannot be written .*; move it away"):
        checkout(store, record, out)
    assert marks.read(out) is None and not temporaries(out)


def test_one_folder_is_filled_by_one_process(
    corpus: Path, store: MLflowVersions, tmp_path: Path
) -> None:
    record = save(corpus, store).record
    with held(tmp_path / "out", "wait"):
        with pytest.raises(TTSFError, match="is held by process"):
            checkout(store, record, tmp_path / "out")


def test_a_full_disk_leaves_whole_files_and_the_next_run_goes_on(
    make_corpus: Any, store: MLflowVersions, tmp_path: Path, visible: Visible
) -> None:
    corpus, disk = make_corpus(clips=12, samples=16000), tmp_path / "disk"
    record = save(corpus, store).record
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount")
    try:
        with pytest.raises(DiskFull, match="no space left"):
            checkout(store, record, disk / "out")
        whole, found = visible(corpus), visible(disk / "out")
        assert found and all(whole[name] == content for name, content in found.items())
        assert marks.read(disk / "out") is None and not temporaries(disk / "out")

        subprocess.run(["mount", "-o", "remount,size=2m", str(disk)], check=True)
        checkout(store, record, disk / "out")
        assert visible(disk / "out") == whole
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_a_killed_process_left_is_tidied(
    corpus: Path, store: MLflowVersions, tmp_path: Path
) -> None:
    record, out = save(corpus, store).record, tmp_path / "out"
    (out / "wavs").mkdir(parents=True)
    (out / f"wavs/.ttsf-checkout-{os.getpid()}-0.tmp").write_text("half")
    (out / "..version-coming.json.123.tmp").write_text("half")
    (out / "..lock-owner.123.tmp").write_text("half")
    (out / ".corpus.json.123.tmp").write_text("half")
    checkout(store, record, out)
    assert not list(out.rglob("*.tmp"))
