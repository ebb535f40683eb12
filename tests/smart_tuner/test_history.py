"""tuning_history.json: любая история, которую мог оставить цикл, верна своей схеме."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import TTSFError
from tts_framework.events import (
    BestImproved,
    Event,
    OptimizerFailed,
    RolledBack,
    RunResumed,
    RunStarted,
    RunStopped,
    TrainerExited,
    TrainerLaunched,
    TrainerVerified,
    TrialFinished,
    TrialStarted,
    Warned,
    from_dict,
)
from tts_framework.smart_tuner import history
from tts_framework.smart_tuner.memory import Memory

OUTCOMES = ("committed", "rolled_back", "pruned", "failed", "diverged")
SHA = "ab" * 32


def run_started() -> RunStarted:
    return RunStarted(
        run="r",
        seed=1,
        strategy="continue",
        optimizer="optuna",
        objective={"metric": "val_loss", "mode": "min"},
        space={"learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-3}},
        base={"learning_rate": 1e-3},
        version="0.1",
    )


@st.composite
def runs(draw: st.DrawFn) -> list[Event]:
    """Последовательность событий, какую пишет цикл: решения, исходы, остановки и продолжения."""
    sent: list[Event] = [run_started()]
    trunk: list[TrialFinished] = []
    for number in range(draw(st.integers(0, 7))):
        parent = trunk[-1] if trunk else None
        start = parent.end_iteration if parent else 0
        sent.append(
            TrialStarted(
                trial=number,
                kind=draw(st.sampled_from(["startup", "control", "proposal"])),
                parent=parent.trial if parent else None,
                checkpoint=parent.checkpoint if parent else None,
                sha256=parent.sha256 if parent else None,
                start_iteration=start,
                end_iteration=start + 100,
                hparams={"learning_rate": draw(st.floats(1e-5, 1e-3))},
                reason="значения предложены",
            )
        )
        sent.append(
            TrainerLaunched(trial=number, attempt=0, pid=1, command="ttsf", from_iteration=start)
        )
        sent.append(TrainerVerified(trial=number, checks={"step": "10 after 0"}))
        if draw(st.booleans()):
            sent.append(RunStopped(reason="interrupted", finished=False))
            sent.append(RunResumed(run="r", trials=number, open_trial=number))
        sent.append(TrainerExited(trial=number, code=0, meaning="finished"))
        finished = TrialFinished(
            trial=number,
            outcome=draw(st.sampled_from(OUTCOMES)),
            reason="",
            end_iteration=start + 100,
            checkpoint=f"checkpoints/trial_{number:04d}/checkpoint_{start + 100}",
            sha256=SHA,
            value=draw(st.none() | st.floats()),
            score=draw(st.none() | st.floats()),
            forecast=None,
            forecast_std=None,
            seconds=1.0,
        )
        sent.append(finished)
        if finished.outcome == "committed":
            trunk.append(finished)
            value = draw(st.floats(0, 10))
            sent.append(
                BestImproved(
                    trial=number, metric="val_loss", value=value, previous=None, checkpoint="c"
                )
            )
        else:
            sent.append(RolledBack(trial=number, to_trial=None, reason="worse"))
        if draw(st.booleans()):
            sent += [Warned(message="мало места"), OptimizerFailed(error="ValueError: x")]
    return sent


def remembered(sent: list[Event]) -> Memory:
    memory = Memory()
    for event in sent:
        memory.apply(event)
    return memory


def curve(trial: int) -> tuple[tuple[int, float], ...]:
    return ((100 * (trial + 1), 0.5), (100 * (trial + 1) + 50, math.nan))


@given(runs())
def test_every_history_is_valid(
    tmp_path_factory: pytest.TempPathFactory, sent: list[Event]
) -> None:
    path = tmp_path_factory.mktemp("history") / history.NAME
    history.write(path, history.build(remembered(sent), curve))
    assert history.problems(path) == []


@given(runs())
def test_the_lineage_is_exactly_the_committed_trials(sent: list[Event]) -> None:
    document = history.build(remembered(sent), curve)
    committed = [t["trial"] for t in document["trials"] if t["outcome"] == "committed"]
    assert document["lineage"] == committed


@given(runs())
def test_events_survive_the_way_through_json(sent: list[Event]) -> None:
    def plain(event: Event) -> str:
        return json.dumps(event.to_dict(), sort_keys=True)

    assert [plain(from_dict(json.loads(plain(event)))) for event in sent] == [*map(plain, sent)]


@given(runs(), st.data())
def test_a_stop_between_any_two_events_leaves_at_most_one_open_trial(
    sent: list[Event], data: st.DataObject
) -> None:
    memory = remembered(sent[: data.draw(st.integers(1, len(sent)))])
    opened = [r for r in memory.trials if r.finished is None]
    assert opened in ([], [memory.open_trial])
    assert memory.closed == [r for r in memory.trials if r.finished is not None]


def finished_run() -> dict[str, Any]:
    first = TrialStarted(
        trial=0,
        kind="startup",
        parent=None,
        checkpoint=None,
        sha256=None,
        start_iteration=0,
        end_iteration=100,
        hparams={"learning_rate": 1e-3},
        reason="",
    )
    done = TrialFinished(
        trial=0,
        outcome="committed",
        reason="",
        end_iteration=100,
        checkpoint="checkpoints/trial_0000/checkpoint_100",
        sha256=SHA,
        value=0.5,
        score=0.0,
        forecast=None,
        forecast_std=None,
        seconds=1.0,
    )
    second = TrialStarted(
        trial=1,
        kind="proposal",
        parent=0,
        checkpoint=done.checkpoint,
        sha256=SHA,
        start_iteration=100,
        end_iteration=200,
        hparams={"learning_rate": 5e-4},
        reason="",
    )
    return history.build(remembered([run_started(), first, done, second]), curve)


def damage_parent(document: dict[str, Any]) -> None:
    document["trials"][1]["start_iteration"] = 0


def damage_order(document: dict[str, Any]) -> None:
    document["trials"][1]["parent"] = 1


def damage_number(document: dict[str, Any]) -> None:
    document["trials"][1]["trial"] = 5


def damage_lineage(document: dict[str, Any]) -> None:
    document["lineage"] = [1]


def damage_outcome(document: dict[str, Any]) -> None:
    document["trials"][0]["outcome"] = "great"


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (damage_parent, r"start_iteration: 0, its parent ended at 100"),
        (damage_order, r"parent: 1 is not an earlier trial"),
        (damage_number, r"trials\[1\].trial: 5, expected 1"),
        (damage_lineage, r"lineage: trial 1 is not committed"),
        (damage_outcome, r"trials\[0\].outcome: 'great' is not one of"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, damage: Any, expected: str) -> None:
    document = finished_run()
    damage(document)
    path = tmp_path / history.NAME
    history.write(path, document)
    found = history.problems(path)
    assert len(found) == 1
    assert re.search(expected, found[0])


def test_a_file_that_is_not_json_and_one_that_is_not_there_are_user_errors(tmp_path: Path) -> None:
    path = tmp_path / history.NAME
    with pytest.raises(TTSFError, match="No such file"):
        history.problems(path)
    path.write_text("{")
    with pytest.raises(TTSFError, match="not JSON"):
        history.problems(path)


def test_there_is_no_history_before_the_start() -> None:
    with pytest.raises(TTSFError, match="has not started"):
        history.build(Memory(), curve)


def test_time_between_a_stop_and_a_resume_does_not_count() -> None:
    memory = Memory()
    moments: list[tuple[type[Event], float, dict[str, Any]]] = [
        (Warned, 100.0, {"message": "a"}),
        (Warned, 110.0, {"message": "b"}),
        (RunStopped, 115.0, {"reason": "x", "finished": False}),
        (RunResumed, 5000.0, {"run": "r", "trials": 0}),
        (Warned, 5002.0, {"message": "c"}),
    ]
    for cls, at, fields in moments:
        memory.apply(cls(at=at, **fields))
    assert memory.seconds == 17.0
    assert memory.seconds_at(5003.0) == 18.0
