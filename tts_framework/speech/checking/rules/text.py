"""Тексты: пустые, непрочитанные фронтендом, с цифрами."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.rules.base import Rule
from tts_framework.speech.corpora.table import TABLE

_DIGITS = re.compile(r"\d+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


def empty(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы без букв; корпус вовсе без текстов — ещё не расшифрованный, это одна находка."""
    silent = [clip for clip in corpus.clips if not clip.letters]
    if corpus.clips and not any(clip.row.text for clip in corpus.clips):
        reason = f"none of the {len(silent)} clips has a text"
        advice = "write them down: ttsf data transcribe"
        yield Finding("text_empty", ERROR, "", TABLE, reason, advice)
        return
    for clip in silent:
        reason = f"the text {clip.row.text!r} has no letters" if clip.row.text else "no text"
        yield clip.finding("text_empty", ERROR, reason, "write what is said or remove the line")


def unknown(corpus: Corpus) -> Iterator[Finding]:
    """Найди тексты, которых не читает фронтенд."""
    for clip in corpus.clips:
        if clip.reading is not None and clip.reading.problem and clip.letters:
            what, _, advice = clip.reading.problem.rpartition("; ")
            reason = what or clip.reading.problem
            yield clip.finding("text_unknown", ERROR, reason, advice or "correct the text")


def control(corpus: Corpus) -> Iterator[Finding]:
    """Найди управляющие знаки и следы испорченной кодировки."""
    for clip in corpus.clips:
        found = _CONTROL.search(clip.row.text)
        if found:
            reason = f"the text has {found.group()!r} at position {found.start() + 1}"
            advice = "the encoding was damaged; correct the text"
            yield clip.finding("text_control", WARNING, reason, advice)


def digits(corpus: Corpus) -> Iterator[Finding]:
    """Найди цифры в том, что увидит модель: после фронтенда, если он назван."""
    for clip in corpus.clips:
        read = clip.reading is not None and not clip.reading.problem
        text = clip.reading.text if clip.reading is not None and read else clip.row.spoken
        found = _DIGITS.search(text)
        if found:
            reason = f"the text has the digits {found.group()[:20]!r}"
            advice = "write numbers in words, or let a front end do it: ttsf data normalize"
            yield clip.finding("digits", WARNING, reason, advice)


RULES = (
    Rule("text_empty", "the text is empty or has no letters", empty),
    Rule("text_unknown", "the front end does not know a symbol of the text", unknown),
    Rule("text_control", "control characters or a damaged encoding in the text", control),
    Rule("digits", "digits are left in the text", digits),
)
