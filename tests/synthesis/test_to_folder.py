"""Папка: по файлу на строку, прерванное продолжается, чужое не трогается."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Sound, Voice
from tts_framework.errors import DataError
from tts_framework.speech.audio import read_header
from tts_framework.synthesis.chain import Chain
from tts_framework.synthesis.lines import Line
from tts_framework.synthesis.manner import Manner
from tts_framework.synthesis.speaking import Speaking
from tts_framework.synthesis.to_folder import Folder, Job

LINES = [Line("раз", "a.csv:2", "one"), Line("два", "a.csv:3"), Line("три", "a.csv:4", "three")]


class Own(Voice):
    """Говорит сразу звуком; на слове `стой` его прерывают."""

    maps = ("text", "audio")

    def __call__(self, source: str, *, seed: int = 0) -> Sound:
        if source == "стой":
            raise KeyboardInterrupt
        return Sound("speech", np.full(800 + seed, len(source) / 10, np.float32), 8000)


def fill(
    path: Path, lines: list[Line] = LINES, *, seed: int = 0, force: bool = False, voice: str = "v"
) -> tuple[list[str], int]:
    """Озвучь строки; верни имена сделанных сейчас файлов и число оставленных."""
    speaking = Speaking(Chain(Own()), Manner(seed=seed))
    folder = Folder(path, ".wav", [voice], force)
    jobs, kept = folder.jobs(lines, speaking.manner)
    folder.fill(speaking, [(job, speaking.ready(job.line)) for job in jobs])
    return [job.path.name for job in jobs], kept


def test_a_file_is_called_by_the_id_or_the_place_of_its_line(tmp_path: Path) -> None:
    assert fill(tmp_path / "new") == (["one.wav", "0002.wav", "three.wav"], 0)
    assert read_header(tmp_path / "new" / "one.wav").frames == 800


def test_what_is_made_is_kept_and_the_rest_is_made(tmp_path: Path) -> None:
    fill(tmp_path)
    before = (tmp_path / "one.wav").stat().st_mtime_ns
    (tmp_path / "0002.wav").unlink()
    assert fill(tmp_path, [*LINES, Line("четыре", "a.csv:5", "4")]) == (["0002.wav", "4.wav"], 2)
    assert (tmp_path / "one.wav").stat().st_mtime_ns == before


def test_an_interrupted_folder_is_continued(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, [LINES[0], Line("стой", "a.csv:3", "two")])
    assert fill(tmp_path, [LINES[0], Line("едем", "a.csv:3", "two")]) == (["two.wav"], 1)


def test_a_torn_file_is_made_again(tmp_path: Path) -> None:
    fill(tmp_path)
    torn = tmp_path / "one.wav"
    torn.write_bytes(torn.read_bytes()[:100])
    assert fill(tmp_path) == (["one.wav"], 2)


@pytest.mark.parametrize("change", ["text", "seed", "voice", "edited", "foreign"])
def test_a_file_of_another_origin_is_not_touched(tmp_path: Path, change: str) -> None:
    fill(tmp_path)
    one = tmp_path / "one.wav"
    if change == "edited":
        one.write_bytes(one.read_bytes()[:-1] + b"\7")
    if change == "foreign":
        (tmp_path / "synthesis.jsonl").unlink()
    before = one.read_bytes()
    lines = [replace(LINES[0], text="иначе")] if change == "text" else LINES[:1]
    seed, voice = int(change == "seed"), "w" if change == "voice" else "v"
    with pytest.raises(DataError, match="one.wav: was made from another .*\n.*--force"):
        fill(tmp_path, lines, seed=seed, voice=voice)
    assert one.read_bytes() == before
    assert fill(tmp_path, lines, seed=seed, voice=voice, force=True) == (["one.wav"], 0)
    assert fill(tmp_path, lines, seed=seed, voice=voice) == ([], 1)


def test_many_files_of_another_origin_are_counted(tmp_path: Path) -> None:
    lines = [Line("раз", f"a.csv:{n}", f"id{n}") for n in range(9)]
    fill(tmp_path, lines)
    with pytest.raises(DataError, match=r"\.\.\. and 4 more"):
        fill(tmp_path, lines, seed=1)


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "a\\b", "я" * 101, "a\nb", "c:d"])
def test_an_id_that_cannot_name_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="a.csv:2: id .* cannot name a file"):
        fill(tmp_path, [Line("раз", "a.csv:2", name)])
    assert not list(tmp_path.iterdir())


def test_two_lines_of_one_file_are_refused(tmp_path: Path) -> None:
    lines = [Line("раз", "a.csv:2", "0002"), Line("два", "a.csv:3")]
    with pytest.raises(DataError, match="a.csv:3: would write .*0002.wav, as a.csv:2 does"):
        fill(tmp_path, lines)


def test_a_file_is_never_left_without_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tts_framework.speech import disk

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            fill(tmp_path)
    assert fill(tmp_path) == (["one.wav", "0002.wav", "three.wav"], 0)


def test_the_style_of_a_line_is_part_of_its_origin(tmp_path: Path) -> None:
    folder = Folder(tmp_path, ".wav", ["v"])

    def origins(lines: list[Line]) -> Iterator[str]:
        jobs: list[Job] = folder.jobs(lines, Manner())[0]
        return (job.origin for job in jobs)

    (tmp_path / "calm.wav").write_bytes(b"1")
    styled = [replace(LINES[0], where=str(tmp_path / "a.csv") + ":2", style="calm.wav")]
    [first], [plain] = origins(styled), origins(LINES[:1])
    (tmp_path / "calm.wav").write_bytes(b"2")
    [second] = origins(styled)
    assert len({first, plain, second}) == 3
