"""Общее для тестов цикла: план из run.yaml модели `tiny`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_framework import config_file, plan
from tts_framework.plan import Plan
from tts_framework.plugins import Plugins


@pytest.fixture
def planned() -> Callable[[Path], Plan]:
    """Собери план так, как это делает `ttsf tune`."""

    def make(path: Path) -> Plan:
        from dataclasses import replace

        source = config_file.read(path)
        made = plan.build(
            source.settings,
            Plugins(),
            config_path=source.settings.folder / "run.yaml",
            lines=source.lines,
            secrets=source.secrets,
        )
        return replace(made, config_text=config_file.dump(source))

    return make
