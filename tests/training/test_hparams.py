from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import Options, tunable
from tts_framework.config import TrainerSettings
from tts_framework.errors import ConfigError
from tts_framework.training.hparams import parse, replaced, split


class Config(Options):
    learning_rate: float = tunable(1e-3, gt=0, description="шаг")
    layers: int = tunable(2, ge=1, description="слои")
    guided: bool = tunable(True, description="направлять внимание")
    schedule: str = tunable("flat", description="расписание")
    preset: str = "small"


words = st.text(string.ascii_letters + string.digits + "_-./", min_size=1)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "learning_rate": st.floats(min_value=1e-300, max_value=1e300),
            "layers": st.integers(1, 10**9),
            "guided": st.booleans(),
            "schedule": words,
            "batch_size": st.integers(1, 10**6),
        },
    )
)
def test_what_the_scheduler_writes_is_read_back_exactly(values: dict[str, object]) -> None:
    text = ",".join(f"{name}={value}" for name, value in values.items())

    found = parse(text, "tiny", Config(), TrainerSettings())

    assert found == values
    assert [type(value) for value in found.values()] == [type(v) for v in values.values()]


@given(st.text())
def test_any_text_is_either_read_or_refused_by_name(text: str) -> None:
    try:
        split(text)
    except ConfigError as error:
        assert all(problem.startswith("hparams") for problem in error.problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lerning_rate=1", "hparams.lerning_rate: tiny has no such option; did you mean"),
        ("preset=full", "hparams.preset: cannot change during training; set it in run.yaml"),
        ("device=cpu", "hparams.device: cannot change during training; set it in run.yaml"),
        ("learning_rate=fast", "hparams.learning_rate: 'fast' is not a number"),
        ("learning_rate=0", "hparams.learning_rate: '0' is not above 0"),
        ("batch_size=0", "hparams.batch_size: '0' is below 1"),
        ("learning_rate=nan", "hparams.learning_rate: 'nan' is not a finite number"),
        ("layers=1.5", "hparams.layers: '1.5' is not an integer"),
        ("learning_rate", "hparams: 'learning_rate' is not name=value; write a=1,b=2"),
        ("=1", "hparams: '=1' is not name=value"),
        ("layers=1,layers=2", "hparams.layers: is given twice; keep one"),
        ("layers=1,", "hparams: '' is not name=value"),
    ],
)
def test_a_bad_value_is_named_with_its_key(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "tiny", Config(), TrainerSettings())

    assert caught.value.problems[0].startswith(problem)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("layers=0,learning_rate=-1,lr=1", "tiny", Config(), TrainerSettings())

    assert len(caught.value.problems) == 3


def test_spaces_around_names_and_values_do_not_matter() -> None:
    assert split(" a = 1 , b=2 ") == {"a": "1", "b": "2"}


def test_options_that_were_not_named_stay() -> None:
    assert replaced(Config(preset="full"), {"layers": 3}) == Config(preset="full", layers=3)
