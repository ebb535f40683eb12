from __future__ import annotations

import ctypes
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.training.single import shortest


@given(st.floats(allow_nan=False, width=32))
def test_the_value_in_single_precision_is_kept(value: float) -> None:
    assert ctypes.c_float(shortest(value)).value == value


@given(st.floats(allow_nan=False))
def test_writing_and_reading_gives_the_same_number_again(value: float) -> None:
    written = shortest(value)

    assert shortest(ctypes.c_float(written).value) == written


@pytest.mark.parametrize("value", [0.001, 0.1, 1e-5, 0.25, 3.0, 1e-6, 123456.0, 0.0])
def test_ordinary_numbers_stay_as_they_were_typed(value: float) -> None:
    assert shortest(ctypes.c_float(value).value) == value


def test_numbers_that_do_not_fit_become_infinite() -> None:
    assert shortest(1e39) == math.inf and math.isnan(shortest(math.nan))
