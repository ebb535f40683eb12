"""Контракт наблюдателя.

class TestMine(WatcherContract):
    plugin = "mine"

    def log(self, source, metrics):
        with open(source.log_directory / "log.jsonl", "a") as file:
            for m in metrics:
                print(json.dumps({"step": m.step, m.tag: m.value}), file=file)
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import TrialSource, Watcher
from tts_framework.events import Metric, TrialFinished
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand

_ADVICE = "remember how far you have read, and take whole records only"
_RENAMED = {"validation.loss": "val_loss"}


class WatcherContract(Contract):
    """Ничего не потеряно и не повторено: при дозаписи, перезапуске слежения и записи по частям.

    `log` пишет измерения так, как пишет тренер (без него тесты чтения пропускаются). `partial` —
    источник состоит из файлов папки журналов, и оборванная запись возможна. `relative` — во
    сколько может разойтись значение (float32 у TensorBoard). `read_seconds` — столько самое большее
    длится `read`, когда нового нет.
    """

    kind: ClassVar[str] = "watcher"
    partial: ClassVar[bool] = True
    relative: ClassVar[float] = 1e-6
    read_seconds: ClassVar[float] = 1.0

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        """Допиши измерения под тегами тренера; переопределите."""
        pytest.skip("log() is not overridden: the contract cannot write to this source")

    @pytest.fixture
    def source(self, tmp_path: Path) -> TrialSource:
        """Источник измерений первого trial чужого тренера (без суффикса), папка ещё не создана."""
        return self.source_in(tmp_path / "trial_0000")

    @staticmethod
    def source_in(folder: Path) -> TrialSource:
        """Опиши источник, журналы которого лежат в папке."""
        return TrialSource(0, folder, folder, "", _RENAMED)

    def watch(self, cls: type[Any], source: TrialSource) -> Watcher:
        """Создай наблюдателя с options контракта."""
        made: Watcher = cls(cls.Config(**self.options), source)
        return made

    def test_a_source_that_is_not_there_yet_is_empty(
        self, cls: type[Any], source: TrialSource
    ) -> None:
        watcher = self.watch(cls, source)
        demand(watcher.read() == [], "an absent source is not empty", "return [] until it appears")
        began = time.monotonic()
        watcher.read()
        waited = time.monotonic() - began
        demand(
            waited <= self.read_seconds,
            f"read waited {waited:.2f} s for a source that is not there",
            "return at once: ttsf asks again",
        )
        paths = watcher.paths()
        demand(
            all(isinstance(path, Path) for path in paths), f"paths() is {paths!r}", "return Paths"
        )
        watcher.close()
        watcher.close()

    def test_what_is_logged_is_read_once_under_canonical_names(
        self, cls: type[Any], source: TrialSource
    ) -> None:
        watcher, written = self._prepared(cls, source), _points(6)
        self.log(source, written)
        self._same(watcher.read(), written, "the first read")
        demand(watcher.read() == [], "a second read repeats measurements", _ADVICE)
        more = [Metric("training.loss", 100, 0.25, 3.0)]
        self.log(source, more)
        self._same(watcher.read(), more, "the next read")

    def test_following_restarted_loses_nothing(self, cls: type[Any], source: TrialSource) -> None:
        watcher, written = self._prepared(cls, source), _points(8)
        self.log(source, written[:7])
        watcher.read()
        watcher.close()
        self.log(source, written[7:])
        self._same(self.watch(cls, source).read(), written, "a new watcher")

    @pytest.mark.parametrize("seed", range(4))
    def test_reading_between_writes_gives_everything_once(
        self, cls: type[Any], source: TrialSource, seed: int
    ) -> None:
        watcher, written, rng = self._prepared(cls, source), _points(12), random.Random(seed)
        found: list[Metric] = []
        rest = written
        while rest:
            count = rng.randint(1, 4)
            self.log(source, rest[:count])
            rest = rest[count:]
            if rng.random() < 0.7:
                found += watcher.read()
        self._same(found + watcher.read(), written, "all reads together")

    @pytest.mark.parametrize("seed", range(4))
    def test_a_record_written_in_parts_is_read_once_it_is_whole(
        self, cls: type[Any], source: TrialSource, tmp_path: Path, seed: int
    ) -> None:
        if not self.partial:
            pytest.skip("declared: records of this source appear whole")
        self.log(source, _points(6))
        files = [path for path in source.log_directory.rglob("*") if path.is_file()]
        watched = self.source_in(tmp_path / "growing")
        watcher, found, rng = self.watch(cls, watched), list[Metric](), random.Random(seed)
        for path in files:
            data = path.read_bytes()
            copy = watched.log_directory / path.relative_to(source.log_directory)
            copy.parent.mkdir(parents=True, exist_ok=True)
            for size in sorted([*(rng.randrange(len(data)) for _ in range(9)), len(data)]):
                with open(copy, "ab") as file:
                    file.write(data[file.tell() : size])
                found += self._read_part(watcher, size, len(data))
        self._same(found, _points(6), "all reads of a growing file")

    def test_numbers_that_are_not_finite_are_read(
        self, cls: type[Any], source: TrialSource
    ) -> None:
        watcher = self._prepared(cls, source)
        self.log(source, [Metric("training.loss", 5, math.nan, 1.0)])
        found = watcher.read()
        demand(
            len(found) == 1 and math.isnan(found[0].value),
            f"NaN was read as {found}",
            "give NaN and infinity as they are: the tuner must see a divergence",
        )

    def test_it_follows_a_real_tuning(self, ttsf_tune: Any, cls: type[Any]) -> None:
        watchers = [{"use": "tensorboard"}, {"use": self.plugin, **self.options}]
        tuned = ttsf_tune(watchers=watchers)
        demand(
            tuned.stopped.finished and tuned.of(TrialFinished),
            f"the run ended with {tuned.stopped.reason!r}",
            "look at the events of ttsf_tune",
        )

    def _prepared(self, cls: type[Any], source: TrialSource) -> Watcher:
        source.log_directory.mkdir(parents=True, exist_ok=True)
        return self.watch(cls, source)

    def _read_part(self, watcher: Watcher, size: int, whole: int) -> list[Metric]:
        try:
            return watcher.read()
        except Exception as error:
            name = type(error).__name__
            demand(False, f"{size} of {whole} bytes raise {name}: {error}", _ADVICE)
            raise

    def _same(self, found: list[Metric], written: Sequence[Metric], what: str) -> None:
        expected = sorted((_RENAMED.get(m.tag, m.tag), m.step, m.value) for m in written)
        got = sorted((m.tag, m.step, m.value) for m in found)
        demand(
            [item[:2] for item in got] == [item[:2] for item in expected],
            f"{what}: expected {[item[:2] for item in expected]}, got {[i[:2] for i in got]}",
            "lose nothing, repeat nothing, rename tags with source.rename",
        )
        far = [(a, b) for a, b in zip(got, expected) if not self._close(a[2], b[2])]
        demand(not far, f"{what}: values differ: {far[:2]}", "read the number as it was written")

    def _close(self, one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=self.relative)


def _points(steps: int) -> list[Metric]:
    """Измерения под тегами тренера: потери на каждом шаге, оценка на каждом втором."""
    points = []
    for number in range(1, steps + 1):
        points.append(Metric("training.loss", 10 * number, 1 / number, float(number)))
        if number % 2 == 0:
            points.append(Metric("validation.loss", 10 * number, 2 / number, float(number)))
    return points
