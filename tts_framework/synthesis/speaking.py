"""Речь по фразам: звук отдаётся кусками, цена каждой фразы записана."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tts_framework.components import Phrase
from tts_framework.errors import ConfigError, DataError, TTSFError
from tts_framework.synthesis.chain import Chain, Work, at
from tts_framework.synthesis.joining import Joiner
from tts_framework.synthesis.lines import Line
from tts_framework.synthesis.manner import Manner

PAUSE_SECONDS = 0.3
Report = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str) -> None:
    """Не показывай ход работы."""


@dataclass(frozen=True)
class Ready:
    """Строка, разделённая на фразы; `front_end` - сколько секунд это заняло."""

    line: Line
    phrases: tuple[Phrase, ...]
    manner: Manner
    front_end: float

    @property
    def symbols(self) -> int:
        """Верни число символов всех фраз."""
        return sum(phrase.symbols for phrase in self.phrases)


@dataclass(frozen=True)
class Spoken:
    """Строка отчёта: одна фраза, её длина и цена в секундах."""

    where: str
    text: str
    symbols: int
    seconds: float
    front_end: float
    work: Work

    @property
    def spent(self) -> float:
        """Верни время всей работы над фразой, без загрузки моделей."""
        return self.front_end + self.work.acoustic + self.work.vocoder


@dataclass
class Speaking:
    """Говорит строки одной цепочкой и помнит, сколько это стоило.

    `loading` - загрузка моделей, цепочки и фронтенда; в отчёт о скорости она не входит.
    """

    chain: Chain
    manner: Manner = field(default_factory=Manner)
    loading: float = 0.0
    pause_seconds: float = PAUSE_SECONDS
    warn: Callable[[str], None] = print
    rows: list[Spoken] = field(default_factory=list)
    sampling_rate: int = 0

    def ready(self, line: Line) -> Ready:
        """Прочти строку фронтендом.

        Raises:
            DataError: её нельзя сказать; место названо. ConfigError: голос не умеет просимого.
        """
        try:
            manner = self.manner.of(line)
            self.chain.require(manner)
            started = time.perf_counter()
            self.chain.prepare(line.text)
            loaded = time.perf_counter()
            phrases = tuple(self.chain.phrases(line.text))
        except DataError as error:
            raise DataError([f"{line.where}: {problem}" for problem in error.problems]) from error
        self.loading += loaded - started
        return Ready(line, phrases, manner, time.perf_counter() - loaded)

    def all_ready(
        self, lines: Iterable[Line], skip_bad: bool = False, progress: Report = silent
    ) -> list[Ready]:
        """Прочти все строки, прежде чем говорить; с `skip_bad` плохие названы и пропущены.

        Raises:
            DataError: плохие строки (без `skip_bad`) или не осталось ни одной.
        """
        lines = list(lines)
        good: list[Ready] = []
        problems: list[str] = []
        for number, line in enumerate(lines, start=1):
            try:
                good.append(self.ready(line))
            except (DataError, ConfigError) as error:
                problems += error.problems
            if len(lines) > 1:
                progress(number, len(lines), "reading")
        if problems and not (skip_bad and good):
            if good:
                problems.append(f"{len(good)} line(s) are good; leave the rest out with --skip-bad")
            raise DataError(problems)
        for problem in problems:
            self.warn(f"left out: {problem}")
        return good

    def each_ready(self, lines: Iterable[Line], skip_bad: bool = False) -> Iterator[Ready]:
        """Читай строки по одной, по мере надобности; с `skip_bad` плохие названы и пропущены.

        Raises:
            DataError: плохая строка (без `skip_bad`).
        """
        for line in lines:
            try:
                ready = self.ready(line)
            except (DataError, ConfigError) as error:
                if not skip_bad:
                    raise
                for problem in error.problems:
                    self.warn(f"left out: {problem}")
                continue
            yield ready

    def say(self, ready: Ready, *, growing: bool = False) -> Iterator[np.ndarray]:
        """Скажи строку: отсчёты float32 кусками, уже сшитые; `growing` - как у `Chain.speak`.

        Raises:
            TTSFError: голос отказался; место названо.
        """
        joiner: Joiner | None = None
        for number, phrase in enumerate(ready.phrases):
            work, samples = Work(), 0
            try:
                manner = at(ready.manner, number)
                for sound in self.chain.speak(phrase, manner, work, growing=growing):
                    joiner = joiner or self._joiner(sound.sampling_rate)
                    samples += len(sound.samples)
                    yield joiner.push(sound.samples)
            except DataError as error:
                raise DataError(
                    [f"{ready.line.where}: {text}" for text in error.problems]
                ) from error
            self._note(ready, phrase, samples, work)
            if joiner is not None and number + 1 < len(ready.phrases):
                yield joiner.end_phrase()
        if joiner is None:
            raise TTSFError(f"{ready.line.where}: the voice gave no sound; use another checkpoint")
        yield joiner.end_line()

    def pause(self) -> np.ndarray:
        """Верни тишину между строками `[N]`."""
        return np.zeros(int(self.pause_seconds * self.sampling_rate), np.float32)

    def _joiner(self, sampling_rate: int) -> Joiner:
        self.sampling_rate = sampling_rate
        return Joiner(sampling_rate)

    def _note(self, ready: Ready, phrase: Phrase, samples: int, work: Work) -> None:
        share = phrase.symbols / max(1, ready.symbols)
        seconds = samples / self.sampling_rate if self.sampling_rate else 0.0
        front_end = ready.front_end * share
        row = Spoken(ready.line.where, phrase.text, phrase.symbols, seconds, front_end, work)
        self.rows.append(row)
        for text in dict.fromkeys(work.warnings):
            self.warn(f"warning: {ready.line.where}: {text}")
