"""Качество нарезки: границы речи в 20-минутных записях с известной разметкой.

    python benchmarks/segmenting_quality.py [--corpus data/ru_nsh] [--detector silero energy]

Записи. Все фразы ru-nsh в случайном порядке обрезаются по краям до 0,03 с от крайних звуков
разметки (`labels/*.lab`) и соединяются паузами 0,3-1,5 с в записи по 20 минут. Пауза заполнена
комнатным шумом: спектр и уровень измерены в собственных паузах корпуса. Это уровень «none»; для
30 и 20 дБ ко всей записи добавлен такой же шум на столько дБ тише речи.

Истина. Молчание — вставленная пауза или `pau` внутри фразы. Обязательны оба края каждого молчания
от 0,3 с: конец речи перед ним и начало после. Края `pau` от 0,1 до 0,3 с допустимы: найденный там
край — не ошибка, ненайденный тоже. Всё остальное найденное — ложное. Край верен, если он того же
рода (начало или конец) и не дальше 0,25 с от истинного; каждый истинный край засчитывается
однажды. Точность = верные / (верные + ложные), полнота = верные / обязательные, F1 — их среднее
гармоническое. Чтобы каждая пауза стала границей, запись режется без полей, соединений и пределов
длины: margin 0, min_seconds 0, min_pause = max_pause = 0,2.

Разрезы и потери считаются и для настроек по умолчанию (2-12 с, поля 0,1 с). Разрез — середина
между соседними клипами. Он «в речи», если разметка там не молчит, а чистый сигнал (до добавления
шума) в окне 50 мс вокруг громче пауз, то есть громче 95% таких окон в паузах самой записи.
Потеря — доля размеченной речи вне всех клипов.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from tts_framework.plugins import Plugins
from tts_framework.speech.audio import write_wav
from tts_framework.speech.segmenting import SegmentSettings, maker, segment

RATE = 16000
MINUTES = 20
EDGE = 0.03
PAUSES = (0.3, 1.5)
DEMANDED, ALLOWED = 0.3, 0.1
TOLERANCE = 0.25
WINDOW = RATE // 20
LEVELS = {"none": None, "30 dB": 30.0, "20 dB": 20.0}
GOALS = {"none": 0.95, "30 dB": 0.93, "20 dB": 0.90}
EVERY_PAUSE = SegmentSettings(
    rate=RATE, min_seconds=0, max_seconds=30, margin=0, min_pause=0.2, max_pause=0.2
)
DEFAULT = SegmentSettings(rate=RATE)
Spans = np.ndarray
"""Отрезки времени [n, 2], секунды."""


@dataclass(frozen=True)
class Phrase:
    """Фраза, обрезанная по краям: отсчёты и отрезки речи внутри."""

    samples: np.ndarray
    speech: Spans


@dataclass(frozen=True)
class Made:
    """Составленная запись и её истина."""

    clean: np.ndarray
    speech: Spans


def phrases(corpus: Path) -> list[Phrase]:
    found = []
    for label in sorted((corpus / "labels").glob("*.lab")):
        samples, rate = soundfile.read(corpus / "wavs" / f"{label.stem}.wav", dtype="float32")
        assert rate == RATE
        speech = spoken(label)
        start = max(0.0, speech[0, 0] - EDGE)
        end = speech[-1, 1] + EDGE
        found.append(Phrase(samples[round(start * RATE) : round(end * RATE)], speech - start))
    return found


def spoken(label: Path) -> Spans:
    """Прочитай отрезки между `pau` (соседние звуки слиты)."""
    lines = label.read_text().split("#", 1)[1].split("\n")
    spans: list[list[float]] = []
    last, silent = 0.0, True
    for fields in (line.split() for line in lines if line.strip()):
        end = float(fields[0])
        if fields[2] != "pau":
            if silent:
                spans.append([last, end])
            spans[-1][1] = end
        silent = fields[2] == "pau"
        last = end
    return np.array(spans)


def room_noise(corpus: Path, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Сделай шум со спектром и уровнем пауз корпуса: float32 [seconds * RATE]."""
    spectra = []
    for label in sorted((corpus / "labels").glob("*.lab"))[:200]:
        samples, _ = soundfile.read(corpus / "wavs" / f"{label.stem}.wav", dtype="float32")
        speech = spoken(label)
        for start, end in zip(speech[:-1, 1] + 0.12, speech[1:, 0] - 0.12):
            piece = samples[round(start * RATE) : round(end * RATE)]
            for at in range(0, len(piece) - 1024, 512):
                windowed = piece[at : at + 1024] * np.hanning(1024)
                spectra.append(np.abs(np.fft.rfft(windowed)) ** 2)
    power = np.median(spectra, axis=0) / np.log(2) / np.sum(np.hanning(1024) ** 2)
    size = round(seconds * RATE)
    white = np.fft.rfft(rng.standard_normal(size))
    shape = np.interp(np.linspace(0, 1, len(white)), np.linspace(0, 1, len(power)), power)
    return np.fft.irfft(white * np.sqrt(shape), size).astype(np.float32)


