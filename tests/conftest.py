"""Общее для тестов: модель `tiny` видна и здесь, и в дочерних процессах."""

from __future__ import annotations

import math
import os
import shutil
import struct
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

PLUGINS = str(Path(__file__).parent / "plugins")
if PLUGINS not in sys.path:
    sys.path.insert(0, PLUGINS)
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([PLUGINS, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)

hypothesis.settings.register_profile("ttsf", deadline=None)  # машина бывает занята
hypothesis.settings.load_profile("ttsf")

WriteRun = Callable[..., Path]


@pytest.fixture
def tiny_run(tmp_path: Path) -> WriteRun:
    """Пиши `run.yaml` с моделью `tiny` в tmp_path и возвращай путь к нему.

    Разделы из аргументов дополняют умолчания: `tiny_run(model={"nan_at": 7}, seed=5)`.
    Папка запуска — `tmp_path/output/tiny`.
    """

    def write(**sections: Any) -> Path:
        return write_tiny_run(tmp_path, **sections)

    return write


@pytest.fixture(autouse=True)
def uncovered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Не мерь покрытие дочерних процессов там, где мешает его файл или замедление."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="session")
def write_run() -> WriteRun:
    """Дай `write_tiny_run` фикстурам шире одного теста."""
    return write_tiny_run


def write_tiny_run(folder: Path, **sections: Any) -> Path:
    """Запиши run.yaml и данные модели `tiny` в папку (для фикстур шире одного теста)."""
    from ruamel.yaml import YAML

    settings: dict[str, Any] = {
        "run": "tiny",
        "seed": 1234,
        "output": str(folder / "output"),
        "data": _data(folder),
        "model": {"use": "tiny"},
        "trainer": {
            "iters_per_checkpoint": 50,
            "max_iterations": 300,
            "log_interval": 10,
            "sigint_seconds": 10,
            "sigterm_seconds": 5,
        },
        "tuner": {
            "search_algorithm": "random",
            "n_trials": 4,
            "n_startup_iters": 100,
            "search_space": {
                "learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-2},
                "weight_decay": {"type": "loguniform", "low": 1e-6, "high": 1e-3},
            },
        },
        "early_stop": {"patience": None},
        "loggers": [{"use": "tensorboard"}],
        "watchers": [{"use": "tensorboard"}],
    }
    path, yaml = folder / "run.yaml", YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda value: True
    with open(path, "w") as file:
        yaml.dump(_merged(settings, sections), file)
    return path


def _data(folder: Path) -> dict[str, Any]:
    data = folder / "data"
    (data / "wavs").mkdir(parents=True, exist_ok=True)
    for part in ("train", "validation"):
        lines = [f"wavs/{part}_{i}.wav|Привет, м+ир." for i in range(2)]
        (data / f"{part}.csv").write_text("\n".join(lines) + "\n")
        for i in range(2):
            _write_tone(data / "wavs" / f"{part}_{i}.wav", hertz=220 * (i + 1))
    return {
        "train": str(data / "train.csv"),
        "validation": str(data / "validation.csv"),
        "frontend": {"use": "russian_letters"},
    }


def _write_tone(path: Path, hertz: float, rate: int = 22050) -> None:
    samples = [int(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(rate // 2)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in extra.items():
        inner = result.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict) and value.get("use") is None
        result[key] = _merged(inner, value) if both and isinstance(inner, dict) else value
    return result


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Пустая база MLflow: создание таблиц занимает секунды, копия — миллисекунды."""
    from tts_framework.tracking.address import Address
    from tts_framework.tracking.server import Server

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    Server(Address(f"sqlite:///{path}", "template")).find_or_create("key", "run", {}, 0.0)
    return path


@pytest.fixture
def mlflow_uri(mlflow_template: Path, tmp_path: Path) -> str:
    """Своя для теста локальная база MLflow."""
    (tmp_path / "mlruns").mkdir(exist_ok=True)
    path = tmp_path / "mlruns" / "mlflow.db"
    shutil.copyfile(mlflow_template, path)
    return f"sqlite:///{path}"
