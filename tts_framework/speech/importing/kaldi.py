"""Раскладка Kaldi: `wav.scp`, `text`, `segments`, `utt2spk`; команды из wav.scp не выполняются."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import numbered
from tts_framework.speech.importing.options import KaldiOptions

_ARCHIVE = re.compile(r".*\.ark(:\d+)?$")
Found = tuple[str, str]
"""Место строки и её содержимое после ключа."""


@dataclass(frozen=True)
class _Table:
    """Один файл Kaldi: ключ -> (место, остаток строки) и повторы ключей."""

    lines: dict[str, Found]
    repeated: list[BadRecord]

    @classmethod
    def read(cls, path: Path, fence: Fence) -> _Table:
        """Прочитай файл; необязательный и отсутствующий — пуст."""
        table = cls({}, [])
        for where, line in numbered(path, fence):
            key, _, rest = line.strip().partition(" ") if "\t" not in line else _tabbed(line)
            if key in table.lines:
                reason = f"{key!r} is already at {table.lines[key][0]}; remove one"
                table.repeated.append(BadRecord(where, reason))
            else:
                table.lines[key] = where, rest.strip()
        return table


def recordings(config: KaldiOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли фразы: отрезки `segments`, а без него — файлы целиком.

    Без файла `text` тексты пусты: их напишет `ttsf data transcribe`.
    """
    fence = Fence(source)
    scp = _Table.read(source / "wav.scp", fence)
    optional = {
        name: _Table.read(source / name, fence) if (source / name).exists() else None
        for name in ("segments", "text", "utt2spk")
    }
    for table in (scp, *optional.values()):
        if table is not None:
            yield from table.repeated
    segments, texts = optional["segments"], optional["text"]
    speakers = optional["utt2spk"].lines if optional["utt2spk"] else {}
    files = _Files(config.root or source, scp)
    utterances = segments or scp
    for id, (where, rest) in utterances.lines.items():
        recording = files.segment(id, where, rest) if segments else files.whole(id, where)
        if isinstance(recording, BadRecord):
            yield recording
            continue
        wav, start, end, name = recording
        if texts is not None and id not in texts.lines:
            yield BadRecord(where, f"{id!r} has no line in text; add it or remove the utterance")
            continue
        text_where, text = texts.lines[id] if texts else (where, "")
        speaker = speakers.get(id, ("", ""))[1]
        yield Recording(id, text, wav, speaker, start=start, end=end, source=name, where=text_where)
    if texts is not None:
        for id, (where, _) in texts.lines.items():
            if id not in utterances.lines:
                yield BadRecord(where, f"{id!r} has no sound; remove the line or add the sound")


@dataclass(frozen=True)
class _Files:
    """Файлы wav.scp относительно корня."""

    root: Path
    scp: _Table

    def whole(self, id: str, where: str) -> tuple[Path, None, None, str] | BadRecord:
        """Найди файл фразы, которая занимает его целиком."""
        wav = self._wav(*self.scp.lines[id])
        return wav if isinstance(wav, BadRecord) else (wav, None, None, "")

    def segment(
        self, id: str, where: str, rest: str
    ) -> tuple[Path, float, float | None, str] | BadRecord:
        """Разбери строку segments: `запись начало конец`; конец -1 — до конца файла."""
        fields = rest.split()
        try:
            name, start, end = fields[0], float(fields[1]), float(fields[2])
        except (IndexError, ValueError):
            return BadRecord(where, "expected 'utterance recording start end'; fix the line")
        if not 0 <= start < float("inf") or not (end == -1 or start < end < float("inf")):
            return BadRecord(where, f"start {start:g} and end {end:g} are no segment; fix them")
        if name not in self.scp.lines:
            return BadRecord(where, f"recording {name!r} is not in wav.scp; add it")
        wav = self._wav(*self.scp.lines[name])
        return wav if isinstance(wav, BadRecord) else (wav, start, None if end == -1 else end, name)

    def _wav(self, where: str, entry: str) -> Path | BadRecord:
        if entry.endswith("|") or entry.startswith("|"):
            return BadRecord(
                where,
                f"{entry[:60]!r} is a command, and commands of a corpus are never run; run it"
                " yourself and put the path of its result here",
            )
        if not entry or "\0" in entry or entry == "-" or _ARCHIVE.match(entry):
            return BadRecord(where, f"{entry[:60]!r} is no sound file; put the path of one here")
        return self.root / entry


def _tabbed(line: str) -> tuple[str, str, str]:
    key, separator, rest = line.strip().replace("\t", " ").partition(" ")
    return key, separator, rest
