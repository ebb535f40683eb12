"""Плагин: лёгкий импорт и проверка настроек."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tts_framework import config_file
from tts_framework.plugins import Plugins
from ttsf_hifigan import Hifigan


def test_it_is_found_by_its_name() -> None:
    assert Plugins().get("model", "hifigan") is Hifigan
    assert Hifigan.maps == ("mel", "audio")


def test_importing_it_does_not_import_torch_or_numpy() -> None:
    code = (
        "import sys, ttsf_hifigan\n"
        "ttsf_hifigan.Hifigan.Config(preset='v2')\n"
        "print({'torch', 'numpy', 'soundfile'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_published_values_are_the_defaults() -> None:
    config = Hifigan.Config()
    assert (config.preset, config.learning_rate, config.beta1, config.beta2) == (
        "v1",
        2e-4,
        0.8,
        0.99,
    )
    assert (config.mel_weight, config.fm_weight, config.segment_size) == (45, 2, 8192)
    assert (config.lr_decay, config.weight_decay, config.grad_clip_thresh) == (0.999, 0.01, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "v4"}, "preset"),
        ({"sizes": {"width": 3}}, "no such size 'width'; known: .*upsample_rates"),
        ({"sizes": {"upsample_rates": [8, 8]}}, "must be equally long"),
        ({"sizes": {"upsample_rates": "8"}}, "is not a whole number"),
        ({"sizes": {"upsample_kernel_sizes": [15, 16, 4, 4]}}, "kernel 15 .* rate 8"),
        ({"sizes": {"resblock": 3}}, "resblock must be 1 or 2"),
        ({"sizes": {"resblock_kernel_sizes": [3, 6, 11]}}, "must be odd"),
        ({"sizes": {"upsample_initial_channel": 100}}, "must be divisible by 16"),
        ({"mpd_periods": []}, "mpd_periods must be positive"),
        ({"beta1": 1.0}, "less than 1"),
        ({"learning_rate": 0}, "greater than 0"),
        ({"discriminator_width": 2}, "less than or equal to 1"),
    ],
)
def test_bad_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Hifigan.Config.model_validate(options)


def test_the_example_is_valid() -> None:
    settings = config_file.read(Path(__file__).parents[1] / "example.yaml").settings
    config = Hifigan.Config.model_validate(settings.model.options)
    assert config.network_sizes(settings.data.audio).hop_length == 256
    assert set(settings.tuner.search_space) <= {*Hifigan.Config.tunables(), "batch_size"}
    assert settings.tuner.objective.metric in Hifigan.metrics
