"""Диалекты: настоящие разборщики (argparse, Hydra, PyYAML, JSON) читают ровно то, что записано."""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import TTSFError
from tts_framework.events import Value
from tts_framework.foreign_trainer.dialects import Dialect

TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20).filter(
    str.isprintable
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = TEXT | FLOATS | st.integers(-(2**53), 2**53) | st.booleans()
NAMES = st.from_regex(r"[a-z_]{1,5}", fullmatch=True)


class TestFlags:
    def read(self, dialect: Dialect, types: dict[str, Any], hparams: dict[str, Value]) -> Any:
        parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
        for flag, kind in types.items():
            parser.add_argument(flag, type=kind)
        return parser.parse_args(dialect.write(hparams))

    @given(TEXT)
    def test_argparse_reads_any_text(self, text: str) -> None:
        read = self.read(Dialect("flags"), {"--mode": str, "-m": int}, {"mode": text})
        assert read.mode == text

    @given(FLOATS)
    def test_argparse_reads_any_number(self, value: float) -> None:
        read = self.read(Dialect("flags"), {"--x": float}, {"x": value})
        assert read.x == value

    @pytest.mark.parametrize(
        ("flag", "expected"),
        [
            ("--{name} {value}", ("--learning_rate", "0.5")),
            ("--{dashed} {value}", ("--learning-rate", "0.5")),
            ("--{dashed}={value}", ("--learning-rate=0.5",)),
            ("-P {name}={value}", ("-P", "learning_rate=0.5")),
        ],
    )
    def test_the_style_is_the_users(self, flag: str, expected: tuple[str, ...]) -> None:
        assert Dialect("flags", flag=flag).write({"learning_rate": 0.5}) == expected

    def test_a_negative_value_is_not_taken_for_a_flag(self) -> None:
        assert Dialect("flags").write({"bias": -1e-5}) == ("--bias=-1.0e-05",)
        with pytest.raises(TTSFError, match="starts with a dash; write trainer.hparams_flag as"):
            Dialect("flags", flag="-{name} {value}").write({"b": -1.0})

    @pytest.mark.parametrize(
        ("booleans", "on", "off"),
        [
            ("value", ("--amp", "true"), ("--amp", "false")),
            ("switch", ("--amp",), ()),
            ("no", ("--amp",), ("--no-amp",)),
        ],
    )
    def test_three_ways_to_say_yes_and_no(
        self, booleans: str, on: tuple[str, ...], off: tuple[str, ...]
    ) -> None:
        dialect = Dialect("flags", booleans=booleans)
        assert dialect.write({"amp": True}) == on
        assert dialect.write({"amp": False}) == off

    def test_an_axis_has_the_name_that_the_program_knows(self) -> None:
        dialect = Dialect("flags", {"learning_rate": "optimizer.lr"})
        assert dialect.write({"learning_rate": 1e-3}) == ("--optimizer.lr", "0.001")


class TestHydra:
    def read(self, words: Any) -> Any:
        from hydra.core.override_parser.overrides_parser import OverridesParser
        from omegaconf import OmegaConf

        parsed = [OverridesParser.create().parse_override(word) for word in words]
        assert not any(override.is_sweep_override() for override in parsed)
        config = OmegaConf.create({})
        for override in parsed:
            OmegaConf.update(config, override.key_or_group, override.value(), force_add=True)
        return OmegaConf.to_container(config, resolve=True)

    @given(NAMES, VALUES)
    def test_hydra_reads_any_value_under_a_nested_name(self, name: str, value: Value) -> None:
        read = self.read(Dialect("hydra", {name: f"a.{name}"}).write({name: value}))
        assert read == {"a": {name: value}} and type(read["a"][name]) is type(value)

    @pytest.mark.parametrize(
        "text",
        [
            "a,b",
            "${oc.env:HOME}",
            "\\${x}",
            "\\\\${x}",
            "it's",
            "\\'",
            "end\\",
            "[1]",
            "{a:1}",
            "true",
            "NULL",
            "1e5",
            "",
            " x ",
            "choice(a,b)",
        ],
    )
    def test_nothing_in_a_value_is_a_sweep_a_reference_or_another_type(self, text: str) -> None:
        assert self.read(Dialect("hydra").write({"mode": text})) == {"mode": text}

    def test_keys_may_be_added_and_groups_chosen(self) -> None:
        names = {"a": "++optim.lr", "b": "model/encoder@model.enc"}
        words = Dialect("hydra", names).write({"a": 1e-5, "b": "big"})
        assert words == ("++optim.lr=1.0e-05", "model/encoder@model.enc=big")


class TestJson:
    @given(st.dictionaries(NAMES, VALUES, max_size=4))
    def test_json_reads_it_back(self, hparams: dict[str, Value]) -> None:
        assert json.loads(str(Dialect("json").write(hparams))) == hparams

    @given(FLOATS)
    def test_a_yaml_loader_reads_a_float_and_not_text(self, value: float) -> None:
        import yaml

        read = yaml.safe_load(str(Dialect("json").write({"x": value})))
        assert read["x"] == value and isinstance(read["x"], float)

    def test_dots_make_nested_objects(self) -> None:
        dialect = Dialect("json", {"learning_rate": "optim.lr"})
        text = str(dialect.write({"learning_rate": 1e-5, "optim.eps": 1, "seed": 2}))
        assert text == '{"optim": {"lr": 1.0e-05, "eps": 1}, "seed": 2}'

    @pytest.mark.parametrize("pair", [("a", "a.b"), ("a.b", "a")])
    def test_a_value_cannot_also_be_an_object(self, pair: tuple[str, str]) -> None:
        with pytest.raises(TTSFError, match="is inside another hyperparameter; rename one"):
            Dialect("json").write(dict.fromkeys(pair, 1))


@pytest.mark.parametrize("dialect", ["flags", "hydra", "json"])
class TestRefused:
    @pytest.mark.parametrize("name", ["", "a b", "a=b", "--a", "a,b", "1st", "a..b", "имя"])
    def test_a_name_that_could_be_something_else(self, dialect: str, name: str) -> None:
        with pytest.raises(TTSFError, match="is not a hyperparameter name; use"):
            Dialect(dialect).write({name: 1})

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_a_number_that_is_not_finite(self, dialect: str, value: float) -> None:
        with pytest.raises(TTSFError, match="is not a finite number"):
            Dialect(dialect).write({"x": value})


@pytest.mark.parametrize("dialect", ["flags", "hydra"])
def test_control_characters_are_refused(dialect: str) -> None:
    with pytest.raises(TTSFError, match="holds control characters; rename the choice"):
        Dialect(dialect).write({"mode": "a\x00b"})
