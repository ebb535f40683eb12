"""filelist: каждая плохая запись названа строкой списка, файлом и причиной."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import filelist
from tts_framework.speech.filelist import Clip, check, load, parse, read

FRONTEND = RussianLetters(RussianLetters.Config())
WriteList = Callable[..., Path]


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """Дай папку списка: соседние с ней — снаружи и у каждого теста свои."""
    (tmp_path / "corpus").mkdir()
    return tmp_path / "corpus"


@pytest.fixture
def write_list(tmp_path: Path, spoken: Path) -> WriteList:
    """Пиши список рядом с двумя годными записями `good_1.wav` и `good_2.wav`."""
    for number in (1, 2):
        shutil.copy(spoken / "wavs" / f"syn_0000{number}.wav", tmp_path / f"good_{number}.wav")

    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "train.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_a_corpus_made_here_is_good_as_it_is(spoken: Path, audio: AudioSettings) -> None:
    clips = load(spoken / "train.csv", FRONTEND, audio)
    assert len(clips) == 5
    assert all(clip.path.is_file() for clip in clips)


def test_paths_are_relative_to_the_list_wherever_the_program_runs(
    write_list: WriteList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list("good_1.wav|Привет.", "./sub/../good_2.wav|Пока.", f"{tmp_path}/good_2.wav|Пока.")
    monkeypatch.chdir("/")
    assert [clip.path for clip in read(tmp_path / "train.csv", allow_outside=True)] == [
        tmp_path / "good_1.wav",
        tmp_path / "sub/../good_2.wav",
        tmp_path / "good_2.wav",
    ]


def outside(folder: Path) -> dict[str, str]:
    """Проложи из папки списка все пути наружу; верни имя -> что о нём должно быть сказано."""
    away = folder.with_name("away")
    away.mkdir()
    (away / "x.wav").write_bytes(b"secret")
    (folder / "link.wav").symlink_to(away / "x.wav")
    (folder / "hop.wav").symlink_to("link.wav")
    (folder / "dangling.wav").symlink_to("../nowhere.wav")
    (folder / "folder").symlink_to(away)
    (folder / "wavs").mkdir()
    return {
        str(away / "x.wav"): "is an absolute path",
        str(folder / "good_1.wav"): "is an absolute path",
        "../away/x.wav": "climbs out of the folder with '..'",
        "wavs/../../away/x.wav": "climbs out of the folder with '..'",
        "..": "climbs out",
        "link.wav": f"leads out through a symbolic link to {away / 'x.wav'}",
        "hop.wav": "leads out through a symbolic link",
        "dangling.wav": "leads out through a symbolic link",
        "folder/x.wav": "leads out through a symbolic link",
        "folder/../away/x.wav": "leads out through a symbolic link",
    }


def test_paths_that_lead_out_of_the_folder_are_refused_by_line(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings
) -> None:
    expected = outside(tmp_path)
    path = write_list(*(f"{name}|Да." for name in expected), "good_1.wav|Да.")
    with pytest.raises(DataError) as caught:
        load(path, FRONTEND, audio)
    *problems, advice = caught.value.problems
    assert len(problems) == len(expected)
    for line, ((name, reason), problem) in enumerate(zip(expected.items(), problems), start=1):
        assert problem.startswith(f"{path}:{line}: {name!r} {reason}")
        assert problem.endswith("; move the file next to the list or set data.allow_outside: true")
    assert "1 clip(s) are good" in advice


def test_paths_that_lead_out_are_taken_when_the_user_allows_them(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings, spoken: Path
) -> None:
    outside(tmp_path)
    shutil.copy(tmp_path / "good_1.wav", tmp_path.with_name("away") / "x.wav")
    path = write_list("../away/x.wav|Да.", "link.wav|Да.", f"{tmp_path}/good_1.wav|Да.")
    assert len(load(path, FRONTEND, audio, allow_outside=True)) == 3


def test_links_inside_the_folder_and_a_folder_that_is_a_link_are_no_way_out(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings
) -> None:
    (tmp_path / "same.wav").symlink_to("good_1.wav")
    (tmp_path / "..wav").symlink_to("good_2.wav")
    write_list("same.wav|Да.", "..wav|Да.", "./good_1.wav|Да.")
    entrance = tmp_path.with_name("entrance")
    entrance.symlink_to(tmp_path)
    assert len(load(entrance / "train.csv", FRONTEND, audio)) == 3


def test_names_of_any_script_with_spaces_are_names(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings
) -> None:
    shutil.copy(tmp_path / "good_1.wav", tmp_path / "мой клип (1).wav")
    assert len(load(write_list("мой клип (1).wav|Да."), FRONTEND, audio)) == 1


def test_a_list_of_200000_lines_is_parsed_whole(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("".join(f"wavs/{n:06}.wav|Клип номер {n}.\n" for n in range(200_000)))
    clips, problems = parse(path)
    assert (len(clips), problems) == (200_000, [])


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_tolerated(
    write_list: WriteList,
) -> None:
    path = write_list("good_1.wav|Привет.\r", "\r", " good_2.wav | Пока. \r", encoding="utf-8-sig")
    clips = read(path)
    assert [(clip.path.name, clip.text, clip.line) for clip in clips] == [
        ("good_1.wav", "Привет.", 1),
        ("good_2.wav", "Пока.", 3),
    ]
    assert clips[1].where == f"{path}:3"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("good_1.wav", "expected 'path|text', found 1 column"),
        ("good_1.wav|Привет|Пока", "found 3 column(s); remove '|' from the text"),
        ("|Привет", "expected 'path|text'"),
        ("a\0b.wav|Привет", "expected 'path|text'"),
        ("good_1.wav|", "the text is empty"),
        ("good_1.wav|   ", "the text is empty"),
    ],
)
def test_a_malformed_line_is_named(write_list: WriteList, line: str, reason: str) -> None:
    with pytest.raises(DataError) as caught:
        read(write_list("good_2.wav|Да.", line))
    [problem] = caught.value.problems
    assert "train.csv:2: " in problem
    assert reason in problem


def test_another_encoding_is_named_with_the_byte_and_the_command_that_helps(
    write_list: WriteList,
) -> None:
    with pytest.raises(DataError, match=r"train.csv:1: not UTF-8 \(byte 0xcf.*iconv"):
        read(write_list("good_1.wav|Привет.", encoding="cp1251"))


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_list_is_an_error(write_list: WriteList, content: str) -> None:
    with pytest.raises(DataError, match="the list is empty; put lines 'path|text' there"):
        read(write_list(content))


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no.csv: cannot be read \(No such file"):
        read(tmp_path / "no.csv")


@given(content=st.binary())
def test_any_bytes_are_read_or_refused_by_line(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        clips, problems = parse(path)
    except DataError as error:
        assert "any.csv:1: the list is empty" in str(error)
    else:
        assert all(clip.where.startswith(str(path)) for clip in clips)
        assert all(problem.startswith(f"{path}:") for problem in problems)


def bad_clips(folder: Path, audio: AudioSettings) -> dict[str, str]:
    """Создай по плохому клипу каждого рода; верни имя -> что о нём должно быть сказано."""
    rate = audio.sampling_rate
    tone = 0.1 * np.sin(np.arange(rate) / 20)
    soundfile.write(folder / "rate.wav", tone, 22050)
    soundfile.write(folder / "stereo.wav", np.stack([tone, tone], axis=1), rate)
    soundfile.write(folder / "empty.wav", tone[:0], rate)
    soundfile.write(folder / "short.wav", tone[:512], rate)
    soundfile.write(folder / "long.wav", np.tile(tone, 31), rate)
    soundfile.write(folder / "nan.wav", np.where(tone > 0.09, np.nan, tone), rate, "FLOAT")
    soundfile.write(folder / "cut.wav", tone, rate)
    with open(folder / "cut.wav", "r+b") as file:
        file.truncate(1000)
    (folder / "broken.wav").write_bytes(b"not a sound")
    return {
        "rate.wav": "sample rate 22050, expected 16000; resample it or set",
        "stereo.wav": "2 channels, expected 1; mix it down",
        "empty.wav": "no samples",
        "short.wav": "512 samples are too short",
        "long.wav": "31.0 s is longer than memory allows (30 s); cut it at a pause",
        "nan.wav": "NaN or infinite",
        "cut.wav": "truncated",
        "broken.wav": "broken sound file",
        "missing.wav": "no such file",
    }


def test_every_bad_clip_is_named_at_once(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings
) -> None:
    expected = bad_clips(tmp_path, audio)
    path = write_list("good_1.wav|Привет.", *(f"{name}|Да." for name in expected))
    with pytest.raises(DataError) as caught:
        load(path, FRONTEND, audio)
    *problems, advice = caught.value.problems
    for line, ((name, reason), problem) in enumerate(zip(expected.items(), problems), start=2):
        assert problem.startswith(f"{path}:{line}: {tmp_path / name}: ")
        assert reason in problem
    assert "1 clip(s) are good; fix the rest or leave them out with --skip-bad" in advice


def test_unknown_symbols_are_named_with_line_and_symbol(
    write_list: WriteList, audio: AudioSettings
) -> None:
    path = write_list("good_1.wav|Да.", "good_2.wav|Все 2 клипа ok.")
    with pytest.raises(DataError) as caught:
        load(path, FRONTEND, audio)
    problems = caught.value.problems[:-1]
    assert all(problem.startswith(f"{path}:2: unknown symbol ") for problem in problems)
    assert [problem.split("'")[1] for problem in problems] == ["2", "o", "k"]


def test_skip_bad_trains_on_the_rest_and_lists_what_was_left_out(
    write_list: WriteList, tmp_path: Path, audio: AudioSettings
) -> None:
    bad = [f"{name}|Да." for name in bad_clips(tmp_path, audio)]
    path = write_list("good_1.wav|Привет.", *bad, "good_2.wav|", "no separator", "good_2.wav|Пока.")
    warnings: list[str] = []
    clips = load(path, FRONTEND, audio, skip_bad=True, warn=warnings.append)
    assert [clip.path.name for clip in clips] == ["good_1.wav", "good_2.wav"]
    [warning] = warnings
    assert "11 bad clip(s) left out:" in warning
    for part in (*bad_clips(tmp_path, audio).values(), "the text is empty", "expected 'path|text'"):
        assert part in warning


def test_skip_bad_does_not_train_on_nothing(write_list: WriteList, audio: AudioSettings) -> None:
    with pytest.raises(DataError, match="no good clip is left; fix the list"):
        load(write_list("missing.wav|Да."), FRONTEND, audio, skip_bad=True)


def test_hundreds_of_equal_problems_are_cut_short(
    write_list: WriteList, audio: AudioSettings
) -> None:
    with pytest.raises(DataError) as caught:
        load(write_list(*(f"missing_{n}.wav|Да." for n in range(620))), FRONTEND, audio)
    assert len(caught.value.problems) == filelist.SHOWN + 2
    assert "... and 600 more problems" in caught.value.problems[-2]


def test_the_length_limit_can_be_raised(tmp_path: Path, audio: AudioSettings) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros(31 * 16000), 16000)
    clips = [Clip(tmp_path / "long.wav", "Да.", 1)]
    assert check(clips, FRONTEND, audio)[0] == []
    assert check(clips, FRONTEND, audio, max_seconds=60) == (clips, [])
