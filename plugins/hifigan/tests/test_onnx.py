"""Вокодер ONNX: отсчёты torch, потоком и целиком, без torch; негодная папка - одна строка."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework.components import AudioSettings, Mel
from tts_framework.errors import CheckpointError, DataError
from tts_framework.training import checkpoint
from ttsf_hifigan import Hifigan
from ttsf_hifigan.description import description
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.onnx_voice import OnnxVoice
from ttsf_hifigan.options import HifiganOptions

pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxscript", reason="export needs onnxscript")
pytest.importorskip("onnxruntime", reason="an ONNX voice needs onnxruntime")

AUDIO = AudioSettings(sampling_rate=8000, hop_length=128, n_mel_channels=40, mel_fmax=4000)
NARROW = {
    "upsample_rates": [8, 4, 4],
    "upsample_kernel_sizes": [16, 8, 8],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [2, 6]],
}
Exported = tuple[Path, Path]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Чекпоинт узкого необученного генератора и папка, выгруженная из него."""
    folder = tmp_path_factory.mktemp("vocoder")
    config = HifiganOptions(preset="v3", sizes=NARROW)
    torch.manual_seed(0)
    network = Generator(config.network_sizes(AUDIO))
    with torch.no_grad():  # случайная сеть почти немая: сделай её громкой, как обученная
        for name, parameter in network.named_parameters():
            if name.endswith("weight_g"):
                parameter.mul_(2)
    state = {"state_dict": network.state_dict(), **description(config, AUDIO)}
    checkpoint.write(folder / "ckpt", state)
    done = Hifigan.export(folder / "ckpt", "onnx", folder / "onnx")
    assert [path.name for path in done.files] == ["voice.json", "generator.onnx"]
    assert "max abs difference" in done.notes[0] and "SNR" in done.notes[0]
    return folder / "ckpt", folder / "onnx"


@pytest.fixture
def folder(exported: Exported, tmp_path: Path) -> Path:
    """Копия папки, которую можно портить."""
    return Path(shutil.copytree(exported[1], tmp_path / "voice"))


def mel_like(frames: int) -> Mel:
    random = np.random.default_rng(frames)
    return Mel(random.normal(-5, 2, (40, frames)).astype(np.float32), AUDIO)


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 33, 200])
def test_it_gives_the_samples_of_torch(exported: Exported, frames: int) -> None:
    theirs, ours = Hifigan.voice(exported[0]), Hifigan.voice(exported[1])
    assert isinstance(ours, OnnxVoice)
    mine, other = ours(mel_like(frames)).samples, theirs(mel_like(frames)).samples
    assert mine.shape == other.shape == (max(0, frames - 1) * 128,) and mine.dtype == np.float32
    assert not len(mine) or np.abs(mine - other).max() < 1e-5
    assert frames < 33 or mine.std() > 0.02


def test_a_stream_has_the_samples_of_the_whole(exported: Exported) -> None:
    voice = Hifigan.voice(exported[1])
    pieces = [sound.samples for sound in voice.stream(mel_like(150), first_frames=7)]
    assert len(pieces) > 2 and len(pieces[0]) == 7 * 128
    assert np.abs(np.concatenate(pieces) - voice(mel_like(150)).samples).max() < 1e-5


def test_a_mel_of_other_settings_is_refused(exported: Exported) -> None:
    other = AUDIO.model_copy(update={"mel_fmin": 50.0})
    with pytest.raises(DataError, match="mel_fmin is 50.0 in the mel and 0.0 in the vocoder"):
        Hifigan.voice(exported[1])(Mel(mel_like(9).frames, other))


def test_torch_is_not_imported(exported: Exported) -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "import numpy\n"
        "from tts_framework.components import Mel\n"
        "from tts_framework.plugins import Plugins\n"
        "voice = Plugins().get('model', 'hifigan').voice(Path(sys.argv[1]))\n"
        "print(len(voice(Mel(numpy.zeros((40, 9), 'float32'), voice.audio)).samples))\n"
    )
    command = [sys.executable, "-c", program, str(exported[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(8 * 128)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"use": "tacotron2"}, "use is 'tacotron2', not 'hifigan'"),
        ({"audio": None}, "audio None is damaged"),
        ({"model": {"use": "hifigan", "sizes": {"upsample_rates": [2**40]}}}, "upsample_"),
        ({"files": None}, "files.generator names no"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    path = folder / "voice.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(CheckpointError, match=message):
        Hifigan.voice(folder)


def test_a_graph_of_other_bands_is_refused(folder: Path) -> None:
    path = folder / "voice.json"
    contents = json.loads(path.read_text())
    contents["audio"]["n_mel_channels"] = 41
    path.write_text(json.dumps(contents))
    with pytest.raises(CheckpointError, match="it is a graph of another model"):
        Hifigan.voice(folder)
