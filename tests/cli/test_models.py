"""`ttsf models`: от файла до голоса ONNX, который говорит без torch."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from tts_framework.cli.main import app
from tts_framework.errors import TTSFError
from tts_framework.zoo.index import user_index

pytestmark = pytest.mark.no_cover


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CACHE", "DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments)])


def done(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    return result.stdout


def index_of(path: Path, archive: Path, *mirrors: str) -> Path:
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    facts = f"""
models:
  vocoder:
    plugin: hifigan
    language: ru
    licence: CC-BY-4.0
    sha256: {sha256}
    size: {archive.stat().st_size}
    mirrors: [{', '.join(mirrors)}]
    description: Test.
"""
    path.write_text(facts)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Архив эталона HiFi-GAN с узким генератором."""
    pytest.importorskip("ttsf_hifigan", reason="a vocoder is needed")
    import io

    import torch

    from ttsf_hifigan.generator import Generator
    from ttsf_hifigan.sizes import Sizes

    sizes = Sizes(2, (8, 4, 4), (16, 8, 8), 16, (3,), ((1, 2),), n_mels=20)
    torch.manual_seed(0)
    buffer = io.BytesIO()
    torch.save({"generator": Generator(sizes).state_dict()}, buffer)
    config: dict[str, Any] = {"resblock": "2", "upsample_rates": [8, 4, 4], "num_mels": 20}
    config |= {"upsample_kernel_sizes": [16, 8, 8], "upsample_initial_channel": 16}
    config |= {"resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 2]], "n_fft": 512}
    config |= {"hop_size": 128, "win_size": 512, "sampling_rate": 8000, "fmin": 0, "fmax": 4000}
    path = tmp_path / "vocoder.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("v/g_00000009", buffer.getvalue())
        file.writestr("v/config.json", json.dumps(config))
    return path


def acoustic(path: Path) -> Path:
    """Чекпоинт эталонной Tacotron 2 с её 148 символами, которая сама не останавливается."""
    import torch

    from ttsf_tacotron2.network import Tacotron2
    from ttsf_tacotron2.options import Tacotron2Options

    torch.manual_seed(0)
    network = Tacotron2(Tacotron2Options(preset="tiny").network_sizes(20), 148, 2)
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    torch.save({"state_dict": network.state_dict()}, path)
    return path


def test_an_empty_zoo_says_what_to_do() -> None:
    said = done("list")
    assert "the packaged one is empty" in said and "ttsf models import" in said
    assert str(user_index()) in said and "ttsf models list --index" in said
    assert json.loads(done("list", "--json")) == []


def test_the_index_that_an_empty_zoo_shows_is_one() -> None:
    lines = done("list").splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip() == "models:")
    example = dedent("\n".join(lines[first : lines.index("", first)]))
    user_index().parent.mkdir(parents=True)
    user_index().write_text(example + "\n")
    (row,) = json.loads(done("list", "--json"))
    assert (row["name"], row["plugin"], row["index"]) == (
        "ru-vocoder",
        "hifigan",
        str(user_index()),
    )


def test_a_model_of_an_index_is_listed_shown_and_fetched(
    archive: Path, server: Any, tmp_path: Path
) -> None:
    server.content = archive.read_bytes()
    index = index_of(tmp_path / "team.yaml", archive, server.url)
    (row,) = json.loads(done("list", "--index", index, "--json"))
    assert (row["name"], row["installed"], row["index"]) == ("vocoder", False, str(index))
    assert "CC-BY-4.0" in done("list", "--index", index)
    assert "licence       CC-BY-4.0" in done("show", "vocoder", "--index", index)
    assert "vocoder: hifigan, licence CC-BY-4.0" in done("get", "vocoder", "--index", index)
    assert "yes" in done("list").splitlines()[1]
    shown = json.loads(done("show", "vocoder", "--json"))
    assert (shown["format"], shown["plugin"]) == ("reference", "hifigan")
    assert isinstance(run("get", "vocoder", "--index", index).exception, TTSFError)
    done("get", "vocoder", "--index", index, "--force", "--offline")
    assert len(server.requests) == 1


