"""Пересказ корпуса с подсказкой: mel каждого клипа, на которых доучивают вокодер.

Папка - `speech.exported_mels`; `export.jsonl` рядом помнит готовые клипы, поэтому прерванное
продолжает та же команда, а второй список дополняет папку.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework import files
from tts_framework.components import AudioSettings, Teacher
from tts_framework.errors import DataError
from tts_framework.plugins import Plugins
from tts_framework.speech import exported_mels, filelist
from tts_framework.speech.audio import read_header, read_wav
from tts_framework.speech.exported_mels import ExportedMels
from tts_framework.speech.filelist import Clip
from tts_framework.speech.mels import frames_of, mel_spectrogram
from tts_framework.speech.results import Results
from tts_framework.synthesis.speaking import Report, silent
from tts_framework.synthesis.voices import model_of

RECORD = "export.jsonl"
BATCH_SIZE = 16
_ALIGNMENT_CLIPS = 32


@dataclass(frozen=True)
class Exported:
    """Итог: сколько клипов в папке, сколько из них сделано сейчас, сколько кадров."""

    clips: int
    made: int
    frames: int


@dataclass(frozen=True)
class Export:
    """Что выгрузить и как; `force` начинает папку заново."""

    checkpoint: Path
    lists: Sequence[Path]
    out: Path
    device: str = "auto"
    batch_size: int = BATCH_SIZE
    seed: int = 0
    force: bool = False
    skip_bad: bool = False
    allow_outside: bool = False
    warn: Callable[[str], None] = print

    def run(self, plugins: Plugins, progress: Report = silent) -> Exported:
        """Перескажи все клипы списков.

        Raises:
            CheckpointError: чекпоинт не годится; ConfigError: модель так не умеет;
            DataError: плохие клипы, папка другого чекпоинта или других настроек звука (названо,
            каких), mel другой длины или со сдвигом; DiskFull: кончилось место, сделанное цело.
        """
        teacher: Teacher = plugins.get("model", model_of(self.checkpoint)).teacher(
            self.checkpoint, self.device
        )
        sha256 = files.sha256(self.checkpoint)
        if self.force:
            for name in (exported_mels.MANIFEST, RECORD):
                (self.out / name).unlink(missing_ok=True)
        before = _finished(self.out, teacher.audio, sha256)
        clips = _by_id(self._clips(teacher, progress))
        frames = {name: _frames(clip, teacher.audio) for name, clip in clips.items()}
        folder = ExportedMels(self.out, teacher.audio, sha256, {**before, **frames})
        recipe = {"checkpoint": sha256, "audio": teacher.audio.fingerprint, "seed": self.seed}
        with Results(self.out / RECORD, recipe) as record:
            missing = [
                name for name, clip in clips.items() if not _is_done(folder, record, name, clip)
            ]
            missing.sort(key=lambda name: (frames[name], name))
            self._retell(teacher, {name: clips[name] for name in missing}, record, progress)
        _require_aligned(folder, clips)
        exported_mels.write_manifest(self.out, teacher.audio, sha256, folder.clips)
        return Exported(len(folder.clips), len(missing), sum(folder.clips.values()))

    def _clips(self, teacher: Teacher, progress: Report) -> list[Clip]:
        found: list[Clip] = []
        for path in self.lists:
            found += filelist.load(
                path,
                teacher.frontend,
                teacher.audio,
                self.skip_bad,
                self.warn,
                self.allow_outside,
                self.out / ".cache",
                progress,
            )
        return found

    def _retell(
        self, teacher: Teacher, clips: Mapping[str, Clip], record: Results, progress: Report
    ) -> None:
        from tts_framework.training import faults

        order = list(clips)
        for start in range(0, len(order), self.batch_size):
            names = order[start : start + self.batch_size]
            real = [_real(clips[name], teacher.audio) for name in names]
            texts = [clips[name].text for name in names]
            with faults.named(lambda: "export-mels"):
                said = teacher(texts, real, seed=self.seed + zlib.crc32(names[0].encode()))
            for name, mel, heard in zip(names, said, real, strict=True):
                if mel.shape != heard.shape:
                    raise DataError(
                        f"{clips[name].path}: {list(mel.shape)} came out of the model, but the"
                        f" recording has {list(heard.shape)}; this model cannot be exported"
                    )
                exported_mels.write_mel(self.out, name, mel)
                record.add(name, _source(clips[name]))
            progress(start + len(names), len(order), "retelling")


def _finished(out: Path, audio: AudioSettings, sha256: str) -> dict[str, int]:
    """Верни клипы законченной выгрузки этого же чекпоинта, если она здесь есть."""
    if not (out / exported_mels.MANIFEST).exists():
        return {}
    found = exported_mels.open_folder(out, audio, "the model")
    if found.checkpoint_sha256 != sha256:
        raise DataError(
            f"{out}: holds the mels of another checkpoint (sha256"
            f" {found.checkpoint_sha256[:12]}..., this one is {sha256[:12]}...); give another"
            " --out, or --force to replace them"
        )
    return dict(found.clips)


def _by_id(clips: Sequence[Clip]) -> dict[str, Clip]:
    found: dict[str, Clip] = {}
    for clip in clips:
        same = found.setdefault(clip.path.stem, clip)
        if same.path.absolute() != clip.path.absolute():
            raise DataError(
                f"{clip.where}: the clip is called {clip.path.stem!r}, as that of {same.where} is;"
                " their mels cannot be told apart, rename one"
            )
    return found


def _is_done(folder: ExportedMels, record: Results, name: str, clip: Clip) -> bool:
    if name not in record or record[name] != _source(clip):
        return False
    try:
        folder.get(name)
    except DataError:
        return False
    return True


def _source(clip: Clip) -> list[Any]:
    found = clip.path.stat()
    return [found.st_size, found.st_mtime_ns, clip.text]


def _frames(clip: Clip, audio: AudioSettings) -> int:
    return frames_of(read_header(clip.path).frames, audio)


def _real(clip: Clip, audio: AudioSettings) -> np.ndarray:
    return mel_spectrogram(read_wav(clip.path, audio.sampling_rate), audio)


def _require_aligned(folder: ExportedMels, clips: Mapping[str, Clip]) -> None:
    """Сверь сдвиг на части клипов, пока папка не объявлена законченной."""
    names = list(clips)[:: max(1, len(clips) // _ALIGNMENT_CLIPS)]
    folder.require_aligned((folder.get(name), _real(clips[name], folder.audio)) for name in names)