def recordings(corpus: Path, seed: int) -> list[Made]:
    rng = np.random.default_rng(seed)
    found = phrases(corpus)
    order = rng.permutation(len(found))
    noise = room_noise(corpus, 60 * (MINUTES + 2), rng)
    made, pieces, spans, at = [], [], [], 0
    for number in order:
        gap = round(rng.uniform(*PAUSES) * RATE) - round(2 * EDGE * RATE)
        pieces += [noise[at : at + gap], found[number].samples]
        spans.append(found[number].speech + (at + gap) / RATE)
        at += gap + len(found[number].samples)
        if at >= MINUTES * 60 * RATE:
            made.append(Made(np.concatenate([*pieces, noise[:RATE]]), np.concatenate(spans)))
            pieces, spans, at = [], [], 0
    if at > RATE * 60:
        made.append(Made(np.concatenate([*pieces, noise[:RATE]]), np.concatenate(spans)))
    return made


def noisy(made: Made, snr: float | None, noise: np.ndarray) -> np.ndarray:
    """Добавь шум на `snr` дБ тише речи."""
    if snr is None:
        return made.clean
    speech = np.concatenate([made.clean[round(a * RATE) : round(b * RATE)] for a, b in made.speech])
    level = np.sqrt(np.mean(speech**2)) / 10 ** (snr / 20)
    return made.clean + noise[: len(made.clean)] * level / np.sqrt(np.mean(noise**2))


