"""Settings сами по себе: умолчания согласованы, оси честны, объект неизменяем."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tts_framework.config import ParameterSettings, Settings, Use


def test_the_defaults_need_no_file() -> None:
    settings = Settings()
    assert settings.folder == Path("output/run")
    assert settings.tuner.n_startup_iters % settings.trainer.iters_per_checkpoint == 0


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().seed = 5  # type: ignore[misc]


@pytest.mark.parametrize("run", ["", "../up", "a/b", ".hidden", "a b", "-x"])
def test_a_run_name_is_a_plain_folder_name(run: str) -> None:
    with pytest.raises(ValidationError):
        Settings(run=run)


@pytest.mark.parametrize("run", ["ru-nsh", "run_1", "v1.2", "запуск"])
def test_a_usual_run_name_is_accepted(run: str) -> None:
    assert Settings(run=run).folder.name == run


def test_a_plugin_keeps_its_options_apart_from_its_name() -> None:
    use = Use.model_validate({"use": "tacotron2", "preset": "small"})
    assert (use.use, use.options) == ("tacotron2", {"preset": "small"})
    assert Use.model_validate("tacotron2") == Use(use="tacotron2")


@given(
    st.sampled_from(["uniform", "loguniform", "int", "logint"]),
    st.floats(-1e6, 1e6) | st.integers(-100, 100),
    st.floats(-1e6, 1e6) | st.integers(-100, 100),
)
def test_an_accepted_axis_always_gives_values_inside(kind: str, low: float, high: float) -> None:
    try:
        axis = ParameterSettings.model_validate({"type": kind, "low": low, "high": high})
    except ValidationError:
        return
    parameter = axis.parameter("x")
    for unit in (0.0, 0.3, 1.0):
        assert parameter.contains(parameter.from_unit(unit))


def test_a_categorical_axis_may_hold_words() -> None:
    axis = ParameterSettings(type="categorical", choices=("relu", "gelu"), start="gelu")
    assert axis.parameter("activation").choices == ("relu", "gelu")
