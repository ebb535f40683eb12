"""Цикл подстройки с чекпоинтами, какие бывают у чужих программ: папки, `last.ckpt`, обрубки."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.events import TrainerLaunched, TrialFinished, Warned
from tts_framework.plan import Plan
from tts_framework.smart_tuner.loop import tune

# пишет папку из двух файлов (или last.json), не спеша и под окончательным именем; с --die один раз
# умирает между двумя файлами чекпоинта
TRAINER = """
import argparse, json, os, pathlib, time
parser = argparse.ArgumentParser()
for name in ("--out", "--resume", "--kind"): parser.add_argument(name, type=pathlib.Path)
parser.add_argument("--until", type=int); parser.add_argument("--die", type=pathlib.Path)
parser.add_argument("--hp", type=json.loads)
args = parser.parse_args()
folders = str(args.kind) == "folders"
step = 0
if args.resume:
    step = json.loads((args.resume / "state.json" if folders else args.resume).read_text())["step"]
    if folders: assert (args.resume / "zz_last.json").exists()
log = open(args.out / "log.jsonl", "a", buffering=1)
while step < args.until:
    step += 1
    time.sleep(0.002)
    log.write(json.dumps({"step": step, "time": time.time(), "training.loss": 1 / step,
                          "learning.rate": args.hp["optim"]["lr"]}) + "\\n")
    if step % 20 == 0:
        log.write(json.dumps({"step": step, "validation.loss": 1 / step}) + "\\n")
        text = json.dumps({"step": step})
        if folders:
            path = args.out / f"checkpoint-{step}"
            path.mkdir(exist_ok=True)
            (path / "state.json").write_text(text)
            if step == 40 and args.die and not args.die.exists():
                args.die.touch(); os._exit(9)
            time.sleep(0.05)
            (path / "zz_last.json").write_text(text)
        else:
            (args.out / "last.json").write_text(text)
"""


@pytest.fixture
def plan_of(tiny_run: Any, tmp_path: Path, planned: Callable[[Path], Plan]) -> Callable[..., Plan]:
    (tmp_path / "trainer.py").write_text(TRAINER)

    def made(kind: str, flags: str = "", **trainer: Any) -> Plan:
        command = (
            f"{sys.executable} {tmp_path}/trainer.py --out {{output_dir}} [--resume {{checkpoint}}]"
            f" --until {{until_iteration}} --hp {{hparams}} --kind {kind} {flags}"
        )
        settings = {
            "command": command,
            "hparams_format": "json",
            "hparams_names": {"learning_rate": "optim.lr"},
            "iters_per_checkpoint": 20,
            "checkpoint_settle_seconds": 0.1,
            **trainer,
        }
        axis = {"type": "loguniform", "low": 1e-5, "high": 1e-2}
        tuner = {"n_trials": 2, "n_startup_iters": 60, "search_space": {"learning_rate": axis}}
        path = tiny_run(trainer=settings, tuner=tuner, watchers=["jsonlines"])
        return planned(path)

    return made


def run(plan: Plan) -> tuple[list[int], list[TrialFinished]]:
    events = list(tune(plan))
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert not [text for text in warned if "verify" in text or "ignores" in text], warned
    starts = [event.from_iteration for event in events if isinstance(event, TrainerLaunched)]
    return starts, [event for event in events if isinstance(event, TrialFinished)]


def test_a_folder_is_a_checkpoint_from_start_to_best_model(plan_of: Any) -> None:
    plan = plan_of("folders", checkpoint="checkpoint-*")
    starts, finished = run(plan)
    assert starts == [0, 60]
    assert [trial.end_iteration for trial in finished] == [60, 120]
    assert str(finished[1].checkpoint).endswith("trial_0001/checkpoint-120")
    best = json.loads((plan.folder / "best_model.ckpt" / "state.json").read_text())
    assert best["step"] in (60, 120)


def test_a_folder_cut_off_by_a_crash_is_never_given_to_the_trainer(
    plan_of: Any, tmp_path: Path
) -> None:
    plan = plan_of("folders", f"--die {tmp_path / 'died'}", checkpoint="checkpoint-*")
    starts, finished = run(plan)
    assert starts == [0, 20, 60]  # от обрубка checkpoint-40 не продолжали
    assert {trial.outcome for trial in finished} <= {"committed", "rolled_back"}


def test_the_iteration_of_a_file_that_is_always_overwritten_comes_from_the_log(
    plan_of: Any,
) -> None:
    plan = plan_of("file", checkpoint="last.json", checkpoint_iteration="log")
    starts, finished = run(plan)
    assert starts == [0, 60]
    assert [trial.end_iteration for trial in finished] == [60, 120]