@dataclass
class Score:
    """Счёт по всем записям."""

    demanded: int = 0
    matched: int = 0
    false: int = 0
    cuts: int = 0
    in_speech: int = 0
    speech: float = 0.0
    lost: float = 0.0
    clips: int = 0
    outside: int = 0

    @property
    def precision(self) -> float:
        return self.matched / max(1, self.matched + self.false)

    @property
    def recall(self) -> float:
        return self.matched / max(1, self.demanded)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def count_edges(self, truth: Spans, found: Spans) -> None:
        """Сопоставь найденные края с истинными."""
        pauses = np.stack([truth[:-1, 1], truth[1:, 0]], axis=1)
        lengths = pauses[:, 1] - pauses[:, 0]
        for side, outer in ((1, truth[0, 0]), (0, truth[-1, 1])):
            demanded = np.append(pauses[lengths >= DEMANDED, side], outer)
            allowed = pauses[(lengths >= ALLOWED) & (lengths < DEMANDED), side]
            matched, rest = match(np.sort(demanded), np.sort(found[:, 1 - side]))
            self.demanded += len(demanded)
            self.matched += matched
            self.false += sum(not near(allowed, edge) for edge in rest)

    def count_cuts(self, made: Made, found: Spans, level: float) -> None:
        """Посчитай разрезы внутри речи, которая громче пауз."""
        for cut in (found[:-1, 1] + found[1:, 0]) / 2:
            self.cuts += 1
            inside = bool(np.any((made.speech[:, 0] < cut) & (cut < made.speech[:, 1])))
            at = round(cut * RATE)
            window = made.clean[max(0, at - WINDOW // 2) : at + WINDOW // 2]
            self.in_speech += inside and float(np.mean(window**2)) > level

    def count_lost(self, truth: Spans, found: Spans) -> None:
        """Посчитай размеченную речь, не попавшую в клипы."""
        self.speech += float(np.sum(truth[:, 1] - truth[:, 0]))
        self.lost += sum(b - a for a, b in truth) - overlap(truth, found)
        lengths = found[:, 1] - found[:, 0]
        self.clips += len(found)
        low, high = DEFAULT.min_seconds, DEFAULT.max_seconds
        self.outside += int(np.sum((lengths < low) | (lengths > high + 0.01)))


def match(truth: np.ndarray, found: np.ndarray) -> tuple[int, list[float]]:
    """Сопоставь по порядку, не дальше TOLERANCE; верни число пар и лишние найденные."""
    matched, rest, n = 0, [], 0
    for edge in found:
        while n < len(truth) and truth[n] < edge - TOLERANCE:
            n += 1
        if n < len(truth) and truth[n] <= edge + TOLERANCE:
            matched += 1
            n += 1
        else:
            rest.append(float(edge))
    return matched, rest


def near(edges: np.ndarray, edge: float) -> bool:
    return bool(len(edges)) and bool(np.min(np.abs(edges - edge)) <= TOLERANCE)


def overlap(first: Spans, second: Spans) -> float:
    """Общая длительность двух наборов непересекающихся отрезков."""
    total, n = 0.0, 0
    for start, end in first:
        while n < len(second) and second[n, 1] <= start:
            n += 1
        k = n
        while k < len(second) and second[k, 0] < end:
            total += min(end, second[k, 1]) - max(start, second[k, 0])
            k += 1
    return float(total)


def pause_level(made: Made, heard: np.ndarray) -> float:
    """Мощность, ниже которой 95% окон в паузах записи, какой её слышит детектор."""
    powers = []
    for start, end in zip(made.speech[:-1, 1] + EDGE, made.speech[1:, 0] - EDGE):
        piece = heard[round(start * RATE) : round(end * RATE)]
        windows = piece[: len(piece) // WINDOW * WINDOW].reshape(-1, WINDOW)
        powers += np.mean(windows**2, axis=1).tolist()
    return float(np.percentile(powers, 95))


def clips_of(folder: Path, settings: SegmentSettings, name: str, out: Path) -> list[Spans]:
    """Нарежь записи папки и верни границы клипов каждой."""
    cls = Plugins().get("detector", name)
    make = maker(cls, cls.Config())
    segment(folder, out, settings, make, lambda *_: None)
    found: dict[str, list[tuple[float, float]]] = {}
    for line in (out / "segments.jsonl").read_text().splitlines():
        clip = json.loads(line)
        found.setdefault(clip["source"], []).append((clip["start"], clip["end"]))
    return [np.array(found[name]) for name in sorted(found)]


def score(made: list[Made], folder: Path, name: str, out: Path) -> tuple[Score, Score]:
    """Верни счёт для каждой паузы и для настроек по умолчанию."""
    results = []
    for number, settings in enumerate((EVERY_PAUSE, DEFAULT)):
        total = Score()
        found = clips_of(folder, settings, name, out / str(number))
        for recording, path, spans in zip(made, sorted(folder.iterdir()), found, strict=True):
            heard, _ = soundfile.read(path, dtype="float32")
            total.count_edges(recording.speech, spans)
            total.count_cuts(recording, spans, pause_level(recording, heard))
            total.count_lost(recording.speech, spans)
        results.append(total)
    return results[0], results[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/ru_nsh"))
    parser.add_argument("--detector", nargs="+", default=["silero", "energy"])
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--recordings", type=int, help="Only the first so many recordings.")
    parser.add_argument("--level", nargs="+", choices=LEVELS, default=list(LEVELS))
    arguments = parser.parse_args()
    made = recordings(arguments.corpus, arguments.seed)[: arguments.recordings]
    minutes = sum(len(recording.clean) for recording in made) / RATE / 60
    noise = room_noise(
        arguments.corpus, 60 * (MINUTES + 2), np.random.default_rng(arguments.seed + 1)
    )
    table = Table(title=f"{len(made)} recordings, {minutes:.1f} min")
    columns = "detector|noise|edges|precision|recall|F1|goal|cuts|in speech|clips|in speech|out of"
    for column in [*columns.split("|"), "lost, %"]:
        table.add_column(column)
    for level in arguments.level:
        snr = LEVELS[level]
        with tempfile.TemporaryDirectory() as temporary:
            raw = Path(temporary) / "raw"
            raw.mkdir()
            for number, recording in enumerate(made):
                write_wav(raw / f"rec_{number}.wav", noisy(recording, snr, noise), RATE)
            for name in arguments.detector:
                every, usual = score(made, raw, name, Path(temporary) / name)
                values = [f"{every.precision:.3f}", f"{every.recall:.3f}", f"{every.f1:.3f}"]
                row = [name, level, str(every.demanded), *values, f"{GOALS[level]:.2f}"]
                row += [str(every.cuts), str(every.in_speech), str(usual.clips)]
                row += [str(usual.in_speech), str(usual.outside)]
                row.append(f"{100 * usual.lost / usual.speech:.2f}")
                print(*row, sep="  ", file=sys.stderr, flush=True)
                table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
