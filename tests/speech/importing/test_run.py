"""run: прерванное продолжается, чужое не трогается, странные имена чинятся, диск кончается."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.errors import DataError, ExitCode
from tts_framework.speech.audio import read_header
from tts_framework.speech.corpora import table
from tts_framework.speech.importing.records import safe_id, tidy
from tts_framework.speech.importing.run import ImportRequest, import_corpus

NAMES = ("plain", "с пробелом и ё", "line\nbreak", "pipe|name", ".hidden", " edges ", "a" * 100)


class Named(Layout):
    """Отдаёт все WAV папки; текст — из файла рядом."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return True

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        for wav in sorted(source.glob("*.wav")):
            yield Recording(wav.stem, "Some text.", wav, "a|b\n", where=str(wav))


@pytest.fixture
def many(source: Path, speech: Any) -> Path:
    """Положи в раскладку ljspeech 60 клипов."""
    for number in range(60):
        speech.write(number % 4, source / "wavs" / f"clip_{number:03}.wav")
    lines = [f"clip_{n:03}|Sentence number {n}.\n" for n in range(60)]
    (source / "metadata.csv").write_text("".join(lines))
    return source


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_strange_names_become_safe_ids_and_are_reported(
    source: Path, out: Path, speech: Any
) -> None:
    for name in NAMES:
        speech.write(0, source / f"{name}.wav")
    imported = import_corpus(Named(Named.Config()), "named", ImportRequest(source, out))
    rows = table.read(out)
    ids = {row.id for row in rows}
    assert len(ids) == len(NAMES) and {"plain", "с пробелом и ё", "a" * 100} <= ids
    assert len(imported.repaired) == 4
    assert all("is now" in note and "\n" not in note for note in imported.repaired)
    assert {row.speaker for row in rows} == {"a b"}
    assert all(table.wav(out, id).is_file() for id in ids)


@given(name=st.text(min_size=1))
def test_any_name_becomes_an_id_that_the_table_takes(name: str) -> None:
    id = safe_id(name)
    table.check_id(id)
    assert id == id.strip() and safe_id(id) == id


@given(text=st.text())
def test_any_text_becomes_a_field_of_the_table(text: str) -> None:
    clean = tidy(text)
    assert "|" not in clean and len(clean.splitlines()) <= 1 and tidy(clean) == clean


def test_a_finished_import_does_nothing_again_and_keeps_edits(
    many: Path, out: Path, bring: Any
) -> None:
    bring("ljspeech")
    before = {path: path.stat().st_ino for path in out.rglob("*.wav")}
    rows = table.read(out)
    rows[0] = table.Row(**{**vars(rows[0]), "text": "Edited.", "normalized": "edited"})
    table.write(out, rows)
    (many / "metadata.csv").write_text(
        (many / "metadata.csv").read_text().replace("Sentence number 5.", "Changed at the source.")
    )
    bring("ljspeech")
    assert {path: path.stat().st_ino for path in out.rglob("*.wav")} == before
    again = table.read(out)
    assert (again[0].text, again[0].normalized) == ("Edited.", "edited")
    assert again[5].text == "Changed at the source."


def test_a_changed_or_damaged_clip_alone_is_made_again(
    many: Path, out: Path, bring: Any, speech: Any
) -> None:
    bring("ljspeech")
    before = {path.name: path.stat().st_ino for path in (out / "wavs").iterdir()}
    speech.write(3, many / "wavs" / "clip_000.wav")
    with open(out / "wavs" / "clip_001.wav", "r+b") as file:
        file.truncate(100)
    bring("ljspeech")
    after = {path.name: path.stat().st_ino for path in (out / "wavs").iterdir()}
    assert {name for name in before if before[name] != after[name]} == {
        "clip_000.wav",
        "clip_001.wav",
    }
    assert read_header(out / "wavs/clip_000.wav").frames == len(speech.samples[3])


