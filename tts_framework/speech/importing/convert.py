"""Записи -> `wavs/ID.wav` и `labels/ID.lab`: параллельно, готовое при повторе не переделывается."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework.components import Recording
from tts_framework.errors import DataError
from tts_framework.speech import disk
from tts_framework.speech.audio import read_header, resample, write_wav
from tts_framework.speech.corpora import table
from tts_framework.speech.importing import labels, sound
from tts_framework.speech.importing.lists import shown
from tts_framework.speech.results import Results

WAITING_PER_WORKER = 4


@dataclass(frozen=True)
class Converter:
    """Папка корпуса и частота, к которой приводится звук, Гц."""

    out: Path
    rate: int

    def run(
        self,
        recordings: Sequence[Recording],
        results: Results,
        progress: Callable[[int, int, str], None],
    ) -> dict[str, str]:
        """Сделай недостающие клипы, записывая итоги; верни проблемы по id.

        Raises:
            DiskFull: кончилось место; готовое цело.
        """
        todo = [recording for recording in recordings if not self.is_done(recording, results)]
        done, total = len(recordings) - len(todo), len(recordings)
        problems: dict[str, str] = {}
        progress(done, total, "convert")
        for recording, result in self._converted(todo):
            if isinstance(result, DataError):
                problems[recording.id] = str(result)
            else:
                results.add(recording.id, result)
            done += 1
            progress(done, total, "convert")
        return problems

    def is_done(self, recording: Recording, results: Results) -> bool:
        """Проверь, что клип уже сделан из этого же файла и цел."""
        if recording.id not in results:
            return False
        result = results[recording.id]
        try:
            frames = read_header(table.wav(self.out, recording.id)).frames
            same = result["stamp"] == _stamp(recording)
        except (DataError, OSError):
            return False
        label = self._label(recording.id)
        return same and frames == result["frames"] and (label.is_file() or not result["labelled"])

    def _converted(
        self, recordings: Sequence[Recording]
    ) -> Iterator[tuple[Recording, dict[str, Any] | DataError]]:
        workers = len(os.sched_getaffinity(0))
        waiting: dict[Future[dict[str, Any]], Recording] = {}
        rest = iter(recordings)
        with ThreadPoolExecutor(workers) as pool:
            try:
                while True:
                    for recording in islice(rest, workers * WAITING_PER_WORKER - len(waiting)):
                        waiting[pool.submit(self._convert, recording)] = recording
                    if not waiting:
                        return
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        recording = waiting.pop(future)
                        try:
                            yield recording, future.result()
                        except DataError as error:
                            yield recording, error
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _convert(self, recording: Recording) -> dict[str, Any]:
        stamp = _stamp(recording)
        try:
            samples, source_rate = sound.load(recording.wav, recording.start, recording.end)
        except DataError as error:
            reason = str(error).removeprefix(f"{shown(recording.wav)}: ")
            raise DataError(f"{shown(recording.wav)}: {reason}") from error
        samples, notes = resample(samples, source_rate, self.rate), []
        peak = float(np.abs(samples).max(initial=0.0))
        if source_rate == self.rate and peak > 1:
            samples = samples / peak
            notes.append(f"louder than full scale (peak {peak:.2f}), made quieter")
        write_wav(table.wav(self.out, recording.id), samples, self.rate)
        labelled = self._write_label(recording, len(samples) / self.rate, notes)
        return {
            "stamp": stamp,
            "frames": len(samples),
            "rate": source_rate,
            "text": recording.text,
            "labelled": labelled,
            "notes": notes,
        }

    def _write_label(self, recording: Recording, seconds: float, notes: list[str]) -> bool:
        """Запиши метки фонов; негодные оставь и скажи об этом."""
        target = self._label(recording.id)
        try:
            if recording.label is not None:
                content = recording.label.read_bytes()
                labels.check(content.decode("utf-8"), seconds)
            elif recording.phones:
                content = labels.text(recording.phones, seconds).encode()
            else:
                target.unlink(missing_ok=True)
                return False
        except (OSError, UnicodeDecodeError, DataError) as error:
            notes.append(f"phone labels left out: {error}")
            target.unlink(missing_ok=True)
            return False
        disk.write(target, content)
        return True

    def _label(self, id: str) -> Path:
        return self.out / "labels" / f"{id}.lab"


def _stamp(recording: Recording) -> list[Any]:
    """Верни то, по чему видно, что клип пора делать заново."""
    stat = recording.wav.stat()
    label = recording.label.stat() if recording.label else None
    return [
        stat.st_size,
        stat.st_mtime_ns,
        recording.start,
        recording.end,
        [label.st_size, label.st_mtime_ns] if label else None,
        len(recording.phones),
    ]
