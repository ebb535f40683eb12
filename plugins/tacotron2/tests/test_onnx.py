"""Голос ONNX: те же числа, что у torch, без torch, и ничего опасного из чужой папки."""

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
from tts_framework.errors import CheckpointError, ConfigError, DataError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from ttsf_tacotron2 import Tacotron2, description
from ttsf_tacotron2.network import Tacotron2 as Network
from ttsf_tacotron2.onnx_loop import Shape, prenet_masks
from ttsf_tacotron2.onnx_voice import OnnxVoice, shape_of
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.spoken import Speech
from ttsf_tacotron2.voice import Tacotron2Voice

pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxscript", reason="export needs onnxscript")
pytest.importorskip("onnxruntime", reason="an ONNX voice needs onnxruntime")

AUDIO = AudioSettings(sampling_rate=8000, mel_fmax=4000, n_mel_channels=20, hop_length=160)
NARROW = {
    "symbols_embedding_dim": 16,
    "encoder_embedding_dim": 16,
    "encoder_n_convolutions": 1,
    "attention_rnn_dim": 16,
    "decoder_rnn_dim": 24,
    "prenet_dim": 8,
    "attention_dim": 8,
    "postnet_embedding_dim": 8,
    "postnet_n_convolutions": 2,
}
TEXT = "Прив+ет, мир! Как дел+а?"
ONE = "прив+ет, мир, как дел+а"
KINDS = {
    "location": {"attention": "location", "reduction_factor": 2},
    "dynamic": {"attention": "dynamic", "reduction_factor": 3, "gst": True},
}
Exported = tuple[Path, Path]


def checkpoint_of(path: Path, **options: Any) -> Path:
    """Запиши чекпоинт узкой необученной сети, которая говорит, пока не упрётся в предел."""
    plugin = Plugins().get("frontend", "russian_letters")
    frontend = plugin(plugin.Config())
    config = Tacotron2Options(
        sizes=NARROW,
        max_decoder_steps=25,
        attention_patience=0,
        synthesis_weights="fp32",
        **options,
    )
    torch.manual_seed(0)
    network = Network(
        config.network_sizes(20),
        len(frontend.symbols),
        config.reduction_factor,
        gst=config.gst,
        attention=config.attention,
    )
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    described = description.description(config, frontend, AUDIO)
    checkpoint.write(path, {"state_dict": network.state_dict(), **described})
    return path


