"""`ttsf synthesize`: от текста до файла, папки и потока настоящими сетями, и понятные отказы."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from tts_framework.cli.main import app
from tts_framework.errors import TTSFError
from tts_framework.speech.audio import read_header, read_wav
from tts_framework.synthesis import to_file
from tts_framework.synthesis.speaking import Speaking

SECONDS = 59 * 128 / 8000
"""Столько говорит сеть, которую остановил предел: 60 кадров."""


def run(*arguments: str | Path, text: bytes = b"") -> Result:
    """Выполни команду; ошибка пользователя остаётся исключением, как её видит `main.run`."""
    options = ["synthesize", "--iterations", "2", "--device", "cpu", *map(str, arguments)]
    return CliRunner().invoke(app, options, input=text)


def ran(*arguments: str | Path, text: bytes = b"") -> Result:
    result = run(*arguments, text=text)
    assert result.exception is None, result.exception
    return result


def refused(*arguments: str | Path) -> str:
    error = run(*arguments).exception
    assert isinstance(error, TTSFError), error
    return str(error)


def report(*arguments: str | Path, text: bytes = b"") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran(*arguments, "--json", text=text).stdout)
    return found


def test_a_line_of_text_becomes_a_wav(acoustic: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "hi.wav"
    result = ran("--checkpoint", acoustic, "--text", "Прив+ет, мир!", "--out", out)
    header = read_header(out)
    assert (header.sampling_rate, header.channels) == (8000, 1)
    assert header.seconds == pytest.approx(SECONDS, abs=0.01)
    assert re.search(r"hi\.wav: 0\.94 s of speech at 8000 Hz \(real-time factor \d", result.stdout)
    assert "stopped by limit" in result.stdout and "приве́т, мир!" in result.stdout
    assert "warning: --text:1: the model did not stop by itself" in result.stderr


@pytest.mark.parametrize(
    ("name", "form", "subtype"),
    [("a.wav", "WAV", "PCM_16"), ("a.FLAC", "FLAC", "PCM_16"), ("a.ogg", "OGG", "VORBIS")],
)
def test_the_suffix_chooses_the_format(
    acoustic: Path, vocoder: Path, tmp_path: Path, name: str, form: str, subtype: str
) -> None:
    ran("-c", acoustic, "--vocoder", vocoder, "--text", "да", "-o", tmp_path / name)
    info = soundfile.info(tmp_path / name)
    assert (info.format, info.subtype, info.samplerate) == (form, subtype, 8000)
    assert info.frames == 59 * 128


def test_the_same_seed_says_it_the_same_way(acoustic: Path, tmp_path: Path) -> None:
    for name, seed in (("a.wav", 1), ("b.wav", 1), ("c.wav", 2)):
        ran("-c", acoustic, "--text", "да", "-o", tmp_path / name, "--seed", str(seed))
    a, b, c = ((tmp_path / f"{name}.wav").read_bytes() for name in "abc")
    assert a == b != c


def test_the_lines_of_a_file_are_said_one_after_another(acoustic: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("\ufeffпервая\n\n вторая \n", "utf-8")
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    ran("-c", acoustic, "--text", "первая", "-o", one)
    ran("-c", acoustic, "--file", lines, "-o", two, "--pause", "0.5")
    first, both = read_wav(one, 8000), read_wav(two, 8000)
    assert np.array_equal(both[: len(first)], first)
    assert len(both) == 2 * len(first) + 4000 and not both[len(first) : len(first) + 4000].any()


def test_sentences_are_said_apart_and_faded_together(acoustic: Path, tmp_path: Path) -> None:
    found = report("-c", acoustic, "--text", "Раз. Два! Три?", "-o", tmp_path / "a.wav")
    assert [row["text"] for row in found["phrases"]] == ["раз.", "два!", "три?"]
    assert [row["symbols"] for row in found["phrases"]] == [4, 4, 4]
    assert read_header(tmp_path / "a.wav").frames == 3 * 59 * 128 - 2 * 160


@pytest.mark.parametrize("arguments", [("--file", "-"), ()])
def test_standard_input_is_said(acoustic: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    out = tmp_path / "stdin.wav"
    ran("-c", acoustic, *arguments, "-o", out, text="из трубы".encode())
    assert out.is_file()


def test_the_rate_changes_the_length(acoustic: Path, vocoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    for rate, frames in (("0.5", 118), ("2", 30)):
        ran("-c", acoustic, "--vocoder", vocoder, "--text", "да", "-o", out, "--rate", rate)
        assert read_header(out).frames == frames * 128


def test_a_style_changes_the_voice(acoustic: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "calm.wav", np.random.default_rng(0).normal(size=8000) / 9, 8000)
    weights = ",".join("1" if n == 3 else "0" for n in range(10))
    styles = {"none": "none", "weights": weights, "recording": str(tmp_path / "calm.wav")}
    for name, style in styles.items():
        ran("-c", acoustic, "--text", "да", "-o", tmp_path / f"{name}.wav", "--style", style)
    assert len({(tmp_path / f"{name}.wav").read_bytes() for name in styles}) == 3


def test_the_best_of_several_takes_is_said(acoustic: Path, tmp_path: Path) -> None:
    takes = [
        report("-c", acoustic, "--text", "да", "-o", tmp_path / "a.wav", "--seed", str(seed))
        for seed in range(3)
    ]
    best = report("-c", acoustic, "--text", "да", "-o", tmp_path / "b.wav", "--best-of", "3")
    assert best["confidence"] == pytest.approx(max(take["confidence"] for take in takes), abs=0.02)


def test_the_report_splits_the_work_and_counts_loading_apart(
    acoustic: Path, vocoder: Path, tmp_path: Path
) -> None:
    found = report("-c", acoustic, "--vocoder", vocoder, "--text", "да", "-o", tmp_path / "a.wav")
    [row] = found["phrases"]
    assert found["seconds"] == row["seconds"] == pytest.approx(SECONDS, abs=1e-3)
    assert set(found["work"]) == {"front_end", "acoustic", "vocoder"}
    assert row["work"]["acoustic"] > 0 < row["work"]["vocoder"]
    spent = sum(found["work"].values())
    assert found["real_time_factor"] == pytest.approx(spent / SECONDS, rel=0.01)
    assert found["loading_seconds"] > 0 and found["first_audio_seconds"] is None
    assert row["flags"] == ["stopped by limit"] and 0 <= row["confidence"] <= 1


def test_the_loading_of_a_front_end_is_not_its_work(
    acoustic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from tts_framework.builtin.russian_letters import RussianLetters

    plain = RussianLetters.normalize
    loaded: list[str] = []

    def slow(self: Any, text: str) -> str:
        if text in ("да", "нет") and text not in loaded:  # у каждого слова своя модель
            loaded.append(text)
            time.sleep(0.2)
        return str(plain(self, text))

    monkeypatch.setattr(RussianLetters, "is_light", lambda self, text: False)
    monkeypatch.setattr(RussianLetters, "is_loaded", property(lambda self: len(loaded) == 2))
    monkeypatch.setattr(RussianLetters, "normalize", slow)
    found = report("-c", acoustic, "--text", "да\nнет\nда", "-o", tmp_path / "a.wav")
    assert loaded == ["да", "нет"] and found["loading_seconds"] > 0.4
    assert found["work"]["front_end"] < 0.1


def test_installed_models_speak_by_their_names(
    acoustic: Path, vocoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    spoken = ("--text", "да", "-o", tmp_path / "a.wav")
    ran("-c", acoustic, "--vocoder", vocoder, *spoken)
    whole = (tmp_path / "a.wav").read_bytes()
    for name, path in (("voice", acoustic), ("vocoder", vocoder)):
        folder = tmp_path / "data/ttsf/models" / name
        folder.mkdir(parents=True)
        (folder / "model.ckpt").symlink_to(path)
    ran("-c", "voice", "--vocoder", "vocoder", *spoken)
    assert (tmp_path / "a.wav").read_bytes() == whole
    for flags in (("-c", "voise"), ("-c", "voice", "--vocoder", "voise")):
        error = refused(*flags, *spoken)
        assert error.startswith(f"{'--vocoder' if len(flags) > 2 else '--checkpoint'} voise: no")
        assert f"and in {tmp_path}/data/ttsf/models" in error and "'ttsf models list'" in error


def test_a_table_becomes_a_folder_of_files(acoustic: Path, tmp_path: Path) -> None:
    table, out = tmp_path / "lines.csv", tmp_path / "said"
    table.write_text("id|text\na|раз\nb|два\n")
    found = report("-c", acoustic, "--file", table, "-o", out, "--format", "flac")
    assert (found["written"], found["kept"]) == (2, 0)
    assert soundfile.info(out / "b.flac").frames == 59 * 128
    table.write_text("id|text\na|раз\nb|два\nc|три\n")
    result = ran("-c", acoustic, "--file", table, "-o", out, "--format", "flac")
    assert "1 file(s) written" in result.stdout and "2 already there kept" in result.stdout
    assert "was made from another" in refused(
        "-c", acoustic, "--file", table, "-o", out, "--format", "flac", "--seed", "1"
    )
    again = report(
        "-c", acoustic, "--file", table, "-o", out, "--format", "flac", "--seed", "1", "--force"
    )
    assert (again["written"], again["kept"]) == (3, 0)
    assert (
        report("-c", acoustic, "--file", table, "-o", out, "--format", "flac", "--seed", "1")[
            "written"
        ]
        == 0
    )


def test_bad_lines_are_all_named_before_anything_is_said(acoustic: Path, tmp_path: Path) -> None:
    table, out = tmp_path / "lines.csv", tmp_path / "said"
    table.write_text("id|text\na|раз\nb|два@\nc|§\n")
    problems = refused("-c", acoustic, "--file", table, "-o", out).splitlines()
    assert problems[0].startswith(f"{table}:3: unknown symbol '@'")
    assert problems[1].startswith(f"{table}:4: unknown symbol '§'")
    assert "1 line(s) are good; leave the rest out with --skip-bad" in problems[2]
    assert not out.exists()
    result = ran("-c", acoustic, "--file", table, "-o", out, "--skip-bad")
    assert f"left out: {table}:3" in result.stderr and (out / "a.wav").is_file()


def test_a_stream_has_the_samples_of_the_file(
    acoustic: Path, vocoder: Path, tmp_path: Path
) -> None:
    chain = ("-c", acoustic, "--vocoder", vocoder, "--text", "Раз. Два.\nТри.")
    ran(*chain, "-o", tmp_path / "a.wav")
    streamed = ran(*chain, "--stream", "--out", tmp_path / "b.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        whole = file.readframes(file.getnframes())
    assert apart(streamed.stdout_bytes, whole) <= 1  # mel растёт кусками: разница в округлении
    kept, _ = soundfile.read(tmp_path / "b.wav", dtype="int16")
    assert kept.astype("<i2").tobytes() == streamed.stdout_bytes
    assert "streamed mono s16le at 8000 Hz" in streamed.stderr
    assert "first audio after" in streamed.stderr
    wav = ran(*chain, "--out", "-", "--stream-format", "wav").stdout_bytes
    samples, rate = soundfile.read(_file(tmp_path / "c.wav", wav), dtype="int16")
    assert (samples.astype("<i2").tobytes(), rate) == (streamed.stdout_bytes, 8000)


def apart(ours: bytes, theirs: bytes) -> int:
    """Верни наибольшую разницу отсчётов int16 двух записей одной длины."""
    assert len(ours) == len(theirs)
    first, second = (np.frombuffer(one, "<i2").astype(int) for one in (ours, theirs))
    return int(np.abs(first - second).max())


def test_a_stream_says_once_what_makes_it_wait(acoustic: Path, vocoder: Path) -> None:
    chain = ("-c", acoustic, "--vocoder", vocoder, "--text", "Раз. Два.", "--stream")
    note = "needs whole phrases: the first sound waits for one"
    assert note not in ran(*chain).stderr
    assert ran(*chain, "--best-of", "2").stderr.count(f"note: --best-of {note}") == 1


def _file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


SCRIPT = """
import sys
from tts_framework.cli.main import run
sys.argv = ["ttsf", *sys.argv[1:]]
run()
"""


def started(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, "synthesize", "--device", "cpu"]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*command, *map(str, arguments)], env=environ, **options)


def test_a_listener_may_leave(acoustic: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("раз два три\n" * 500)
    process = started(
        "-c", acoustic, "--file", tmp_path / "long.txt", "--stream", "--iterations", "1",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    assert len(process.stdout.read(1000)) == 1000
    process.stdout.close()
    errors = process.stderr.read().decode()
    assert process.wait(60) == 0
    assert all(line.startswith("warning: ") for line in errors.splitlines()), errors


def test_nothing_but_sound_reaches_standard_output(tmp_path: Path) -> None:
    code = """
        import os, sys
        from tts_framework.synthesis.to_stream import standard_output
        with standard_output() as out:
            print("a library prints")
            os.system("echo a program prints")
            out.write(b"sound")
        print("after")
    """
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line[8:] for line in code.splitlines())],
        capture_output=True,
    )
    assert done.stdout == b"soundafter\n", done
    assert b"a library prints" in done.stderr and b"a program prints" in done.stderr


def test_an_interrupted_file_keeps_what_was_said(
    acoustic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Speaking.say

    def interrupted(self: Speaking, ready: Any) -> Any:
        if ready.line.text == "три":
            signal.raise_signal(signal.SIGINT)
        yield from whole(self, ready)

    monkeypatch.setattr(Speaking, "say", interrupted)
    out = tmp_path / "a.wav"
    result = run("-c", acoustic, "--text", "раз\nдва\nтри", "-o", out, "--pause", "0")
    assert result.exit_code == 130 and not out.exists()
    assert read_header(tmp_path / "a.part.wav").frames == 2 * 59 * 128
    assert "what was said is in" in result.stderr


def test_a_full_disk_leaves_the_old_file(
    acoustic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.wav"
    out.write_bytes(b"old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "no space left" in refused("-c", acoustic, "--text", "да", "-o", out)
    assert out.read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "да", "--file", "-"), "give exactly one of --text and --file"),
        ((), "stdin: there is nothing to say"),
        (("--text", "  "), "--text: there is nothing to say"),
        (("--file", "no/such.txt"), "--file no/such.txt: No such file"),
        (("--text", "да@"), "--text:1: unknown symbol '@'"),
        (("--text", "да", "--device", "tpu"), "'tpu'"),
        (("--text", "да", "--checkpoint", "missing.ckpt"), "missing.ckpt"),
        (("--text", "да", "--vocoder", "missing.ckpt"), "missing.ckpt"),
        (("--text", "да", "--rate", "3"), "--rate 3: give a speaking rate from 0.5 to 2"),
        (("--text", "да", "--best-of", "0"), "--best-of 0: give 1 or more takes"),
        (("--text", "да", "--style", "no.wav"), "--style no.wav: no such recording"),
        (("--text", "да", "--style", "1,2"), "style: give 10 non-negative token weights"),
        (("--text", "да", "--speaker", "anna"), "--speaker: this model takes no speaker"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(
    acoustic: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    out = tmp_path / "out.wav"
    first = () if "--checkpoint" in arguments else ("--checkpoint", acoustic)
    error = refused(*first, *arguments, "--out", out)
    assert message in error and len(error.splitlines()) == 1
    assert not out.exists()


def test_an_unwritable_place_is_refused_before_any_work(acoustic: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spoken = ("-c", acoustic, "--text", "да")
    assert "cannot be written" in refused(*spoken, "-o", tmp_path / "file/x.wav")
    assert ".mp3 suffix cannot be written; use one of .wav, .flac, .ogg" in refused(
        *spoken, "-o", tmp_path / "x.mp3"
    )
    assert "--out: is missing" in refused(*spoken)
    with pytest.raises(TTSFError, match="cannot be written"):
        to_file.require_writable(tmp_path)


def test_settings_that_differ_are_named(
    acoustic: Path, other_vocoder: Path, tmp_path: Path
) -> None:
    error = refused(
        "-c", acoustic, "--vocoder", other_vocoder, "--text", "да", "-o", tmp_path / "a.wav"
    )
    assert "mel_fmax is 4000.0 in" in error and "and 3800.0 in" in error