def test_a_limit_is_a_fixed_subset_that_grows_and_shrinks(
    many: Path, out: Path, bring: Any
) -> None:
    small = {row.id for row in bring("ljspeech", limit=10).rows}
    large = {row.id for row in bring("ljspeech", limit=20).rows}
    assert len(small) == 10 and len(large) == 20 and small < large
    assert {row.id for row in bring("ljspeech", limit=10).rows} == small
    assert {path.stem for path in (out / "wavs").iterdir()} == small


def test_a_folder_of_something_else_is_left_alone(many: Path, out: Path, bring: Any) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="was not made by 'ttsf data import'; choose another --out"):
        bring("ljspeech")
    assert contents(out) == {"thesis.txt": b"mine"}


def test_another_import_does_not_mix_in(many: Path, out: Path, bring: Any) -> None:
    bring("ljspeech")
    with pytest.raises(DataError, match="was imported with rate 22050, not 16000"):
        bring("ljspeech", rate=16000)
    with pytest.raises(DataError, match="was imported with options"):
        bring("ljspeech", speaker="other")


def test_the_source_itself_is_no_place_for_the_corpus(many: Path, speech: Any) -> None:
    from tts_framework.builtin.ljspeech import LJSpeechLayout

    before = contents(many)
    with pytest.raises(DataError, match="was not made by 'ttsf data import'"):
        import_corpus(
            LJSpeechLayout(LJSpeechLayout.Config()), "ljspeech", ImportRequest(many, many)
        )
    assert contents(many) == before


def test_the_manifest_tells_where_the_corpus_is_from(many: Path, out: Path, bring: Any) -> None:
    bring("ljspeech")
    section = json.loads((out / "corpus.json").read_text())["import"]
    assert section["layout"] == "ljspeech" and section["complete"] and section["clips"] == 60
    assert section["rate"] == 22050 and section["options"]["speaker"] == "lj"


def test_a_missing_source_and_one_without_a_good_record(many: Path, out: Path, bring: Any) -> None:
    shutil.rmtree(many / "wavs")
    with pytest.raises(DataError) as caught:
        bring("ljspeech", skip_bad=True)
    assert "... and 40 more problems" in str(caught.value)
    assert "0 record(s) are good; fix the source" in str(caught.value)
    shutil.rmtree(many)
    with pytest.raises(DataError, match="no such folder"):
        bring("ljspeech")


def test_a_kill_loses_nothing_finished_and_leaves_nothing_half_written(
    many: Path, out: Path, bring: Any, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tts_framework", "data", "import", "ljspeech", str(many)]
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while len(list(out.glob("wavs/*.wav"))) < 5 and process.poll() is None:
        assert time.monotonic() < deadline
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed = {path: path.stat().st_ino for path in out.glob("wavs/*.wav")}
    assert all(read_header(path).frames > 0 for path in killed)
    if process.returncode == -signal.SIGKILL and len(killed) < 60:
        assert not (out / "metadata.csv").exists()
    finished = {
        json.loads(line)["key"]
        for line in (out / ".import.jsonl").read_text().splitlines()[1:]
        if line.endswith("}")
    }
    bring("ljspeech")
    kept = {path.stem for path, inode in killed.items() if path.stat().st_ino == inode}
    assert finished <= kept
    whole = tmp_path / "whole"
    subprocess.run([*command, "--out", str(whole)], check=True, capture_output=True)
    left, right = contents(out), contents(whole)
    assert left == right and len(left) == 62


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_keeps_what_was_made(many: Path, small_disk: Path) -> None:
    out = small_disk / "corpus"
    command = [sys.executable, "-m", "tts_framework", "data", "import", "ljspeech", str(many)]
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == ExitCode.DISK_FULL, done.stderr
    assert "no space left" in done.stderr and "Traceback" not in done.stderr
    made = {path: path.stat().st_ino for path in out.glob("wavs/*.wav")}
    assert made and all(read_header(path).frames > 0 for path in made)
    assert not (out / "metadata.csv").exists()
    subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(table.read(out)) == 60
    kept = sum(path.stat().st_ino == inode for path, inode in made.items())
    assert kept >= len(made) - 16  # последние не успели попасть в итоги
