"""Одна запись от начала до конца: прослушать, разрезать, записать клипы в рабочую папку."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.components import Detector
from tts_framework.errors import DataError
from tts_framework.files import sha256
from tts_framework.speech.disk import explained
from tts_framework.speech.segmenting import clips
from tts_framework.speech.segmenting.cutting import LONGEST, cut
from tts_framework.speech.segmenting.listening import listen
from tts_framework.speech.segmenting.measuring import Noise
from tts_framework.speech.segmenting.reading import shown
from tts_framework.speech.segmenting.regions import speech
from tts_framework.speech.segmenting.settings import SegmentSettings
from tts_framework.speech.segmenting.streams import Moved

MakeDetector = Callable[[], Detector]


@dataclass(frozen=True)
class Job:
    """Запись, которую надо разрезать; `folder` — рабочая папка её клипов."""

    name: str
    path: Path
    slug: str
    folder: Path
    settings: SegmentSettings
    make_detector: MakeDetector


@dataclass(frozen=True)
class Outcome:
    """Итог записи: `record` — для журнала; у негодной записи вместо него `problems`."""

    name: str
    record: dict[str, Any] | None
    problems: tuple[str, ...] = ()


def process(job: Job, moved: Moved) -> Outcome:
    """Разрежь одну запись; негодная запись — не ошибка, а итог с проблемами.

    Raises:
        DiskFull: кончилось место; рабочая папка убрана.
    """
    try:
        shutil.rmtree(job.folder, ignore_errors=True)
        job.folder.mkdir(parents=True)
        return Outcome(job.name, _segmented(job, moved))
    except DataError as error:
        shutil.rmtree(job.folder, ignore_errors=True)
        return Outcome(job.name, None, tuple(error.problems))
    except BaseException as error:
        shutil.rmtree(job.folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise explained(error, job.path) from error
        raise


def stamp(path: Path) -> dict[str, Any]:
    """Верни приметы файла, по которым узнают, что он прежний, не читая его."""
    found = path.stat()
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns}


def _segmented(job: Job, moved: Moved) -> dict[str, Any]:
    rate = job.settings.rate
    mark = {**stamp(job.path), "sha256": sha256(job.path)}
    heard = listen(job.path, job.make_detector(), moved)
    regions = speech(heard)
    cuts = cut(regions, heard.seconds, job.settings)
    kept = [found for found in cuts if found.seconds <= LONGEST]
    if not kept:
        why = "no speech found" if not cuts else f"no pause in {cuts[0].seconds:.0f} s of sound"
        raise DataError(f"{shown(job.path)}: {why}; check the recording or try another --detector")
    noise = Noise(heard, regions)
    records = []
    sounds = clips.extract(job.path, kept, rate, moved)
    for number, (found, samples) in enumerate(zip(kept, sounds, strict=True), start=1):
        id = f"{job.slug}_{number:05}"
        measured = clips.write(job.folder / f"{id}.wav", samples, job.settings)
        records.append(
            {
                "id": id,
                "start": round(found.start, 3),
                "end": round(found.end, 3),
                "seconds": round(len(samples) / rate, 3),
                **measured,
                "snr_db": clips.rounded(noise.snr_db(found)),
                "clipped": round(noise.clipped(found), 6),
                "frames": len(samples),
            }
        )
    return {
        "stamp": mark,
        "slug": job.slug,
        "folder": job.folder.name,
        "seconds": round(heard.seconds, 3),
        "rate": heard.rate,
        "left_out": round(sum(found.seconds for found in cuts if found.seconds > LONGEST), 3),
        "clips": records,
    }
