"""TrainerWrapper: команда, лестница сигналов и причины завершения — на настоящих процессах."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tts_framework.config import TrainerSettings
from tts_framework.errors import TTSFError
from tts_framework.smart_tuner.trainer_wrapper import Launch, Trainer, TrainerWrapper, classify

OBEDIENT = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(130))"
DEAF_TO_INT = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)"
DEAF = DEAF_TO_INT + "; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
READY = "; print('ready', flush=True); time.sleep(60)"


def settings(command: str | None, **values: float) -> TrainerSettings:
    return TrainerSettings(
        command=command, sigint_seconds=values.get("sigint", 5), sigterm_seconds=5
    )


def launch(folder: Path, checkpoint: Path | None = None, hparams: str = "a=1,b=2") -> Launch:
    return Launch(
        trial=3,
        output_dir=folder / "out dir",
        log_directory=folder / "tb",
        log_file=folder / "logs" / "trial_0003.log",
        config=folder / "run.yaml",
        checkpoint=checkpoint,
        hparams=hparams,
        until_iteration=600,
        environment={"TTSF_TRIAL": "0003"},
    )


def python(program: str) -> str:
    return f'{sys.executable} -c "{program}"'


def started(folder: Path, program: str, **values: float) -> Trainer:
    trainer = TrainerWrapper(settings(python(program), **values)).launch(launch(folder))
    deadline = time.monotonic() + 20
    while trainer.running and "ready" not in trainer.tail() and time.monotonic() < deadline:
        time.sleep(0.02)
    return trainer


def test_the_reference_contract_is_the_default_command(tmp_path: Path) -> None:
    parent = tmp_path / "checkpoint_300"
    words = TrainerWrapper(settings(None)).command(launch(tmp_path, parent))
    assert words[:4] == [sys.executable, "-m", "tts_framework", "train"]
    assert words[words.index("--checkpoint_path") + 1] == str(parent)
    assert words[words.index("--hparams") + 1] == "a=1,b=2"
    assert words[words.index("--output_directory") + 1] == str(tmp_path / "out dir")
    assert words[words.index("--until_iteration") + 1] == "600"


def test_a_bracketed_part_is_dropped_when_its_value_is_empty(tmp_path: Path) -> None:
    template = "python train.py -o {output_dir} -l logs [-c {checkpoint}] [--hparams {hparams}]"
    wrapper = TrainerWrapper(settings(template))
    assert wrapper.command(launch(tmp_path, hparams="")) == [
        "python",
        "train.py",
        "-o",
        str(tmp_path / "out dir"),
        "-l",
        "logs",
    ]
    unrelated = TrainerWrapper(settings("python -c x[0] {output_dir}"))
    assert unrelated.command(launch(tmp_path))[2] == "x[0]"
    assert not wrapper.stops_by_itself
    assert TrainerWrapper(settings(None)).stops_by_itself


def test_an_obedient_trainer_is_stopped_by_sigint_alone(tmp_path: Path) -> None:
    trainer = started(tmp_path, OBEDIENT + READY)
    assert trainer.stop() == "SIGINT"
    assert trainer.exit().kind == "interrupted"


def test_a_trainer_that_ignores_sigint_gets_sigterm(tmp_path: Path) -> None:
    trainer = started(tmp_path, DEAF_TO_INT + READY, sigint=0.2)
    assert trainer.stop() == "SIGTERM"
    assert trainer.exit().meaning == "killed by SIGTERM"


def test_a_trainer_that_ignores_both_is_killed(tmp_path: Path) -> None:
    wrapper = TrainerWrapper(
        TrainerSettings(command=python(DEAF + READY), sigint_seconds=0.2, sigterm_seconds=0.2)
    )
    trainer = wrapper.launch(launch(tmp_path))
    while "ready" not in trainer.tail():
        time.sleep(0.02)
    assert trainer.stop() == "SIGKILL"
    assert not trainer.running


def test_killing_takes_the_children_along(tmp_path: Path) -> None:
    child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', "
    program = child + "'import time; time.sleep(60)'])" + READY
    trainer = started(tmp_path, program)
    children = psutil.Process(trainer.pid).children()
    assert children
    trainer.kill()
    psutil.wait_procs(children, timeout=10)
    assert not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children)


def test_the_trainer_sees_the_environment_and_its_output_is_kept(tmp_path: Path) -> None:
    program = "import os; print('trial', os.environ['TTSF_TRIAL']); raise SystemExit(7)"
    trainer = started(tmp_path, program)
    end = trainer.exit()
    assert (end.code, end.kind) == (7, "crashed")
    assert end.meaning == "exit code 7: trial 0003"


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TTSFError, match="trainer.command: no-such-program: .*check the path"):
        TrainerWrapper(settings("no-such-program {output_dir}")).launch(launch(tmp_path))


def test_an_orphan_of_a_killed_tuner_is_stopped_and_a_stranger_is_not(tmp_path: Path) -> None:
    trainer = started(tmp_path, OBEDIENT + READY)
    wrapper = TrainerWrapper(settings(None))
    folder = launch(tmp_path).output_dir
    assert wrapper.stop_orphan(folder) == "SIGINT"
    assert not trainer.running
    assert wrapper.stop_orphan(folder) is None
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        record = {"pid": stranger.pid, "created": psutil.Process(stranger.pid).create_time() - 99}
        (folder / ".trainer.json").write_text(json.dumps(record))
        assert wrapper.stop_orphan(folder) is None
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(
    ("code", "tail", "kind"),
    [
        (0, "", "ok"),
        (2, "error: no such file", "user"),
        (3, "", "diverged"),
        (4, "", "out_of_memory"),
        (5, "", "disk_full"),
        (130, "", "interrupted"),
        (-9, "", "crashed"),
        (1, "torch.OutOfMemoryError: CUDA out of memory.", "out_of_memory"),
        (1, "OSError: [Errno 28] No space left on device", "disk_full"),
        (1, "IndexError: list index out of range", "crashed"),
    ],
)
def test_the_reason_of_an_exit_is_named(code: int, tail: str, kind: str) -> None:
    end = classify(code, tail)
    assert end.kind == kind
    assert end.meaning
