"""Выбросы: здоровый разброс и маленький корпус молчат, чужой клип виден."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.speech.checking.corpus import Clip
from tts_framework.speech.checking.files import Trouble
from tts_framework.speech.checking.spread import outliers
from tts_framework.speech.corpora.table import Row


def clips(values: list[float], voice: str = "a") -> list[tuple[Clip, float]]:
    nothing = Trouble("missing", "")
    return [(Clip(n, Row(f"{voice}{n}", "", 1.0, voice), nothing), v) for n, v in enumerate(values)]


def found(values: list[tuple[Clip, float]], clips: int = 20) -> list[str]:
    return [
        outlier.clip.row.id for outlier in outliers(values, sigmas=5, narrowest=0.5, clips=clips)
    ]


@given(st.lists(st.floats(-1e3, 1e3), max_size=19))
def test_a_small_corpus_has_no_outliers(values: list[float]) -> None:
    assert found(clips(values)) == []


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_an_even_spread_has_no_outliers(seed: int, width: float) -> None:
    values = np.random.default_rng(seed).uniform(-width, width, 40)
    assert found(clips(list(values))) == [] or width > 1 and _far(values)


def _far(values: np.ndarray) -> bool:
    """Случайная выборка может оказаться скученной: тогда её край вправду далёк."""
    middle = np.median(values)
    return bool(np.abs(values - middle).max() > 5 * 1.4826 * np.median(np.abs(values - middle)))


def test_equal_values_are_not_divided_by_zero() -> None:
    assert found(clips([3.0] * 30 + [3.4])) == []
    assert found(clips([3.0] * 30 + [9.0])) == ["a30"]


def test_each_voice_is_compared_with_itself() -> None:
    quiet, loud = clips([-30.0] * 25, "q"), clips([-10.0] * 25, "l")
    assert found(quiet + loud) == []


def test_many_outliers_do_not_hide_themselves() -> None:
    values = [float(n % 7) / 10 for n in range(60)] + [50.0] * 20
    assert len(found(clips(values))) == 20
