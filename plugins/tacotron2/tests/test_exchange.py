"""Обмен с эталоном: его чекпоинт узнаётся, принимается с теми же весами и выгружается обратно."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import Foreign, Frontend, Session
from tts_framework.errors import CheckpointError, ConfigError, DataError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from ttsf_tacotron2 import Tacotron2
from ttsf_tacotron2.network import Tacotron2 as Network
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.reference_letters import SYMBOLS

StartSession = Callable[..., Session]


def foreign(
    tmp_path: Path, n_symbols: int = 148, *, prefix: str = "", **more: Any
) -> tuple[Foreign, Network]:
    """Запиши чекпоинт так, как эталон: state_dict, оптимизатор, шаг и итерация."""
    torch.manual_seed(0)
    network = Network(Tacotron2Options(preset="tiny").network_sizes(20), n_symbols, 2)
    weights = {prefix + name: tensor for name, tensor in network.state_dict().items()}
    optimizer = torch.optim.Adam(network.parameters()).state_dict()
    state = {"iteration": 7, "state_dict": weights, "optimizer": optimizer, "learning_rate": 1e-3}
    torch.save(state, tmp_path / "theirs.pt")
    read = checkpoint.read(tmp_path / "theirs.pt")
    audio = {"sampling_rate": 8000, "mel_fmax": 4000}
    return Foreign(tmp_path / "theirs.pt", read, **{"audio": audio, **more}), network


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_a_reference_checkpoint_becomes_a_voice(tmp_path: Path, prefix: str) -> None:
    theirs, network = foreign(tmp_path, prefix=prefix)
    assert Tacotron2.recognises(theirs)
    made = Tacotron2.adopt(theirs)
    assert (made["iteration"], made["audio"]["n_mel_channels"]) == (7, 20)
    for name, tensor in network.state_dict().items():
        assert torch.equal(made["state_dict"][name], tensor)
    checkpoint.write(tmp_path / "ours", made)
    assert Tacotron2.voice(tmp_path / "ours")("Hello, world!").frames.shape[0] == 20


def test_a_state_dict_alone_is_enough(tmp_path: Path) -> None:
    theirs, _ = foreign(tmp_path)
    alone = Foreign(theirs.path, {"state_dict": theirs.contents["state_dict"]}, (), None, {})
    assert Tacotron2.recognises(alone)
    assert Tacotron2.adopt(alone)["iteration"] == 0


def test_other_symbols_need_their_front_end(tmp_path: Path) -> None:
    plugin = Plugins().get("frontend", "russian_letters")
    frontend: Frontend = plugin(plugin.Config())
    count = len(frontend.symbols)
    theirs, _ = foreign(tmp_path, count, frontend=frontend)
    assert Tacotron2.adopt(theirs)["symbols"] == list(frontend.symbols)
    unnamed, _ = foreign(tmp_path, count)
    with pytest.raises(ConfigError, match=rf"reads {count} symbols and does not say which; give"):
        Tacotron2.adopt(unnamed)
    wrong, _ = foreign(tmp_path, 99, frontend=frontend)
    with pytest.raises(ConfigError, match=f"this one has {count}"):
        Tacotron2.adopt(wrong)


def test_audio_that_is_none_is_refused(tmp_path: Path) -> None:
    theirs, _ = foreign(tmp_path, audio={"hop_length": "soon"})
    with pytest.raises(ConfigError, match="--audio hop_length"):
        Tacotron2.adopt(theirs)


@pytest.mark.parametrize("contents", [{}, {"state_dict": {}}, {"state_dict": 5}, {"generator": {}}])
def test_another_checkpoint_is_not_recognised(contents: dict[str, Any]) -> None:
    assert not Tacotron2.recognises(Foreign(Path("x"), contents))


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("decoder.attention_rnn.weight_hh", torch.zeros(3)),
        ("decoder.linear_projection.linear_layer.weight", torch.zeros(1, 1)),
        ("postnet.convolutions.0.0.conv.weight", torch.zeros(0, 0, 0)),
        ("decoder.prenet.layers.0.linear_layer.weight", "words"),
    ],
)
def test_tensors_of_wrong_shapes_are_refused(tmp_path: Path, name: str, tensor: Any) -> None:
    theirs, _ = foreign(tmp_path)
    weights = {**theirs.contents["state_dict"], name: tensor}
    with pytest.raises(CheckpointError, match="theirs.pt") as caught:
        Tacotron2.adopt(Foreign(theirs.path, {"state_dict": weights}))
    assert len(str(caught.value).splitlines()) == 1


def test_the_export_is_what_the_reference_reads(start: StartSession, tmp_path: Path) -> None:
    session = start()
    session.step()
    session.save(tmp_path / "ours")
    done = Tacotron2.export(tmp_path / "ours", "reference", tmp_path / "out")
    (path,) = done.files
    theirs = torch.load(path, weights_only=True)
    assert path.name == "checkpoint_1"
    assert set(theirs) == {"iteration", "state_dict", "optimizer", "learning_rate"}
    ours = checkpoint.read(tmp_path / "ours")["state_dict"]
    assert all(torch.equal(theirs["state_dict"][name], ours[name]) for name in ours)
    assert "n_frames_per_step=4" in done.notes


def test_a_head_of_ours_is_left_out_and_said(start: StartSession, tmp_path: Path) -> None:
    start(mmi=True).save(tmp_path / "ours")
    done = Tacotron2.export(tmp_path / "ours", "reference", tmp_path / "out")
    theirs = torch.load(done.files[0], weights_only=True)
    assert not any(name.startswith("mmi.") for name in theirs["state_dict"])
    assert "optimizer" not in theirs and any("without the optimizer" in n for n in done.notes)


@pytest.mark.parametrize(
    ("options", "extra"), [({"gst": True}, "gst"), ({"attention": "dynamic"}, "attention: dynamic")]
)
def test_what_the_reference_has_not_is_refused(
    start: StartSession, tmp_path: Path, options: dict[str, Any], extra: str
) -> None:
    start(**options).save(tmp_path / "ours")
    with pytest.raises(CheckpointError, match=f"the reference has no {extra}"):
        Tacotron2.export(tmp_path / "ours", "reference", tmp_path / "out")


def letters() -> Frontend:
    plugin = Plugins().get("frontend", "reference_letters")
    made: Frontend = plugin(plugin.Config())
    return made


def test_the_letters_are_numbered_as_in_the_reference() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 148
    assert SYMBOLS[:12] == ("_", "-", "!", "'", "(", ")", ",", ".", ":", ";", "?", " ")
    assert (SYMBOLS[12], SYMBOLS[38], SYMBOLS[64], SYMBOLS[-1]) == ("A", "a", "@AA", "@ZH")
    assert letters().encode("Hi — you…") == [45, 46, 11, 1, 11, 62, 52, 58, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("room 7", "'7'; write the number in words"),
        ("naïve", "'ï'"),
        ("a_b", "'_'"),
        ("", "nothing"),
    ],
)
def test_what_the_letters_cannot_say_is_named(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        letters().normalize(text)
