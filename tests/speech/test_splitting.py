"""splitting: неразлучные клипы вместе, доли соблюдены, зерно решает всё, порядок строк — ничего."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tts_framework.errors import DataError, ExitCode
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.filelist import read
from tts_framework.speech.splitting.groups import (
    MEAN_CLIPS,
    PASSAGE_CLIPS,
    group,
    natural,
    same_text,
)
from tts_framework.speech.splitting.lists import PARTS, split_corpus
from tts_framework.speech.splitting.shares import Shares, divide


def corpus(count: int, seed: int = 0, speakers: int = 3, sources: int = 0) -> list[Row]:
    """Верни корпус случайных длительностей без повторов текста."""
    generator = random.Random(seed)
    return [
        Row(
            f"clip_{n:05}",
            f"Предложение {n}.",
            generator.uniform(1, 15),
            f"speaker_{generator.randrange(speakers)}",
            f"book_{n * sources // count}" if sources else "",
        )
        for n in range(count)
    ]


def side_of(parts: dict[str, list[Row]]) -> dict[str, str]:
    return {row.id: part for part, rows in parts.items() for row in rows}


ROWS = st.lists(
    st.builds(
        lambda text, seconds, speaker, source: Row("", text, seconds, speaker, source),
        st.sampled_from([*(f"Текст {n}" for n in range(60)), "т+екст 1!", "ТЕКСТ 2"]),
        st.floats(0.5, 20),
        st.sampled_from(["a", "b", ""]),
        st.sampled_from(["", "", "", "", "x", "y", "z"]),
    ),
    min_size=3,
    max_size=80,
).map(
    lambda rows: [
        Row(f"id_{n}", row.text, row.seconds, row.speaker, row.source) for n, row in enumerate(rows)
    ]
)
SHARES = st.builds(
    Shares, st.floats(0.01, 0.3), st.sampled_from([0.0, 0.05, 0.2]), st.integers(0, 2**32)
)


def divided(rows: list[Row], shares: Shares) -> dict[str, list[Row]]:
    try:
        return divide(rows, shares)
    except DataError:
        assume(False)
        raise


class TestProperties:
    @given(rows=ROWS, shares=SHARES)
    def test_every_clip_is_in_exactly_one_list(self, rows: list[Row], shares: Shares) -> None:
        parts = divided(rows, shares)
        assert sorted(row.id for part in parts.values() for row in part) == sorted(
            row.id for row in rows
        )
        assert parts["train"] and parts["validation"]
        assert bool(parts["test"]) == bool(shares.test)

    @given(rows=ROWS, shares=SHARES)
    def test_no_text_and_no_short_source_is_on_two_sides(
        self, rows: list[Row], shares: Shares
    ) -> None:
        sides = side_of(divided(rows, shares))
        by_text: dict[str, set[str]] = {}
        by_source: dict[str, set[str]] = {}
        sizes = Counter(row.source for row in rows)
        for row in rows:
            by_text.setdefault(same_text(row.text), set()).add(sides[row.id])
            if row.source and sizes[row.source] <= PASSAGE_CLIPS:
                by_source.setdefault(row.source, set()).add(sides[row.id])
        assert all(len(found) == 1 for found in [*by_text.values(), *by_source.values()])

    @given(rows=ROWS, shares=SHARES, data=st.data())
    def test_the_order_of_the_rows_changes_nothing(
        self, rows: list[Row], shares: Shares, data: st.DataObject
    ) -> None:
        shuffled = data.draw(st.permutations(rows))
        assert divided(shuffled, shares) == divided(rows, shares)

    @settings(max_examples=40)
    @given(
        count=st.integers(20, 600),
        speakers=st.integers(1, 40),
        validation=st.floats(0.02, 0.3),
        test=st.floats(0.02, 0.3),
        seed=st.integers(0, 2**32),
    )
    def test_single_clips_fill_the_shares_exactly(
        self, count: int, speakers: int, validation: float, test: float, seed: int
    ) -> None:
        rows = corpus(count, seed, speakers)
        parts = divide(rows, Shares(validation, test, seed))
        assert len(parts["validation"]) == max(1, round(validation * count))
        assert len(parts["test"]) == max(1, round(test * count))

    @settings(max_examples=40)
    @given(count=st.integers(200, 600), sources=st.integers(5, 60), seed=st.integers(0, 2**32))
    def test_passages_keep_the_shares_within_one_group(
        self, count: int, sources: int, seed: int
    ) -> None:
        rows = corpus(count, seed, sources=sources)
        parts = divide(rows, Shares(0.2, 0.2, seed))
        largest = max(map(len, group(rows)))
        for part in ("validation", "test"):
            assert abs(len(parts[part]) - round(0.2 * count)) <= largest / 2 + 1

    @settings(max_examples=30)
    @given(seed=st.integers(0, 2**32), extra=st.integers(1, 20), sources=st.sampled_from([0, 200]))
    def test_new_clips_move_few_of_the_old_ones(self, seed: int, extra: int, sources: int) -> None:
        rows = corpus(2000, seed, sources=sources)
        generator = random.Random(seed)
        new = [
            Row(
                f"clip_{generator.randrange(2000):05}_{n}",
                f"Добавлено {n}",
                generator.uniform(1, 15),
                "speaker_0",
                f"book_{n}" if sources else "",
            )
            for n in range(extra)
        ]
        before = side_of(divide(rows, Shares(seed=seed)))
        after = side_of(divide([*rows, *new], Shares(seed=seed)))
        assert sum(after[id] != side for id, side in before.items()) <= 100


def test_another_seed_is_another_split() -> None:
    rows = corpus(100)
    assert divide(rows, Shares(seed=1)) != divide(rows, Shares(seed=2))


def test_every_list_has_the_durations_and_the_speakers_of_the_whole() -> None:
    rows = corpus(2000, speakers=5)
    parts = divide(rows, Shares(0.05, 0.05))
    mean = sum(row.seconds for row in rows) / len(rows)
    for part in PARTS:
        found = parts[part]
        assert abs(sum(row.seconds for row in found) / len(found) - mean) < 0.3
        counts = Counter(row.speaker for row in found)
        for speaker, count in Counter(row.speaker for row in rows).items():
            assert abs(counts[speaker] / len(found) - count / len(rows)) < 0.05


def test_one_reading_of_a_text_is_not_another_clip() -> None:
    texts = ["Ёлка, ёлка!", "елка ЕЛКА", "+Елка-ёлка...", "Ё\u0301лка ёлка"]
    assert len({same_text(text) for text in texts}) == 1
    assert same_text("Мой дом") != same_text("Мои дом")
    assert same_text("?!") != same_text("...")
    rows = [Row(f"id_{n}", text, 2.0) for n, text in enumerate(texts)]
    assert [len(found) for found in group(rows)] == [4]


def test_a_text_ties_passages_of_two_sources_together() -> None:
    rows = [
        Row("a_1", "Раз", 2.0, source="a"),
        Row("a_2", "Два", 2.0, source="a"),
        Row("b_1", "два!", 2.0, source="b"),
        Row("b_2", "Три", 2.0, source="b"),
        Row("c_1", "Четыре", 2.0),
    ]
    assert sorted([row.id for row in found.rows] for found in group(rows)) == [
        ["a_1", "a_2", "b_1", "b_2"],
        ["c_1"],
    ]


def test_a_ten_hour_recording_is_many_passages_of_neighbours() -> None:
    rows = [Row(f"day_{n}", f"Фраза {n}", 6.0, source="day") for n in range(6000)]
    groups = group(rows)
    assert max(map(len, groups)) <= PASSAGE_CLIPS
    assert 0.6 * MEAN_CLIPS < len(rows) / len(groups) < 1.4 * MEAN_CLIPS
    for found in groups:
        numbers = sorted(int(row.id.removeprefix("day_")) for row in found.rows)
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    parts = divide(rows, Shares(0.05, 0.05))
    assert abs(len(parts["validation"]) - 300) <= PASSAGE_CLIPS


def test_numbers_in_names_are_compared_as_numbers() -> None:
    assert sorted(["x_10", "x_9", "x", "y_1", "10_x"], key=natural) == [
        "10_x",
        "x",
        "x_9",
        "x_10",
        "y_1",
    ]


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (Shares(0.6, 0.5), "--validation 0.6 and --test 0.5 leave nothing to train on"),
        (Shares(1.5, 0.1), "--validation: 1.5 is not a share"),
        (Shares(0.05, -0.1), "--test: -0.1 is not a share"),
        (Shares(0.05, 0.05, min_validation=20), "20 clip.* too few for 1 to test and 20 to valid"),
    ],
)
def test_impossible_shares_are_an_error(shares: Shares, message: str) -> None:
    with pytest.raises(DataError, match=message):
        divide(corpus(20), shares)


def test_a_group_that_is_too_large_is_named() -> None:
    rows = [Row(f"id_{n:02}", "Одно и то же.", 2.0) for n in range(20)]
    rows += [Row("other", "Другое.", 2.0)]
    with pytest.raises(DataError) as caught:
        divide(rows, Shares(0.3, 0.0))
    assert "--validation: 6 clip(s) asked for, 1 can be taken" in str(caught.value)
    assert "the group of 'id_00' has 20 clip(s)" in str(caught.value)


def test_the_least_validation_is_kept() -> None:
    parts = divide(corpus(100), Shares(0.01, 0.01, min_validation=16))
    assert [len(parts[part]) for part in PARTS] == [83, 16, 1]


class TestLists:
    def test_lists_name_the_clips_and_what_is_said(self, tmp_path: Path) -> None:
        rows = [*corpus(40), Row("silent", "", 3.0)]
        rows[0] = Row("clip_00000", "В 5 раз", 2.0, normalized="в пять раз")
        table.write(tmp_path, rows)
        done = split_corpus(tmp_path, Shares(0.1, 0.1))
        lists = {part: read(tmp_path / f"{part}.csv") for part in PARTS}
        assert {part: len(clips) for part, clips in lists.items()} == {
            "train": 32,
            "validation": 4,
            "test": 4,
        }
        said = {clip.path: clip.text for clips in lists.values() for clip in clips}
        assert said[tmp_path / "wavs/clip_00000.wav"] == "в пять раз"
        assert done.without_text == 1
        section = json.loads((tmp_path / "corpus.json").read_text())["split"]
        assert section == {
            "validation": 0.1,
            "test": 0.1,
            "seed": 1234,
            "min_validation": 1,
            "clips": {"train": 32, "validation": 4, "test": 4},
            "without_text": 1,
            "excluded": 0,
        }

    def test_excluded_clips_are_counted_and_in_no_list(self, tmp_path: Path) -> None:
        table.write(tmp_path, corpus(40))
        done = split_corpus(tmp_path, Shares(0.1, 0.0), exclude={"clip_00003", "clip_00004"})
        named = {row.id for rows in done.parts.values() for row in rows}
        assert done.excluded == 2 and len(named) == 38
        assert not {"clip_00003", "clip_00004"} & named

    def test_a_corpus_of_bad_clips_alone_is_refused(self, tmp_path: Path) -> None:
        table.write(tmp_path, corpus(4))
        with pytest.raises(DataError, match="every clip with a text has errors; .*check.html"):
            split_corpus(tmp_path, Shares(), exclude={row.id for row in corpus(4)})

    def test_no_test_list_is_left_from_an_earlier_split(self, tmp_path: Path) -> None:
        table.write(tmp_path, corpus(40))
        split_corpus(tmp_path, Shares(0.1, 0.1))
        split_corpus(tmp_path, Shares(0.1, 0.0))
        assert not (tmp_path / "test.csv").exists()
        assert len(read(tmp_path / "train.csv")) == 36

    def test_the_same_split_touches_no_file(self, tmp_path: Path) -> None:
        table.write(tmp_path, corpus(40))
        split_corpus(tmp_path, Shares())
        before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
        split_corpus(tmp_path, Shares())
        assert {path.name: path.stat().st_ino for path in tmp_path.iterdir()} == before

    def test_a_corpus_without_texts_is_told_what_to_do(self, tmp_path: Path) -> None:
        table.write(tmp_path, [Row("a", "", 1.0), Row("b", "", 1.0)])
        with pytest.raises(DataError, match="no clip has a text; run 'ttsf data transcribe"):
            split_corpus(tmp_path, Shares())

    def test_a_full_disk_leaves_the_lists_as_they_were(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table.write(tmp_path, corpus(2000))
        split_corpus(tmp_path, Shares())
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        code = (
            "import sys; from pathlib import Path;"
            "from tts_framework.errors import TTSFError;"
            "from tts_framework.speech.splitting.lists import split_corpus;"
            "from tts_framework.speech.splitting.shares import Shares\n"
            "try: split_corpus(Path(sys.argv[1]), Shares(seed=5))\n"
            "except TTSFError as error: print(error); sys.exit(error.exit_code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path],
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )
        assert done.returncode == ExitCode.DISK_FULL, done.stderr
        assert "no space left" in done.stdout
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before

    def test_a_kill_between_the_lists_leaves_no_list_to_train_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table.write(tmp_path, corpus(40))
        split_corpus(tmp_path, Shares(seed=1))
        replace = os.replace

        def killed(source: Path, target: Path) -> None:
            if target.name == "train.csv":
                raise KeyboardInterrupt
            replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", killed)
            with pytest.raises(KeyboardInterrupt):
                split_corpus(tmp_path, Shares(seed=2))
        assert not (tmp_path / "train.csv").exists()
        split_corpus(tmp_path, Shares(seed=2))
        assert len(read(tmp_path / "train.csv")) == 36

    def test_200000_clips_are_split_in_seconds(self) -> None:
        rows = corpus(200_000, speakers=100, sources=200)
        parts = divide(rows, Shares(0.01, 0.01))
        assert abs(len(parts["validation"]) - 2000) <= PASSAGE_CLIPS
