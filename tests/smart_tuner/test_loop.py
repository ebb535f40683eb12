"""Цикл подстройки на настоящем тренере: `list(tune(plan))` — весь запуск."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tts_framework.errors import DiskFull, TTSFError
from tts_framework.events import (
    BestImproved,
    Event,
    MetricsReceived,
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
)
from tts_framework.files import sha256
from tts_framework.plan import Plan
from tts_framework.smart_tuner.loop import tune
from tts_framework.smart_tuner.referee import StopRequest

Planned = Callable[[Path], Plan]
E = TypeVar("E", bound=Event)


def only(cls: type[E], events: list[Event]) -> list[E]:
    return [event for event in events if isinstance(event, cls)]


def decisions(events: list[Event]) -> list[tuple[Any, ...]]:
    return [
        (e.trial, e.kind, e.parent, e.start_iteration, e.end_iteration, e.hparams)
        for e in only(TrialStarted, events)
    ]


def test_a_run_continues_every_trial_from_its_parent(tiny_run: Any, planned: Planned) -> None:
    plan = planned(tiny_run(tuner={"n_trials": 5, "control_every": 3}))
    events = list(tune(plan))
    started, finished = only(TrialStarted, events), only(TrialFinished, events)
    assert [event.kind for event in started] == [
        "startup",
        "proposal",
        "proposal",
        "control",
        "proposal",
    ]
    ends = {None: 0} | {event.trial: event.end_iteration for event in finished}
    for trial in started:
        assert trial.start_iteration == ends[trial.parent]
        if trial.checkpoint is not None:
            assert trial.checkpoint.endswith(f"checkpoint_{trial.start_iteration}")
            assert sha256(plan.folder / trial.checkpoint) == trial.sha256
        assert plan.space.violations(trial.hparams) == [] or trial.trial == 0
    assert started[3].hparams == started[2].hparams or finished[2].outcome != "committed"
    assert isinstance(events[0], RunStarted) and isinstance(events[-1], RunStopped)
    assert events[-1].finished and "5" in events[-1].reason
    assert len(only(TrainerVerified, events)) == 5


def test_the_loss_of_the_committed_lineage_falls(tiny_run: Any, planned: Planned) -> None:
    plan = planned(tiny_run())
    events = list(tune(plan))
    values = [e.value for e in only(TrialFinished, events) if e.outcome == "committed"]
    assert values[-1] is not None and values[0] is not None and values[-1] < values[0]
    best = only(BestImproved, events)[-1]
    assert (plan.folder / "best_model.ckpt").read_bytes() == (
        plan.folder / best.checkpoint
    ).read_bytes()


def test_the_learning_rate_moves_at_most_twofold(tiny_run: Any, planned: Planned) -> None:
    events = list(tune(planned(tiny_run(tuner={"n_trials": 6, "control_every": 0}))))
    started = {event.trial: event for event in only(TrialStarted, events)}
    for trial in started.values():
        if trial.parent is not None:
            before = started[trial.parent].hparams["learning_rate"]
            ratio = float(trial.hparams["learning_rate"]) / float(before)
            assert 0.5 - 1e-9 <= ratio <= 2 + 1e-9


def test_a_finished_run_stays_finished_and_a_longer_one_goes_on(
    tiny_run: Any, planned: Planned
) -> None:
    first = list(tune(planned(tiny_run(tuner={"n_trials": 2}))))
    again = list(tune(planned(tiny_run(tuner={"n_trials": 2}))))
    assert [type(event) for event in again] == [RunResumed, RunStopped]
    longer = list(tune(planned(tiny_run(tuner={"n_trials": 3}))))
    assert [event.trial for event in only(TrialStarted, longer)] == [2]
    assert len(only(TrialStarted, first)) == 2


def test_an_interrupted_run_makes_the_decisions_of_an_unbroken_one(
    tiny_run: Any, planned: Planned
) -> None:
    sections = {"model": {"sleep_seconds": 0.001}, "tuner": {"n_trials": 4}}
    whole = list(tune(planned(tiny_run(run="whole", **sections))))
    plan = planned(tiny_run(run="broken", **sections))
    request, parts = StopRequest(), []
    for event in tune(plan, request):
        parts.append(event)
        reached = isinstance(event, MetricsReceived) and event.trial == 1
        if reached and event.metrics[-1].step >= 120:
            request.ask("interrupted")
    assert isinstance(parts[-1], RunStopped) and not parts[-1].finished
    rest = list(tune(plan))
    assert only(RunResumed, rest)[0].open_trial == 1
    assert only(TrainerLaunched, rest)[0].from_iteration > 100
    assert decisions(parts + rest) == decisions(whole)
    outcomes = [(e.trial, e.outcome, e.value) for e in only(TrialFinished, parts + rest)]
    assert outcomes == [(e.trial, e.outcome, e.value) for e in only(TrialFinished, whole)]


def test_a_diverged_trial_is_rolled_back_to_its_parent(tiny_run: Any, planned: Planned) -> None:
    events = list(tune(planned(tiny_run(model={"nan_at": 140}, tuner={"n_trials": 3}))))
    finished = only(TrialFinished, events)
    assert [event.outcome for event in finished] == ["committed", "diverged", "diverged"]
    assert "nan" in finished[1].reason
    assert [event.to_trial for event in only(RolledBack, events)] == [0, 0]
    assert [event.parent for event in only(TrialStarted, events)] == [None, 0, 0]


def test_a_worse_trial_is_rolled_back(tiny_run: Any, planned: Planned) -> None:
    tuner = {
        "n_trials": 3,
        "n_startup_iters": 300,
        "search_space": {"weight_decay": {"type": "uniform", "low": 0.005, "high": 0.01}},
    }
    plan = planned(tiny_run(model={"weight_decay": 0.006}, tuner=tuner))
    finished = only(TrialFinished, list(tune(replace(plan, base={"weight_decay": 1e-6}))))
    assert [event.outcome for event in finished] == ["committed", "rolled_back", "rolled_back"]
    assert finished[1].score is not None and finished[1].score < -2
    assert "is below -2" in finished[1].reason


def test_a_trainer_that_dies_once_is_restarted_from_its_checkpoint(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    model = {"crash_at": 180, "once": str(tmp_path / "crashed")}
    events = list(tune(planned(tiny_run(model=model, tuner={"n_trials": 2}))))
    assert [event.from_iteration for event in only(TrainerLaunched, events)] == [0, 100, 150]
    assert [event.outcome for event in only(TrialFinished, events)] == ["committed"] * 2
    crash = only(TrainerExited, events)[1]
    assert crash.code != 0 and "tiny was told to crash" in crash.meaning


def test_a_trainer_killed_from_outside_is_restarted(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    model = {"kill_at": 120, "once": str(tmp_path / "killed")}
    events = list(tune(planned(tiny_run(model=model, tuner={"n_trials": 2}))))
    assert "killed by SIGKILL" in [event.meaning for event in only(TrainerExited, events)]
    assert [event.outcome for event in only(TrialFinished, events)] == ["committed"] * 2


def test_a_trainer_that_always_dies_fails_its_trials_and_then_the_run(
    tiny_run: Any, planned: Planned
) -> None:
    settings = {
        "model": {"crash_at": 110},
        "trainer": {"max_restarts": 1},
        "tuner": {"n_trials": 9, "control_every": 0},
        "early_stop": {"max_failures": 2},
    }
    events = list(tune(planned(tiny_run(**settings))))
    assert [event.outcome for event in only(TrialFinished, events)] == [
        "committed",
        "failed",
        "failed",
    ]
    assert len(only(TrainerLaunched, events)) == 1 + 2 * 2
    assert "failures" in events[-1].reason or "failed" in events[-1].reason


def test_running_out_of_memory_is_a_failed_trial_without_retries(
    tiny_run: Any, planned: Planned
) -> None:
    events = list(tune(planned(tiny_run(model={"oom_at": 110}, tuner={"n_trials": 2}))))
    failed = only(TrialFinished, events)[1]
    assert failed.outcome == "failed" and "memory" in failed.reason
    assert len(only(TrainerLaunched, events)) == 2


def test_a_hanging_trainer_is_stopped_and_restarted(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    model = {"hang_at": 130, "once": str(tmp_path / "hung"), "ignore_sigint": True}
    trainer = {"silence_seconds": 2.0, "sigint_seconds": 0.3, "sigterm_seconds": 2.0}
    events = list(tune(planned(tiny_run(model=model, trainer=trainer, tuner={"n_trials": 2}))))
    assert [event.outcome for event in only(TrialFinished, events)] == ["committed"] * 2
    warnings = [event.message for event in only(Warned, events)]
    assert any("obeyed only SIG" in message for message in warnings)


def test_from_scratch_every_trial_starts_at_zero_and_only_improvements_are_committed(
    tiny_run: Any, planned: Planned
) -> None:
    tuner = {"resume_from_checkpoint": False, "n_trials": 4}
    plan = planned(tiny_run(tuner=tuner))
    events = list(tune(plan))
    assert {event.start_iteration for event in only(TrialStarted, events)} == {0}
    assert {event.parent for event in only(TrialStarted, events)} == {None}
    best = float("inf")
    for event in only(TrialFinished, events):
        assert event.value is not None
        assert (event.outcome == "committed") == (event.value < best)
        best = min(best, event.value)


FOREIGN = """
import argparse, json, pathlib, signal, time
from tensorboardX import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("-o", type=pathlib.Path)
parser.add_argument("-c", type=pathlib.Path)
parser.add_argument("--hparams", default="")
parser.add_argument("--forgets", action="store_true")
parser.add_argument("--rate", type=float)
args = parser.parse_args()
step = json.loads(args.c.read_text())["step"] if args.c and not args.forgets else 0
rate = args.rate or float(dict(p.split("=") for p in args.hparams.split(","))["learning_rate"])
stopped = []
signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
writer = SummaryWriter(str(args.o / "logs"))


