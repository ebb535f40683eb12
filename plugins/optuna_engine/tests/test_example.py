"""Пример и README не расходятся с кодом."""

from __future__ import annotations

from pathlib import Path

from tts_framework import config_file
from tts_framework.space import Parameter, Space
from ttsf_optuna_engine import OptunaEngine

HOME = Path(__file__).parents[1]


def test_the_example_configures_the_engine() -> None:
    tuner = config_file.load(HOME / "example.yaml").tuner
    assert tuner.search_algorithm.use == "optuna"
    config = OptunaEngine.Config.model_validate(tuner.search_algorithm.options)
    assert (config.window, config.pruner) == (30, "hyperband")
    rate = tuner.search_space["learning_rate"]
    space = Space({"learning_rate": Parameter("learning_rate", rate.type, rate.low, rate.high)})
    assert OptunaEngine(config, space).space["learning_rate"].high == 1e-3


def test_the_readme_names_every_option_with_its_default() -> None:
    text = (HOME / "README.md").read_text("utf-8")
    for name, field in OptunaEngine.Config.model_fields.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert str(field.default) in row
