"""Клипы -> пачки тензоров."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tts_framework.components import TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import filelist
from tts_framework.speech.filelist import Clip
from tts_framework.speech.mel_cache import MelCache
from ttsf_fastspeech2 import pitch, symbol_frames
from ttsf_fastspeech2.network import Batch
from ttsf_fastspeech2.options import FastSpeech2Options
from ttsf_fastspeech2.symbol_frames import START

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]
Source = Callable[
    [Sequence[Clip], Sequence[Numbers], Sequence[int], TrainingContext], list[Numbers | None]
]

_SOURCES: dict[str, tuple[Source, str]] = {
    "labels": (symbol_frames.from_labels, "phone labels (labels/ID.lab)"),
    "files": (symbol_frames.from_files, "durations (durations/ID.json)"),
}
_STATISTICS_CLIPS = 200
_SHOWN = 3


class Clips:
    """Одна выборка: символы, тон и длительности в памяти, мел-спектрограммы - в кэше на диске."""

    def __init__(self, source: str, context: TrainingContext, config: FastSpeech2Options) -> None:
        path = context.train if source == "train" else context.validation
        loaded = filelist.load(
            path,
            context.frontend,
            context.audio,
            context.skip_bad,
            context.warn,
            context.allow_outside,
            context.cache,
            context.progress,
        )
        self._cache = MelCache(context.cache, context.audio)
        self._cache.ensure([clip.path for clip in loaded], context.progress)
        texts = [np.asarray(context.frontend.encode(clip.text), np.int64) for clip in loaded]
        frames = [self._cache.frames(clip.path) for clip in loaded]
        known = self._known_durations(path, loaded, texts, frames, context, config.durations)
        ready = {number: found for number, found in enumerate(known) if found is not None}
        kept = list(ready)
        self.clips = [loaded[number] for number in kept]
        self.frames = [frames[number] for number in kept]
        self._texts = [np.concatenate([[START], texts[number]]) for number in kept]
        self._durations = None if config.durations == "aligner" else list(ready.values())
        cache = pitch.PitchCache(
            context.cache, context.audio, config.pitch_floor, config.pitch_ceiling
        )
        paths = [clip.path for clip in self.clips]
        self._pitch = [
            pitch.log_f0(track) for track in cache.tracks(paths, self.frames, context.progress)
        ]

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава выборки: имена файлов, тексты и длины."""
        pairs = zip(self.clips, self.frames, strict=True)
        text = "\n".join(f"{clip.path.name}|{clip.text}|{frames}" for clip, frames in pairs)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def mel(self, number: int) -> Floats:
        """Верни мел-спектрограмму клипа `[n_mels, T]`."""
        return self._cache.get(self.clips[number].path)

    def statistics(self) -> tuple[Tensor, Tensor, Tensor]:
        """Верни среднее и разброс мел-полос `[n_mels]` и тона и энергии `[2, 2]`."""
        chosen = range(min(len(self), _STATISTICS_CLIPS))
        mels = np.concatenate([self.mel(number) for number in chosen], 1).astype(np.float64)
        tones = np.concatenate([self._pitch[number][0] for number in chosen])
        weights = np.concatenate([self._pitch[number][1] for number in chosen]).astype(np.float64)
        loudness = _energy(mels)
        spread = [_spread(tones, weights), _spread(loudness, np.ones_like(loudness))]
        scale = mels.std(1).clip(min=0.1)
        return (
            torch.tensor(mels.mean(1), dtype=torch.float32),
            torch.tensor(scale, dtype=torch.float32),
            torch.tensor(spread, dtype=torch.float32),
        )

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Собери пачку из клипов с этими номерами."""
        mels = [self.mel(number) for number in numbers]
        durations = self._durations
        return Batch(
            _padded([self._texts[number] for number in numbers]),
            torch.tensor([len(self._texts[number]) for number in numbers]),
            _padded([np.ascontiguousarray(mel.T) for mel in mels]),
            torch.tensor([mel.shape[1] for mel in mels]),
            _padded([self._pitch[number][0] for number in numbers]),
            _padded([self._pitch[number][1] for number in numbers]),
            _padded([_energy(mel) for mel in mels]),
            None if durations is None else _padded([durations[n] for n in numbers]),
        )

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Отдай всю выборку по возрастанию длины: проверочные пачки всегда одни и те же."""
        by_length = sorted(range(len(self)), key=lambda number: (self.frames[number], number))
        for start in range(0, len(by_length), batch_size):
            yield self.batch(by_length[start : start + batch_size])

    def _known_durations(
        self,
        path: object,
        clips: Sequence[Clip],
        texts: Sequence[Numbers],
        frames: Sequence[int],
        context: TrainingContext,
        kind: str,
    ) -> list[Numbers | None]:
        """Верни длительности; None - клип не годится, о таких сказано."""
        if kind == "aligner":
            pairs = zip(texts, frames, strict=True)
            found = [text if count > len(text) else None for text, count in pairs]
            what, advice = "fewer frames than symbols", "lower data.audio.hop_length"
        else:
            source, name = _SOURCES[kind]
            found = source(clips, texts, frames, context)
            what, advice = f"no {name}", "make them or set model.durations: aligner"
        left_out = [
            clip.path.name
            for clip, durations in zip(clips, found, strict=True)
            if durations is None
        ]
        if len(left_out) == len(clips):
            raise DataError(f"{path}: model.durations: {kind}: all clips have {what}; {advice}")
        if left_out:
            named = ", ".join(left_out[:_SHOWN]) + (" ..." if len(left_out) > _SHOWN else "")
            context.warn(
                f"{path}: {len(left_out)} of {len(clips)} clips have {what} and are left out"
                f" ({named})"
            )
        return found


def _energy(mel: np.ndarray) -> np.ndarray:
    """Верни ln длины вектора амплитуд кадра: `[n_mels, T]` -> `[T]`."""
    return np.asarray(0.5 * np.log(np.exp(2.0 * mel).sum(0)))


def _spread(values: np.ndarray, weights: np.ndarray) -> list[float]:
    """Верни взвешенные среднее и разброс; без веса - 0 и 1."""
    if not weights.any():
        return [0.0, 1.0]
    mean = np.average(values, weights=weights)
    return [float(mean), max(1e-3, float(np.average((values - mean) ** 2, weights=weights)) ** 0.5)]


def _padded(rows: Sequence[np.ndarray]) -> Tensor:
    """Собери ряды разной длины `[T, ...]` в `[B, max, ...]`, дополнив нулями."""
    shape = (len(rows), max(map(len, rows)), *rows[0].shape[1:])
    table = np.zeros(shape, dtype=np.int64 if rows[0].dtype == np.int64 else np.float32)
    for row, values in enumerate(rows):
        table[row, : len(values)] = values
    return torch.from_numpy(table)
