"""Пример и README не расходятся с кодом."""

from __future__ import annotations

from pathlib import Path

from tts_framework import config_file
from ttsf_cmaes_engine import CmaesEngine

HOME = Path(__file__).parents[1]


def test_the_example_configures_the_engine() -> None:
    tuner = config_file.load(HOME / "example.yaml").tuner
    assert tuner.search_algorithm.use == "cmaes"
    config = CmaesEngine.Config.model_validate(tuner.search_algorithm.options)
    assert (config.population, config.sigma) == (5, 0.25)


def test_the_readme_names_every_option_with_its_default() -> None:
    text = (HOME / "README.md").read_text("utf-8")
    for name, field in CmaesEngine.Config.model_fields.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert str(field.default) in row
