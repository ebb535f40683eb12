"""Обмен с эталоном: файлы `g_`, `do_` и `config.json` в обе стороны."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework.components import Foreign, Mel, Session
from tts_framework.errors import CheckpointError, ConfigError, DataError
from tts_framework.training import checkpoint
from ttsf_hifigan import Hifigan, exchange
from ttsf_hifigan.discriminators import MultiPeriodDiscriminator, MultiScaleDiscriminator
from ttsf_hifigan.exchange import read_config
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.options import HifiganOptions

StartSession = Callable[..., Session]
PUBLISHED = {"mpd_periods": [2, 3, 5, 7, 11], "discriminator_width": 1.0}


@pytest.fixture
def written(start: StartSession, tmp_path: Path) -> Path:
    session = start()
    for _ in range(3):
        session.step()
    session.save(tmp_path / "checkpoint_3")
    return tmp_path / "checkpoint_3"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Узкие дискриминаторы вместо опубликованных: `config.json` эталона их ширины не хранит."""
    original = HifiganOptions.model_validate

    def validate(values: Any, **kwargs: Any) -> HifiganOptions:
        if isinstance(values, dict) and "preset" not in values:
            values = {**values, "mpd_periods": [2, 3], "discriminator_width": 1 / 16}
        made: HifiganOptions = original(values, **kwargs)
        return made

    monkeypatch.setattr(exchange.HifiganOptions, "model_validate", validate)


def exported(written: Path) -> Path:
    folder = written.parent / "reference"
    assert len(Hifigan.export(written, "reference", folder).files) == 3
    return folder


def imported(folder: Path, name: str = "g_00000002", *, alone: bool = True) -> Path:
    """Прими файл эталона; `alone` - дискриминаторов рядом с ним нет."""
    path = folder / name
    beside = [p for p in folder.iterdir() if p != path and not (alone and p.name[:3] == "do_")]
    foreign = Foreign(path, checkpoint.read(path), tuple(beside))
    assert Hifigan.recognises(foreign)
    made = Hifigan.adopt(foreign)
    target = folder.parent / f"checkpoint_{made['iteration']}_adopted"
    checkpoint.write(target, made)
    return target


def test_the_export_has_the_layout_of_the_reference(written: Path) -> None:
    folder = exported(written)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "do_00000002",
        "g_00000002",
    ]
    generator = torch.load(folder / "g_00000002", weights_only=True)
    judges = torch.load(folder / "do_00000002", weights_only=True)
    assert set(generator) == {"generator"}
    assert set(judges) == {"mpd", "msd", "optim_g", "optim_d", "steps", "epoch"}
    assert (judges["steps"], judges["epoch"]) == (2, 1)
    config = json.loads((folder / "config.json").read_text())
    assert (config["resblock"], config["hop_size"], config["n_fft"]) == ("2", 128, 512)
    assert config["upsample_rates"] == [8, 4, 4]


def test_plain_torch_continues_the_export(written: Path) -> None:
    """Прочти выгрузку так, как эталон: AdamW по chain(msd, mpd) и ExponentialLR."""
    judges = torch.load(exported(written) / "do_00000002", weights_only=True)
    mpd, msd = MultiPeriodDiscriminator((2, 3), 1 / 16), MultiScaleDiscriminator(1 / 16)
    mpd.load_state_dict(judges["mpd"])
    msd.load_state_dict(judges["msd"])
    optimizer = torch.optim.AdamW(chain(msd.parameters(), mpd.parameters()), 1.0, (0.8, 0.99))
    optimizer.load_state_dict(judges["optim_d"])
    torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.999, last_epoch=judges["epoch"])
    assert optimizer.param_groups[0]["initial_lr"] == 2e-4
    sum(score.sum() for score in mpd(torch.randn(1, 1, 600))[0]).backward()
    optimizer.step()
    moments = optimizer.state[mpd.discriminators[0].convs[0].weight_v]
    assert moments["step"] == 4 and moments["exp_avg"].shape == (16, 1, 5, 1)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("name", ["g_00000002", "do_00000002"])
def test_a_round_trip_keeps_every_tensor_and_continues(
    start: StartSession, written: Path, name: str
) -> None:
    folder = exported(written)
    path = imported(folder, name, alone=False)
    ours, theirs = checkpoint.read(path), checkpoint.read(written)
    assert ours["iteration"] == 3
    for key in ("state_dict", "mpd", "msd"):
        assert ours[key].keys() == theirs[key].keys()
        assert all(torch.equal(ours[key][name], theirs[key][name]) for name in ours[key])
    for key in ("optimizer", "optimizer_d"):
        for number, moments in theirs[key]["state"].items():
            for name, value in moments.items():
                assert torch.equal(ours[key]["state"][number][name], value)
    session = start(preset="v1", sizes=checkpoint.read(path)["model"]["sizes"])
    session.load(path)
    assert session.iteration == 3
    session.step()


