"""Корпус глазами правил: строки таблицы, измерения, списки, разбор текстов."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tts_framework.speech.checking.files import Trouble
from tts_framework.speech.checking.findings import Finding, Severity
from tts_framework.speech.checking.measures import Measures
from tts_framework.speech.checking.settings import CheckSettings
from tts_framework.speech.corpora.table import TABLE, Row


@dataclass(frozen=True, slots=True)
class Reading:
    """Что сказал о тексте фронтенд: `problem` (пусто — прочёл) и прочитанное."""

    problem: str
    text: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Строка таблицы и её звук; `reading` — None, когда фронтенд не назван."""

    line: int
    row: Row
    sound: Measures | Trouble
    reading: Reading | None = None

    @property
    def letters(self) -> int:
        """Сосчитай буквы и цифры текста."""
        return sum(map(str.isalnum, self.row.spoken))

    def finding(
        self,
        rule: str,
        severity: Severity,
        reason: str,
        advice: str,
        value: float | None = None,
        limit: float | None = None,
    ) -> Finding:
        """Составь находку об этом клипе."""
        where = f"{TABLE}:{self.line}"
        return Finding(rule, severity, self.row.id, where, reason, advice, value, limit)


@dataclass(frozen=True)
class ListLine:
    """Строка списка train/validation/test; `id` пуст, если путь не `wavs/ID.wav`."""

    list: str
    line: int
    path: str
    id: str
    text: str = ""
    outside: str = ""

    @property
    def where(self) -> str:
        """Верни место строки."""
        return f"{self.list}:{self.line}"


@dataclass(frozen=True)
class Corpus:
    """Всё, что видят правила; `scores` — DNSMOS по id, пусто без `--dnsmos`."""

    folder: Path
    settings: CheckSettings
    clips: Sequence[Clip]
    bad_lines: Sequence[tuple[int, str]] = ()
    lists: Sequence[ListLine] = ()
    bad_list_lines: Sequence[tuple[str, str]] = ()
    extra: Sequence[str] = ()
    wavs_outside: bool = False
    scores: Mapping[str, float] = field(default_factory=dict)

    def measured(self) -> Iterator[tuple[Clip, Measures]]:
        """Верни клипы, звук которых читается."""
        for clip in self.clips:
            if isinstance(clip.sound, Measures):
                yield clip, clip.sound

    def voiced(self) -> Iterator[tuple[Clip, Measures]]:
        """Верни клипы, в которых что-то слышно: о тишине скажет одно правило `silent`."""
        for clip, sound in self.measured():
            if sound.peak - abs(sound.dc) >= self.settings.silent_peak:
                yield clip, sound

    @cached_property
    def rate(self) -> int:
        """Верни ожидаемую частоту: заданную или самую частую."""
        if self.settings.rate is not None:
            return self.settings.rate
        rates = Counter(sound.rate for _, sound in self.measured())
        return rates.most_common(1)[0][0] if rates else 0

    @cached_property
    def by_id(self) -> dict[str, Clip]:
        """Верни клипы по id."""
        return {clip.row.id: clip for clip in self.clips}
