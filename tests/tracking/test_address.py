from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.config import MLflowSettings
from tts_framework.tracking.address import Address, without_credentials


def test_by_default_everything_lies_in_mlruns() -> None:
    address = Address.from_environment({})

    assert address.uri == "sqlite:///mlruns/mlflow.db"
    assert address.database == Path("mlruns/mlflow.db")
    assert address.artifacts == (Path.cwd() / "mlruns/artifacts").as_uri()
    assert address.experiment == "ttsf"


def test_settings_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://from-environment")

    assert Address.from_settings(MLflowSettings()).uri == "http://from-environment"
    assert Address.from_settings(MLflowSettings(tracking_uri="http://a")).uri == "http://a"


def test_a_trainer_finds_the_same_address_in_its_environment() -> None:
    address = Address("http://host:5000", "voices")

    assert Address.from_environment(address.environment()) == address


def test_a_server_keeps_its_artifacts_itself() -> None:
    address = Address("http://host:5000")

    assert address.database is None and address.artifacts is None


def test_passwords_are_never_shown() -> None:
    assert Address("http://me:secret@host:5000/x").shown == "http://host:5000/x"
    assert without_credentials("to http://me:secret@a/b and http://c@d failed") == (
        "to http://a/b and http://d failed"
    )
