"""Нормализация многих текстов: отдельные процессы, итоги переживают kill -9.

Ни вызывающий процесс, ни тюнер моделей фронтенда не загружает: тексты, которым модель нужна,
уходят рабочим процессам (`normalizing_worker`), а их итоги — в файл, общий для всех запусков
с тем же отпечатком фронтенда.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.components import Frontend
from tts_framework.errors import DataError, DiskFull, ExitCode, TTSFError
from tts_framework.speech.disk import explained
from tts_framework.speech.results import Results

Report = Callable[[int, int, str], None]

STAGE = "normalize"
TEXTS_PER_WORKER = 150
"""Меньше этого второму процессу не окупить загрузку модели (4-5 с)."""


@dataclass(frozen=True)
class Outcome:
    """Нормализованный текст или причины, по которым его нет."""

    text: str = ""
    problems: tuple[str, ...] = ()


def silent(done: int, total: int, what: str) -> None:
    """Не показывай ход работы."""


def cache_file(folder: Path, frontend: Frontend) -> Path:
    """Верни файл итогов фронтенда в папке кэша."""
    return folder / "text" / f"{frontend.fingerprint}.jsonl"


def normalize_all(
    frontend: Frontend, texts: Iterable[str], path: Path, progress: Report = silent
) -> dict[str, Outcome]:
    """Нормализуй тексты; готовые итоги берутся из файла `path`, новые дописываются в него.

    Raises:
        DiskFull: кончилось место; сделанное цело. TTSFError: рабочий процесс не смог работать.
    """
    wanted = list(dict.fromkeys(texts))
    light = {text: outcome(frontend, text) for text in wanted if frontend.is_light(text)}
    return light | normalize_heavy(frontend, wanted, path, progress)


def normalize_heavy(
    frontend: Frontend, texts: Iterable[str], path: Path, progress: Report = silent
) -> dict[str, Outcome]:
    """Сделай то же, но лишь с текстами, для которых нужны модели; прочих в ответе нет."""
    heavy = [text for text in dict.fromkeys(texts) if not frontend.is_light(text)]
    if not heavy:
        return {}
    known = _known(frontend, path)
    missing = [text for text in heavy if text not in known]
    if missing:
        _run_workers(frontend, missing, path, progress)
        known = _known(frontend, path)
    return {text: Outcome(known[text][0], tuple(known[text][1])) for text in heavy}


def outcome(frontend: Frontend, text: str) -> Outcome:
    """Нормализуй один текст в этом процессе."""
    try:
        return Outcome(frontend.normalize(text))
    except DataError as error:
        return Outcome(problems=tuple(error.problems))


def recipe(frontend: Frontend) -> dict[str, Any]:
    """Верни рецепт, с которым годны итоги."""
    return {"frontend": frontend.fingerprint}


def _known(frontend: Frontend, path: Path) -> dict[str, Any]:
    with Results(path, recipe(frontend)) as results:
        return dict(results.values)


def _run_workers(frontend: Frontend, texts: list[str], path: Path, progress: Report) -> None:
    count = max(1, min(len(os.sched_getaffinity(0)), 4, len(texts) // TEXTS_PER_WORKER))
    progress(0, len(texts), STAGE)
    reading, writing = os.pipe()
    workers: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryFile() as complaints:
        try:
            try:
                for number in range(count):
                    job = _job(frontend, texts[number::count], path)
                    workers.append(_start(job, writing, complaints))
            finally:
                os.close(writing)
            with os.fdopen(reading, "rb") as signals:
                for done, _ in enumerate(signals, start=1):
                    progress(done, len(texts), STAGE)
            codes = [worker.wait() for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        complaints.seek(0)
        _explain(codes, complaints.read().decode("utf-8", "replace"), path)


def _job(frontend: Frontend, texts: list[str], path: Path) -> bytes:
    cls = type(frontend)
    job = {
        "module": cls.__module__,
        "name": cls.__qualname__,
        "options": frontend.config.model_dump(mode="json"),
        "path": str(path),
        "texts": texts,
    }
    return json.dumps(job, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _start(job: bytes, writing: int, complaints: Any) -> subprocess.Popen[bytes]:
    """Запусти рабочий процесс: задание на stdin, по байтовой строке в `writing` на текст."""
    command = [sys.executable, "-m", "tts_framework.speech.normalizing_worker"]
    with tempfile.TemporaryFile() as file:
        try:
            file.write(job)
            file.seek(0)
        except OSError as error:
            raise explained(error, Path(tempfile.gettempdir())) from error
        return subprocess.Popen(command, stdin=file, stdout=writing, stderr=complaints)


def _explain(codes: list[int], said: str, path: Path) -> None:
    """Переведи исход рабочих процессов в ошибку.

    Raises:
        DiskFull: кончилось место; TTSFError: процесс убит или ошибся.
    """
    if ExitCode.DISK_FULL in codes:
        raise DiskFull(said.strip())
    if ExitCode.USER in codes:
        raise DataError(said.strip())
    if any(codes):
        last = said.strip().splitlines()[-1:] or ["it said nothing; out of memory?"]
        raise TTSFError(
            f"{path}: a normalizing process ended with code {next(filter(None, codes))}"
            f" ({last[0]}); what is done is kept, run the same command again to continue"
        )
