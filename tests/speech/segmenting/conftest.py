"""Речь espeak-ng с известными паузами и нарезка в этом процессе."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.builtin.energy import Energy
from tts_framework.speech.audio import resample, write_wav
from tts_framework.speech.segmenting import SegmentSettings, Summary, segment

RATE = 16000
PHRASES = (
    "Сегодня утром корабль вышел из порта и взял курс на север",
    "Капитан долго смотрел на карту и молчал",
    "Ветер усиливался с каждым часом пути",
    "К вечеру показались огни далёкого маяка",
)
ENERGY = partial(Energy, Energy.Config())


@dataclass(frozen=True)
class Talk:
    """Запись: отсчёты float32 16 кГц и времена фраз в секундах."""

    samples: np.ndarray
    phrases: list[tuple[float, float]]


@pytest.fixture(scope="session")
def talk() -> Talk:
    """Верни четыре фразы с паузами 0,6 с в тихом шуме."""
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.corpora.espeak import Espeak

    rng = np.random.default_rng(1)
    voice = Espeak("ru", 170)
    pieces, times, at = [np.zeros(RATE // 2, np.float32)], [], RATE // 2
    for text in PHRASES:
        samples, rate = voice.synthesize(text)
        samples = resample(samples, rate, RATE)
        loud = np.flatnonzero(np.abs(samples) > 0.01)
        samples = samples[loud[0] : loud[-1] + 1]
        pieces += [samples, np.zeros(round(0.6 * RATE), np.float32)]
        times.append((at / RATE, (at + len(samples)) / RATE))
        at += len(samples) + round(0.6 * RATE)
    joined = np.concatenate(pieces)
    noise = rng.standard_normal(len(joined)).astype(np.float32) * 1e-4
    return Talk(np.clip(joined + noise, -1, 1), times)


@pytest.fixture
def raw(tmp_path: Path, talk: Talk) -> Path:
    """Верни папку с двумя записями."""
    folder = tmp_path / "raw"
    write_wav(folder / "first.wav", talk.samples, RATE)
    half = round(talk.phrases[1][1] * RATE) + RATE // 2
    write_wav(folder / "second.wav", talk.samples[:half], RATE)
    return folder


@pytest.fixture
def many(tmp_path: Path, talk: Talk) -> Path:
    """Верни папку из шести записей по минуте с лишним."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        parts = [talk.samples] * 6
        soundfile.write(folder / f"rec{number}.wav", np.concatenate(parts)[number * 100 :], RATE)
    return folder


Cut = Callable[..., Summary]


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """Верни нарезку детектором energy в `tmp_path/corpus`."""

    def run(raw: Path, out: Path | None = None, redo: bool = False, **values: Any) -> Summary:
        workers = values.pop("workers", 1)
        settings = SegmentSettings(**{"min_seconds": 1, "max_seconds": 4, **values})
        out = out or tmp_path / "corpus"
        return segment(raw, out, settings, ENERGY, lambda *_: None, workers, redo)

    return run


def command(raw: Path, out: Path) -> list[str]:
    run = [sys.executable, "-m", "tts_framework", "data", "segment", str(raw), "--out", str(out)]
    return [*run, "--detector", "energy", "--min-seconds", "1", "--max-seconds", "4"]


def contents(folder: Path) -> dict[str, bytes]:
    """Верни все видимые файлы корпуса: равенство — это равенство байт в байт."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    visible = [p for p in paths if not any(x.startswith(".") for x in p.relative_to(folder).parts)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in visible}
