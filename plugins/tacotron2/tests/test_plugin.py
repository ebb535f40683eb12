"""Плагин: лёгкий импорт и проверка настроек."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tts_framework import config_file
from tts_framework.plugins import Plugins
from ttsf_tacotron2 import Tacotron2
from ttsf_tacotron2.options import Tacotron2Options


def test_it_is_found_by_its_name() -> None:
    assert Plugins().get("model", "tacotron2") is Tacotron2


def test_importing_it_does_not_import_torch_or_numpy() -> None:
    code = (
        "import sys, ttsf_tacotron2\n"
        "ttsf_tacotron2.Tacotron2.Config(preset='small')\n"
        "print({'torch', 'numpy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_names_of_the_specification_are_tunable() -> None:
    assert {"learning_rate", "weight_decay", "dropout_decoder"} <= set(Tacotron2.Config.tunables())


def test_the_published_values_are_the_defaults() -> None:
    config = Tacotron2.Config()
    assert (config.preset, config.reduction_factor) == ("full", 1)
    assert (config.learning_rate, config.weight_decay, config.grad_clip_thresh) == (1e-3, 1e-6, 1)
    assert config.network_sizes(80).decoder_rnn_dim == 1024


def test_a_size_overrides_its_preset() -> None:
    sizes = Tacotron2.Config(preset="tiny", sizes={"prenet_dim": 48}).network_sizes(n_mels=40)
    assert (sizes.prenet_dim, sizes.n_mels, sizes.attention_rnn_dim) == (48, 40, 128)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": {"prenet": 48}}, "no such size 'prenet'; known: .*prenet_dim"),
        ({"sizes": {"n_mels": 40}}, "no such size 'n_mels'"),
        ({"sizes": {"prenet_dim": 0}}, "greater than 0"),
        ({"sizes": {"encoder_kernel_size": 4}}, "must be odd"),
        ({"preset": "huge"}, "preset"),
        ({"guided_attention_hold": 20_000}, "is before guided_attention_hold 20000"),
        ({"dropout_decoder": 1.0}, "less than 1"),
        ({"learning_rate": 0}, "greater than 0"),
        ({"precision": "fp8"}, "precision"),
    ],
)
def test_bad_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Tacotron2.Config.model_validate(options)


def test_guidance_holds_and_then_falls_to_zero() -> None:
    options = Tacotron2Options(
        guided_attention_weight=8, guided_attention_hold=100, guided_attention_end=300
    )
    weights = [
        options.guidance_weight(iteration) for iteration in (0, 99, 100, 200, 299, 300, 10**9)
    ]
    assert weights == pytest.approx([8, 8, 8, 4, 0.04, 0, 0])


def test_guidance_may_end_at_once() -> None:
    options = Tacotron2Options(guided_attention_hold=5, guided_attention_end=5)
    assert [options.guidance_weight(iteration) > 0 for iteration in (4, 5)] == [True, False]


def test_the_example_is_valid() -> None:
    example = Path(__file__).parents[1] / "example.yaml"
    settings = config_file.read(example).settings
    config = Tacotron2.Config.model_validate(settings.model.options)
    assert config.preset == "tiny"
    tunables = {*Tacotron2.Config.tunables(), "batch_size"}
    assert set(settings.tuner.search_space) <= tunables
