"""Раздел `trainer` чужой программы проверяется целиком до её запуска."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file, plan
from tts_framework.errors import ConfigError
from tts_framework.plugins import Plugins

COMMAND = f"{sys.executable} train.py -o {{output_dir}} [-c {{checkpoint}}] {{hparams}}"


def problems(tiny_run: Any, space: dict[str, Any] | None = None, **trainer: Any) -> list[str]:
    axis = {"type": "loguniform", "low": 1e-5, "high": 1e-2}
    tuner = {"search_space": space or {"learning_rate": axis}}
    path: Path = tiny_run(trainer={"command": COMMAND, **trainer}, tuner=tuner)
    try:
        plan.from_file(config_file.read(path), Plugins())
    except ConfigError as error:
        return error.problems
    return []


@pytest.mark.parametrize("dialect", ["comma", "flags", "hydra", "json"])
def test_every_dialect_takes_a_plain_space(tiny_run: Any, dialect: str) -> None:
    assert problems(tiny_run, hparams_format=dialect) == []


def test_several_words_cannot_stand_inside_one(tiny_run: Any) -> None:
    command = COMMAND.replace("{hparams}", "--set={hparams}")
    (problem,) = problems(tiny_run, command=command, hparams_format="hydra")
    assert "{hparams} is several words in hydra; put spaces around it" in problem
    assert problems(tiny_run, command=command, hparams_format="json") == []


def test_a_file_of_hparams_is_json(tiny_run: Any) -> None:
    command = COMMAND.replace("{hparams}", "--params {hparams_file}")
    (problem,) = problems(tiny_run, command=command)
    assert "{hparams_file} is JSON; set trainer.hparams_format: json" in problem
    assert problems(tiny_run, command=command, hparams_format="json") == []


def test_a_choice_that_the_dialect_cannot_carry_is_found_before_the_run(tiny_run: Any) -> None:
    space = {"mode": {"type": "categorical", "choices": ["a", "b,c"]}}
    (problem,) = problems(tiny_run, space)
    assert "tuner.search_space.mode: " in problem and "the comma dialect cannot express" in problem
    assert problems(tiny_run, space, hparams_format="hydra") == []


@pytest.mark.parametrize(
    ("trainer", "expected"),
    [
        ({"hparams_names": {"learning_rat": "lr"}}, "did you mean 'learning_rate'?"),
        ({"hparams_format": "flags", "hparams_flag": "--{value}"}, "needs {name} and {value}"),
        ({"checkpoint": "/abs/*"}, "leaves {output_dir}; use a mask inside it"),
        ({"checkpoint": "../*"}, "leaves {output_dir}; use a mask inside it"),
        ({"checkpoint_iteration": "step=("}, "fix the pattern"),
        ({"checkpoint_iteration": "step"}, "has no group; put the number in ( ), or write 'log'"),
        ({"metrics": {"val_loss": "loss", "x": "loss"}}, "'loss' stands for 2 names; keep one"),
        ({"hparams_format": "xml"}, "hparams_format"),
        ({"command": COMMAND + " \x07"}, "control characters"),
    ],
)
def test_a_description_that_cannot_work_is_refused_with_its_line(
    tiny_run: Any, trainer: dict[str, Any], expected: str
) -> None:
    found = problems(tiny_run, **trainer)
    assert any(expected in line and "run.yaml" in line for line in found), found


def test_two_axes_cannot_have_one_name(tiny_run: Any) -> None:
    axis = {"type": "uniform", "low": 0, "high": 1}
    found = problems(tiny_run, {"a": axis, "b": axis}, hparams_names={"a": "b"})
    assert any("'b' stands for 2 axes" in line for line in found)
