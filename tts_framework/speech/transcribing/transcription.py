"""Расшифровка корпуса: тексты клипам без текста, сомнительное — на проверку человеку."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tts_framework.components import Transcriber, Transcript
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.transcribing import comparison, review
from tts_framework.speech.transcribing.comparison import Pair
from tts_framework.speech.transcribing.doubts import doubts
from tts_framework.speech.transcribing.listening import Heard, Progress, listen
from tts_framework.speech.transcribing.locking import locked
from tts_framework.speech.transcribing.review import Line
from tts_framework.speech.transcribing.settings import Settings


@dataclass(frozen=True)
class Summary:
    """Итог: `clips` и `seconds` — весь корпус, `listened` — услышано этим запуском.

    `set_aside` ждут проверки без текста, `pairs` — сравнение (худшие первыми), `bad` — проблемы
    негодных клипов, `speed` — во сколько раз быстрее реального времени (0 — слушать было нечего).
    """

    clips: int
    seconds: float
    listened: int
    filled: int
    set_aside: int
    kept: int
    speed: float
    pairs: tuple[Pair, ...]
    bad: tuple[str, ...]

    @property
    def mismatched(self) -> int:
        """Верни число клипов, чей текст — не то, что в них сказано."""
        return sum(pair.verdict == "mismatch" for pair in self.pairs)


def transcribe(
    folder: Path,
    transcriber: Transcriber,
    settings: Settings = Settings(),
    progress: Progress = lambda done, total, what: None,
) -> Summary:
    """Расшифруй клипы корпуса без текста; имеющиеся тексты остаются (без `replace`).

    Сомнительные клипы попадают в `review.csv` и до проверки живут в таблице с пустым текстом:
    в списки выборок такие не входят. Прерванную работу продолжает повторный вызов.

    Raises:
        DataError: таблица, файл проверки или клипы негодны; DiskFull: кончилось место.
    """
    with locked(folder):
        rows = table.read(folder)
        path = folder / review.REVIEW
        lines = {line.id: line for line in review.read(path)} if path.exists() else {}
        ids = [row.id for row in rows if _is_wanted(row, settings)]
        heard = listen(folder, ids, transcriber, skip_bad=settings.skip_bad, progress=progress)
        work = _Work(rows, heard, lines, settings, transcriber.trusted)
        work.judge()
        work.save(folder)
        summary = work.summary()
        _record(folder, transcriber, settings, summary)
    return summary


def _is_wanted(row: Row, settings: Settings) -> bool:
    return not row.text or settings.compare or settings.replace


@dataclass
class _Work:
    """Решения по клипам до записи на диск."""

    rows: list[Row]
    heard: Heard
    lines: dict[str, Line]
    settings: Settings
    trusted: float
    pairs: list[Pair] = field(default_factory=list)
    filled: int = 0

    def judge(self) -> None:
        """Реши судьбу каждого услышанного клипа."""
        self.rows = [
            self._judged(row) if row.id in self.heard.transcripts else row for row in self.rows
        ]
        known = {row.id for row in self.rows}
        self.lines = {id: line for id, line in self.lines.items() if id in known}

    def _judged(self, row: Row) -> Row:
        transcript = self.heard.transcripts[row.id]
        found = doubts(transcript, self.heard.seconds[row.id], self.settings, self.trusted)
        heard = " ".join(transcript.text.replace("|", " ").split())
        line = Line(row.id, heard if found[1] else "", heard, transcript.confidence)
        if row.text and self.settings.compare:
            self._compare(row, transcript, found, line)
        if row.text and not self.settings.replace:
            return row
        if self._is_edited(row.id):
            return row
        if found[0]:
            self._put(replace(line, text=row.text or line.text, reason="; ".join(found[0])))
            return replace(row, text="", normalized="")
        self.lines.pop(row.id, None)
        self.filled += 1
        return row if heard == row.text else replace(row, text=heard, normalized="")

    def _compare(
        self, row: Row, transcript: Transcript, found: tuple[list[str], bool], line: Line
    ) -> None:
        """Запомни пару; чужой текст отдай на проверку, не трогая его в таблице."""
        pair = comparison.compare(row, transcript, found, self.settings.max_cer)
        self.pairs.append(pair)
        if pair.verdict == "mismatch" and not self.settings.replace:
            reasons = "; ".join([f"CER {pair.cer:.2f} between text and sound", *found[0]])
            self._put(replace(line, text=row.text, reason=reasons))

    def _put(self, line: Line) -> None:
        """Отложи клип; правка, которую человек уже внёс в файл, остаётся."""
        if self._is_edited(line.id):
            line = replace(line, text=self.lines[line.id].text)
        self.lines[line.id] = line

    def _is_edited(self, id: str) -> bool:
        return id in self.lines and self.lines[id].is_edited

    def save(self, folder: Path) -> None:
        """Запиши сначала отложенное, потом таблицу: текст не пропадёт между двумя файлами."""
        path = folder / review.REVIEW
        if self.lines or path.exists():
            review.save(path, self.lines.values())
        if self.settings.compare:
            comparison.save(folder, self.pairs, self.settings.max_cer)
        table.write(folder, self.rows)

    def summary(self) -> Summary:
        """Сосчитай итог."""
        heard = self.heard
        return Summary(
            clips=len(self.rows),
            seconds=sum(row.seconds for row in self.rows),
            listened=heard.listened,
            filled=self.filled,
            set_aside=sum(not row.text and row.id in self.lines for row in self.rows),
            kept=sum(bool(row.text) for row in self.rows) - self.filled,
            speed=heard.listened_seconds / heard.elapsed if heard.elapsed else 0.0,
            pairs=tuple(comparison.worst_first(self.pairs)),
            bad=tuple(heard.bad.values()),
        )


def _record(folder: Path, transcriber: Transcriber, settings: Settings, summary: Summary) -> None:
    section = {
        **transcriber.recipe,
        "settings": settings.model_dump(mode="json"),
        "set_aside": summary.set_aside,
    }
    manifest.update(folder, transcribe=section)
