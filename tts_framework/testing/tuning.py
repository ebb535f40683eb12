"""Настоящая подстройка за секунды: то, что делает фикстура `ttsf_tune`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts_framework.events import Event, RunStopped
from tts_framework.testing import trainer

COMMAND = (
    f"{shlex.quote(sys.executable)} -m tts_framework.testing.trainer"
    " -o {output_dir} -l logs [-c {checkpoint}] [--hparams {hparams}]"
    " --until_iteration {until_iteration}"
)
SETTINGS: dict[str, Any] = {
    "run": "tiny",
    "seed": 7,
    "trainer": {
        "command": COMMAND,
        "iters_per_checkpoint": trainer.EVERY,
        "sigint_seconds": 20,
        "silence_seconds": 60,
    },
    "tuner": {
        "search_algorithm": "random",
        "n_trials": 3,
        "n_startup_iters": trainer.EVERY,
        "search_space": {
            "learning_rate": {"type": "loguniform", "low": 1e-4, "high": 0.3, "start": 0.01},
            "momentum": {"type": "uniform", "low": 0.0, "high": 0.9, "start": 0.5},
            "batch_size": {"type": "int", "low": 2, "high": 32, "start": 8},
            "method": {"type": "categorical", "choices": ["sgd", "nesterov"], "start": "sgd"},
        },
    },
    "early_stop": {"patience": None},
    "loggers": [],
    "watchers": [{"use": "tensorboard"}],
}
"""run.yaml крошечного запуска: четыре вида осей, три trial-а, программа `testing.trainer`."""
_MODEL_TRAINER = {
    key: value for key, value in SETTINGS["trainer"].items() if key not in ("command",)
} | {"device": "cpu", "threads": 1, "log_interval": 5}


@dataclass(frozen=True)
class Tuned:
    """Проведённая подстройка: события по порядку и её tuning_history.json."""

    config: Path
    folder: Path
    events: Sequence[Event]
    history: Mapping[str, Any] = field(repr=False)

    @property
    def stopped(self) -> RunStopped:
        """Последнее событие."""
        last = self.events[-1]
        assert isinstance(last, RunStopped)
        return last

    def of(self, kind: type[Any]) -> list[Any]:
        """Верни события одного типа."""
        return [event for event in self.events if isinstance(event, kind)]


def write_config(folder: Path, sections: Mapping[str, Any]) -> Path:
    """Запиши run.yaml крошечного запуска; разделы дополняют `SETTINGS`, имя плагина заменяет.

    Раздел `model` означает обучение моделью (`ttsf train`), а не программой `testing.trainer`;
    тогда `tuner.search_space` тоже начинается пустым.
    """
    from ruamel.yaml import YAML

    base = {**SETTINGS, "output": str(folder / "output")}
    if "model" in sections:
        base["trainer"] = _MODEL_TRAINER
        base["tuner"] = {**SETTINGS["tuner"], "search_space": {}}
        base["loggers"] = [{"use": "tensorboard"}]
    path, yaml = folder / "run.yaml", YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda value: True
    with open(path, "w", encoding="utf-8") as file:
        yaml.dump(_merged(base, sections), file)
    return path


def tune(config: Path) -> Tuned:
    """Проведи подстройку до конца тем же путём, что `ttsf tune`; история сверена со схемой.

    Raises:
        TTSFError: запуск нельзя начать; AssertionError: история неверна.
    """
    from tts_framework import config_file, plan
    from tts_framework.plugins import Plugins
    from tts_framework.smart_tuner import history
    from tts_framework.smart_tuner.run import run

    events: list[Event] = []
    made = plan.from_file(config_file.read(config), Plugins())
    run(made, {"test": events.append}, lambda text: None)
    path = made.folder / history.NAME
    problems = history.problems(path)
    assert not problems, problems
    return Tuned(config, made.folder, events, json.loads(path.read_text(encoding="utf-8")))


def _merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in extra.items():
        inner = result.get(key)
        both = isinstance(inner, Mapping) and isinstance(value, Mapping) and "use" not in value
        result[key] = _merged(inner, value) if both and isinstance(inner, Mapping) else value
    return result
