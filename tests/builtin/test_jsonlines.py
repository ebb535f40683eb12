"""`jsonlines`: что тренер записал объектом на строку, то и измерено."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.builtin.jsonlines import JsonLinesWatcher
from tts_framework.components import TrialSource, Watcher
from tts_framework.config import Use
from tts_framework.errors import ConfigError
from tts_framework.events import Metric
from tts_framework.plan import configure
from tts_framework.plugins import Plugins

Make = Callable[..., Watcher]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(**options: Any) -> Watcher:
        cls, config = configure(
            Plugins(), "watcher", Use.model_validate({"use": "jsonlines", **options}), "watchers"
        )
        assert cls is JsonLinesWatcher
        source = TrialSource(0, tmp_path, tmp_path, "", {"validation.loss": "val_loss"})
        watcher: Watcher = cls(config, source)
        return watcher

    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    def written(*records: Any, name: str = "log.jsonl", end: str = "\n") -> None:
        lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
        with open(tmp_path / name, "a") as file:
            file.write("\n".join(lines) + end)

    return written


def short(metrics: list[Metric]) -> list[tuple[str, int, float]]:
    return [(m.tag, m.step, m.value) for m in metrics]


def test_every_number_of_an_object_is_a_metric_at_its_step(make: Make, write: Any) -> None:
    write({"step": 10, "loss": 0.5, "note": "x", "ok": True, "none": None})
    write({"step": 20, "validation.loss": 0.25, "lr": "1e-3"})
    assert short(make().read()) == [("loss", 10, 0.5), ("val_loss", 20, 0.25), ("lr", 20, 1e-3)]


def test_nested_objects_and_other_keys_are_reached_by_dots(make: Make, write: Any) -> None:
    write({"trainer": {"global_step": 7.0}, "validation": {"loss": 1}})
    assert short(make(step="trainer.global_step").read()) == [("val_loss", 7, 1.0)]


def test_one_measurement_a_line(make: Make, write: Any) -> None:
    write({"tag": "validation.loss", "step": 3, "value": 2.0}, {"tag": "x", "step": 3})
    assert short(make(tag="tag").read()) == [("val_loss", 3, 2.0)]


def test_what_is_not_a_finite_number_is_not_hidden(make: Make, write: Any) -> None:
    write('{"step": 1, "a": NaN, "b": "-inf", "c": 1e999, "d": "nan"}')
    values = {m.tag: m.value for m in make().read()}
    assert math.isnan(values["a"]) and math.isnan(values["d"])
    assert (values["b"], values["c"]) == (-math.inf, math.inf)


def test_time_is_taken_from_the_line_or_from_the_file(
    make: Make, write: Any, tmp_path: Path
) -> None:
    write({"step": 1, "time": 1700000000.5, "a": 1}, {"step": 2, "time": 1700000000500, "a": 1})
    write({"step": 3, "time": "2023-11-14T22:13:20+00:00", "a": 1}, {"step": 4, "a": 1})
    times = [m.wall_time for m in make().read()]
    assert times[:3] == [1700000000.5, 1700000000.5, 1700000000.0]
    assert times[3] == pytest.approx((tmp_path / "log.jsonl").stat().st_mtime)


def test_a_last_object_without_a_line_end_is_read_once(make: Make, write: Any) -> None:
    watcher = make()
    write('{"step": 1, "loss": 0.1', end="")
    assert watcher.read() == []
    write("25}", end="")
    assert short(watcher.read()) == [("loss", 1, 0.125)]
    assert watcher.read() == []
    write("", '{"step": 2, "loss": 1}')
    assert short(watcher.read()) == [("loss", 2, 1.0)]


def test_several_files_and_folders_are_followed(make: Make, write: Any, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write({"step": 1, "a": 1}, name="logs/b.jsonl")
    write({"step": 1, "b": 1}, name="a.jsonl")
    assert {m.tag for m in make().read()} == {"a", "b"}
    assert {m.tag for m in make(path="logs/*.jsonl").read()} == {"a"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("loss 0.5", "is not a JSON object"),
        ("[1, 2]", "is not a JSON object"),
        ("[" * 100_000, "is not a JSON object"),
        ('{"step": "ten", "a": 1}', "step 'ten' is not a whole number"),
        ('{"step": 1.5, "a": 1}', "step 1.5 is not a whole number"),
        ('{"step": -1, "a": 1}', "step -1 is out of range"),
        (f'{{"step": {10**30}, "a": 1}}', "is out of range"),
    ],
)
def test_a_bad_line_is_named_once_and_hides_nothing(
    make: Make, write: Any, line: str, reason: str
) -> None:
    watcher = make()
    write({"step": 1, "a": 1}, line, line, {"step": 2, "a": 2})
    assert short(watcher.read()) == [("a", 1, 1.0), ("a", 2, 2.0)]
    with pytest.raises(ValueError, match=rf"log.jsonl:2: .*{reason}; such lines are skipped"):
        watcher.read()
    write({"step": 3, "a": 3})
    assert short(watcher.read()) == [("a", 3, 3.0)]


def test_a_path_outside_the_trial_is_refused(make: Make) -> None:
    with pytest.raises(ConfigError, match="watchers.path"):
        make(path="/var/log/*.jsonl")
