"""SIGKILL посреди нарезки: та же команда доводит её до того же итога."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import Cut, command, contents


def processes_in(group: int) -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(status.parent.name)
    return found


@pytest.mark.parametrize("done", [0, 3])
def test_the_next_run_ends_as_an_unbroken_one(
    tmp_path: Path, many: Path, cut: Cut, done: int
) -> None:
    out = tmp_path / "killed"
    process = subprocess.Popen(
        [*command(many, out), "--workers", "2"], stderr=subprocess.DEVNULL, start_new_session=True
    )
    journal = out / ".segment/journal.jsonl"
    deadline = time.monotonic() + 60
    while not journal.is_file() or journal.read_bytes().count(b"\n") < 1 + done:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while processes_in(process.pid):
        assert time.monotonic() < deadline, "рабочие процессы пережили родителя"
        time.sleep(0.02)
    assert not (out / "metadata.csv").exists()

    assert cut(many, out).ready >= done
    cut(many, tmp_path / "whole")

    assert contents(out) == contents(tmp_path / "whole")
    assert sorted(p.name for p in (out / ".segment").iterdir()) == ["journal.jsonl", "lock"]


def test_a_run_killed_before_it_announced_itself_can_be_repeated(
    tmp_path: Path, raw: Path, cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tts_framework.speech.segmenting.publishing.announce", killed)
        with pytest.raises(KeyboardInterrupt):
            cut(raw)
    assert cut(raw).sources == 2


def test_clips_of_a_recording_killed_before_its_record_are_not_taken_for_whole(
    tmp_path: Path, raw: Path, cut: Cut
) -> None:
    cut(raw)
    corpus = tmp_path / "corpus"
    half = corpus / ".segment/first.00000000"
    half.mkdir()
    for clip in corpus.glob("wavs/first*"):
        (half / clip.name).write_bytes(b"half")
    before = contents(corpus)
    cut(raw)
    assert contents(corpus) == before and not half.exists()


def test_clips_of_a_recording_killed_after_its_record_are_moved(
    tmp_path: Path, raw: Path, cut: Cut
) -> None:
    cut(raw)
    corpus = tmp_path / "corpus"
    before = contents(corpus)
    journal = (corpus / ".segment/journal.jsonl").read_text()
    folder = next(p for p in journal.split('"') if p.startswith("first.") and p != "first.wav")
    (corpus / ".segment" / folder).mkdir()
    for clip in list(corpus.glob("wavs/first*"))[1:]:
        shutil.move(clip, corpus / ".segment" / folder / clip.name)
    for file in ("metadata.csv", "segments.jsonl"):
        (corpus / file).unlink()
    assert cut(raw).ready == 2
    assert contents(corpus) == before
