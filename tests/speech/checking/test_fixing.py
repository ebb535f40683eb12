"""`--fix`: безопасное исправлено в новой папке, остальное названо; прерванное продолжается."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError, ExitCode, TTSFError
from tts_framework.speech.checking.checking import check
from tts_framework.speech.checking.findings import Severity
from tts_framework.speech.checking.fixing import fix
from tts_framework.speech.corpora import manifest, table

RATE = 16000


def silence(seconds: float) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal(int(seconds * RATE)) * 1e-4).astype(np.float32)


def spoil(bench: Any) -> dict[str, str]:
    """Испорти всё, что чинится; верни, что ждать: правка или «left out»."""
    a, b, c, d, e, f = bench.ids
    for id in bench.ids:
        shutil.copyfile(bench.wav(id), bench.wav(f"{id}_plain"))
        text = bench.rows[id].text + " Ещё."
        bench.rows[f"{id}_plain"] = replace(bench.rows[id], id=f"{id}_plain", text=text)
    bench.put(a, np.stack([bench.sound(a)] * 2, 1) * np.float32(0.8))
    bench.put(b, np.repeat(bench.sound(b), 2) * np.float32(0.8), 2 * RATE)
    bench.put(c, bench.sound(c) * 0.8 + 0.05, subtype="FLOAT")
    bench.put(d, np.concatenate([silence(1.5), bench.sound(d) * 0.8, silence(2.0)]))
    bench.put(e, bench.sound(e) * 0)
    bench.wav(f).write_bytes(b"not a sound")
    shutil.copyfile(bench.wav(f"{a}_plain"), bench.wav("twin"))
    bench.rows["twin"] = replace(bench.rows[f"{a}_plain"], id="twin")
    bench.save()
    return {a: "mono", b: "resample", c: "dc", d: "trim", e: "", f: "", "twin": ""}


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".check" not in path.parts and not path.name.startswith(".")
    }


def test_the_result_has_no_errors_and_the_source_is_untouched(bench: Any, tmp_path: Path) -> None:
    expected = spoil(bench)
    before = content(bench.folder)

    fixes = fix(bench.check(), tmp_path / "new")

    assert content(bench.folder) == before
    for id, action in expected.items():
        assert (action in fixes.changed[id]) if action else (id in fixes.dropped), id
    after = check(tmp_path / "new", fixes.settings)
    rules = {f.rule for f in after.findings}
    assert after.count(Severity.ERROR) == 0
    assert not rules & {"sample_rate", "channels", "bit_depth", "dc_offset", "edge_silence"}
    assert not rules & {"silent", "file_broken", "audio_duplicate", "duration_drift"}
    listed = json.loads((tmp_path / "new" / "fixed.json").read_text("utf-8"))
    assert set(listed["dropped"]) == {id for id, action in expected.items() if not action}
    assert "the same sound as" in listed["dropped"]["twin"]


def test_untouched_clips_are_copied_byte_for_byte_and_not_linked(
    bench: Any, tmp_path: Path
) -> None:
    fix(bench.check(), tmp_path / "new")
    for id in bench.ids:
        copy = table.wav(tmp_path / "new", id)
        assert copy.read_bytes() == bench.wav(id).read_bytes()
        assert copy.stat().st_ino != bench.wav(id).stat().st_ino
    assert table.read(tmp_path / "new") == table.read(bench.folder)


def test_the_sound_itself_stays(bench: Any, tmp_path: Path) -> None:
    id = bench.ids[0]
    original = bench.sound(id)
    bench.put(id, np.concatenate([silence(1.0), original * 0.5, silence(1.0)]) + 0.05)
    fixes = fix(bench.check(), tmp_path / "new")
    assert fixes.changed[id] == ["dc", "trim"]
    fixed, _ = soundfile.read(str(table.wav(tmp_path / "new", id)), dtype="float32")
    assert len(fixed) < len(original) + RATE * 0.5
    best = np.abs(np.correlate(fixed, original * 0.5, "valid")).max()
    assert best == pytest.approx(float(np.sum((original * 0.5) ** 2)), rel=0.01)


def test_two_texts_for_one_sound_are_both_left_out(bench: Any, tmp_path: Path) -> None:
    first, second = bench.ids[:2]
    shutil.copyfile(bench.wav(first), bench.wav(second))
    fixes = fix(bench.check(), tmp_path / "new")
    assert set(fixes.dropped) == {first, second}
    assert "none can be trusted" in fixes.dropped[first]


def label(folder: Path, id: str, lines: list[tuple[float, str]]) -> Path:
    path = folder / "labels" / f"{id}.lab"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#\n" + "".join(f"{end:.5f} 125 {phone}\n" for end, phone in lines))
    return path


def test_labels_move_with_the_trimmed_sound(bench: Any, tmp_path: Path) -> None:
    kept, lost, plain = bench.ids[:3]
    for id in (kept, lost):
        bench.put(id, np.concatenate([silence(1.5), bench.sound(id), silence(1.5)]))
    ends = {id: bench.rows[id].seconds for id in bench.ids}
    label(
        bench.folder, kept, [(1.5, "pau"), (1.7, "a"), (ends[kept] - 1.5, "b"), (ends[kept], "pau")]
    )
    label(bench.folder, lost, [(0.4, "a"), (1.7, "b"), (ends[lost], "pau")])
    untouched = label(bench.folder, plain, [(0.1, "pau"), (ends[plain], "a")])

    fixes = fix(bench.check(), tmp_path / "new")

    shift = ends[kept] - _seconds(tmp_path / "new", kept)
    lines = [
        line.split() for line in (tmp_path / f"new/labels/{kept}.lab").read_text().splitlines()
    ]
    times = [float(line[0]) for line in lines[1:]]
    assert lines[0] == ["#"] and [line[2] for line in lines[1:]] == ["pau", "a", "b", "pau"]
    assert times[1] - times[0] == pytest.approx(0.2, abs=1e-4)
    assert times[2] - times[1] == pytest.approx(ends[kept] - 1.5 - 1.7, abs=1e-4)
    assert times[-1] == pytest.approx(_seconds(tmp_path / "new", kept), abs=1e-3)
    assert 2.0 < shift < 3.0 and 0.1 < times[0] < 0.4
    assert not (tmp_path / f"new/labels/{lost}.lab").exists()
    assert "labels dropped" in fixes.notes[lost]
    copied = tmp_path / f"new/labels/{plain}.lab"
    assert copied.read_bytes() == untouched.read_bytes()


def _seconds(folder: Path, id: str) -> float:
    return next(row.seconds for row in table.read(folder) if row.id == id)


def test_journals_and_lists_follow(bench: Any, tmp_path: Path) -> None:
    trimmed, gone, plain = bench.ids[:3]
    bench.put(trimmed, np.concatenate([silence(1.5), bench.sound(trimmed)]))
    bench.wav(gone).write_bytes(b"")
    segments = [{"id": id, "source": "a.wav", "start": 10.0, "end": 20.0} for id in bench.ids]
    lines = [*map(json.dumps, segments), "torn {"]
    (bench.folder / "segments.jsonl").write_text("\n".join(lines), "utf-8")
    heard = {"text": "да", "words": [{"text": "да", "start": 1.6, "end": 1.9}]}
    (bench.folder / "transcripts.jsonl").write_text(
        json.dumps({"recipe": {"use": "whisper"}})
        + "\n"
        + json.dumps({"key": trimmed, "value": heard})
        + "\n"
        + json.dumps({"key": gone, "value": heard})
        + "\n"
    )
    (bench.folder / "test.csv").write_text(
        f"wavs/{gone}.wav|x\nwavs/{plain}.wav|x\n../up.wav|x\n", "utf-8"
    )

    fix(bench.check(), tmp_path / "new")

    new = [json.loads(x) for x in (tmp_path / "new/segments.jsonl").read_text().splitlines()]
    assert [record["id"] for record in new] == [id for id in bench.ids if id != gone]
    assert 11.0 < new[0]["start"] < 11.5 and new[0]["end"] == 20.0 and new[1]["start"] == 10.0
    recipe, word = map(json.loads, (tmp_path / "new/transcripts.jsonl").read_text().splitlines())
    assert recipe == {"recipe": {"use": "whisper"}} and word["key"] == trimmed
    assert 0 < word["value"]["words"][0]["start"] < 0.6
    named = "".join(
        (tmp_path / "new" / f"{n}.csv").read_text("utf-8") for n in ("train", "validation")
    )
    assert f"wavs/{gone}.wav" not in named
    after = check(tmp_path / "new")
    assert not [f for f in after.findings if f.rule.startswith(("list_", "path_"))]


def test_running_again_writes_nothing_anew(bench: Any, tmp_path: Path) -> None:
    spoil(bench)
    fix(bench.check(), tmp_path / "new")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "new" / "wavs").iterdir()}
    fix(bench.check(), tmp_path / "new")
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "new" / "wavs").iterdir()} == before


def test_a_clip_that_left_the_source_leaves_the_copy(bench: Any, tmp_path: Path) -> None:
    fix(bench.check(), tmp_path / "new")
    del bench.rows[bench.ids[0]]
    bench.save()
    fix(bench.check(), tmp_path / "new")
    assert not table.wav(tmp_path / "new", bench.ids[0]).exists()
    assert len(table.read(tmp_path / "new")) == 5


@pytest.mark.parametrize("place", ["corpus", "corpus/inside", "."])
def test_never_in_place(bench: Any, tmp_path: Path, place: str) -> None:
    with pytest.raises(DataError, match="inside the corpus or holds it"):
        fix(bench.check(), tmp_path / place)


def test_a_folder_with_other_files_is_refused(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "precious.txt").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        fix(bench.check(), tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is a file"):
        fix(bench.check(), tmp_path / "file")


def test_a_folder_in_use_is_refused(bench: Any, tmp_path: Path) -> None:
    from tts_framework.folder_lock import held

    report = bench.check()
    fix(report, tmp_path / "new")
    with held(tmp_path / "new", ""), pytest.raises(TTSFError, match="is held by"):
        fix(report, tmp_path / "new")


def test_nothing_to_keep_is_an_error(bench: Any, tmp_path: Path) -> None:
    for id in bench.ids:
        bench.wav(id).unlink()
    with pytest.raises(DataError, match="no clip can be kept"):
        fix(bench.check(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_kill_in_the_middle_is_continued(bench: Any, tmp_path: Path) -> None:
    for id in list(bench.ids):
        for number in range(20):
            bench.put(f"{id}_{number}", bench.sound(id) * np.float32(0.5 + number / 50) + 0.03)
    bench.check()
    new = tmp_path / "new"
    arguments = ["data", "check", str(bench.folder), "--fix", str(new)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tts_framework", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = new / ".check" / "fixed.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 8:
        assert process.poll() is None, "ended before it could be killed"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (new / "metadata.csv").exists() and not (new / "train.csv").exists()
    assert manifest.read(new)["fixed"]["complete"] is False
    done = {p.name: p.stat().st_mtime_ns for p in (new / "wavs").glob("*.wav")}
    names = [json.loads(line)["key"] for line in journal.read_bytes().splitlines()[1:-1]]

    fix(bench.check(), new)
    fix(bench.check(), tmp_path / "whole")

    assert all((new / "wavs" / f"{n}.wav").stat().st_mtime_ns == done[f"{n}.wav"] for n in names)
    assert _same(new, tmp_path / "whole")


def _same(one: Path, other: Path) -> bool:
    left, right = content(one), content(other)
    return {k: v for k, v in left.items() if not k.startswith("check.")} == right


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_stops_with_a_word_and_the_next_run_goes_on(
    bench: Any, small_disk: Path, tmp_path: Path
) -> None:
    new = small_disk / "new"
    arguments = ["data", "check", str(bench.folder), "--fix", str(new), "--workers", "1"]
    command = [sys.executable, "-m", "tts_framework", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == ExitCode.DISK_FULL, done.stderr
    assert "no space left" in done.stderr and "Traceback" not in done.stderr
    assert not (new / "metadata.csv").exists()
    assert not [path for path in new.rglob("*.tmp")]

    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    fix(bench.check(), new)
    fix(bench.check(), tmp_path / "whole")
    assert _same(new, tmp_path / "whole")
