"""Ошибки пользователя: одна строка на проблему и свой код завершения."""

from __future__ import annotations

import pytest

from tts_framework import errors
from tts_framework.errors import ConfigError, DataError, ExitCode, TTSFError


def test_every_problem_is_a_line() -> None:
    assert str(ConfigError(["a: x", "b: y"])) == "a: x\nb: y"
    assert str(DataError("one")) == "one" and DataError("one").problems == ["one"]
    assert DataError(["one", "two"]).problems == ["one", "two"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TTSFError("x"), 2),
        (errors.PluginError("x"), 2),
        (errors.CheckpointError("x"), 2),
        (errors.Diverged("x"), 3),
        (errors.OutOfMemory("x"), 4),
        (errors.DiskFull("x"), 5),
    ],
)
def test_the_exit_code_names_the_class_of_the_failure(error: TTSFError, code: int) -> None:
    assert error.exit_code == code


def test_an_interruption_has_the_code_of_the_shell() -> None:
    assert ExitCode.INTERRUPTED == 128 + 2
