"""Корпус настоящей речи espeak-ng, который тест портит как хочет."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.speech.checking.checking import check
from tts_framework.speech.checking.report import Report
from tts_framework.speech.corpora import table

RATE = 16000


class Bench:
    """Копия корпуса; `save` пишет таблицу, `check` проверяет."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = {row.id: row for row in table.read(folder)}
        self.ids = list(self.rows)

    def wav(self, id: str) -> Path:
        return table.wav(self.folder, id)

    def sound(self, id: str) -> np.ndarray:
        return soundfile.read(str(self.wav(id)), dtype="float32")[0]

    def put(
        self, id: str, samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16", **how: Any
    ) -> None:
        how = {"format": "WAV", **how}
        soundfile.write(str(self.wav(id)), samples, rate, subtype=subtype, **how)
        old = self.rows.get(id, table.Row(id, "Новый текст клипа.", 0.0, "voice"))
        self.rows[id] = replace(old, seconds=len(samples) / rate)
        self.save()

    def text(self, id: str, text: str) -> None:
        self.rows[id] = replace(self.rows[id], text=text)
        self.save()

    def save(self) -> None:
        table.write(self.folder, self.rows.values())

    def check(self, **options: Any) -> Report:
        return check(self.folder, **options)

    def rules(self, **options: Any) -> set[tuple[str, str, str]]:
        """Верни тройки «правило, тяжесть, клип или место»."""
        findings = self.check(**options).findings
        return {(f.rule, f.severity.value, f.clip or f.where) for f in findings}


@pytest.fixture
def bench(spoken: Path, tmp_path: Path) -> Bench:
    """Верни свежую копию корпуса из шести предложений."""
    shutil.copytree(spoken, tmp_path / "corpus")
    return Bench(tmp_path / "corpus")
