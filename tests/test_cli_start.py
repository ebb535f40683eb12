"""`ttsf --help` и `ttsf plugins` не тянут за собой тяжёлых библиотек."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "mlflow", "optuna", "numpy", "librosa", "scipy", "tensorboard", "matplotlib")


@pytest.mark.parametrize(
    "statement",
    [
        "import tts_framework",
        "import tts_framework.components, tts_framework.hookspecs, tts_framework.events",
        "import tts_framework.config_file, tts_framework.plan",
        "import sys; sys.argv = ['ttsf', '--help']; import tts_framework.__main__ as m; m.run()",
        "import sys; sys.argv = ['ttsf', 'plugins']; import tts_framework.__main__ as m; m.run()",
    ],
)
def test_the_start_is_light(statement: str) -> None:
    code = (
        f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "loaded:", done.stdout + done.stderr
