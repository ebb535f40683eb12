"""Настоящая маленькая программа обучения с заказными пороками и план, который её описывает."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file, plan
from tts_framework.plan import Plan
from tts_framework.plugins import Plugins

TRAINER = """
import argparse, json, os, random, signal, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--out"); parser.add_argument("--resume")
parser.add_argument("--until", type=int, default=10**9)
parser.add_argument("--learning_rate", type=float)
parser.add_argument("--fault", default="")
args = parser.parse_args()
fault = args.fault
if fault == "dies":
    raise RuntimeError("no such corpus")
step, w, v = 0, 5.0, 0.0
if args.resume:
    state = json.load(open(args.resume))
    step, w, v = state["step"], state["w"], state["v"]
    if fault == "forgets": step, w, v = 0, 5.0, 0.0
    if fault == "forgets_weights": w = 5.0
    if fault == "keeps_rate": args.learning_rate = state["rate"]
stopped = []
signal.signal(signal.SIGINT, signal.SIG_IGN if fault == "deaf" else lambda *_: stopped.append(1))
log = open(os.path.join(args.out, "log.jsonl"), "a")
if fault == "outside":
    elsewhere = open("elsewhere.txt", "w")
def save():
    path = os.path.join(args.out, f"checkpoint_{step}")
    text = json.dumps({"step": step, "w": w, "v": v, "rate": args.learning_rate, "pad": "x" * 999})
    if fault == "slow_save":
        with open(path, "w", buffering=1) as file:
            file.write(text[:500]); file.flush(); time.sleep(0.4); file.write(text[500:])
    else:
        open(path + ".tmp", "w").write(text)
        os.replace(path + ".tmp", path)
def write(**values):
    log.write(json.dumps({"step": step - (fault == "from_zero"), **values}) + "\\n"); log.flush()
while not stopped and (step < args.until or fault == "endless"):
    noise = random.Random(step if fault != "other_data" else None).gauss(0, 0.2)
    v = 0.5 * v + (w - 1 + noise)
    w -= args.learning_rate * v
    step += 1
    time.sleep(0.004)
    values = {"loss": (w - 1) ** 2 + abs(noise) + 1}
    if fault != "no_rate": values["lr"] = args.learning_rate
    write(**values)
    if step % 20 == 0:
        if fault != "no_objective": write(val=(w - 1) ** 2 + 1)
        if fault != "no_checkpoints": save()
if step % 20 and fault != "no_last_save": save()
"""


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Пиши run.yaml программы с названным пороком; рабочая папка — tmp_path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trainer.py").write_text(TRAINER)

    def write(fault: str = "", **trainer: Any) -> Path:
        from ruamel.yaml import YAML

        command = (
            f"{sys.executable} trainer.py --out {{output_dir}} [--resume {{checkpoint}}]"
            f" --until {{until_iteration}} {{hparams}} --fault={fault}"
        )
        settings = {
            "run": "foreign",
            "trainer": {
                "command": command,
                "hparams_format": "flags",
                "metrics": {"val_loss": "val", "training.loss": "loss", "learning.rate": "lr"},
                "iters_per_checkpoint": 20,
                "checkpoint_settle_seconds": 0.05,
                "sigint_seconds": 1.0,
                "sigterm_seconds": 1.0,
                **trainer,
            },
            "tuner": {
                "search_algorithm": "random",
                "n_startup_iters": 20,
                "search_space": {
                    "learning_rate": {"type": "loguniform", "low": 0.001, "high": 0.1}
                },
            },
            "watchers": ["jsonlines"],
            "loggers": [],
        }
        path = tmp_path / "run.yaml"
        with open(path, "w") as file:
            YAML(typ="safe", pure=True).dump(settings, file)
        return path

    return write


@pytest.fixture
def planned_for(faulty: Callable[..., Path]) -> Callable[..., Plan]:
    """Собери план программы с пороком."""
    return lambda *args, **trainer: plan.from_file(
        config_file.read(faulty(*args, **trainer)), Plugins()
    )