def test_a_generator_alone_is_a_voice(written: Path) -> None:
    path = imported(exported(written))
    assert checkpoint.read(path)["iteration"] == 0
    voices = Hifigan.voice(path), Hifigan.voice(written)
    mel = np.random.default_rng(0).normal(-5, 2, (40, 12)).astype(np.float32)
    ours, theirs = (voice(Mel(mel, voice.audio)) for voice in voices)  # type: ignore[attr-defined]
    assert np.array_equal(ours.samples, theirs.samples)


def test_a_file_of_old_torch_is_read(written: Path) -> None:
    folder = exported(written)
    path = folder / "g_00000002"
    state = torch.load(path, weights_only=True)
    torch.save(state, path, _use_new_zipfile_serialization=False)
    assert checkpoint.read(imported(folder))["iteration"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hop_size": 100}, "8 x 4 x 4 = 128, but data.audio.hop_length is 100"),
        ({"upsample_rates": "fast"}, "is not a whole number"),
        ({"resblock": "x"}, "invalid literal"),
        ({"n_fft": 0}, "filter_length"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    written: Path, change: dict[str, Any], message: str
) -> None:
    path = exported(written) / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DataError, match=message):
        read_config(path)


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_config_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DataError, match="give the config.json"):
        read_config(tmp_path / "config.json")
    with pytest.raises(DataError, match="cannot be read"):
        read_config(tmp_path / "missing.json")


def test_tensors_that_do_not_fit_are_refused(written: Path) -> None:
    folder = exported(written)
    state = torch.load(folder / "g_00000002", weights_only=True)
    state["generator"]["conv_pre.bias"] = torch.zeros(3)
    torch.save(state, folder / "g_00000002")
    message = r"tensor conv_pre.bias is \[3\] in the checkpoint and \[32\] here"
    with pytest.raises(CheckpointError, match=message):
        imported(folder)


@pytest.mark.parametrize(
    ("name", "missing"), [("g_00000002", "config.json"), ("do_00000002", "g_")]
)
def test_what_must_lie_beside_is_named(written: Path, name: str, missing: str) -> None:
    folder = exported(written)
    (folder / missing).unlink(missing_ok=True)
    (folder / f"{missing}00000002").unlink(missing_ok=True)
    with pytest.raises(ConfigError, match=f"needs the {missing}"):
        imported(folder, name)


def test_a_voice_without_discriminators_is_exported_without_do(written: Path) -> None:
    path = imported(exported(written))
    done = Hifigan.export(path, "reference", path.parent / "again")
    assert [file.name for file in done.files] == ["g_00000000", "config.json"]
    assert "no discriminators" in done.notes[0]


def test_another_checkpoint_is_not_exported(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / "x", {"iteration": 1})
    with pytest.raises(CheckpointError, match="model is None, not 'hifigan'"):
        Hifigan.export(tmp_path / "x", "reference", tmp_path / "out")


def test_damaged_sections_are_not_exported(written: Path) -> None:
    whole = checkpoint.read(written)
    for key, value in (
        ("optimizer", None),
        ("optimizer", {"state": {}}),
        ("optimizer_d", {"param_groups": []}),
        ("optimizer_d", {"state": {}, "param_groups": [5]}),
        ("sampler", [1]),
        ("sampler", {"clips": "many"}),
        ("iteration", True),
    ):
        damaged = written.with_name("damaged")
        checkpoint.write(damaged, {**whole, key: value})
        with pytest.raises(CheckpointError, match=f"{damaged}: ({key}|clips)") as caught:
            Hifigan.export(damaged, "reference", written.parent / "none")
        assert len(str(caught.value).splitlines()) == 1
    assert not (written.parent / "none").exists()


def test_the_published_config_is_read(tmp_path: Path) -> None:
    published = {
        "resblock": "1",
        "batch_size": 16,
        "learning_rate": 0.0002,
        "adam_b1": 0.8,
        "adam_b2": 0.99,
        "lr_decay": 0.999,
        "upsample_rates": [8, 8, 2, 2],
        "upsample_kernel_sizes": [16, 16, 4, 4],
        "upsample_initial_channel": 128,
        "resblock_kernel_sizes": [3, 7, 11],
        "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
        "segment_size": 8192,
        "num_mels": 80,
        "n_fft": 1024,
        "hop_size": 256,
        "win_size": 1024,
        "sampling_rate": 22050,
        "fmin": 0,
        "fmax": 8000,
        "fmax_for_loss": None,
    }
    (tmp_path / "config.json").write_text(json.dumps(published))
    config, audio = read_config(tmp_path / "config.json")
    own = HifiganOptions(preset="v2").network_sizes(audio)
    assert config.network_sizes(audio) == own
    assert sum(p.numel() for p in Generator(own).parameters()) > 925_985
    assert audio.fingerprint == type(audio)().fingerprint
