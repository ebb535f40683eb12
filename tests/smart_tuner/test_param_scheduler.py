"""ParamScheduler: тренер читает ровно те значения, что решил тюнер."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import TTSFError
from tts_framework.events import Value
from tts_framework.smart_tuner.param_scheduler import ParamScheduler
from tts_framework.training.hparams import split

SCHEDULER = ParamScheduler("comma")


def test_writes_pairs_in_the_given_order() -> None:
    text = SCHEDULER.render({"learning_rate": 1e-5, "batch_size": 16, "mask": True, "act": "relu"})
    assert text == "learning_rate=1e-05,batch_size=16,mask=True,act=relu"


def test_no_values_make_an_empty_text() -> None:
    assert SCHEDULER.render({}) == ""


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_back_bit_for_bit(value: float) -> None:
    name, text = SCHEDULER.render({"x": value}).split("=")
    assert name == "x" and float(text) == value


@given(st.integers())
def test_an_integer_is_read_back_exactly(value: int) -> None:
    assert int(SCHEDULER.render({"x": value}).removeprefix("x=")) == value


TEXT = st.text(
    st.characters(exclude_characters=",=[]", categories=["L", "N", "P", "S"]), min_size=1
)


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), TEXT | st.floats(-1e9, 1e9)))
def test_our_trainer_splits_the_text_into_the_same_pairs(hparams: dict[str, Value]) -> None:
    pairs = split(SCHEDULER.render(hparams))
    read = {name: type(hparams[name])(text) for name, text in pairs.items()}
    assert read == hparams


@pytest.mark.parametrize("value", ["a,b", "a=b", "a\nb", "[1]", "", " a", "a\x00"])
def test_text_that_the_dialect_cannot_carry_is_refused(value: str) -> None:
    with pytest.raises(TTSFError, match="comma dialect cannot express; rename the choice") as error:
        SCHEDULER.render({"mode": value})
    assert str(error.value).startswith(f"mode: {value!r} ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value: Value) -> None:
    with pytest.raises(TTSFError, match="is not a finite number"):
        SCHEDULER.render({"learning_rate": value})


@pytest.mark.parametrize("name", ["a,b", "a=b", "", "1st", "a b", "--flag"])
def test_a_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(TTSFError, match="is not a hyperparameter name"):
        SCHEDULER.render({name: 1})


def test_an_unknown_dialect_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TTSFError, match="trainer.hparams_format: 'xml' is not one of comma"):
        ParamScheduler("xml")
