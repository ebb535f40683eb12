"""kill -9 тюнеру и тренеру в случайные мгновения: решения — те же, что без единой смерти."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tts_framework.smart_tuner import history

KILLS = 24
RUN = {
    "model": {"sleep_seconds": 0.004},
    "tuner": {"n_trials": 8, "control_every": 3, "n_startup_iters": 200, "trial_iters": 200},
    "alerters": [],
}


def start(config: Path, folder: Path) -> subprocess.Popen[bytes]:
    log = open(folder / "tuner.log", "ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "tts_framework", "tune", "--config", str(config)],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(os.environ),
        )


def kill(tuner: subprocess.Popen[bytes], rng: random.Random) -> None:
    """Убей тюнер и тренер в случайном порядке; иногда — только одного из них."""
    with suppress(psutil.NoSuchProcess):
        victims = [psutil.Process(tuner.pid), *psutil.Process(tuner.pid).children()]
        rng.shuffle(victims)
        for victim in victims[: rng.choice([1, 2, 2, 2])]:
            with suppress(psutil.NoSuchProcess):
                victim.send_signal(signal.SIGKILL)


def path_of(folder: Path, run: str) -> list[dict[str, Any]]:
    document = json.loads((folder / "output" / run / history.NAME).read_text())
    kept = (
        "trial",
        "kind",
        "parent",
        "start_iteration",
        "end_iteration",
        "hparams",
        "outcome",
        "value",
        "score",
        "curve",
    )
    return [{key: trial[key] for key in kept} for trial in document["trials"]]


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_run_killed_many_times_is_the_run_that_was_never_killed(
    tiny_run: Any, tmp_path: Path
) -> None:
    whole = tiny_run(run="whole", **RUN)
    assert start(whole, tmp_path).wait(120) == 0, (tmp_path / "tuner.log").read_text()
    broken = tiny_run(run="broken", **RUN)
    rng, kills = random.Random(7), 0
    iterations: dict[int, int] = {}
    while True:
        tuner = start(broken, tmp_path)
        with suppress(subprocess.TimeoutExpired):
            tuner.wait(rng.uniform(0.2, 1.9) if kills < KILLS else 120)
        if tuner.poll() is not None and tuner.returncode == 0:
            break
        kill(tuner, rng)
        kills += 1
        if tuner.poll() is None:
            time.sleep(0.3)
            tuner.kill()
        tuner.wait(30)
        check_open_trial(tmp_path / "output" / "broken", iterations)
        assert kills < 3 * KILLS, (tmp_path / "tuner.log").read_text()[-3000:]
    assert kills >= 20
    assert history.problems(tmp_path / "output" / "broken" / history.NAME) == []
    assert path_of(tmp_path, "broken") == path_of(tmp_path, "whole")


SEARCHES: dict[str, Any] = {
    "cmaes": {"use": "cmaes", "population": 4},
    "optuna": {"use": "optuna", "n_startup_trials": 2},
}


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("algorithm", SEARCHES)
def test_a_tuner_killed_in_the_middle_of_a_search_decides_as_if_it_had_lived(
    tiny_run: Any, tmp_path: Path, algorithm: str
) -> None:
    """Поколение CMA-ES — trial-ы 1-4: смерть внутри него, на его стыке и внутри следующего."""
    tuner = {"n_trials": 7, "control_every": 0, "n_startup_iters": 100}
    run = {"tuner": {**tuner, "search_algorithm": SEARCHES[algorithm]}, "alerters": []}
    whole = tiny_run(run="whole", **run)
    assert start(whole, tmp_path).wait(120) == 0, (tmp_path / "tuner.log").read_text()
    broken = tiny_run(run="broken", **run)
    folder = tmp_path / "output" / "broken"
    for opened in (3, 4, 6):
        tuner_process = start(broken, tmp_path)
        wait_for_trial(folder, opened, tuner_process)
        children = psutil.Process(tuner_process.pid).children()
        tuner_process.kill()
        tuner_process.wait(30)
        for child in children[: opened % 2]:  # то вместе с тренером, то без него
            with suppress(psutil.NoSuchProcess):
                child.kill()
    assert start(broken, tmp_path).wait(120) == 0, (tmp_path / "tuner.log").read_text()
    assert history.problems(folder / history.NAME) == []
    assert path_of(tmp_path, "broken") == path_of(tmp_path, "whole")


def wait_for_trial(folder: Path, number: int, tuner: subprocess.Popen[bytes]) -> None:
    """Дождись решения об этом trial; тюнер ещё жив."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert tuner.poll() is None, "the tuner ended before it could be killed"
        if (folder / "ttsf.db").exists() and (folder / "run.yaml").exists():
            store = history.open_store(folder)
            try:
                if len(history.recall(store).trials) > number:
                    return
            finally:
                store.close()
        time.sleep(0.05)
    raise AssertionError(f"trial {number} was never started")


def check_open_trial(folder: Path, iterations: dict[int, int]) -> None:
    """Итерация открытого trial не отступает за родителя и за то, что уже было достигнуто."""
    if not (folder / "ttsf.db").exists() or not (folder / "run.yaml").exists():
        return
    store = history.open_store(folder)
    try:
        memory = history.recall(store)
    finally:
        store.close()
    numbers = [record.started.trial for record in memory.trials]
    assert numbers == list(range(len(numbers)))
    for record in memory.trials:
        for attempt in record.attempts:
            assert attempt.from_iteration >= record.started.start_iteration
    opened = memory.open_trial
    if opened is not None and opened.attempts:
        number, reached = opened.started.trial, opened.attempts[-1].from_iteration
        assert reached >= iterations.get(number, 0)
        iterations[number] = reached
