"""Плагин: лёгкий импорт, проверка настроек, ни строки о нём в ядре."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import tts_framework
from tts_framework import config_file
from tts_framework.plugins import Plugins
from ttsf_fastspeech2 import FastSpeech2


def test_it_is_found_by_its_name() -> None:
    assert Plugins().get("model", "fastspeech2") is FastSpeech2


def test_importing_it_does_not_import_torch_or_numpy() -> None:
    code = (
        "import sys, ttsf_fastspeech2\n"
        "ttsf_fastspeech2.FastSpeech2.Config(preset='small')\n"
        "print({'torch', 'numpy', 'pyworld'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_core_does_not_know_it() -> None:
    core = Path(tts_framework.__file__).parent
    texts = {path: path.read_text("utf-8").lower() for path in core.rglob("*.py")}
    assert not [path for path, text in texts.items() if "fastspeech2" in text]


def test_what_may_be_tuned() -> None:
    wanted = {"learning_rate", "warmup", "weight_decay", "dropout", "dropout_predictor"}
    weights = {"duration_weight", "pitch_weight", "energy_weight", "alignment_weight"}
    assert wanted | weights | {"binarization_weight"} <= set(FastSpeech2.Config.tunables())


def test_a_size_overrides_its_preset() -> None:
    sizes = FastSpeech2.Config(preset="tiny", sizes={"heads": 4}).network_sizes(n_mels=40)
    assert (sizes.heads, sizes.n_mels, sizes.hidden_dim) == (4, 40, 64)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": {"hidden": 48}}, "no such size 'hidden'; known: .*hidden_dim"),
        ({"sizes": {"n_mels": 40}}, "no such size 'n_mels'"),
        ({"sizes": {"hidden_dim": 0}}, "greater than 0"),
        ({"sizes": {"hidden_dim": 30}}, "must be divisible by 2 \\* heads"),
        ({"sizes": {"decoder_kernel": 4}}, "must be odd"),
        ({"preset": "huge"}, "preset"),
        ({"durations": "guess"}, "durations"),
        ({"dropout": 1.0}, "less than 1"),
        ({"learning_rate": 0}, "greater than 0"),
        ({"pitch_floor": 300, "pitch_ceiling": 200}, "300 is not below pitch_ceiling 200"),
        ({"precision": "fp8"}, "precision"),
        ({"rate": 9}, "rate"),
    ],
)
def test_bad_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FastSpeech2.Config.model_validate(options)


def test_the_rate_grows_and_stays() -> None:
    options = FastSpeech2.Config(learning_rate=1.0, warmup=4)
    rates = [options.rate_at(iteration) for iteration in (0, 1, 3, 4, 10**9)]
    assert rates == pytest.approx([0.25, 0.5, 1, 1, 1])
    assert FastSpeech2.Config(learning_rate=1.0, warmup=0).rate_at(0) == 1.0


def test_binarization_joins_later() -> None:
    options = FastSpeech2.Config(binarization_weight=2.0, binarization_start=100)
    assert [options.binarization_at(n) for n in (0, 100, 150, 200, 999)] == [0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    "path", ["plugins/fastspeech2/example.yaml", "examples/ru_nsh_fastspeech2/run.yaml"]
)
def test_the_examples_are_valid(path: str) -> None:
    example = Path(__file__).parents[3] / path
    if not example.is_file():
        pytest.skip("the repository is not here")
    settings = config_file.read(example).settings
    config = FastSpeech2.Config.model_validate(settings.model.options)
    assert config.durations == "labels" or config.preset
    assert set(settings.tuner.search_space) <= {*FastSpeech2.Config.tunables(), "batch_size"}
    assert settings.tuner.objective.metric in FastSpeech2.metrics
