"""folder_lock: хозяин назван, kill -9 папку отпускает, беда диска — словами."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tts_framework.errors import TTSFError
from tts_framework.folder_lock import LOCK, held

HOLD = """
import sys, time
from pathlib import Path
from tts_framework.folder_lock import held
with held(Path(sys.argv[1]), "advice"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_the_refusal_names_the_holder_and_what_to_do(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    message = rf"run: is held by process {holder.pid} on .*; stop it or wait for it"
    with pytest.raises(TTSFError, match=message):
        with held(tmp_path / "run", "wait for it"):
            pass
    holder.kill()
    holder.wait()


def test_a_killed_holder_lets_go(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with held(tmp_path / "run", "wait") as folder:
        assert (folder / LOCK).exists()


def test_a_folder_is_made_and_can_be_held_again(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path / "new" / "run", "wait") as folder:
            assert folder.is_dir()


def test_a_folder_that_cannot_be_made_is_named_with_the_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TTSFError, match="file/run: cannot be written: .*; choose another one"):
        with held(tmp_path / "file" / "run", "choose another one"):
            pass
