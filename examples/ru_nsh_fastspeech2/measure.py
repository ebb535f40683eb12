"""Сравни речь модели с записями, которых она не слышала, и с копией ближайшего клипа.

    python examples/ru_nsh_fastspeech2/measure.py output/ru-nsh-fastspeech2/best_model.ckpt

Для каждого проверочного клипа считается MCD-DTW (`speech.evaluation.spectral`, рецепт печатается)
до трёх звуков:

* `spoken` - текст клипа, произнесённый моделью без подсказки (звук - Griffin-Lim или `--vocoder`);
* `nearest` - запись ближайшего обучающего клипа как она есть. Ближайший - с наименьшей суммой
  нормированного расстояния Левенштейна между символами текстов и |ln(отношение длин записей)|;
* `copy` - сам клип, разложенный в mel и собранный обратно тем же способом: потолок этой mel.

Модель заговорила, если `spoken` меньше `nearest`. Код завершения 1 - если в среднем нет.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from tts_framework import files
from tts_framework.components import AudioSettings, Frontend, Mel, Sound, Voice
from tts_framework.errors import TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech import filelist, mels
from tts_framework.speech.audio import read_header, read_wav
from tts_framework.speech.evaluation import spectral
from tts_framework.speech.filelist import Clip
from tts_framework.training import checkpoint, saved

ITERATIONS = 60


@dataclass(frozen=True)
class Scores:
    """MCD-DTW одного клипа, дБ, и отношение длины сказанного к настоящей."""

    clip: str
    nearest_clip: str
    spoken: float
    nearest: float
    copy: float
    duration_ratio: float


@dataclass(frozen=True)
class Known:
    """Обучающий клип: символы текста и длина, с."""

    clip: Clip
    symbols: list[int]
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Измерь и напечатай таблицу; верни код завершения."""
    parser = argparse.ArgumentParser(description="MCD-DTW of free-running speech.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--train", type=Path, default=Path("data/ru_nsh/train.csv"))
    parser.add_argument("--validation", type=Path, default=Path("data/ru_nsh/validation.csv"))
    parser.add_argument("--clips", type=int, default=None, help="only the first N clips")
    parser.add_argument("--cache", type=Path, default=Path("output/.cache"))
    parser.add_argument("--vocoder", type=Path, default=None, help="instead of Griffin-Lim")
    parser.add_argument("--out", type=Path, default=None, help="write every clip as JSON here")
    options = parser.parse_args(arguments)
    try:
        return _report(options)
    except TTSFError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _report(options: argparse.Namespace) -> int:
    found = checkpoint.read(options.checkpoint)
    audio, frontend = saved.audio(options.checkpoint, found), saved.frontend(
        options.checkpoint, found
    )
    voice = _open(options.checkpoint)
    vocoder = None if options.vocoder is None else _open(options.vocoder)
    known = _known(_read(options.train, frontend, audio, options.cache), frontend)
    clips = _read(options.validation, frontend, audio, options.cache)[: options.clips]
    print(f"recipe {spectral.RECIPE}; {len(clips)} held-out clips, {len(known)} training clips")
    began, scores = time.perf_counter(), []
    for number, clip in enumerate(clips, start=1):
        scores.append(_scores(clip, known, frontend, voice, vocoder, audio))
        print(f"{number}/{len(clips)} {scores[-1]}", flush=True)
    means = _means(scores)
    print("\n".join(_table(scores, means)), f"\n{time.perf_counter() - began:.0f} s")
    if options.out is not None:
        document = {"recipe": spectral.RECIPE, "means": means, "clips": [asdict(s) for s in scores]}
        files.write_text(options.out, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return 0 if means["spoken"] < means["nearest"] else 1


def _open(path: Path) -> Voice:
    model = checkpoint.read(path).get("model")
    name = model.get("use") if isinstance(model, dict) else None
    opened: Voice = Plugins().get("model", str(name)).voice(path, "cpu")
    return opened


def _read(path: Path, frontend: Frontend, audio: AudioSettings, cache: Path) -> list[Clip]:
    """Прочти список с нормализованными текстами; они остаются в кэше обучения."""
    return filelist.load(path, frontend, audio, cache=cache)


def _known(clips: Sequence[Clip], frontend: Frontend) -> list[Known]:
    return [
        Known(clip, frontend.encode(clip.text), read_header(clip.path).seconds) for clip in clips
    ]


def nearest(symbols: Sequence[int], seconds: float, known: Sequence[Known]) -> Known:
    """Верни обучающий клип, ближайший по тексту и длине."""

    def distance(other: Known) -> float:
        text = Levenshtein.normalized_distance(symbols, other.symbols)
        return float(text + abs(np.log(seconds / other.seconds)))

    return min(known, key=distance)


def _scores(
    clip: Clip,
    known: Sequence[Known],
    frontend: Frontend,
    voice: Voice,
    vocoder: Voice | None,
    audio: AudioSettings,
) -> Scores:
    real = Sound("real", read_wav(clip.path, audio.sampling_rate), audio.sampling_rate)
    seconds = len(real.samples) / audio.sampling_rate
    closest = nearest(frontend.encode(clip.text), seconds, known).clip
    other = Sound("nearest", read_wav(closest.path, audio.sampling_rate), audio.sampling_rate)
    said = voice(clip.text)
    spoken = spectral.mcd_dtw(real, _sounded(said, vocoder))
    copy = Mel(mels.mel_spectrogram(real.samples, audio), audio)
    return Scores(
        clip.path.stem,
        closest.path.stem,
        spoken.mcd_db,
        spectral.mcd_dtw(real, other).mcd_db,
        spectral.mcd_dtw(real, _sounded(copy, vocoder)).mcd_db,
        spoken.duration_ratio,
    )


def _sounded(mel: Mel, vocoder: Voice | None) -> Sound:
    if vocoder is not None:
        sound: Sound = vocoder(mel)
        return sound
    samples = mels.griffin_lim(mel.frames, mel.audio, ITERATIONS)
    return Sound("speech", samples, mel.audio.sampling_rate)


def _means(scores: Sequence[Scores]) -> dict[str, float]:
    names = ("spoken", "nearest", "copy", "duration_ratio")
    return {name: float(np.mean([getattr(score, name) for score in scores])) for name in names}


def _table(scores: Sequence[Scores], means: dict[str, float]) -> list[str]:
    wins = sum(score.spoken < score.nearest for score in scores)
    rows = [f"{name:8} {means[name]:6.2f} dB" for name in ("spoken", "nearest", "copy")]
    return [
        *rows,
        f"spoken is closer than the nearest clip in {wins} of {len(scores)} clips;"
        f" its length is {means['duration_ratio']:.3f} of the real one",
    ]


if __name__ == "__main__":
    sys.exit(main())
