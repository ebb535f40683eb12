"""Нормализация целого корпуса: столбец `normalized` таблицы и раздел `frontend` в corpus.json."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.normalizing import Report, normalize_all, silent

RESULTS = "normalized.jsonl"


@dataclass(frozen=True)
class Summary:
    """Сколько клипов нормализовано, сколько ещё без текста и у скольких текст изменился.

    `problems` — непонятые тексты, по строке на беду; без `skip_bad` их нет.
    """

    normalized: int
    empty: int
    changed: int
    problems: tuple[str, ...] = ()


def normalize_corpus(
    folder: Path,
    frontend: Frontend,
    use: str,
    progress: Report = silent,
    skip_bad: bool = False,
) -> Summary:
    """Нормализуй тексты корпуса; прерванную работу продолжает тот же вызов.

    Таблица переписывается один раз, когда годны все тексты; с `skip_bad` — и тогда, когда часть
    фронтенд не понял: у таких клипов столбец `normalized` пуст.

    Raises:
        DataError: в текстах знаки, которых фронтенд не знает; названы все, с номерами строк.
    """
    rows = table.read(folder)
    texts = [row.text for row in rows if row.text]
    outcomes = normalize_all(frontend, texts, folder / RESULTS, progress)
    problems: list[str] = []
    done: list[table.Row] = []
    for number, row in enumerate(rows, start=2):
        if row.text:
            found = outcomes[row.text]
            where = f"{folder / table.TABLE}:{number}: {row.id}"
            problems += [f"{where}: {problem}" for problem in found.problems]
            if not found.text and not found.problems:
                problems.append(f"{where}: nothing is left of the text {row.text[:40]!r}; write it")
            row = replace(row, normalized=found.text)
        done.append(row)
    if problems and not skip_bad:
        raise DataError(problems)
    table.write(folder, done)
    manifest.update(folder, frontend=description(frontend, use))
    changed = sum(new.spoken != old.spoken for new, old in zip(done, rows))
    normalized = sum(bool(row.normalized) for row in done)
    return Summary(normalized, len(rows) - len(texts), changed, tuple(problems))


def description(frontend: Frontend, use: str) -> dict[str, object]:
    """Опиши фронтенд так, чтобы по описанию узнать устаревший текст."""
    return {
        "use": use,
        "options": frontend.config.model_dump(mode="json"),
        "fingerprint": frontend.fingerprint,
        "symbols_sha256": frontend.symbols_sha256,
    }
