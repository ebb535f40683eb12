"""Файлы и строки таблицы: нет, лишние, сломанные, ведущие наружу."""

from __future__ import annotations

from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.files import Trouble
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.rules.base import Rule
from tts_framework.speech.corpora.table import TABLE

ADVICE = {
    "missing": "restore the file or remove the line",
    "broken": "replace the file or remove the line",
    "truncated": "copy the file again or remove the line",
    "empty": "record it again or remove the line",
    "outside": "put the file itself into wavs/",
}


def _trouble(kind: str) -> Rule:
    def check(corpus: Corpus) -> Iterator[Finding]:
        for clip in corpus.clips:
            if isinstance(clip.sound, Trouble) and clip.sound.kind == kind:
                yield clip.finding(f"file_{kind}", ERROR, clip.sound.reason, ADVICE[kind])

    about = {
        "missing": "a clip of the table has no sound file",
        "broken": "the file is not a sound or cannot be decoded",
        "truncated": "the file is shorter than its header promises",
        "empty": "the file has no samples",
        "outside": "a link leads out of the corpus; it is not followed",
    }
    return Rule(f"file_{kind}", about[kind], check)


def table_lines(corpus: Corpus) -> Iterator[Finding]:
    """Назови строки таблицы, которые нельзя прочесть: столбцы, повторы, пути вместо id."""
    for number, reason in corpus.bad_lines:
        what, _, advice = reason.rpartition("; ")
        yield Finding("table_line", ERROR, "", f"{TABLE}:{number}", what or reason, advice)


def folder_outside(corpus: Corpus) -> Iterator[Finding]:
    """Заметь, что сама папка wavs — ссылка наружу."""
    if corpus.wavs_outside:
        reason = "the folder wavs is a link that leads out of the corpus"
        yield Finding(
            "folder_outside", ERROR, "", "wavs", reason, "move the sounds into the corpus"
        )


def extra_files(corpus: Corpus) -> Iterator[Finding]:
    """Назови файлы wavs, которых нет в таблице."""
    for name in corpus.extra:
        reason, advice = "the table does not name this file", "add its line or remove the file"
        yield Finding("file_extra", WARNING, "", f"wavs/{name}", reason, advice)


def duration_drift(corpus: Corpus) -> Iterator[Finding]:
    """Сравни длительность в таблице с настоящей."""
    limit = corpus.settings.duration_drift
    for clip, sound in corpus.measured():
        drift = abs(sound.seconds - clip.row.seconds)
        if not drift <= limit:
            yield clip.finding(
                "duration_drift",
                WARNING,
                f"the table says {clip.row.seconds:g} s, the file has {sound.seconds:.3f} s"
                f" (differs by more than {limit:g} s)",
                "replace the file or correct the table; labels may not fit either",
                drift,
                limit,
            )


RULES = (
    Rule("table_line", "a line of metadata.csv cannot be read", table_lines),
    *map(_trouble, ADVICE),
    Rule("folder_outside", "wavs/ itself leads out of the corpus", folder_outside),
    Rule("file_extra", "a file of wavs/ is not in the table", extra_files),
    Rule("duration_drift", "the table and the file disagree on duration", duration_drift),
)
