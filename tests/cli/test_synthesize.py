"""`ttsf synthesize`: от текста до WAV по одному чекпоинту, и понятные отказы."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tts_framework.cli import synthesize as command
from tts_framework.cli.main import app
from tts_framework.components import AudioSettings, Mel, Sound, Voice
from tts_framework.errors import CheckpointError, PluginError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import read_header, read_wav
from tts_framework.training import checkpoint

pytest.importorskip("ttsf_tacotron2", reason="a voice is needed")
AUDIO = AudioSettings(sampling_rate=8000, mel_fmax=4000, n_mel_channels=20)


@pytest.fixture(scope="module")
def ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Чекпоинт необученной сети, которая сама не останавливается: 30 шагов по 2 кадра."""
    import torch

    from ttsf_tacotron2 import state
    from ttsf_tacotron2.network import Tacotron2
    from ttsf_tacotron2.options import Tacotron2Options

    plugin = Plugins().get("frontend", "russian_letters")
    frontend = plugin(plugin.Config())
    config = Tacotron2Options(
        preset="tiny", reduction_factor=2, max_decoder_steps=30, attention_patience=0
    )
    torch.manual_seed(0)
    network = Tacotron2(config.network_sizes(20), len(frontend.symbols), 2)
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    path = tmp_path_factory.mktemp("voice") / "best_model.ckpt"
    checkpoint.write(
        path,
        {"state_dict": network.state_dict(), **state.description(config, frontend, AUDIO)},
    )
    return path


def run(*arguments: str | Path, text: bytes = b"") -> Result:
    """Выполни команду; ошибка пользователя остаётся исключением, как её видит `main.run`."""
    options = ["synthesize", "--iterations", "2", *map(str, arguments)]
    return CliRunner().invoke(app, options, input=text)


def refused(*arguments: str | Path) -> str:
    error = run(*arguments).exception
    assert isinstance(error, TTSFError), error
    assert len(str(error).splitlines()) == 1
    return str(error)


def test_a_line_of_text_becomes_a_wav(ckpt: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "hi.wav"
    result = run("--checkpoint", ckpt, "--text", "Прив+ет, мир!", "--out", out)
    assert result.exception is None
    header = read_header(out)
    assert (header.sampling_rate, header.channels) == (8000, 1)
    assert header.seconds == pytest.approx(60 * 256 / 8000, abs=0.05)
    assert re.search(
        r"hi\.wav: 1\.\d\d s of speech at 8000 Hz in \d+\.\d\d s \(real-time factor ", result.stdout
    )


def test_the_same_seed_says_it_the_same_way(ckpt: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("-c", ckpt, "--text", "да", "-o", tmp_path / name, "--seed", str(seed))
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_the_lines_of_a_file_are_said_one_after_another(ckpt: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("\ufeffпервая\n\n вторая \n", "utf-8")
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    assert run("-c", ckpt, "--text", "первая", "-o", one).exception is None
    assert run("-c", ckpt, "--file", lines, "-o", two).exception is None
    first, both = read_wav(one, 8000), read_wav(two, 8000)
    assert np.array_equal(both[: len(first)], first)
    assert len(both) == 2 * len(first) + int(command.PAUSE_SECONDS * 8000)


def test_a_dash_reads_standard_input(ckpt: Path, tmp_path: Path) -> None:
    out = tmp_path / "stdin.wav"
    result = run("-c", ckpt, "--file", "-", "-o", out, text="из трубы".encode())
    assert result.exception is None and out.is_file()


def test_a_voice_that_does_not_stop_is_reported(ckpt: Path, tmp_path: Path) -> None:
    result = run("-c", ckpt, "--text", "да", "-o", tmp_path / "x.wav")
    assert "warning: 'да': the model did not stop by itself" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give exactly one of --text and --file"),
        (("--text", "да", "--file", "-"), "give exactly one of --text and --file"),
        (("--text", "  "), "--text: there is nothing to say"),
        (("--file", "no/such.txt"), "--file no/such.txt: No such file"),
        (("--text", "да@"), "'@'"),
        (("--text", "да", "--device", "tpu"), "'tpu'"),
        (("--text", "да", "--checkpoint", "missing.ckpt"), "missing.ckpt"),
        (("--text", "да", "--vocoder", "missing.ckpt"), "missing.ckpt"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(
    ckpt: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    out = tmp_path / "out.wav"
    first = () if "--checkpoint" in arguments else ("--checkpoint", ckpt)
    assert message in refused(*first, *arguments, "--out", out)
    assert not out.exists()


def test_text_that_is_not_utf8_is_refused(ckpt: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_bytes("привет".encode("cp1251"))
    assert "not UTF-8" in refused("-c", ckpt, "--file", lines, "-o", tmp_path / "x.wav")


def test_an_unwritable_place_is_refused_before_any_work(ckpt: Path, tmp_path: Path) -> None:
    assert "cannot be written" in refused("-c", ckpt, "--text", "да", "-o", tmp_path)
    (tmp_path / "file").touch()
    assert "cannot be written" in refused("-c", ckpt, "--text", "да", "-o", tmp_path / "file/x.wav")


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({"iteration": 1}, CheckpointError, "does not say which model"),
        ({"model": {"use": 5}}, CheckpointError, "does not say which model"),
        ({"model": {"use": "tacotron3"}}, PluginError, "did you mean 'tacotron2'"),
    ],
)
def test_the_model_is_known_from_the_checkpoint(
    tmp_path: Path, state: dict[str, Any], error: type[Exception], message: str
) -> None:
    path = tmp_path / "c.ckpt"
    checkpoint.write(path, state)
    with pytest.raises(error, match=message):
        command.open_voice(path, "cpu", Plugins())


class Reader(Voice):
    """Читает текст: один кадр на знак."""

    def __call__(self, source: str, *, seed: int = 0) -> Mel:
        return Mel(np.full((20, len(source)), -5.0, dtype=np.float32), AUDIO)


class Vocoder(Voice):
    """Озвучивает mel тишиной нужной длины."""

    maps = ("mel", "audio")

    def __call__(self, source: Mel, *, seed: int = 0) -> Sound:
        samples = np.zeros(source.frames.shape[1] * source.audio.hop_length, dtype=np.float32)
        return Sound("speech", samples, source.audio.sampling_rate)


def test_voices_are_chained_by_what_they_map() -> None:
    chain = [Reader(), Vocoder()]
    command.require_chain(chain)
    sound = command.say("четыре", chain, seed=0, iterations=1)
    assert len(sound.samples) == 6 * AUDIO.hop_length and not sound.samples.any()
    assert command.say("четыре", chain[:1], seed=0, iterations=1).samples.any()


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ([Vocoder()], "--checkpoint: the model maps mel to audio, but text"),
        ([Reader(), Reader()], "--vocoder: the model maps text to mel, but mel"),
    ],
)
def test_voices_that_do_not_fit_together_are_refused(chain: list[Voice], message: str) -> None:
    with pytest.raises(TTSFError, match=message):
        command.require_chain(chain)


def test_standard_input_may_be_broken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    with pytest.raises(TTSFError, match="not UTF-8"):
        command.spoken_lines(None, "-")
