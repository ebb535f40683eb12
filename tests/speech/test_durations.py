"""Выгрузка длительностей: что записано, то прочтено; негодное названо."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech import durations

SYMBOLS = ["к", "о", "т", "~"]
ENDS = [0.1, 0.1, 0.35, 1.0]


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "a.json"
    durations.write(path, SYMBOLS, ENDS)
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = durations.read(written(tmp_path), SYMBOLS, 1.02)
    assert found is not None and found.tolist() == ENDS


def test_no_file_is_no_durations(tmp_path: Path) -> None:
    assert durations.read(tmp_path / "a.json", SYMBOLS, 1.0) is None


def test_they_lie_beside_the_folder_of_clips() -> None:
    assert durations.beside(Path("c/wavs/a.wav")) == Path("c/durations/a.json")
    assert durations.beside(Path("c/a.wav")) == Path("c/durations/a.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "x"}, "damaged"),
        ({"version": 2}, "damaged"),
        ({"ends": None}, "damaged"),
        ({"ends": [0.1, 0.2, True, 1.0]}, "damaged .*not a time"),
        ({"ends": [0.1, 0.2, float("nan"), 1.0]}, "damaged"),
        ({"ends": [0.1, 1.0]}, "one per symbol"),
        ({"ends": [0.3, 0.1, 0.4, 1.0]}, "in order"),
        ({"ends": [-0.1, 0.1, 0.4, 1.0]}, "in order"),
        ({"ends": [0.1, 0.1, 0.4, 2.0]}, "ends at 2.00 s, the clip at 1.00 s"),
        ({"symbols": ["к"]}, "1 symbols of another text"),
    ],
)
def test_damage_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        durations.read(written(tmp_path, **changes), SYMBOLS, 1.0)
    assert "a.json" in str(error.value)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000, b" " * (1 << 21), b"[]"])
def test_what_is_no_json_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match="a.json: is (damaged|too long)"):
        durations.read(path, SYMBOLS, 1.0)
