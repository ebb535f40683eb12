"""По файлу на строку: прерванное продолжает та же команда.

`synthesis.jsonl` в папке помнит, из чего сделан каждый файл: текст, голос, манера и sha256 звука.
Целый файл с тем же происхождением остаётся, чужой или с другим - ошибка, пока не сказано `force`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.errors import DataError
from tts_framework.speech import disk
from tts_framework.speech.audio import read_header
from tts_framework.speech.results import Results
from tts_framework.synthesis.lines import Line
from tts_framework.synthesis.manner import Manner
from tts_framework.synthesis.speaking import Ready, Report, Speaking, silent
from tts_framework.synthesis.writing import encoded, pcm, require_known

RECORD = "synthesis.jsonl"
SHOWN = 5
LONGEST_ID = 200
_RECIPE = {"format": "ttsf-synthesis", "version": 1}


@dataclass(frozen=True)
class Job:
    """Один файл папки и отпечаток того, из чего он будет сделан."""

    line: Line
    path: Path
    origin: str


class Folder:
    """Папка озвученных строк; `voices` - отпечатки голосов цепочки."""

    def __init__(self, path: Path, suffix: str, voices: Sequence[str], force: bool = False) -> None:
        require_known(suffix, "--format")
        self.path, self._suffix, self._voices, self._force = path, suffix, list(voices), force

    def jobs(self, lines: Sequence[Line], manner: Manner) -> tuple[list[Job], int]:
        """Отдели то, что ещё не сделано; второе число - сколько файлов остаётся как есть.

        Raises:
            DataError: `id` - не имя файла, повторяется или занят файлом другого происхождения.
        """
        self._require_names(lines)
        width = max(4, len(str(len(lines))))
        jobs = [
            Job(line, self.path / f"{line.id or format(n, f'0{width}')}{self._suffix}",
                self._origin(line, manner))
            for n, line in enumerate(lines, start=1)
        ]  # fmt: skip
        self._require_distinct(jobs)
        if self._force:
            return jobs, 0
        record = self._made()
        todo, foreign = [], []
        for job in jobs:
            state = _state(job, record.get(job.path.name))
            if state == "foreign":
                foreign.append(job.path)
            elif state == "missing":
                todo.append(job)
        if foreign:
            shown = [
                f"{path}: was made from another text, voice or options, or changed since"
                for path in foreign
            ]
            more = [f"... and {len(foreign) - SHOWN} more"] if len(foreign) > SHOWN else []
            advice = f"{self.path}: give another --out, or --force to say them anew"
            raise DataError([*shown[:SHOWN], *more, advice])
        return todo, len(jobs) - len(todo)

    def fill(
        self,
        speaking: Speaking,
        work: Sequence[tuple[Job, Ready]],
        progress: Report = silent,
    ) -> float:
        """Скажи строки, каждую в свой файл; верни, сколько секунд звука вышло.

        Raises:
            DiskFull: кончилось место; сделанные файлы целы.
        """
        total = 0.0
        with Results(self.path / RECORD, _RECIPE) as record:
            for number, (job, ready) in enumerate(work, start=1):
                pieces = [pcm(samples) for samples in speaking.say(ready)]
                sound = encoded(pieces, speaking.sampling_rate, self._suffix)
                seconds = sum(map(len, pieces)) / speaking.sampling_rate
                record.add(job.path.name, {
                    "origin": job.origin,
                    "sha256": hashlib.sha256(sound).hexdigest(),
                    "text": job.line.text,
                    "seconds": round(seconds, 3),
                })  # fmt: skip
                disk.write(job.path, sound)  # запись раньше файла: файл без неё был бы чужим
                total += seconds
                progress(number, len(work), "speaking")
        return total

    def _made(self) -> dict[str, Any]:
        if not (self.path / RECORD).exists():
            return {}
        with Results(self.path / RECORD, _RECIPE) as record:
            return dict(record.values)

    def _origin(self, line: Line, manner: Manner) -> str:
        made = manner.of(line)
        style: Any = made.style
        if isinstance(style, Path):
            style = files.sha256(style)
        parts = [line.text, asdict(made) | {"style": style}, self._voices, self._suffix]
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def _require_names(self, lines: Sequence[Line]) -> None:
        bad = [line for line in lines if line.id and not _is_name(line.id)]
        if bad:
            advice = "cannot name a file; use letters, digits, '-' and '_'"
            raise DataError([f"{line.where}: id {line.id!r} {advice}" for line in bad[:SHOWN]])

    def _require_distinct(self, jobs: Sequence[Job]) -> None:
        seen: dict[str, Job] = {}
        for job in jobs:
            name = job.path.name.casefold()
            if name in seen:
                raise DataError(
                    f"{job.line.where}: would write {job.path}, as {seen[name].line.where} does;"
                    " rename one id"
                )
            seen[name] = job


def _is_name(name: str) -> bool:
    fits = len(name.encode("utf-8", "surrogateescape")) <= LONGEST_ID
    return fits and not name.startswith(".") and not any(c in "/\\:" or c < " " for c in name)


def _state(job: Job, made: Mapping[str, Any] | None) -> str:
    """Скажи, сделан ли файл (`done`), нет ли его (`missing`) или он не отсюда (`foreign`)."""
    if not job.path.is_file():
        return "missing"
    if not isinstance(made, dict) or made.get("origin") != job.origin:
        return "foreign"
    if files.sha256(job.path) == made.get("sha256"):
        return "done"
    try:
        read_header(job.path)
    except DataError:
        return "missing"  # оборван: сделаем заново
    return "foreign"