def test_a_killed_get_is_continued_by_the_same_command(
    archive: Path, server: Any, tmp_path: Path
) -> None:
    server.content = archive.read_bytes()
    server.cuts = [20_000]
    index = index_of(tmp_path / "team.yaml", archive, server.url)
    command = [sys.executable, "-m", "tts_framework", "models", "get", "vocoder"]
    command += ["--index", str(index)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while len(server.requests) < 1:
        time.sleep(0.01)
    server.statuses = [503] * 50  # продолжение ждёт: убиваем посреди файла
    while not list((tmp_path / "cache").rglob("*.part")):
        time.sleep(0.01)
    while next((tmp_path / "cache").rglob("*.part")).stat().st_size < 20_000:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    server.statuses, asked = [], len(server.requests)
    done("get", "vocoder", "--index", index)
    assert server.requests[asked:] == ["bytes=20000-"]


def test_what_cannot_be_done_is_one_line(archive: Path, tmp_path: Path) -> None:
    done("import", archive, "--name", "vocoder")
    for arguments, message in (
        (("get", "absent"), "absent: no such model in the index"),
        (("show", "absent"), "absent: no such model in the index"),
        (("import", tmp_path / "absent", "--name", "x"), "no such file"),
        (("import", archive, "--name", "X Y"), "name: 'X Y' needs lower case"),
        (("import", archive, "--name", "x", "--audio", "rate"), "--audio rate: expected KEY=VALUE"),
        (("export", "absent", "--format", "onnx", "--out", tmp_path), "no such file or installed"),
        (("export", "vocoder", "--format", "mp3", "--out", tmp_path), "it knows: onnx, reference"),
        (("list", "--index", "no.yaml"), "no.yaml: no such file"),
    ):
        error = run(*arguments).exception
        assert isinstance(error, TTSFError), (arguments, error)
        assert message in str(error) and len(str(error).splitlines()) == 1


def test_from_reference_files_to_speech_without_torch(archive: Path, tmp_path: Path) -> None:
    for name in ("onnx", "onnxscript", "onnxruntime", "ttsf_tacotron2"):
        pytest.importorskip(name, reason="the way to an ONNX voice")
    audio = ("sampling_rate=8000", "mel_fmax=4000", "hop_length=128", "win_length=512")
    audio += ("filter_length=512",)
    settings = [part for pair in audio for part in ("--audio", pair)]
    done("import", acoustic(tmp_path / "theirs.pt"), "--name", "reader", *settings)
    done("import", archive, "--name", "vocoder")
    said = done("export", "reader", "--format", "onnx", "--out", tmp_path / "reader_onnx")
    assert said.count("max abs difference") == 4
    done("export", "vocoder", "--format", "onnx", "--out", tmp_path / "vocoder_onnx")
    program = (
        "import sys; sys.modules['torch'] = None\n"  # импорт torch - ошибка
        "from tts_framework.cli.main import run\nrun()\n"
    )
    command = [sys.executable, "-c", program, "synthesize", "--text", "Hello."]
    for key, folder in (("--checkpoint", "reader_onnx"), ("--vocoder", "vocoder_onnx")):
        command += [key, str(tmp_path / folder)]
    command += ["--out", str(tmp_path / "hello.wav")]
    finished = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ}
    )
    assert finished.returncode == 0, finished.stderr
    from tts_framework.speech.audio import read_header

    header = read_header(tmp_path / "hello.wav")
    assert header.sampling_rate == 8000 and header.seconds > 0.5
    whole, _ = soundfile.read(tmp_path / "hello.wav", dtype="int16")
    streamed = CliRunner().invoke(app, [*command[3:], "--stream"])
    assert streamed.exception is None and "first audio after" in streamed.stderr
    assert "needs whole phrases" not in streamed.stderr
    heard = np.frombuffer(streamed.stdout_bytes, "<i2")
    assert np.abs(heard.astype(int) - whole).max() <= 1
