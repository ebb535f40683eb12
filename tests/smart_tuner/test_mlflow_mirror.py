"""Зеркало запуска на настоящей локальной базе MLflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.config import Settings
from tts_framework.events import (
    BestImproved,
    Event,
    Metric,
    MetricsReceived,
    RunResumed,
    RunStarted,
    RunStopped,
    TrainerExited,
    TrialFinished,
    TrialStarted,
)
from tts_framework.smart_tuner.mlflow_mirror import STATE, MlflowMirror
from tts_framework.tracking.spool import Spool, recorded_run

Mirror = Callable[..., MlflowMirror]
STARTED = RunStarted(
    at=1000.5,
    run="voice",
    seed=1,
    strategy="continue",
    optimizer="random",
    objective={"metric": "val_loss", "mode": "min"},
    space={"learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-3}},
    base={"learning_rate": 1e-3},
    version="0.1.0",
    data={"train": "ab12"},
)
STOPPED = RunStopped(at=5000.0, reason="all 2 trials are done", finished=True)


def trial_started(trial: int) -> TrialStarted:
    return TrialStarted(
        at=1000.0 + trial,
        trial=trial,
        kind="proposal" if trial else "startup",
        parent=trial - 1 if trial else None,
        checkpoint=None,
        sha256=None,
        start_iteration=100 * trial,
        end_iteration=100 * trial + 100,
        hparams={"learning_rate": 1e-3 / (trial + 1)},
        reason="why not",
    )


def trial_finished(trial: int, outcome: str = "committed") -> TrialFinished:
    return TrialFinished(
        at=2000.0 + trial,
        trial=trial,
        outcome=outcome,
        reason="as good as forecast",
        end_iteration=100 * trial + 100,
        checkpoint=None,
        sha256=None,
        value=0.5,
        score=1.5,
        forecast=None,
        forecast_std=None,
        seconds=10.0,
    )


def whole_run(trials: int = 2) -> list[Event]:
    events: list[Event] = [STARTED]
    for trial in range(trials):
        events += [
            trial_started(trial),
            TrainerExited(trial=trial, code=0, meaning="finished"),
            trial_finished(trial),
            BestImproved(
                at=3000.0 + trial,
                trial=trial,
                metric="val_loss",
                value=0.5,
                previous=None,
                checkpoint="c",
            ),
        ]
    return [*events, STOPPED]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "output/voice"
    path.mkdir(parents=True)
    (path / "best_model.ckpt").write_text("weights")
    (path / "tuning_history.json").write_text("{}")
    return path


@pytest.fixture
def mirror(folder: Path, mlflow_uri: str) -> Mirror:
    def make(uri: str = mlflow_uri, say: Callable[[str], None] = print, **sections: Any) -> Any:
        mlflow = {"tracking_uri": uri, "experiment": "voices"}
        return MlflowMirror(Settings.model_validate({"mlflow": mlflow, **sections}), folder, say)

    return make


class Found:
    def __init__(self, uri: str) -> None:
        import mlflow

        self.client = mlflow.MlflowClient(tracking_uri=uri)
        experiment = self.client.get_experiment_by_name("voices")
        runs = self.client.search_runs([experiment.experiment_id], order_by=["start_time"])
        self.children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
        (self.parent,) = [run for run in runs if run not in self.children]

    def artifacts(self) -> list[str]:
        found = self.client.list_artifacts(self.parent.info.run_id)
        return sorted(artifact.path for artifact in found)

    def history(self, trial: int, tag: str) -> list[tuple[int, float]]:
        points = self.client.get_metric_history(self.children[trial].info.run_id, tag)
        return [(point.step, point.value) for point in points]


def feed(mirror: MlflowMirror, events: list[Event], seconds: float = 30.0) -> None:
    for event in events:
        mirror.handle(event)
    mirror.close(seconds)


def test_a_run_becomes_a_parent_with_a_nested_run_per_trial(
    mirror: Mirror, folder: Path, mlflow_uri: str
) -> None:
    feed(mirror(), whole_run())

    found = Found(mlflow_uri)
    parent = found.parent
    assert parent.info.run_name == "voice" and parent.info.status == "FINISHED"
    assert parent.data.tags["ttsf.run"] == "voice"
    assert parent.data.params["strategy"] == "continue"
    assert parent.data.metrics["best.val_loss"] == 0.5
    assert found.artifacts() == ["best_model.ckpt", "tuning_history.json"]
    assert [run.info.run_name for run in found.children] == ["trial_0000", "trial_0001"]
    child = found.children[1]
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.params == {"learning_rate": "0.0005"}
    assert child.data.tags["ttsf.outcome"] == "committed"
    assert child.data.metrics == {"score": 1.5, "value": 0.5}
    assert child.info.status == "FINISHED"
    assert recorded_run(folder / "checkpoints/trial_0001") == child.info.run_id


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("rolled_back", "FINISHED"),
        ("pruned", "KILLED"),
        ("failed", "FAILED"),
        ("diverged", "FAILED"),
    ],
)
def test_the_state_of_a_nested_run_tells_the_outcome(
    mirror: Mirror, mlflow_uri: str, outcome: str, status: str
) -> None:
    feed(mirror(), [STARTED, trial_started(0), trial_finished(0, outcome)])

    assert Found(mlflow_uri).children[0].info.status == status


def test_what_the_trainer_spooled_is_sent(mirror: Mirror, folder: Path, mlflow_uri: str) -> None:
    spool = Spool(folder / "checkpoints/trial_0000")
    spool.append({"params": {"preset": "small", "learning_rate": 0.001}})
    spool.append({"metrics": {"training.loss": 0.5}, "step": 10, "at": 1.0})
    received = MetricsReceived(trial=0, metrics=(Metric("training.loss", 10, 0.5, 1.0),))

    feed(mirror(), [STARTED, trial_started(0), received])

    found = Found(mlflow_uri)
    assert found.history(0, "training.loss") == [(10, 0.5)]
    assert found.children[0].data.params == {"preset": "small", "learning_rate": "0.001"}
    assert found.children[0].info.status == "RUNNING"


@pytest.mark.parametrize(
    "sections",
    [{"trainer": {"command": "python train.py"}}, {"loggers": [{"use": "tensorboard"}]}],
)
def test_metrics_of_a_trainer_that_does_not_log_to_mlflow_are_sent_for_it(
    mirror: Mirror, mlflow_uri: str, sections: dict[str, Any]
) -> None:
    received = MetricsReceived(trial=0, metrics=(Metric("val_loss", 10, 0.5, 1.0),))

    feed(mirror(**sections), [STARTED, trial_started(0), received])

    assert Found(mlflow_uri).history(0, "val_loss") == [(10, 0.5)]


@pytest.mark.parametrize("remembers", [True, False])
def test_repeating_the_past_creates_nothing_twice(
    mirror: Mirror, folder: Path, mlflow_uri: str, remembers: bool
) -> None:
    feed(mirror(), whole_run())
    if not remembers:
        (folder / STATE).write_text("torn")

    again = mirror()
    again.catch_up(whole_run())
    resumed = RunResumed(run="voice", trials=2)
    feed(again, [resumed, trial_started(2), trial_finished(2), STOPPED])

    found = Found(mlflow_uri)
    assert [run.info.run_name for run in found.children] == [f"trial_{n:04d}" for n in range(3)]
    assert found.parent.info.status == "FINISHED"
    assert found.history(0, "score") == [(100, 1.5)]


def test_an_interrupted_run_is_marked_and_goes_on_when_it_is_continued(
    mirror: Mirror, mlflow_uri: str
) -> None:
    interrupted = RunStopped(reason="SIGINT", finished=False)
    feed(mirror(), [STARTED, trial_started(0), interrupted])
    assert Found(mlflow_uri).parent.info.status == "KILLED"

    feed(mirror(), [RunResumed(run="voice", trials=0, open_trial=0)])

    assert Found(mlflow_uri).parent.info.status == "RUNNING"


def test_an_absent_server_loses_nothing(mirror: Mirror, folder: Path, mlflow_uri: str) -> None:
    said: list[str] = []
    spool = Spool(folder / "checkpoints/trial_0000")
    spool.append({"metrics": {"training.loss": 0.5}, "step": 10, "at": 1.0})
    feed(mirror("http://me:secret@127.0.0.1:9", said.append), whole_run(), seconds=0.2)
    assert len(said) == 2 and "start the run again to send the rest" in said[1]
    assert "secret" not in "".join(said)

    again = mirror()
    again.catch_up(whole_run())
    feed(again, [RunResumed(run="voice", trials=2), STOPPED])

    found = Found(mlflow_uri)
    assert len(found.children) == 2 and found.artifacts() != []
    assert found.history(0, "training.loss") == [(10, 0.5)]


def test_a_server_that_lost_everything_gets_it_again(
    mirror: Mirror, folder: Path, mlflow_uri: str, mlflow_template: Path
) -> None:
    feed(mirror(), whole_run())
    state = json.loads((folder / STATE).read_text())
    state["run_id"] = "0" * 32
    state["open"] = False
    (folder / STATE).write_text(json.dumps(state))

    again = mirror()
    again.catch_up(whole_run())
    again.close(30.0)

    assert len(Found(mlflow_uri).children) == 2


def test_an_unchanged_model_is_not_uploaded_twice(
    mirror: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tts_framework.tracking.server import Server

    feed(mirror(), whole_run())
    sent: list[str] = []
    monkeypatch.setattr(Server, "upload", lambda self, run, path: sent.append(path.name))
    (folder / "tuning_history.json").write_text('{"trials": []}')

    feed(mirror(), [RunResumed(run="voice", trials=2), STOPPED])

    assert sent == ["tuning_history.json"]


def test_a_run_of_the_same_name_in_a_new_folder_is_another_run(
    mirror: Mirror, mlflow_uri: str
) -> None:
    from dataclasses import replace

    feed(mirror(), whole_run())
    feed(mirror(), [replace(STARTED, at=9000.0), trial_started(0)])

    import mlflow

    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    experiment = client.get_experiment_by_name("voices").experiment_id
    assert len(client.search_runs([experiment], "tags.`ttsf.kind` = 'tune'")) == 2


def test_a_mirror_that_heard_nothing_sends_nothing(mirror: Mirror, folder: Path) -> None:
    mirror().close(1.0)

    assert not (folder / STATE).exists()
