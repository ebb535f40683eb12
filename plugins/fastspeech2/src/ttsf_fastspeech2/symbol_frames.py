"""Длительности символов клипов в кадрах: из меток фонов или из выгрузки другой модели.

Перед символами фронтенда стоит ещё один, `START`: ему принадлежит тишина в начале клипа.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tts_framework.components import TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import durations
from tts_framework.speech.filelist import Clip
from tts_framework.speech.phones.times import LabelledClips

START = 0
"""Номер заполнителя; настоящего заполнителя сеть не видит за маской."""

Numbers = NDArray[np.int64]


def from_labels(
    clips: Sequence[Clip], texts: Sequence[Numbers], frames: Sequence[int], context: TrainingContext
) -> list[Numbers | None]:
    """Верни кадры символов `[1 + N]` по `labels/ID.lab`; у клипа без меток - None.

    Raises:
        DataError: метки не читаются или длиннее клипа.
    """
    rate = context.audio.sampling_rate / context.audio.hop_length
    seconds = [count / rate for count in frames]
    paths = [clip.path for clip in clips]
    labelled = LabelledClips(paths, seconds, texts, context.frontend.symbols)
    folder = context.cache / context.audio.fingerprint
    spans = labelled.spans(folder, context.progress)
    return [
        None if np.isnan(span).any() else _counted([edge[0], *_inside(span, edge[1])], rate, count)
        for span, edge, count in zip(spans, labelled.edges(), frames, strict=True)
    ]


def from_files(
    clips: Sequence[Clip], texts: Sequence[Numbers], frames: Sequence[int], context: TrainingContext
) -> list[Numbers | None]:
    """Верни кадры символов `[1 + N]` по `durations/ID.json`; у клипа без файла - None.

    Raises:
        DataError: файл повреждён, от другого текста или клипа.
    """
    rate = context.audio.sampling_rate / context.audio.hop_length
    names, found, problems = context.frontend.symbols, [], []
    for clip, text, count in zip(clips, texts, frames, strict=True):
        said = [names[number] for number in text]
        try:
            ends = durations.read(durations.beside(clip.path), said, count / rate)
        except DataError as error:
            problems += error.problems
            continue
        found.append(None if ends is None else _counted([0.0, *ends], rate, count))
    if problems:
        raise DataError(problems)
    return found


def _inside(span: NDArray[np.float32], speech_end: float) -> NDArray[np.float64]:
    """Концы символов: до последнего - внутри речи, последнему достаётся тишина в конце."""
    ends = np.minimum(span[:, 1], speech_end).astype(np.float64)
    return np.maximum.accumulate(ends)


def _counted(ends: Sequence[float], rate: float, frames: int) -> Numbers:
    """Концы в секундах -> кадры: кадр `t` - у символа, где лежит его середина `t / rate`."""
    edges = np.ceil(np.asarray(ends) * rate - 1e-6).clip(0, frames).astype(np.int64)
    edges[-1] = frames
    return np.diff(np.maximum.accumulate(edges), prepend=0)
