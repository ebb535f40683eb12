"""Выгруженные mel: раскладка, сверка настроек, длин и сдвига."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.components import AudioSettings
from tts_framework.errors import DataError
from tts_framework.speech import exported_mels
from tts_framework.speech.exported_mels import ExportedMels, open_folder, write_manifest, write_mel

AUDIO = AudioSettings(sampling_rate=16000, n_mel_channels=8)


def made(frames: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(8, frames)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_mel(tmp_path, "one", made())
    write_mel(tmp_path, "two", made(30, 1))
    write_manifest(tmp_path, AUDIO, "ab" * 32, {"one": 40, "two": 30})
    return tmp_path


@pytest.fixture
def exported(folder: Path) -> ExportedMels:
    return open_folder(folder, AUDIO)


def test_what_was_written_is_read_back(exported: ExportedMels) -> None:
    assert np.array_equal(exported.get("one"), made())
    assert exported.checkpoint_sha256 == "ab" * 32
    exported.require({"one": 40, "two": 30})
    exported.require({"two": 30})


def test_an_unfinished_export_is_not_taken_for_whole(tmp_path: Path) -> None:
    write_mel(tmp_path, "one", made())
    with pytest.raises(DataError, match="the export is not finished, run it again"):
        open_folder(tmp_path, AUDIO)


@pytest.mark.parametrize(
    "change", [{"hop_length": 200}, {"mel_fmax": 7600.0}, {"sampling_rate": 22050}]
)
def test_every_other_setting_is_named(folder: Path, change: dict[str, Any]) -> None:
    ((name, value),) = change.items()
    theirs = getattr(AUDIO, name)
    with pytest.raises(DataError, match=f"{name} is {theirs} in the exported mels and {value} in"):
        open_folder(folder, AUDIO.model_copy(update=change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "another format"),
        ({"version": 9}, "another format or version"),
        ({"fingerprint": "0"}, "the fingerprint does not match"),
        ({"clips": {"one": "many"}}, "is damaged"),
        ({"clips": [1]}, "is damaged"),
        ({"audio": {"hop_length": -1}}, "is damaged"),
        ({"checkpoint": None}, "is damaged"),
    ],
)
def test_a_damaged_manifest_is_refused(folder: Path, change: dict[str, Any], message: str) -> None:
    path = folder / exported_mels.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DataError, match=message):
        open_folder(folder, AUDIO)


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_a_manifest_that_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / exported_mels.MANIFEST).write_text(text)
    with pytest.raises(DataError, match="mels.json: is"):
        open_folder(folder, AUDIO)


def test_missing_clips_and_other_lengths_are_named(exported: ExportedMels) -> None:
    with pytest.raises(DataError) as caught:
        exported.require({"one": 41, "three": 5})
    assert "1 of 2 clips have no mel (three)" in str(caught.value)
    assert "one.npy: 40 frames, but the recording has 41" in str(caught.value)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("executed"),)


def test_code_in_a_mel_is_not_executed(
    exported: ExportedMels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported.folder)
    np.save("one.npy", np.array([_Bomb()], dtype=object), allow_pickle=True)
    Path("two.npy").write_bytes(pickle.dumps(_Bomb()))
    for clip in ("one", "two"):
        with pytest.raises(DataError, match=f"{clip}.npy: cannot be read"):
            exported.get(clip)
    assert not Path("executed").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "a\0b"])
def test_a_clip_cannot_name_a_path(exported: ExportedMels, name: str) -> None:
    with pytest.raises(DataError, match="is not the id of a clip"):
        exported.get(name)


def test_truncated_and_misshapen_mels_are_refused(exported: ExportedMels) -> None:
    path = exported.folder / "one.npy"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DataError, match="one.npy: cannot be read"):
        exported.get("one")
    np.save(path, made(39))
    with pytest.raises(DataError, match=r"is float32 \[8, 39\], expected float32 \[8, 40\]"):
        exported.get("one")
    np.save(path, made().astype(np.float64))
    with pytest.raises(DataError, match="is float64"):
        exported.get("one")


@pytest.mark.parametrize(("shift", "named"), [(1, "1 frame(s) late"), (-2, "2 frame(s) early")])
def test_a_shift_is_found_and_named(exported: ExportedMels, shift: int, named: str) -> None:
    real = made(60, 5)
    noisy = real + 0.5 * made(60, 6)
    exported.require_aligned([(noisy, real)])
    with pytest.raises(DataError) as caught:
        exported.require_aligned([(np.roll(noisy, shift, axis=1), real)])
    assert named in str(caught.value)


def test_clips_too_short_to_compare_are_taken_on_trust(exported: ExportedMels) -> None:
    exported.require_aligned([(made(3), made(3, 1))])
    exported.require_aligned([])
