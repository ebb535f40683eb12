"""Зеркало для optuna-dashboard: дописывается, не мешает, не обязательно."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import pytest
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from tts_framework.errors import TTSFError
from ttsf_optuna_engine import mirror


def trial(number: int, outcome: str = "committed", score: float | None = 0.5) -> dict[str, Any]:
    return {
        "trial": number,
        "kind": "proposal",
        "parent": number - 1 if number else None,
        "start_iteration": 200 * number,
        "end_iteration": 200 * (number + 1),
        "hparams": {"learning_rate": 1e-3, "act": "relu", "batch_size": 16},
        "outcome": outcome,
        "reason": "why",
        "value": 0.7,
        "score": score,
        "curve": [[200 * number + 100, 0.8], [200 * number + 200, None]],
    }


def history(*trials: dict[str, Any]) -> dict[str, Any]:
    space = {
        "learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-3, "choices": []},
        "act": {"type": "categorical", "choices": ["relu", "tanh"]},
    }
    return {"run": "ru-nsh", "search_space": space, "trials": list(trials)}


def mirrored(database: Path) -> list[FrozenTrial]:
    study = optuna.load_study(study_name="ru-nsh", storage=f"sqlite:///{database}")
    return study.get_trials()


def test_every_finished_trial_appears_with_its_values_score_and_story(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    assert mirror.write(history(trial(0), trial(1, "open", None)), database) == 1
    [only, running] = mirrored(database)
    assert running.state == TrialState.RUNNING
    assert only.params == {"learning_rate": 1e-3, "act": "relu"}
    assert (only.state, only.value) == (TrialState.COMPLETE, 0.5)
    assert only.intermediate_values == {100: 0.8}
    assert only.user_attrs["outcome"] == "committed" and only.user_attrs["reason"] == "why"


def test_writing_again_adds_only_what_is_new(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    mirror.write(history(trial(0)), database)
    assert mirror.write(history(trial(0)), database) == 0
    assert mirror.write(history(trial(0), trial(1), trial(2)), database) == 2
    assert len(mirrored(database)) == 3


def test_pruned_and_unscored_trials_keep_their_state(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    mirror.write(history(trial(0, "pruned", -2.0), trial(1, "failed", None)), database)
    assert [t.state for t in mirrored(database)] == [TrialState.PRUNED, TrialState.FAIL]


def running(*points: tuple[int, float]) -> dict[str, Any]:
    return {**trial(1, "open", None), "curve": [list(point) for point in points]}


def test_the_open_trial_grows_point_by_point_and_ends_under_its_own_number(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    mirror.write(history(trial(0), running((300, 0.9))), database)
    mirror.write(history(trial(0), running((300, 0.9), (350, 0.8))), database)
    live = mirrored(database)[1]
    assert live.state == TrialState.RUNNING
    assert live.intermediate_values == {300: 0.9, 350: 0.8}
    assert live.params["learning_rate"] == 1e-3
    assert mirror.write(history(trial(0), trial(1, score=1.5), trial(2)), database) == 2
    ended = mirrored(database)
    assert [t.number for t in ended] == [0, 1, 2]
    assert ended[1].state == TrialState.COMPLETE and ended[1].value == 1.5


@pytest.mark.parametrize(
    ("outcome", "state"), [("pruned", TrialState.PRUNED), ("diverged", TrialState.FAIL)]
)
def test_the_open_trial_may_also_end_badly(tmp_path: Path, outcome: str, state: TrialState) -> None:
    database = tmp_path / "optuna.db"
    mirror.write(history(trial(0), running((300, 0.9))), database)
    mirror.write(history(trial(0), trial(1, outcome, None)), database)
    assert [t.state for t in mirrored(database)] == [TrialState.COMPLETE, state]


def two_goals(*trials: dict[str, Any]) -> dict[str, Any]:
    goals = [{"metric": "val_loss", "mode": "min"}, {"metric": "mos", "mode": "max"}]
    return {**history(*trials), "objectives": goals}


def measured(number: int, loss: float, mos: float, **fields: Any) -> dict[str, Any]:
    return {**trial(number, **fields), "values": {"val_loss": loss, "mos": mos}}


def test_several_objectives_show_the_metrics_themselves_and_their_front(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    first, second, third = measured(0, 0.5, 3.0), measured(1, 0.4, 2.0), measured(2, 0.6, 2.5)
    mirror.write(two_goals(first, {**second, "outcome": "open"}), database)
    assert mirror.write(two_goals(first, second, third), database) == 2
    study = optuna.load_study(study_name="ru-nsh", storage=f"sqlite:///{database}")
    assert [d.name for d in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    assert [t.values for t in study.trials] == [[0.5, 3.0], [0.4, 2.0], [0.6, 2.5]]
    assert [t.number for t in study.best_trials] == [0, 1]


def test_a_trial_without_one_of_the_metrics_did_not_complete(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    missing = {**trial(0), "values": {"val_loss": 0.5}}
    mirror.write(two_goals(missing, measured(1, 0.4, 2.0, outcome="pruned")), database)
    assert [t.state for t in mirrored(database)] == [TrialState.FAIL, TrialState.PRUNED]


def test_a_file_of_another_run_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "optuna.db"
    mirror.write(history(trial(0), trial(1)), database)
    for other in (history(trial(0)), two_goals(measured(0, 0.5, 3.0))):
        with pytest.raises(TTSFError, match="mirrors another run; delete it"):
            mirror.write(other, database)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ttsf_optuna_engine.mirror", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_mirrors_a_run_folder(tmp_path: Path) -> None:
    (tmp_path / mirror.HISTORY).write_text(json.dumps(history(trial(0))))
    done = run(str(tmp_path))
    assert done.returncode == 0 and "1 trials added" in done.stdout
    assert len(mirrored(tmp_path / mirror.DATABASE)) == 1


def test_a_folder_without_a_history_is_a_one_line_error(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 2
    assert "name the folder of a started run" in done.stderr and done.stderr.count("\n") == 1


def test_a_broken_history_is_a_one_line_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / mirror.HISTORY).write_text("{")
    assert mirror.main([str(tmp_path)]) == 2
    assert "not a history" in capsys.readouterr().err


def test_following_waits_for_the_history_and_ends_quietly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeps = iter([1, 2, 3])

    def sleep(seconds: float) -> None:
        if next(sleeps) == 3:
            raise KeyboardInterrupt
        (tmp_path / mirror.HISTORY).write_text(json.dumps(history(trial(0))))

    monkeypatch.setattr(mirror.time, "sleep", sleep)
    assert mirror.main([str(tmp_path), "--follow", "5"]) == 0
    assert len(mirrored(tmp_path / mirror.DATABASE)) == 1
    assert capsys.readouterr().err == ""


def test_the_dashboard_serves_the_mirrored_run(tmp_path: Path) -> None:
    """Настоящая панель, сервер из стандартной библиотеки: исследование и trial-ы в её HTTP API."""
    dashboard = pytest.importorskip("optuna_dashboard")
    database = tmp_path / mirror.DATABASE
    mirror.write(history(trial(0), running((300, 0.9))), database)
    storage = RDBStorage(f"sqlite:///{database}")
    app = dashboard.wsgi(storage)
    with make_server("127.0.0.1", 0, app, handler_class=Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        [study] = fetch(server.server_port, "/api/studies")["study_summaries"]
        shown = fetch(server.server_port, f"/api/studies/{study['study_id']}")["trials"]
        server.shutdown()
    storage.engine.dispose()
    assert (study["study_name"], study["directions"]) == ("ru-nsh", ["maximize"])
    assert [t["state"] for t in shown] == ["Complete", "Running"]
    assert shown[0]["values"] == [0.5]
    assert shown[1]["intermediate_values"] == [{"step": 300, "value": 0.9}]


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def fetch(port: int, path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.load(answer)
