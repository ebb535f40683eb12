"""Клипы распознавателя: mel - в кэше на диске, ожидаемые классы - в памяти."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.evaluation.recognizer.alphabet import Alphabet
from tts_framework.evaluation.recognizer.network import SHRINK, normalized
from tts_framework.options import AudioSettings
from tts_framework.speech import filelist
from tts_framework.speech.mel_cache import MelCache
from tts_framework.speech.normalizing import Report, silent

_FASTEST = 1.1
"""Во столько раз клип вправе ускориться в обучении: шагов CTC должно хватить и тогда."""


class Clips:
    """Одна выборка."""

    def __init__(
        self,
        path: Path,
        frontend: Frontend,
        alphabet: Alphabet,
        audio: AudioSettings,
        cache: Path,
        *,
        skip_bad: bool = False,
        warn: Callable[[str], None] = print,
        progress: Report = silent,
    ) -> None:
        clips = filelist.load(path, frontend, audio, skip_bad, warn, cache=cache, progress=progress)
        self._mels = MelCache(cache, audio)
        self._mels.ensure([clip.path for clip in clips], progress)
        expected = [alphabet.encode(symbols_of(frontend, clip.text)) for clip in clips]
        frames = [self._mels.frames(clip.path) for clip in clips]
        kept = [n for n, target in enumerate(expected) if _fits(target, frames[n])]
        if not kept:
            raise DataError(f"{path}: no clip has letters and time enough for them; fix the list")
        if len(kept) < len(clips):
            warn(
                f"{path}: {len(clips) - len(kept)} clip(s) left out: no letters, or spoken faster"
                f" than {SHRINK} frames per letter"
            )
        self.paths = [clips[n].path for n in kept]
        self.expected = [expected[n] for n in kept]
        self.frames = [frames[n] for n in kept]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава: имена, длины и ожидаемые классы."""
        rows = zip((path.name for path in self.paths), self.frames, self.expected, strict=True)
        text = "\n".join(f"{name}|{frames}|{target}" for name, frames, target in rows)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def mel(self, number: int) -> Tensor:
        """Верни нормированную mel клипа `[n_mels, T]`."""
        return normalized(torch.from_numpy(np.array(self._mels.get(self.paths[number]))))

    def targets(self, numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Верни ожидаемые классы подряд `[sum U]` и их числа `[B]`."""
        rows = [self.expected[number] for number in numbers]
        return torch.tensor([n for row in rows for n in row]), torch.tensor([len(r) for r in rows])


def symbols_of(frontend: Frontend, text: str) -> list[str]:
    """Верни символы текста по таблице фронтенда."""
    table = frontend.symbols
    return [table[number] for number in frontend.encode(text)]


def order(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Разложи клипы эпохи по пачкам близкой длины: чистая функция зерна и эпохи."""
    rng = np.random.default_rng([seed, epoch])
    noisy = np.asarray(lengths) * np.exp(rng.normal(0.0, 0.1, len(lengths)))
    batches = np.array_split(np.argsort(noisy, kind="stable"), -(-len(lengths) // batch_size))
    return [batches[number].tolist() for number in rng.permutation(len(batches))]


def _fits(target: Sequence[int], frames: int) -> bool:
    """Скажи, есть ли что слышать и хватит ли шагов: по шагу на класс и пропуск между равными."""
    needed = len(target) + sum(a == b for a, b in zip(target, target[1:], strict=False))
    return 0 < needed <= frames / _FASTEST // SHRINK
