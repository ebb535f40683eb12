"""`ttsf trainer check` на настоящей программе: каждый порок назван, здоровая признана здоровой."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tts_framework.errors import TTSFError
from tts_framework.foreign_trainer.writers import PID_FILE
from tts_framework.plan import Plan
from tts_framework.smart_tuner.contract.check import check_trainer
from tts_framework.smart_tuner.contract.finding import (
    COSTS,
    FAILS,
    HOLDS,
    Finding,
    as_json,
    broken,
)

Planned = Callable[..., Plan]

# порок -> (пункт, что с ним, слова наблюдения, слова цены)
FAULTS = {
    "dies": ("starts", FAILS, "RuntimeError: no such corpus", "run the command by hand"),
    "no_objective": ("logs val_loss", FAILS, "saw only: ", "map its tag in trainer.metrics"),
    "no_rate": ("learning rate as asked", COSTS, "no learning.rate", "an ignored value goes"),
    "no_last_save": ("saves when stopped", COSTS, "last checkpoint", "loses up to 20 iterations"),
    "from_zero": ("one count of steps in logs and checkpoints", FAILS, "", "step_offset: 1"),
    "deaf": ("stops on SIGINT", COSTS, "obeyed only SIGTERM", "handle SIGINT"),
    "outside": ("writes only where it is told", COSTS, "elsewhere.txt", "put {output_dir}"),
    "forgets": ("continues the count of steps", FAILS, "first step 1 after", "ignores the check"),
    "forgets_weights": ("continues with the same loss", FAILS, "without the restart", "restored"),
    "other_data": ("continues with the same loss", COSTS, "without the restart", "noisier"),
    "keeps_rate": ("obeys a new learning rate", FAILS, "asked for", "values are ignored"),
    "slow_save": ("survives SIGKILL during a save", COSTS, "left half-written", "temporary name"),
    "endless": ("ends at {until_iteration}", FAILS, "asked to end at", "trials never end"),
}


def check(made: Plan, folder: Path, minutes: float = 1.0) -> dict[str, Finding]:
    return {
        finding.point: finding for finding in check_trainer(made, folder=folder, minutes=minutes)
    }


def test_a_sound_trainer_holds_every_point_and_nothing_is_left(
    planned_for: Planned, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*")} | {tmp_path / "run.yaml", tmp_path / "bench"}
    found = check(planned_for(), tmp_path / "bench")
    assert {f.state for f in found.values()} == {HOLDS}, found
    assert len(found) == 15 and not broken(found.values())
    assert set(tmp_path.rglob("*")) <= before


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_its_price_is_named(
    planned_for: Planned, tmp_path: Path, fault: str
) -> None:
    point, state, seen, cost = FAULTS[fault]
    found = check(planned_for(fault), tmp_path / "bench")
    assert point in found, found
    finding = found[point]
    assert finding.state == state and seen in finding.seen and cost in finding.cost, finding
    assert broken(found.values()) == (state == FAILS)
    assert list((tmp_path / "bench").iterdir()) == []


def test_a_trainer_without_checkpoints_is_told_where_they_were_looked_for(
    planned_for: Planned, tmp_path: Path
) -> None:
    found = check(planned_for("no_checkpoints"), tmp_path / "bench")
    finding = found["writes checkpoints that are found"]
    assert finding.state == FAILS and "nothing under 'checkpoint_*'" in finding.seen
    assert "continues the count of steps" not in found


def test_the_check_ends_when_its_time_does(planned_for: Planned, tmp_path: Path) -> None:
    began = time.monotonic()
    found = check(planned_for("no_checkpoints", iters_per_checkpoint=10**6), tmp_path / "b", 0.03)
    assert time.monotonic() - began < 30
    assert found["writes checkpoints that are found"].state == FAILS


def test_secrets_do_not_leave_with_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    from tts_framework import secrets

    monkeypatch.setattr(secrets, "_remembered", {"s3cret-word"})
    (record,) = as_json([Finding("starts", FAILS, "bad token s3cret-word")])
    assert record["seen"] == "bad token ***"


def test_the_remains_of_a_killed_check_are_swept_with_their_trainer(
    planned_for: Planned, tmp_path: Path
) -> None:
    made, bench = planned_for(), tmp_path / "bench"
    program = (
        "from pathlib import Path; from tts_framework import config_file, plan;"
        "from tts_framework.plugins import Plugins;"
        "from tts_framework.smart_tuner.contract.check import check_trainer;"
        "check_trainer(plan.from_file(config_file.read(Path('run.yaml')), Plugins()),"
        " folder=Path('bench'))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, env=dict(os.environ))
    while not (found := list(bench.glob(f"*/checkpoints/*/{PID_FILE}"))):
        time.sleep(0.02)
        assert process.poll() is None
    orphans = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    assert found[0].exists() and orphans[0].is_running()
    assert check(made, bench)["starts"].state == HOLDS
    assert list(bench.iterdir()) == []
    assert psutil.wait_procs(orphans, timeout=10)[1] == []


def test_a_folder_that_cannot_be_made_is_named(planned_for: Planned, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TTSFError, match="choose another --folder"):
        check_trainer(planned_for(), folder=tmp_path / "file" / "inside")
