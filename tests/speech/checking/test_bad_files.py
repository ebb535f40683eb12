"""Негодные и непривычные звуковые файлы: каждый назван своим правилом, ни один не роняет."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Spoil = Callable[[Any, str], None]


def _rewrite(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _stack(count: int) -> Spoil:
    return lambda b, id: b.put(id, np.stack([b.sound(id)] * count, 1), format="WAVEX")


def _nan(bench: Any, id: str) -> None:
    samples = bench.sound(id).copy()
    samples[:5] = np.nan
    bench.put(id, samples, subtype="FLOAT")


def _folder(bench: Any, id: str) -> None:
    bench.wav(id).unlink()
    bench.wav(id).mkdir()


def _fifo(bench: Any, id: str) -> None:
    bench.wav(id).unlink()
    os.mkfifo(bench.wav(id))


CASES: dict[str, tuple[str, str, Spoil]] = {
    "zero bytes": ("file_broken", "error", lambda b, id: _rewrite(b.wav(id), b"")),
    "no samples": ("file_empty", "error", lambda b, id: b.put(id, np.zeros(0, np.float32))),
    "truncated": (
        "file_truncated",
        "error",
        lambda b, id: _rewrite(b.wav(id), b.wav(id).read_bytes()[:9000]),
    ),
    "truncated FLAC": (
        "file_broken",
        "error",
        lambda b, id: (
            b.put(id, b.sound(id), format="FLAC"),
            _rewrite(b.wav(id), b.wav(id).read_bytes()[:9000]),
        )[0],
    ),
    "text": ("file_broken", "error", lambda b, id: _rewrite(b.wav(id), "текст".encode() * 50)),
    "header only": (
        "file_broken",
        "error",
        lambda b, id: _rewrite(b.wav(id), b.wav(id).read_bytes()[:20]),
    ),
    "missing": ("file_missing", "error", lambda b, id: b.wav(id).unlink()),
    "folder": ("file_broken", "error", _folder),
    "fifo": ("file_broken", "error", _fifo),
    "8 bits": ("bit_depth", "warning", lambda b, id: b.put(id, b.sound(id), subtype="PCM_U8")),
    "8 bits in 16": (
        "bit_depth",
        "warning",
        lambda b, id: b.put(id, np.round(b.sound(id) * 127) / 128),
    ),
    "24 bits": ("bit_depth", "note", lambda b, id: b.put(id, b.sound(id), subtype="PCM_24")),
    "float": ("bit_depth", "note", lambda b, id: b.put(id, b.sound(id), subtype="FLOAT")),
    "96 kHz": ("sample_rate", "error", lambda b, id: b.put(id, b.sound(id), 96000)),
    "7 channels": ("channels", "error", _stack(7)),
    "stereo": ("channels", "error", _stack(2)),
    "silent": ("silent", "error", lambda b, id: b.put(id, b.sound(id) * 0)),
    "constant": ("silent", "error", lambda b, id: b.put(id, b.sound(id) * 0 + 0.5)),
    "NaN": ("not_finite", "error", _nan),
    "FLAC inside": ("container", "warning", lambda b, id: b.put(id, b.sound(id), format="FLAC")),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_named_by_its_rule(bench: Any, case: str) -> None:
    rule, severity, spoil = CASES[case]
    spoil(bench, bench.ids[2])

    assert (rule, severity, bench.ids[2]) in bench.rules()


def test_the_untouched_corpus_has_no_findings(bench: Any) -> None:
    assert bench.rules() == set()


def test_the_reason_says_the_value_the_limit_and_what_to_do(bench: Any) -> None:
    bench.put(bench.ids[0], bench.sound(bench.ids[0]), 22050)
    [finding] = [f for f in bench.check().findings if f.rule == "sample_rate"]
    assert finding.reason == "sample rate 22050 Hz, expected 16000 Hz"
    assert (finding.value, finding.limit, finding.where) == (22050, 16000, "metadata.csv:2")
    assert "--fix" in finding.advice


def test_an_extra_file_is_named_whatever_its_name_is(bench: Any) -> None:
    for name in ("с пробелом.wav", "new\nline.wav", "a|b.wav", ".hidden.wav"):
        bench.wav("x").with_name(name).write_bytes(b"")
    bench.wav("x").with_name(os.fsdecode(b"\xff\xfe.wav")).write_bytes(b"")

    found = {where for rule, _, where in bench.rules() if rule == "file_extra"}

    names = ("с пробелом", "new\\nline", "a|b", "\\udcff\\udcfe")
    assert found == {f"wavs/{name}.wav" for name in names}


def test_a_link_out_of_the_corpus_is_not_followed(bench: Any, tmp_path: Path) -> None:
    inside, outside = bench.ids[:2]
    bench.wav(inside).rename(bench.folder / "kept.wav")
    bench.wav(inside).symlink_to("../kept.wav")
    bench.wav(outside).rename(tmp_path / "away.wav")
    bench.wav(outside).symlink_to(tmp_path / "away.wav")

    found = {(rule, clip) for rule, _, clip in bench.rules() if "outside" in rule}

    assert ("file_outside", outside) in found and ("file_outside", inside) not in found


def test_a_loop_of_links_is_a_missing_file(bench: Any) -> None:
    path = bench.wav(bench.ids[0])
    path.unlink()
    path.symlink_to(path.name)
    assert ("file_missing", "error", bench.ids[0]) in bench.rules()


def test_wavs_that_lead_out_are_named_once(bench: Any, tmp_path: Path) -> None:
    (bench.folder / "wavs").rename(tmp_path / "away")
    (bench.folder / "wavs").symlink_to(tmp_path / "away")
    assert ("folder_outside", "error", "wavs") in bench.rules()
