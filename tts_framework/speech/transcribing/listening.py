"""Слушать клипы и помнить услышанное: прерванную работу продолжает та же команда."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework.components import Transcriber, Transcript, Word
from tts_framework.errors import DataError
from tts_framework.speech.audio import Header, mismatches, read_header, read_wav, resample
from tts_framework.speech.corpora.table import wav
from tts_framework.speech.results import Results
from tts_framework.speech.transcribing.recipes import switch

TRANSCRIPTS = "transcripts.jsonl"
SILENT_PEAK = 1e-3
"""Клип тише -60 дБ от полной шкалы расшифровщику не дают: в тишине он выдумывает слова."""

Progress = Callable[[int, int, str], None]


@dataclass
class Heard:
    """Услышанное: итог и длительность (с) по id, негодные клипы и скорость этого запуска."""

    transcripts: dict[str, Transcript] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    listened: int = 0
    listened_seconds: float = 0.0
    elapsed: float = 0.0


def listen(
    folder: Path,
    ids: Sequence[str],
    transcriber: Transcriber,
    *,
    skip_bad: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> Heard:
    """Расшифруй клипы, которых ещё нет в `transcripts.jsonl` или чей WAV изменился.

    Ход — в секундах звука. Итог каждого клипа ложится на диск сразу.

    Raises:
        DataError: есть негодные WAV (без `skip_bad`), названы все, слушать ещё не начинали;
            DiskFull: кончилось место, услышанное раньше цело.
    """
    heard = Heard()
    switch(folder / TRANSCRIPTS, transcriber.recipe)
    with Results(folder / TRANSCRIPTS, transcriber.recipe) as results:
        waiting = [id for id in ids if not _known(results, id, wav(folder, id))]
        headers = _headers(folder, waiting, heard)
        if heard.bad and not skip_bad:
            raise DataError([*heard.bad.values(), "fix the clips or leave them out: --skip-bad"])
        if headers:
            _listen(folder, headers, transcriber, results, heard, skip_bad, progress)
        for id in ids:
            if id not in heard.bad:
                heard.transcripts[id] = _transcript(results[id])
                heard.seconds[id] = results[id]["seconds"]
    return heard


def _listen(
    folder: Path,
    headers: dict[str, Header],
    transcriber: Transcriber,
    results: Results,
    heard: Heard,
    skip_bad: bool,
    progress: Progress,
) -> None:
    total = sum(header.seconds for header in headers.values())
    progress(0, round(total), "listening")
    started, done = time.monotonic(), 0.0
    for ids in _batches(list(headers), transcriber.batch):
        sounds: dict[str, np.ndarray] = {}
        stamps = {id: _stamp(wav(folder, id)) for id in ids}
        for id in ids:
            try:
                sounds[id] = _sound(wav(folder, id), headers[id], transcriber.sampling_rate)
            except DataError as error:
                if not skip_bad:
                    raise
                heard.bad[id] = str(error)
        for id, transcript in _transcribe(transcriber, sounds).items():
            results.add(id, _value(transcript, headers[id].seconds, stamps[id]))
        heard.listened += len(sounds)
        done += sum(headers[id].seconds for id in ids)
        heard.listened_seconds, heard.elapsed = done, time.monotonic() - started
        progress(round(done), round(total), "listening")


def _transcribe(transcriber: Transcriber, sounds: dict[str, np.ndarray]) -> dict[str, Transcript]:
    audible = [id for id, samples in sounds.items() if np.abs(samples).max() >= SILENT_PEAK]
    found = transcriber.transcribe([sounds[id] for id in audible]) if audible else []
    spoken = dict(zip(audible, found, strict=True))
    return {id: spoken.get(id, Transcript("", 0.0)) for id in sounds}


def _headers(folder: Path, ids: Sequence[str], heard: Heard) -> dict[str, Header]:
    """Прочитай заголовки годных клипов; негодные назови в `heard.bad`."""
    headers = {}
    for id in ids:
        path = wav(folder, id)
        try:
            header = read_header(path)
            problems = mismatches(header, header.sampling_rate)
            if not header.frames:
                problems.append("no samples; record it again or remove its line from the table")
            if problems:
                raise DataError(f"{path}: {problems[0]}")
            headers[id] = header
        except DataError as error:
            heard.bad[id] = str(error)
    return headers


def _sound(path: Path, header: Header, sampling_rate: int) -> np.ndarray:
    return resample(read_wav(path, header.sampling_rate), header.sampling_rate, sampling_rate)


def _batches(ids: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _known(results: Results, id: str, path: Path) -> bool:
    """Проверь, что клип услышан и его WAV тот же; скопированный WAV узнаётся по сумме."""
    try:
        size, changed, crc = results[id]["stamp"]
        status = path.stat()
        if status.st_size != size:
            return False
        return bool(status.st_mtime_ns == changed or zlib.crc32(path.read_bytes()) == crc)
    except (KeyError, TypeError, ValueError, OSError):
        return False


def _stamp(path: Path) -> list[int]:
    try:
        status = path.stat()
        return [status.st_size, status.st_mtime_ns, zlib.crc32(path.read_bytes())]
    except OSError:
        return []


def _value(transcript: Transcript, seconds: float, stamp: list[int]) -> dict[str, Any]:
    return {
        "text": transcript.text,
        "confidence": round(transcript.confidence, 3),
        "no_speech": round(transcript.no_speech, 3),
        "language": transcript.language,
        "words": [
            [word.text, round(word.start, 3), round(word.end, 3), round(word.confidence, 3)]
            for word in transcript.words
        ],
        "seconds": round(seconds, 3),
        "stamp": stamp,
    }


def _transcript(value: dict[str, Any]) -> Transcript:
    words = tuple(Word(*word) for word in value["words"])
    return Transcript(
        value["text"], value["confidence"], words, value["language"], value["no_speech"]
    )
