"""Итог проверки: находки, счёт по правилам, `check.json`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.findings import Finding, Severity
from tts_framework.speech.checking.rules import RULES
from tts_framework.speech.disk import write

SCHEMA = 1
DIGITS = 4


@dataclass(frozen=True)
class Report:
    """Что найдено; `not_checked` называет правила, которые не запускались, и почему."""

    corpus: Corpus
    findings: list[Finding]
    not_checked: dict[str, str]

    def count(self, severity: Severity) -> int:
        """Сосчитай находки этой тяжести."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def seconds(self) -> float:
        """Верни длительность читаемых клипов."""
        return sum(sound.seconds for _, sound in self.corpus.measured())

    @cached_property
    def by_rule(self) -> dict[str, dict[str, int]]:
        """Сосчитай находки по правилам и тяжести; правила без находок тоже есть."""
        counts = {rule.name: {severity.value: 0 for severity in Severity} for rule in RULES}
        for finding in self.findings:
            counts[finding.rule][finding.severity.value] += 1
        return counts

    def worst(self, limit: int) -> list[tuple[str, list[Finding]]]:
        """Верни id худших клипов (с ошибками и предупреждениями) и их находки."""
        clips: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            if finding.clip and finding.severity is not Severity.NOTE:
                clips[finding.clip].append(finding)
        weights = {id: sum(f.severity.weight for f in found) for id, found in clips.items()}
        ordered = sorted(clips, key=lambda id: (-weights[id], id))
        return [(id, clips[id]) for id in ordered[:limit]]

    def failed(self, strict: bool = False) -> bool:
        """Скажи, негоден ли корпус: есть ошибки, а со `strict` и предупреждения."""
        return self.count(Severity.ERROR) > 0 or (strict and self.count(Severity.WARNING) > 0)

    @cached_property
    def distributions(self) -> dict[str, np.ndarray]:
        """Верни измерения слышных клипов по названиям величин, для сводки и гистограмм."""
        return {name: np.array(list(values)) for name, values in self._values().items()}

    def _values(self) -> dict[str, Iterator[float]]:
        voiced = list(self.corpus.voiced())
        return {
            "duration, s": (sound.seconds for _, sound in voiced),
            "SNR, dB": (sound.snr for _, sound in voiced if sound.snr is not None),
            "loudness, LUFS": (s.loudness for _, s in voiced if s.loudness is not None),
            "letters per second": (rate for rate in map(_rate, (c for c, _ in voiced)) if rate),
        }

    def to_json(self) -> dict[str, Any]:
        """Собери содержимое `check.json` (поля описаны в docs/how-to/check.md)."""
        return {
            "schema": SCHEMA,
            "clips": len(self.corpus.clips),
            "seconds": round(self.seconds, 3),
            "rate": self.corpus.rate,
            "counts": {severity.value: self.count(severity) for severity in Severity},
            "rules": {r.name: {"about": r.about, **self.by_rule[r.name]} for r in RULES},
            "not_checked": self.not_checked,
            "settings": self.corpus.settings.model_dump(mode="json"),
            "statistics": {name: _summary(v) for name, v in self.distributions.items() if len(v)},
        }


def write_json(report: Report, path: Path) -> None:
    """Запиши `check.json`: атомарно, по находке на строку.

    Raises:
        DiskFull: кончилось место; прежний файл цел.
    """
    head = json.dumps(report.to_json(), ensure_ascii=False, indent=2)[:-2]
    last = len(report.findings) - 1
    lines = (
        f"\n    {_line(finding)}{',' if position < last else ''}"
        for position, finding in enumerate(report.findings)
    )
    pieces = chain([f'{head},\n  "findings": ['], lines, ["\n  ]\n}\n"])
    write(path, *(piece.encode("utf-8", "backslashreplace") for piece in pieces))


def _line(finding: Finding) -> str:
    record = {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "clip": finding.clip,
        "where": finding.where,
        "reason": finding.reason,
        "advice": finding.advice,
        "value": _rounded(finding.value),
        "limit": _rounded(finding.limit),
    }
    return json.dumps(record, ensure_ascii=False)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, DIGITS)


def _summary(values: np.ndarray) -> dict[str, float]:
    names = ("min", "p5", "median", "p95", "max")
    return {
        name: round(float(value), DIGITS)
        for name, value in zip(names, np.percentile(values, (0, 5, 50, 95, 100)))
    }


def _rate(clip: Clip) -> float:
    """Верни буквы в секунду речи; 0 — мерить нечего."""
    speech = getattr(clip.sound, "speech", 0.0)
    return clip.letters / speech if speech > 0 else 0.0
