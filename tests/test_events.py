"""События переживают запись в JSON и чтение другой версией."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields

import pytest

from tts_framework import events
from tts_framework.events import Event, Metric, from_dict

SAMPLES = {
    "int": 3,
    "str": "text",
    "float": 0.5,
    "bool": True,
    "dict[str, str]": {"metric": "val_loss"},
    "list[dict[str, str]]": [{"metric": "val_loss", "mode": "min"}],
    "dict[str, Value]": {"learning_rate": 1e-3, "batch_size": 16},
    "dict[str, dict[str, Any]]": {"learning_rate": {"type": "uniform", "low": 0, "high": 1}},
    "tuple[Metric, ...]": (Metric("val_loss", 100, 0.5, 1e9),),
    "tuple[str, ...]": ("checkpoint_1", "checkpoint_2"),
}


def example(cls: type[Event]) -> Event:
    values = {f.name: SAMPLES[str(f.type).removesuffix(" | None")] for f in fields(cls)}
    return cls(**values)


@pytest.mark.parametrize("name", events._TYPES)
def test_an_event_is_the_same_after_json(name: str) -> None:
    event = example(events._TYPES[name])
    assert from_dict(json.loads(json.dumps(event.to_dict()))) == event


@pytest.mark.parametrize("name", events._TYPES)
def test_an_event_cannot_be_changed(name: str) -> None:
    event = example(events._TYPES[name])
    with pytest.raises(FrozenInstanceError):
        event.at = 0.0  # type: ignore[misc]


def test_every_event_class_can_be_read_back() -> None:
    assert set(events._TYPES.values()) == set(Event.__subclasses__())


def test_a_key_of_a_newer_version_is_left_out() -> None:
    record = {**events.Warned(message="x", at=1.0).to_dict(), "colour": "red"}
    assert from_dict(record) == events.Warned(message="x", at=1.0)


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(ValueError, match="event: 'Exploded' is not a known event type"):
        from_dict({"event": "Exploded"})


def test_everything_is_stored_but_measurements_and_the_crash_itself() -> None:
    passing = {cls for cls in events._TYPES.values() if not cls.durable}
    assert passing == {events.MetricsReceived, events.RunCrashed}
