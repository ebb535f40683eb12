"""Условия осей и цели в run.yaml: каждая ошибка — со своей строкой."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file, plan
from tts_framework.errors import ConfigError
from tts_framework.plugins import Plugins

RATE: dict[str, Any] = {"type": "loguniform", "low": 1e-5, "high": 1e-2}
DROPOUT: dict[str, Any] = {"type": "categorical", "choices": [0.0, 0.1]}


@pytest.fixture
def problem(tiny_run: Callable[..., Path]) -> Callable[..., str]:
    """Верни единственную проблему плана без пути файла: `строка: ключ: текст`."""

    def problem(**tuner: Any) -> str:
        path = tiny_run(tuner=tuner)
        with pytest.raises(ConfigError) as caught:
            plan.from_file(config_file.read(path), Plugins())
        (found,) = caught.value.problems
        line, _, text = found.removeprefix(f"{path}:").partition(": ")
        key = text.partition(": ")[0].split(".")[-1]
        assert key in path.read_text().splitlines()[int(line) - 1]
        return text

    return problem


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"dropout": 0.1}, "when.dropout: no such axis in the search space; did you mean"),
        (
            {"dropout_decoder": 0.2},
            "when.dropout_decoder: 0.2 is outside of [0.0, 0.1]; use a value",
        ),
        ({"dropout_decoder": [0.1, 9]}, "when.dropout_decoder: 9 is outside of [0.0, 0.1]"),
        ({"dropout_decoder": []}, "when.dropout_decoder: the list of values is empty"),
        (
            {"weight_decay": 1e-4},
            "when.weight_decay: weight_decay is loguniform; a condition needs",
        ),
    ],
)
def test_a_condition_that_cannot_hold_is_named_with_its_line(
    problem: Callable[..., str], when: dict[str, Any], expected: str
) -> None:
    space = {"learning_rate": {**RATE, "when": when}, "dropout_decoder": DROPOUT}
    text = problem(search_space=space)
    assert text.startswith(f"tuner.search_space.learning_rate.{expected}")


def test_a_circle_of_conditions_is_named(problem: Callable[..., str]) -> None:
    space = {"dropout_decoder": {**DROPOUT, "when": {"dropout_decoder": 0.1}}}
    assert problem(search_space=space) == (
        "tuner.search_space.dropout_decoder.when: depends on itself through dropout_decoder;"
        " break the circle"
    )


def test_an_unknown_metric_among_the_objectives_is_named(problem: Callable[..., str]) -> None:
    text = problem(objectives=[{"metric": "val_loss"}, {"metric": "val_distanc"}])
    assert text.startswith("tuner.objectives.1.metric: tiny has no metric 'val_distanc'; did you")


def test_a_plan_knows_the_conditions(tiny_run: Callable[..., Path]) -> None:
    space = {
        "learning_rate": {**RATE, "when": {"dropout_decoder": 0.1}},
        "dropout_decoder": DROPOUT,
    }
    made = plan.from_file(config_file.read(tiny_run(tuner={"search_space": space})), Plugins())
    assert made.space["learning_rate"].when == (("dropout_decoder", (0.1,)),)
    assert made.base == {"learning_rate": 1e-3, "weight_decay": 1e-6, "dropout_decoder": 0.1}
