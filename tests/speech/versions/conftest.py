"""Маленький корпус и настоящее хранилище: локальная база MLflow."""

from __future__ import annotations

import random
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row

MakeCorpus = Callable[..., Path]


def write_wav(path: Path, seed: int, samples: int = 800) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, samples, "NONE", ""))
        file.writeframes(random.Random(seed).randbytes(2 * samples))


@pytest.fixture
def make_corpus(tmp_path: Path) -> MakeCorpus:
    """Пиши корпус из `clips` разных клипов по 50 мс."""

    def make(name: str = "voice", clips: int = 4, samples: int = 800) -> Path:
        folder = tmp_path / name
        rows = [Row(f"c{i}", f"Текст {i}", samples / 16000, "a") for i in range(clips)]
        for number, row in enumerate(rows):
            write_wav(table.wav(folder, row.id), number, samples)
            (folder / "labels").mkdir(exist_ok=True)
            (folder / "labels" / f"{row.id}.lab").write_text(f"#\n0.05 125 {number}\n")
        table.write(folder, rows)
        (folder / "train.csv").write_text("".join(f"wavs/{r.id}.wav|{r.text}\n" for r in rows[1:]))
        (folder / "validation.csv").write_text(f"wavs/{rows[0].id}.wav|{rows[0].text}\n")
        (folder / "LICENSE").write_text("free\n")
        symbols = {"use": "russian", "symbols": ["_", "а", "б"]}
        manifest.update(folder, corpus="test", limit=None, frontend=symbols)
        return folder

    return make


@pytest.fixture
def corpus(make_corpus: MakeCorpus) -> Path:
    return make_corpus()


@pytest.fixture
def store(mlflow_uri: str) -> MLflowVersions:
    return MLflowVersions(MLflowVersions.Config(tracking_uri=mlflow_uri))


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Верни папку содержимого хранилища `store`."""
    return tmp_path / "mlruns/datasets/objects"


@pytest.fixture
def visible() -> Callable[[Path], dict[str, bytes]]:
    """Дай функцию «содержимое папки без скрытых файлов и отметки версии»."""
    from tts_framework.speech.versions.contents import unmarked

    def read(folder: Path) -> dict[str, bytes]:
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                content = path.read_bytes()
                name = str(path.relative_to(folder))
                found[name] = unmarked(content) if name == "corpus.json" else content
        return found

    return read
