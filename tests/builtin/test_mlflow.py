"""Журнал и наблюдатель MLflow на настоящей локальной базе."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.builtin.mlflow import MLflowLogger, MLflowWatcher
from tts_framework.components import LogTarget, TrialSource
from tts_framework.events import Metric
from tts_framework.tracking.address import Address
from tts_framework.tracking.server import Server, Unavailable
from tts_framework.tracking.spool import RECORDS, RUN_FILE, SpoolReader, record_run, recorded_run


def environment(uri: str, **more: str) -> dict[str, str]:
    return {"MLFLOW_TRACKING_URI": uri, "MLFLOW_EXPERIMENT_NAME": "voices", **more}


def logger(folder: Path, environ: dict[str, str], **options: Any) -> MLflowLogger:
    target = LogTarget("run", folder, folder / "tb", "", 0, environ, {"val_loss": "x"})
    return MLflowLogger(MLflowLogger.Config(**options), target)


def client(uri: str) -> Any:
    import mlflow

    return mlflow.MlflowClient(tracking_uri=uri)


def until(found: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return result


def history(uri: str, run_id: str, tag: str) -> list[tuple[int, float]]:
    return [(p.step, p.value) for p in client(uri).get_metric_history(run_id, tag)]


def test_a_bare_run_is_recorded_with_its_best_checkpoint(tmp_path: Path, mlflow_uri: str) -> None:
    folder = tmp_path / "out"
    log = logger(folder, environment(mlflow_uri))
    log.params({"learning_rate": 0.001, "model": "tiny"})
    log.scalars(10, {"training.loss": 0.5})
    log.flush()
    log.scalars(20, {"training.loss": 0.25, "val_loss": 0.75})
    (folder / "best_model.ckpt").write_text("weights")
    log.finished("finished")
    log.close()

    run_id = recorded_run(folder)
    run = client(mlflow_uri).get_run(run_id)
    assert run.info.status == "FINISHED" and run.info.run_name == "run"
    assert run.data.params == {"learning_rate": "0.001", "model": "tiny"}
    assert history(mlflow_uri, str(run_id), "training.loss") == [(10, 0.5), (20, 0.25)]
    assert history(mlflow_uri, str(run_id), "val_loss") == [(20, 0.75)]
    assert [a.path for a in client(mlflow_uri).list_artifacts(run_id)] == ["best_model.ckpt"]
    assert (tmp_path / "mlruns/artifacts").is_dir()


def test_a_continued_run_goes_on_in_the_same_mlflow_run(tmp_path: Path, mlflow_uri: str) -> None:
    folder = tmp_path / "out"
    for step, outcome in ((1, "interrupted"), (2, "failed")):
        log = logger(folder, environment(mlflow_uri))
        log.params({"learning_rate": 0.1 * step})
        log.scalars(step, {"loss": 0.5})
        log.finished(outcome)
        log.close()
        (folder / RUN_FILE).unlink()

    (run,) = client(mlflow_uri).search_runs(
        [client(mlflow_uri).get_experiment_by_name("voices").experiment_id]
    )
    assert history(mlflow_uri, run.info.run_id, "loss") == [(1, 0.5), (2, 0.5)]
    assert run.data.params == {"learning_rate": "0.1"}
    assert run.info.status == "FAILED"


def test_under_a_tuner_only_the_spool_is_written(tmp_path: Path) -> None:
    run_file = {"TTSF_MLFLOW_RUN_FILE": str(tmp_path / RUN_FILE)}
    log = logger(tmp_path, environment("http://127.0.0.1:9", **run_file))
    log.scalars(1, {"loss": 0.5})
    log.flush()
    log.finished("finished")
    log.close()

    (record,) = SpoolReader(tmp_path, "any").read()[0]
    assert record["metrics"] == {"loss": 0.5} and record["step"] == 1


def test_a_server_that_is_away_costs_nothing_and_is_named_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logger(tmp_path, environment("http://me:secret@127.0.0.1:9"), close_seconds=0.1)
    log.scalars(1, {"loss": 0.5})
    log.finished("finished")
    log.close()

    said = capsys.readouterr().out
    assert "run the same command again to send it" in said and "secret" not in said
    assert (tmp_path / RECORDS).stat().st_size > 0


def test_leftovers_are_sent_by_the_next_start(tmp_path: Path, mlflow_uri: str) -> None:
    log = logger(tmp_path, environment("http://127.0.0.1:9"), close_seconds=0.1)
    log.scalars(1, {"loss": 0.5})
    log.close()

    log = logger(tmp_path, environment(mlflow_uri))
    log.close()

    assert history(mlflow_uri, str(recorded_run(tmp_path)), "loss") == [(1, 0.5)]


def test_a_record_the_server_rejects_does_not_hold_up_the_others(
    tmp_path: Path, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logger(tmp_path, environment(mlflow_uri))
    log.scalars(1, {"loss": 0.5})
    log.scalars(2, {"what?*": 0.5})
    log.scalars(3, {"loss": 0.25})
    log.close()

    run_id = str(recorded_run(tmp_path))
    assert history(mlflow_uri, run_id, "loss") == [(1, 0.5), (3, 0.25)]
    assert "a record was rejected and left out" in capsys.readouterr().out


def test_a_run_lost_by_the_server_is_made_again_with_all_its_records(
    tmp_path: Path, mlflow_uri: str
) -> None:
    log = logger(tmp_path, environment(mlflow_uri))
    log.scalars(1, {"loss": 0.5})
    log.close()
    record_run(tmp_path, "0" * 32)

    log = logger(tmp_path, environment(mlflow_uri))
    log.scalars(2, {"loss": 0.25})
    log.close()

    run_id = str(recorded_run(tmp_path))
    assert history(mlflow_uri, run_id, "loss") == [(1, 0.5), (2, 0.25)]


# --- наблюдатель ------------------------------------------------------------------------------


@pytest.fixture
def server(mlflow_uri: str) -> Server:
    return Server(Address(mlflow_uri, "voices"))


def watcher(folder: Path, uri: str, rename: dict[str, str] = {}) -> MLflowWatcher:
    environ = environment(uri, TTSF_MLFLOW_RUN_FILE=str(folder / RUN_FILE))
    source = TrialSource(0, folder, folder, "", rename, environ)
    return MLflowWatcher(MLflowWatcher.Config(), source)


def test_new_points_are_read_once_under_canonical_names(
    tmp_path: Path, server: Server, mlflow_uri: str
) -> None:
    seen = watcher(tmp_path, mlflow_uri, {"validation.loss": "val_loss"})
    assert seen.read() == []
    run_id = server.find_or_create("key", "trial", {}, 0.0)
    record_run(tmp_path, run_id)

    server.log(run_id, [Metric("validation.loss", s, 0.5, 1.0 + s) for s in (1, 2)])
    assert [(m.tag, m.step, m.value) for m in until(seen.read)] == [
        ("val_loss", 1, 0.5),
        ("val_loss", 2, 0.5),
    ]

    server.log(run_id, [Metric("validation.loss", 3, 0.5, 9.0), Metric("loss", 3, 1.0, 9.0)])
    found = until(seen.read)
    while len(found) < 2:
        found += until(seen.read)
    assert sorted((m.tag, m.step, m.wall_time) for m in found) == [
        ("loss", 3, 9.0),
        ("val_loss", 3, 9.0),
    ]
    assert seen.read() == []
    seen.close()
    seen.close()


def test_metrics_of_the_own_trainer_are_read_before_they_reach_the_server(tmp_path: Path) -> None:
    run_file = {"TTSF_MLFLOW_RUN_FILE": str(tmp_path / RUN_FILE)}
    log = logger(tmp_path, environment("http://127.0.0.1:9", **run_file))
    source = TrialSource(0, tmp_path, tmp_path, ".trial_0000", {"x": "val_loss"})
    seen = MLflowWatcher(MLflowWatcher.Config(), source)
    assert seen.read() == [] and seen.paths() == (tmp_path / RECORDS,)

    log.params({"learning_rate": 0.1})
    log.scalars(10, {"training.loss": 0.5})
    log.scalars(20, {"val_loss": 0.25})

    found = [(m.tag, m.step, m.value) for m in seen.read()]
    assert found == [("training.loss", 10, 0.5), ("val_loss", 20, 0.25)]
    assert seen.read() == []
    seen.close()


def test_a_restarted_watcher_reads_from_the_beginning(
    tmp_path: Path, server: Server, mlflow_uri: str
) -> None:
    run_id = server.find_or_create("key", "trial", {}, 0.0)
    record_run(tmp_path, run_id)
    server.log(run_id, [Metric("loss", 1, 0.5, 1.0)])

    for _ in range(2):
        seen = watcher(tmp_path, mlflow_uri)
        assert [m.step for m in until(seen.read)] == [1]
        seen.close()


def test_a_local_store_is_followed_by_its_file(tmp_path: Path, mlflow_uri: str) -> None:
    assert watcher(tmp_path, mlflow_uri).paths() == (tmp_path / "mlruns/mlflow.db",)
    assert watcher(tmp_path, "http://host").paths() == ()


def test_an_absent_server_is_an_error_that_does_not_block(tmp_path: Path) -> None:
    record_run(tmp_path, "abc")
    seen = watcher(tmp_path, "http://me:secret@127.0.0.1:9")

    def trouble() -> str:
        try:
            seen.read()
        except Unavailable as error:
            return str(error)
        return ""

    assert "secret" not in until(trouble)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        seen.read()
    assert time.monotonic() - began < 1.0
    seen.close()
