"""Проверка корпуса целиком: прочесть, измерить, применить правила."""

from __future__ import annotations

from pathlib import Path

from tts_framework.components import Frontend
from tts_framework.speech.checking import files, reading
from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.findings import Severity
from tts_framework.speech.checking.measuring import Progress, measure_all
from tts_framework.speech.checking.report import Report
from tts_framework.speech.checking.rules import RULES
from tts_framework.speech.checking.settings import CheckSettings
from tts_framework.speech.corpora import table

CACHE = ".check"
_ORDER = list(Severity)


def check(
    folder: Path,
    settings: CheckSettings | None = None,
    frontend: Frontend | None = None,
    progress: Progress = lambda done, total, what: None,
    workers: int | None = None,
    *,
    cache: Path | None = None,
    dnsmos: bool = False,
) -> Report:
    """Проверь корпус; измерения остаются в `cache` (`<folder>/.check`), повтор их не делает.

    Raises:
        DataError: таблицы нет или её нельзя прочесть; DiskFull: кончилось место под кэш.
    """
    settings, cache = settings or CheckSettings(), cache or folder / CACHE
    rows, bad_lines = table.scan(folder)
    ids = [row.id for _, row in rows]
    sounds = measure_all(folder, ids, cache, progress, workers)
    read: dict[str, reading.Reading] = {}
    if frontend is not None:
        read = reading.read_texts((row.spoken for _, row in rows), frontend, cache, progress)
    clips = [
        Clip(number, row, sound, read.get(row.spoken)) for (number, row), sound in zip(rows, sounds)
    ]
    lists, bad_list_lines = reading.read_lists(folder)
    corpus = Corpus(
        folder,
        settings,
        clips,
        bad_lines,
        lists,
        bad_list_lines,
        reading.extra_files(folder, ids),
        files.leaves(folder),
        _scores(folder, clips, cache, progress) if dnsmos else {},
    )
    findings = [finding for rule in RULES for finding in rule.check(corpus)]
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    return Report(corpus, findings, _not_checked(corpus, frontend, dnsmos))


def _scores(folder: Path, clips: list[Clip], cache: Path, progress: Progress) -> dict[str, float]:
    from tts_framework.speech.checking.dnsmos import score_all

    return score_all(folder, clips, cache, progress)


def _not_checked(corpus: Corpus, frontend: Frontend | None, dnsmos: bool) -> dict[str, str]:
    reasons = {}
    if frontend is None:
        reasons["text_unknown"] = "name a front end: --frontend"
    if not dnsmos:
        reasons["dnsmos"] = "add --dnsmos"
    if not corpus.lists and not corpus.bad_list_lines:
        missing = "the corpus has no lists yet: ttsf data split"
        reasons |= dict.fromkeys(("list_unknown", "list_twice", "list_leak"), missing)
    few = corpus.settings.outlier_clips
    if sum(1 for _ in corpus.voiced()) < few:
        reason = f"needs at least {few} clips of a voice"
        reasons |= dict.fromkeys(("loudness", "duration_outlier", "speaking_rate"), reason)
    return reasons