@pytest.fixture(scope="module", params=KINDS)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Чекпоинт без dropout (иначе случайность у движков разная) и папка, выгруженная из него."""
    folder = tmp_path_factory.mktemp(request.param)
    path = checkpoint_of(folder / "ckpt", dropout_prenet=0.0, **KINDS[request.param])
    done = Tacotron2.export(path, "onnx", folder / "onnx")
    assert [file.name for file in done.files] == [
        "voice.json", "encoder.onnx", "step.onnx", "postnet.onnx"
    ]  # fmt: skip
    assert all("max abs difference" in note and "SNR" in note for note in done.notes)
    return path, folder / "onnx"


@pytest.fixture
def folder(exported: Exported, tmp_path: Path) -> Path:
    """Копия папки, которую можно портить."""
    return Path(shutil.copytree(exported[1], tmp_path / "voice"))


def rewritten(folder: Path, **changes: Any) -> Path:
    path = folder / "voice.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return folder


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_it_says_what_torch_says_sample_by_sample(exported: Exported) -> None:
    torch_voice, voice = Tacotron2.voice(exported[0]), Tacotron2.voice(exported[1])
    assert isinstance(torch_voice, Tacotron2Voice) and isinstance(voice, OnnxVoice)
    theirs, ours = torch_voice(TEXT), voice(TEXT)
    assert ours.audio == theirs.audio and ours.frames.dtype == np.float32
    assert np.abs(ours.frames - theirs.frames).max() < 1e-4
    for mine, other in zip(ours.sentences, theirs.sentences, strict=True):
        assert (mine.text, mine.frames, mine.ended) == (other.text, other.frames, other.ended)
        assert mine.confidence == pytest.approx(other.confidence, abs=1e-4)


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_a_stream_says_the_whole_while_the_decoder_still_speaks(exported: Exported) -> None:
    voice, steps = Tacotron2.voice(exported[1]), []
    assert isinstance(voice, OnnxVoice)
    step = voice._graphs.step

    def counted(feeds: Any) -> Any:
        steps.append(1)
        return step(feeds)

    voice._graphs = voice._graphs._replace(step=counted)
    whole = voice(ONE, seed=3)
    steps.clear()
    stream = voice.stream(ONE, seed=3)
    pieces = [next(stream)]
    assert len(steps) <= 8  # из 25: кадры первого куска и их соседи справа
    pieces += stream
    assert np.abs(np.concatenate([p.frames for p in pieces], 1) - whole.frames).max() < 1e-5
    assert len(steps) == 25 and len(pieces) > 2
    assert isinstance(pieces[-1], Speech) and pieces[-1].sentences == whole.sentences
    assert pieces[-1].flags == ("stopped by limit",)


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_several_sentences_of_a_stream_are_given_whole(exported: Exported) -> None:
    voice = Tacotron2.voice(exported[1])
    (piece,) = voice.stream(TEXT, seed=5)
    assert np.array_equal(piece.frames, voice(TEXT, seed=5).frames)
    with pytest.raises(ConfigError, match="style"):
        next(voice.stream(ONE, style=(1.0,)))


def test_the_description_holds_what_the_voice_needs(exported: Exported) -> None:
    contents = json.loads((exported[1] / "voice.json").read_text())
    assert (contents["use"], contents["format"], contents["opset"]) == ("tacotron2", "onnx", 18)
    assert contents["audio_fingerprint"] == AUDIO.fingerprint
    assert contents["frontend"]["use"] == "russian_letters"
    assert set(contents["checked"]) == {"encoder", "step", "postnet", "spoken"}
    assert all(value["snr_db"] > 60 for value in contents["checked"].values())


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_the_seed_decides_the_dropout(exported: Exported, folder: Path) -> None:
    contents = json.loads((folder / "voice.json").read_text())
    rewritten(folder, model={**contents["model"], "dropout_prenet": 0.5})
    voice = Tacotron2.voice(folder)
    first, again, other = (voice(TEXT, seed=seed).frames for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_styles_are_token_weights(exported: Exported) -> None:
    theirs, ours = Tacotron2.voice(exported[0]), Tacotron2.voice(exported[1])
    weights = [1.0] + [0.0] * 9
    if "dynamic" not in str(exported[0]):
        with pytest.raises(ConfigError, match="without gst"):
            ours("да", style=weights)
        return
    styled = ours("да", style=weights).frames
    assert np.abs(styled - theirs("да", style=weights).frames).max() < 1e-4
    assert not np.array_equal(styled, ours("да").frames)
    with pytest.raises(ConfigError, match="10 non-negative token weights"):
        ours("да", style=[1.0])
    with pytest.raises(ConfigError, match="a recording needs the checkpoint"):
        ours("да", style=Mel(np.zeros((20, 9), np.float32), AUDIO))


def test_an_unknown_symbol_is_named(exported: Exported) -> None:
    with pytest.raises(DataError, match="'@'"):
        Tacotron2.voice(exported[1])("да@")


def test_torch_is_not_imported(exported: Exported) -> None:
    program = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from pathlib import Path\n"
        "from tts_framework.plugins import Plugins\n"
        "voice = Plugins().get('model', 'tacotron2').voice(Path(sys.argv[1]))\n"
        "assert voice('да').frames.shape[1] > 0\n"
        "print(sorted({'torch', 'onnx', 'onnxscript', 'mlflow'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", program, str(exported[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_the_masks_drop_their_share_and_keep_the_mean(probability: float) -> None:
    config = Tacotron2Options(sizes={**NARROW, "prenet_dim": 64}, dropout_prenet=probability)
    masks = prenet_masks(shape_of(config, 20, 1), seed=3)
    drawn = np.stack([next(masks) for _ in range(400)])
    assert drawn.shape == (400, 2, 1, 64) and drawn.dtype == np.float32
    assert (drawn == 0).mean() == pytest.approx(probability, abs=0.01)
    assert drawn.mean() == pytest.approx(1, abs=0.05)
    assert not np.array_equal(drawn[:, 0], drawn[:, 1])


def test_without_dropout_the_masks_are_ones() -> None:
    shape = Shape(Tacotron2Options(sizes=NARROW).network_sizes(20), 1, False, 0.0)
    assert (next(prenet_masks(shape, 0)) == 1).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "torch"}, "does not describe an onnx voice"),
        ({"version": 2}, "version is 2, expected 1"),
        ({"use": "hifigan"}, "use is 'hifigan', not 'tacotron2'"),
        ({"model": {"use": "tacotron2", "preset": "huge"}}, "model.preset"),
        ({"model": {"use": "tacotron2"}}, "it is a graph of another model"),
        ({"symbols": ["а"]}, "symbols"),
        ({"audio": {"hop_length": 0}}, "audio"),
        ({"frontend": {"use": 5}}, "not an installed plugin"),
        ({"files": {}}, "files.encoder names no"),
        ({"files": {"encoder": {"file": "../encoder.onnx"}}}, "files.encoder names no"),
        ({"files": {"encoder": {"file": "absent.onnx"}}}, "no such file"),
        ({"reduction_factor": 9}, "it is a graph of another model"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message) as caught:
        Tacotron2.voice(rewritten(folder, **changes))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_description_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "voice.json").write_bytes(content)
    with pytest.raises(CheckpointError, match="voice.json"):
        Tacotron2.voice(folder)


@pytest.mark.parametrize("kept", [0, 100, -1])
def test_a_truncated_graph_is_refused(folder: Path, kept: int) -> None:
    path = folder / "step.onnx"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="truncated or was replaced"):
        Tacotron2.voice(folder)


def test_a_graph_that_is_not_one_is_refused(folder: Path) -> None:
    import hashlib

    (folder / "step.onnx").write_bytes(b"cos\nsystem\n(S'touch x'\ntR.")
    files = json.loads((folder / "voice.json").read_text())["files"]
    files["step"]["sha256"] = hashlib.sha256((folder / "step.onnx").read_bytes()).hexdigest()
    with pytest.raises(CheckpointError, match="is not a graph that onnxruntime runs"):
        Tacotron2.voice(rewritten(folder, files=files))


def test_weights_outside_of_the_folder_are_not_read(folder: Path, tmp_path: Path) -> None:
    import hashlib

    import onnx

    outside = tmp_path / "secret.bin"
    outside.write_bytes(np.ones(20 * 40, np.float32).tobytes())
    path = folder / "postnet.onnx"
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.ClearField("float_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret.bin"
    path.write_bytes(model.SerializeToString())
    files = json.loads((folder / "voice.json").read_text())["files"]
    files["postnet"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(CheckpointError, match="is not a graph that onnxruntime runs"):
        Tacotron2.voice(rewritten(folder, files=files))


def test_a_link_instead_of_a_graph_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "step.onnx").rename(tmp_path / "elsewhere.onnx")
    (folder / "step.onnx").symlink_to(tmp_path / "elsewhere.onnx")
    with pytest.raises(CheckpointError, match="no such file"):
        Tacotron2.voice(folder)


def test_a_device_that_is_not_here_is_refused(exported: Exported) -> None:
    with pytest.raises(ConfigError, match="onnxruntime has no CUDA here"):
        Tacotron2.voice(exported[1], "cuda")
    with pytest.raises(ConfigError, match="'tpu' is not one of"):
        Tacotron2.voice(exported[1], "tpu")


def test_a_folder_of_something_else_is_not_overwritten(exported: Exported, tmp_path: Path) -> None:
    from tts_framework.speech import voice_folder

    (tmp_path / "thesis.txt").write_text("мой труд")
    with pytest.raises(TTSFError, match="is not empty and holds no voice"):
        voice_folder.write(tmp_path, "tacotron2", {}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
