"""Сигналы и коды завершения настоящего процесса `ttsf train`."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.checkpoints import iteration_of, newest
from tts_framework.errors import ExitCode

Run = Callable[..., Path]
SLOW = {"sleep_seconds": 0.005}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_a_loadable_checkpoint_and_continuing_is_exact(
    launch: Any, train: Any, tiny_run: Run, tmp_path: Path, weights: Any, number: int
) -> None:
    config, folder = tiny_run(model=SLOW), tmp_path / "output/tiny"
    process = launch("--config", config)
    process.wait_for(lambda: (folder / "checkpoint_50").exists())

    process.process.send_signal(number)
    code, output = process.wait()

    stopped = newest(folder)
    assert code == ExitCode.INTERRUPTED
    assert stopped is not None and iteration_of(stopped) >= 50
    assert f"stopped by {signal.Signals(number).name} at iteration" in output
    fast = tiny_run()
    train(fast, until_iteration=200)
    train(fast, output_directory=tmp_path / "whole", until_iteration=200)
    whole = weights(tmp_path / "whole/checkpoint_200")
    assert weights(folder / "checkpoint_200")["state_dict"] == whole["state_dict"]


def test_a_second_signal_quits_a_hung_step_at_once(
    launch: Any, tiny_run: Run, tmp_path: Path
) -> None:
    hung = tmp_path / "hung"
    process = launch("--config", tiny_run(model={"hang_at": 60, "once": str(hung)}))
    process.wait_for(hung.exists)

    process.process.send_signal(signal.SIGINT)
    with pytest.raises(Exception, match="timed out"):
        process.process.wait(0.5)
    process.process.send_signal(signal.SIGINT)

    assert process.wait()[0] == ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        ({"nan_at": 5}, ExitCode.DIVERGED, "iteration 10: training.loss is nan"),
        ({"oom_at": 5}, ExitCode.OUT_OF_MEMORY, "out of memory"),
        ({"learning_rate": "fast"}, ExitCode.USER, "run.yaml:"),
        ({"crash_at": 5}, ExitCode.BUG, "tiny was told to crash"),
    ],
)
def test_the_exit_code_names_the_fault(
    launch: Any, tiny_run: Run, fault: dict[str, Any], code: int, text: str
) -> None:
    found, output = launch("--config", tiny_run(model=fault)).wait()

    assert (found, text in output) == (code, True), output
    assert ("Traceback" in output) == (code == ExitCode.BUG), output


def test_a_second_training_on_one_folder_is_refused(
    launch: Any, train: Any, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts_framework.training.start._WAIT_SECONDS", 0.1)
    config = tiny_run(model=SLOW)
    process = launch("--config", config)
    process.wait_for((tmp_path / "output/tiny/checkpoint_50").exists)

    with pytest.raises(Exception, match=r"is held by process \d+ on .*--output_directory"):
        train(config)


def test_the_command_refuses_unknown_hparams_in_one_line(launch: Any, tiny_run: Run) -> None:
    code, output = launch("--config", tiny_run(), "--hparams", "lerning_rate=1").wait()

    assert code == ExitCode.USER
    assert "hparams.lerning_rate: tiny has no such option" in output
    assert "Traceback" not in output
