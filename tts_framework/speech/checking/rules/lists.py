"""Списки train/validation/test: кого они называют и не делят ли они одно на две стороны."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.measures import Measures
from tts_framework.speech.checking.rules.base import Rule
from tts_framework.speech.checking.rules.duplicates import text_key


def lines(corpus: Corpus) -> Iterator[Finding]:
    """Назови строки, которые нельзя прочесть."""
    for where, reason in corpus.bad_list_lines:
        what, _, advice = reason.rpartition("; ")
        yield Finding("list_line", ERROR, "", where, what or reason, advice or "fix the line")


def outside(corpus: Corpus) -> Iterator[Finding]:
    """Назови пути, которые ведут из корпуса, и абсолютные."""
    for line in corpus.lists:
        if line.outside:
            reason = f"the path {line.path!r} {line.outside}"
            advice = "write wavs/ID.wav, relative to the list"
            yield Finding("path_outside", ERROR, "", line.where, reason, advice)


def unknown(corpus: Corpus) -> Iterator[Finding]:
    """Назови строки о клипах, которых нет в таблице."""
    for line in corpus.lists:
        if not line.outside and line.id not in corpus.by_id:
            reason = f"{line.path!r} is not a clip of the table"
            yield Finding(
                "list_unknown",
                ERROR,
                "",
                line.where,
                reason,
                "make the lists anew: ttsf data split",
            )


def twice(corpus: Corpus) -> Iterator[Finding]:
    """Назови клипы, попавшие в списки дважды."""
    seen: dict[str, str] = {}
    for line in corpus.lists:
        where = seen.setdefault(line.id, line.where)
        if line.id in corpus.by_id and where != line.where:
            sides = where.partition(":")[0] != line.list
            yield Finding(
                "list_twice",
                ERROR if sides else WARNING,
                line.id,
                line.where,
                f"the clip is already in {where}" + (", on another side" if sides else ""),
                "make the lists anew: ttsf data split",
            )


def leaks(corpus: Corpus) -> Iterator[Finding]:
    """Найди один текст, отрывок или звук по обе стороны разбиения."""
    sides = {line.id: line for line in reversed(corpus.lists)}
    for what, key in _KEYS.items():
        first: dict[str, str] = {}
        for id, line in sorted(sides.items(), key=lambda item: (item[1].list != "train.csv",)):
            clip = corpus.by_id.get(id)
            name = key(clip) if clip is not None else ""
            if not name or clip is None:
                continue
            other = first.setdefault(name, id)
            if sides[other].list != line.list:
                yield Finding(
                    "list_leak",
                    WARNING,
                    id,
                    line.where,
                    f"the same {what} as {other} in {sides[other].list}:"
                    " the measured quality will be too good",
                    "make the lists anew: ttsf data split",
                )


def _digest(clip: Clip) -> str:
    return clip.sound.digest if isinstance(clip.sound, Measures) else ""


_KEYS: dict[str, Callable[[Clip], str]] = {
    "text": text_key,
    "source": lambda clip: clip.row.source,
    "sound": _digest,
}
RULES = (
    Rule("list_line", "a line of a list cannot be read", lines),
    Rule("path_outside", "a path of a list leads out of the corpus", outside),
    Rule("list_unknown", "a list names a clip that the table does not have", unknown),
    Rule("list_twice", "a clip is in the lists twice", twice),
    Rule("list_leak", "the same text, source or sound is on two sides", leaks),
)
