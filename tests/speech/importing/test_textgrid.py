"""Раскладка textgrid: клипы из слов и из фраз, метки фонов, дикторы слоёв и папок."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table

Tier = Sequence[tuple[float, float, str]]


def write_grid(path: Path, end: float, **tiers: Tier) -> None:
    """Запиши короткий TextGrid; промежутки слоя — пустые интервалы."""
    lines = ['File type = "ooTextFile"', '"TextGrid"', "0", f"{end}", "<exists>", f"{len(tiers)}"]
    for name, spoken in tiers.items():
        filled, last = [], 0.0
        for start, stop, text in [*spoken, (end, end, "")]:
            if start > last:
                filled.append((last, start, ""))
            if stop > start:
                filled.append((start, stop, text))
            last = stop
        lines += ['"IntervalTier"', f'"{name}"', "0", f"{end}", f"{len(filled)}"]
        lines += [f'{start}\n{stop}\n"{text}"' for start, stop, text in filled]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def long_wav(source: Path, speech: Any) -> list[tuple[float, float]]:
    """Соедини предложения секундными паузами в `day.wav`; верни границы речи, с."""
    pause = np.zeros(speech.rate, np.float32)
    pieces, bounds, at = [pause], [], 1.0
    for samples in speech.samples:
        bounds.append((round(at, 3), round(at + len(samples) / speech.rate, 3)))
        pieces += [samples, pause]
        at += len(samples) / speech.rate + 1
    soundfile.write(source / "day.wav", np.concatenate(pieces), speech.rate)
    return bounds


def end_of(source: Path) -> float:
    return float(soundfile.info(source / "day.wav").duration)


def test_a_short_file_is_one_clip_with_its_phones(
    source: Path, speech: Any, bring: Any, out: Path
) -> None:
    speech.write(0, source / "anna" / "anna_1.wav")
    end = len(speech.samples[0]) / speech.rate
    words = [(0.1, 0.3, "the"), (0.3, 0.6, "boat")]
    phones = [(0.1, 0.2, "dh"), (0.2, 0.3, "ax"), (0.3, 0.6, "b ow t")]
    write_grid(source / "anna" / "anna_1.TextGrid", end, words=words, phones=phones)
    bring("textgrid")
    [row] = table.read(out)
    assert (row.id, row.text, row.speaker) == ("anna_1", "the boat", "anna")
    assert (out / "labels" / "anna_1.lab").read_text().splitlines() == [
        "#",
        "0.10000 125 pau",
        "0.20000 125 dh",
        "0.30000 125 ax",
        "0.60000 125 b_ow_t",
        f"{end:.5f} 125 pau",
    ]


def test_a_long_file_is_cut_at_its_pauses(
    source: Path, long_wav: list[tuple[float, float]], bring: Any, speech: Any, out: Path
) -> None:
    words = [(a, b, text.rstrip(".")) for (a, b), text in zip(long_wav, speech.texts)]
    phones = [(a, b, f"p{n}") for n, (a, b) in enumerate(long_wav)]
    write_grid(source / "day.TextGrid", end_of(source), words=words, phones=phones)
    bring("textgrid", max_seconds=3)
    rows = table.read(out)
    assert [row.text for row in rows] == [text.rstrip(".") for text in speech.texts]
    assert [row.id for row in rows] == [f"day_{n:04}" for n in range(1, 5)]
    assert {row.source for row in rows} == {"day"}
    for number, (row, (start, end)) in enumerate(zip(rows, long_wav)):
        assert abs(row.seconds - (end - start + 0.3)) < 0.002
        label = (out / "labels" / f"{row.id}.lab").read_text().split()
        assert label == [
            *("#", "0.15000", "125", "pau", f"{end - start + 0.15:.5f}", "125", f"p{number}"),
            *(f"{float(label[-3]):.5f}", "125", "pau"),
        ]


def test_an_utterance_tier_makes_a_clip_of_every_interval(
    source: Path, long_wav: list[tuple[float, float]], listing: Any
) -> None:
    phrases = [(a, b, f"Фраза {n}." if n else "sil") for n, (a, b) in enumerate(long_wav)]
    write_grid(source / "day.TextGrid", end_of(source), фразы=phrases)
    good, bad = listing("textgrid", utterances="фразы")
    assert [(record.text, record.start, record.end) for record in good] == [
        (f"Фраза {n}.", *long_wav[n]) for n in (1, 2, 3)
    ]
    assert bad == []


def test_tiers_of_two_speakers(source: Path, long_wav: Any, listing: Any) -> None:
    tiers: dict[str, Tier] = {
        "anna - words": [(1.0, 1.5, "hi")],
        "anna - phones": [(1.0, 1.5, "h")],
        "bob - words": [(2.0, 2.5, "yo")],
    }
    write_grid(source / "day.TextGrid", end_of(source), **tiers)
    good, _ = listing("textgrid", max_seconds=1)
    assert [(record.id, record.speaker, record.text) for record in good] == [
        ("day_0001", "anna", "hi"),
        ("day_0002", "bob", "yo"),
    ]
    assert [phone.name for phone in good[0].phones] == ["h"] and good[1].phones == ()


def test_a_stretch_without_long_pauses_is_cut_at_the_longest_gaps(
    source: Path, long_wav: Any, listing: Any
) -> None:
    words = [(n * 0.5, n * 0.5 + (0.3 if n == 5 else 0.48), f"w{n}") for n in range(10)]
    write_grid(source / "day.TextGrid", end_of(source), words=words)
    good, _ = listing("textgrid", max_seconds=3)
    assert [record.text for record in good] == ["w0 w1 w2 w3 w4 w5", "w6 w7 w8 w9"]
    assert good[0].end == pytest.approx(2.9) and good[1].start == pytest.approx(2.9)


def test_bad_files_are_named(source: Path, speech: Any, bring: Any, tmp_path: Path) -> None:
    speech.write(0, source / "good.wav")
    write_grid(source / "good.TextGrid", 0.7, words=[(0.1, 0.6, "boat")])
    write_grid(source / "lonely.TextGrid", 0.7, words=[(0.1, 0.6, "boat")])
    for name in ("broken", "other", "quiet", "link"):
        speech.write(1, source / f"{name}.wav")
    (source / "broken.TextGrid").write_text("nonsense")
    write_grid(source / "other.TextGrid", 0.7, text=[(0.1, 0.6, "boat")])
    write_grid(source / "quiet.TextGrid", 0.7, words=[])
    write_grid(tmp_path / "away.TextGrid", 0.7, words=[(0.1, 0.6, "secret")])
    (source / "link.TextGrid").symlink_to(tmp_path / "away.TextGrid")
    speech.write(1, tmp_path / "away.wav")
    (source / "out.wav").symlink_to(tmp_path / "away.wav")
    write_grid(source / "out.TextGrid", 0.7, words=[(0.1, 0.6, "boat")])
    with pytest.raises(DataError) as caught:
        bring("textgrid")
    text = str(caught.value)
    for part in (
        "lonely.TextGrid: no sound beside it",
        "broken.TextGrid: ",
        "other.TextGrid: no tier 'words'; found: text; name one with --set utterances=NAME",
        "quiet.TextGrid: no word in its tiers",
        "link.TextGrid: 'link.TextGrid' leads out through a symbolic link",
        "out.TextGrid: 'out.wav' leads out through a symbolic link",
        "1 record(s) are good",
    ):
        assert part in text
    assert "secret" not in text


def test_a_folder_without_grids(source: Path, bring: Any) -> None:
    with pytest.raises(DataError, match=r"no \*.TextGrid"):
        bring("textgrid")
