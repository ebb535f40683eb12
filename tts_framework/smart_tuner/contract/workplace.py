"""Временная папка проверки: своя, одна на проверку, убирается даже после kill -9 — следующей."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tts_framework.config import TrainerSettings
from tts_framework.errors import TTSFError
from tts_framework.foreign_trainer.writers import PID_FILE, remember, writer_of
from tts_framework.smart_tuner.trainer_wrapper import TrainerWrapper

PREFIX = "ttsf-check-"


@contextmanager
def workplace(parent: Path | None, settings: TrainerSettings) -> Iterator[Path]:
    """Дай пустую папку и убери её в конце; заодно убери брошенные убитыми проверками.

    Raises:
        TTSFError: папку создать негде.
    """
    root = parent or Path(tempfile.gettempdir())
    try:
        root.mkdir(parents=True, exist_ok=True)
        sweep(root, settings)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root)).resolve()
    except OSError as error:
        raise TTSFError(f"{root}: {error.strerror}; choose another --folder") from error
    try:
        remember(os.getpid(), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path, settings: TrainerSettings) -> None:
    """Убери папки проверок, чей процесс умер, остановив их тренеров."""
    for stale in root.glob(f"{PREFIX}*"):
        mine = not stale.is_symlink() and stale.is_dir() and stale.stat().st_uid == os.getuid()
        if mine and (stale / PID_FILE).exists() and writer_of(stale) is None:
            for folder in stale.glob("checkpoints/*"):
                TrainerWrapper(settings).stop_orphan(folder)
            shutil.rmtree(stale, ignore_errors=True)