def save():
    (args.o / "tmp").write_text(json.dumps({"step": step}))
    (args.o / "tmp").rename(args.o / f"checkpoint_{step}")


while not stopped:
    step += 1
    time.sleep(0.002)
    if step % 10 == 0:
        writer.add_scalar("training.loss", 1 + 1 / step, step)
        writer.add_scalar("learning.rate", rate, step)
    if step % 50 == 0:
        writer.add_scalar("validation.loss", 1 + 1 / step, step)
        writer.flush()
        save()
save()
"""
SPACE = {"learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-2}}
PLACES = "-o {output_dir} [-c {checkpoint}] --hparams {hparams}"


def foreign(tmp_path: Path, *flags: str) -> dict[str, Any]:
    script = tmp_path / "their_train.py"
    script.write_text(FOREIGN)
    return {"command": f"{sys.executable} {script} {PLACES} {' '.join(flags)}"}


def exits_with(code: int) -> dict[str, Any]:
    return {"command": f"{sys.executable} -c 'raise SystemExit({code})' {PLACES}"}


def test_a_program_that_is_not_ours_is_stopped_by_sigint_at_the_end_of_a_trial(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    plan = planned(
        tiny_run(trainer=foreign(tmp_path), tuner={"n_trials": 3, "search_space": SPACE})
    )
    events = list(tune(plan))
    assert [event.meaning for event in only(TrainerExited, events)] == ["finished"] * 3
    assert len(only(TrainerVerified, events)) == 3
    for trial in only(TrialStarted, events)[1:]:
        assert trial.checkpoint is not None
        record = json.loads((plan.folder / trial.checkpoint).read_text())
        assert record["step"] == trial.start_iteration


def test_an_ignored_learning_rate_is_said_loudly(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    trainer = foreign(tmp_path, "--rate 0.123")
    plan = planned(tiny_run(trainer=trainer, tuner={"n_trials": 1, "search_space": SPACE}))
    warnings = [event.message for event in only(Warned, list(tune(plan)))]
    assert any("learning rate in effect is 0.123" in message for message in warnings)


def test_a_trainer_that_forgets_its_checkpoint_fails_the_trial(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    trainer = foreign(tmp_path, "--forgets")
    plan = planned(tiny_run(trainer=trainer, tuner={"n_trials": 2, "search_space": SPACE}))
    finished = only(TrialFinished, list(tune(plan)))
    assert finished[1].outcome == "failed"
    assert "did not continue from the checkpoint" in finished[1].reason


def test_a_trainer_that_refuses_to_start_stops_the_run_which_can_go_on_later(
    tiny_run: Any, planned: Planned
) -> None:
    plan = planned(tiny_run(trainer=exits_with(2), tuner={"search_space": SPACE}))
    seen: list[Event] = []
    with pytest.raises(TTSFError, match="trainer: refused to start"):
        for event in tune(plan):
            seen.append(event)
    assert isinstance(seen[-1], RunStopped) and not seen[-1].finished


def test_a_full_disk_stops_the_run_which_can_go_on_later(
    tiny_run: Any, planned: Planned, tmp_path: Path
) -> None:
    plan = planned(tiny_run(trainer=exits_with(5), tuner={"n_trials": 1, "search_space": SPACE}))
    with pytest.raises(DiskFull, match="no space left"):
        list(tune(plan))
    with_room = tiny_run(trainer=foreign(tmp_path), tuner={"n_trials": 1, "search_space": SPACE})
    events = list(tune(planned(with_room)))
    assert only(RunResumed, events)[0].open_trial == 0
    assert only(TrialFinished, events)[0].outcome == "committed"


def test_an_optimizer_that_breaks_means_keep(tiny_run: Any, planned: Planned) -> None:
    plan = planned(tiny_run(tuner={"n_trials": 2}))

    def broken(past: Any, n: int = 1) -> Any:
        raise ZeroDivisionError("mine")

    plan.optimizer.ask = broken  # type: ignore[method-assign]
    events = list(tune(plan))
    assert "ZeroDivisionError: mine" in only(OptimizerFailed, events)[0].error
    first, second = only(TrialStarted, events)
    assert first.hparams == second.hparams


def test_two_tuners_cannot_hold_one_run(tiny_run: Any, planned: Planned) -> None:
    plan = planned(tiny_run(tuner={"n_trials": 1}))
    first = tune(plan)
    next(first)
    with pytest.raises(TTSFError, match=r"held by process \d+ on .*choose another 'run' name"):
        next(tune(plan))
    first.close()  # type: ignore[attr-defined]


def test_a_run_cannot_go_on_under_another_seed(tiny_run: Any, planned: Planned) -> None:
    list(tune(planned(tiny_run(tuner={"n_trials": 1}))))
    with pytest.raises(TTSFError, match="seed: the run was started with 1234, now 7"):
        list(tune(planned(tiny_run(seed=7, tuner={"n_trials": 2}))))


def test_dropping_the_generator_kills_the_trainer(tiny_run: Any, planned: Planned) -> None:
    import psutil

    plan = planned(tiny_run(model={"sleep_seconds": 0.05}))
    running = tune(plan)
    pid = next(event.pid for event in running if isinstance(event, TrainerLaunched))
    running.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pid)


def test_a_stop_asked_for_from_another_thread_is_obeyed(tiny_run: Any, planned: Planned) -> None:
    plan = planned(tiny_run(model={"sleep_seconds": 0.01}))
    request = StopRequest()
    threading.Timer(1.5, lambda: request.ask("interrupted by SIGTERM")).start()
    started = time.monotonic()
    events = list(tune(plan, request))
    assert isinstance(events[-1], RunStopped)
    assert events[-1].reason == "interrupted by SIGTERM" and not events[-1].finished
    assert time.monotonic() - started < 60


def test_a_final_checkpoint_whose_evaluation_was_lost_is_earned_again(
    tiny_run: Any, planned: Planned
) -> None:
    plan = planned(tiny_run(tuner={"n_trials": 1}))
    broken = tune(plan)
    while not isinstance(next(broken), TrainerExited):
        pass
    broken.close()  # type: ignore[attr-defined]
    for path in (plan.folder / "tb").iterdir():
        path.unlink()
    with sqlite3.connect(plan.folder / "ttsf.db") as db:
        db.execute("DELETE FROM metrics WHERE step > 50")
    events = list(tune(plan))
    assert [event.from_iteration for event in only(TrainerLaunched, events)] == [50]
    assert [event.outcome for event in only(TrialFinished, events)] == ["committed"]
