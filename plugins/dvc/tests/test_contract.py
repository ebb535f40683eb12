"""dvc выполняет контракт хранилища версий."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tts_framework.components import Versions
from tts_framework.testing import VersionsContract


class TestDVC(VersionsContract):
    plugin = "dvc"

    def make(self, cls: type[Any], folder: Path) -> Versions:
        folder.mkdir()
        command = [sys.executable, "-m", "dvc", "init", "--no-scm", "-q"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        made: Versions = cls(cls.Config(repository=folder, push=False))
        return made
