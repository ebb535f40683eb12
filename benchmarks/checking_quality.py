"""Качество проверки: дефекты, подложенные в копии настоящих клипов, и нетронутый корпус.

    python benchmarks/checking_quality.py [--corpus data/ru_nsh] [--clips 400] [--each 3]
        [--keep FOLDER]

Каждый вид дефекта подкладывается в `--each` разных клипов; «found» — клипы, на которых сработало
правило этого вида. «False» — находки на клипах, в которые ничего не подкладывали.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from tts_framework.cli.part import chosen
from tts_framework.speech.audio import resample
from tts_framework.speech.checking.checking import check
from tts_framework.speech.checking.report import Report
from tts_framework.speech.corpora import table

Samples = np.ndarray
SEED = 1234


@dataclass
class Bench:
    """Корпус с дефектами; `lines` — строки таблицы, `lists` — строки списков."""

    folder: Path
    rate: int
    lines: dict[str, table.Row]
    train: list[str] = field(default_factory=list)
    validation: list[str] = field(default_factory=list)

    def wav(self, id: str) -> Path:
        return table.wav(self.folder, id)

    def sound(self, id: str) -> Samples:
        return soundfile.read(str(self.wav(id)), dtype="float32")[0]

    def put(
        self, id: str, samples: Samples, rate: int = 0, kind: str = "PCM_16", format: str = "WAV"
    ) -> None:
        soundfile.write(str(self.wav(id)), samples, rate or self.rate, subtype=kind, format=format)
        row = self.lines.get(id)
        if row is not None:
            self.lines[id] = replace(row, seconds=len(samples) / (rate or self.rate))

    def text(self, id: str, text: str) -> None:
        self.lines[id] = replace(self.lines[id], text=text)


Plant = Callable[[Bench, str, list[str]], str | None]
"""Испорти клип `id`; третьим — нетронутые клипы. Верни место находки, если оно не `id`."""


def noisy(bench: Bench, id: str, decibels: float) -> Samples:
    """Добавь белый шум на столько дБ тише речи."""
    samples = bench.sound(id)
    loud = np.sqrt(np.mean(samples[np.abs(samples) > 0.02] ** 2))
    noise = np.random.default_rng(SEED).standard_normal(len(samples))
    return samples + (noise * loud * 10 ** (-decibels / 20)).astype(np.float32)


def _sound(change: Callable[[Bench, str], None]) -> Plant:
    def plant(bench: Bench, id: str, clean: list[str]) -> None:
        change(bench, id)

    return plant


def _bytes(change: Callable[[bytes], bytes]) -> Plant:
    return _sound(lambda b, id: _rewrite(b.wav(id), change))


def _rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def duplicate(bench: Bench, id: str, clean: list[str], *, text: bool) -> None:
    shutil.copyfile(bench.wav(clean[0]), bench.wav(id))
    first = bench.lines[clean[0]]
    bench.lines[id] = replace(
        bench.lines[id], seconds=first.seconds, text=first.text if text else bench.lines[id].text
    )


def near(bench: Bench, id: str, clean: list[str]) -> None:
    changed = noisy(bench, clean[0], 30)[int(0.15 * bench.rate) :] * np.float32(0.6)
    bench.put(id, changed)
    bench.text(id, bench.lines[clean[0]].text + " Да.")


def recoded(bench: Bench, id: str, clean: list[str]) -> None:
    low = resample(bench.sound(clean[0]), bench.rate, 11025)
    bench.put(id, resample(low, 11025, bench.rate)[: -bench.rate // 10])


def long_text(bench: Bench, id: str, clean: list[str]) -> None:
    longest = max((bench.lines[other].text for other in clean), key=len)
    bench.text(id, " ".join([longest, bench.lines[id].text, longest, longest]))


def faster(bench: Bench, id: str, clean: list[str]) -> None:
    words = bench.lines[id].text
    bench.text(id, f"{words} {words[::-1]} {words[: len(words) // 2]}")


def listed(side: str, line: str) -> Plant:
    def plant(bench: Bench, id: str, clean: list[str]) -> str:
        lines = getattr(bench, side)
        lines.append(line.format(id=id, text=bench.lines[id].text, folder=bench.folder.parent))
        return f"{side}.csv:{len(lines)}"

    return plant


def leak(bench: Bench, id: str, clean: list[str]) -> str:
    bench.text(id, bench.lines[clean[0]].text)
    bench.train.append(f"wavs/{clean[0]}.wav|x")
    bench.validation.append(f"wavs/{id}.wav|x")
    return f"validation.csv:{len(bench.validation)}"


def both(bench: Bench, id: str, clean: list[str]) -> str:
    bench.train.append(f"wavs/{id}.wav|x")
    bench.validation.append(f"wavs/{id}.wav|x")
    return f"validation.csv:{len(bench.validation)}"


def extra(bench: Bench, id: str, clean: list[str]) -> str:
    name = f"{id} копия.wav"
    shutil.copyfile(bench.wav(id), bench.folder / "wavs" / name)
    return f"wavs/{name}"


def linked(bench: Bench, id: str, clean: list[str]) -> None:
    away = bench.folder.parent / f"{id}.wav"
    bench.wav(id).rename(away)
    bench.wav(id).symlink_to(away)


def drifted(bench: Bench, id: str, clean: list[str]) -> None:
    bench.lines[id] = replace(bench.lines[id], seconds=bench.lines[id].seconds + 0.3)


def padded(bench: Bench, id: str) -> None:
    room = np.random.default_rng(SEED).standard_normal(int(1.2 * bench.rate)) * 1e-4
    bench.put(id, np.concatenate([room.astype(np.float32), bench.sound(id)]))


def text(change: Callable[[str], str]) -> Plant:
    return _sound(lambda b, id: b.text(id, change(b.lines[id].text)))


def not_numbers(bench: Bench, id: str) -> None:
    samples = bench.sound(id).copy()
    samples[1000:1010] = np.nan
    bench.put(id, samples, kind="FLOAT")


DEFECTS: dict[str, tuple[str, Plant]] = {
    "another rate (22050 Hz)": (
        "sample_rate",
        _sound(lambda b, id: b.put(id, resample(b.sound(id), b.rate, 22050), 22050)),
    ),
    "96 kHz": (
        "sample_rate",
        _sound(lambda b, id: b.put(id, resample(b.sound(id), b.rate, 96000), 96000)),
    ),
    "stereo": ("channels", _sound(lambda b, id: b.put(id, np.stack([b.sound(id)] * 2, 1)))),
    "7 channels": (
        "channels",
        _sound(lambda b, id: b.put(id, np.stack([b.sound(id)] * 7, 1), format="WAVEX")),
    ),
    "8 bits": ("bit_depth", _sound(lambda b, id: b.put(id, b.sound(id), kind="PCM_U8"))),
    "8 bits stored as 16": (
        "bit_depth",
        _sound(lambda b, id: b.put(id, np.round(b.sound(id) * 127) / 128)),
    ),
    "24 bits": ("bit_depth", _sound(lambda b, id: b.put(id, b.sound(id), kind="PCM_24"))),
    "float": ("bit_depth", _sound(lambda b, id: b.put(id, b.sound(id), kind="FLOAT"))),
    "FLAC named .wav": (
        "container",
        _sound(lambda b, id: b.put(id, b.sound(id), format="FLAC")),
    ),
    "clipping": ("clipping", _sound(lambda b, id: b.put(id, np.clip(b.sound(id) * 6, -1, 1)))),
    "clipping, then quieter": (
        "clipping",
        _sound(lambda b, id: b.put(id, np.clip(b.sound(id) * 6, -1, 1) * 0.4)),
    ),
    "DC offset 3%": ("dc_offset", _sound(lambda b, id: b.put(id, b.sound(id) + 0.03))),
    "1.2 s of silence before": ("edge_silence", _sound(padded)),
    "noise at 8 dB": ("snr", _sound(lambda b, id: b.put(id, noisy(b, id, 8)))),
    "14 dB quieter": ("loudness", _sound(lambda b, id: b.put(id, b.sound(id) * 0.2))),
    "35 s long": (
        "duration",
        _sound(lambda b, id: b.put(id, np.resize(b.sound(id), 35 * b.rate))),
    ),
    "cut to 0.2 s": (
        "duration",
        _sound(lambda b, id: b.put(id, b.sound(id)[b.rate : b.rate + b.rate // 5])),
    ),
    "NaN": ("not_finite", _sound(not_numbers)),
    "silence": ("silent", _sound(lambda b, id: b.put(id, b.sound(id) * 0))),
    "the same sound": ("audio_duplicate", lambda b, id, c: duplicate(b, id, c, text=True)),
    "the same sound, another text": (
        "audio_duplicate",
        lambda b, id, c: duplicate(b, id, c, text=False),
    ),
    "quieter, noisier, trimmed copy": ("near_duplicate", near),
    "copy through 11 kHz, cut end": ("near_duplicate", recoded),
    "the same text": ("text_duplicate", lambda b, id, c: b.text(id, b.lines[c[0]].text)),
    "no text": ("text_empty", text(lambda old: "")),
    "punctuation only": ("text_empty", text(lambda old: "— …")),
    "Latin word": ("text_unknown", text(lambda old: old + " hello")),
    "digits": ("digits", text(lambda old: old + " 1941")),
    "cp1251 read as Latin-1": (
        "text_control",
        text(lambda old: old[:-8] + "\x8d\x98" + old[-8:]),
    ),
    "text of four clips": ("text_length", long_text),
    "one word for the whole clip": ("text_length", text(lambda old: "Да.")),
    "2.5 times the text": ("speaking_rate", faster),
    "no file": ("file_missing", _sound(lambda b, id: b.wav(id).unlink())),
    "extra file": ("file_extra", extra),
    "truncated": ("file_truncated", _bytes(lambda old: old[: len(old) // 2])),
    "no samples": ("file_empty", _sound(lambda b, id: b.put(id, np.zeros(0, np.float32)))),
    "zero bytes": ("file_broken", _bytes(lambda old: b"")),
    "text named .wav": ("file_broken", _bytes(lambda old: "просто текст\n".encode() * 99)),
    "link out of the corpus": ("file_outside", linked),
    "wrong duration in the table": ("duration_drift", drifted),
    "list climbs out": ("path_outside", listed("train", "../{id}.wav|{text}")),
    "absolute path in a list": ("path_outside", listed("train", "{folder}/{id}.wav|{text}")),
    "list names a stranger": ("list_unknown", listed("validation", "wavs/no_{id}.wav|{text}")),
    "list line without a text": ("list_line", listed("validation", "wavs/{id}.wav")),
    "clip on two sides": ("list_twice", both),
    "text on two sides": ("list_leak", leak),
}


def copied(source: Path, folder: Path, count: int) -> Bench:
    """Скопируй первые клипы корпуса."""
    rows = table.read(source)[:count]
    (folder / "wavs").mkdir(parents=True)
    for row in rows:
        shutil.copyfile(table.wav(source, row.id), table.wav(folder, row.id))
    rate = soundfile.info(str(table.wav(folder, rows[0].id))).samplerate
    return Bench(folder, rate, {row.id: row for row in rows})


def plant(bench: Bench, each: int) -> tuple[dict[str, list[str]], set[str]]:
    """Подложи дефекты в разные клипы; верни места, где их должны найти, и тронутые клипы."""
    ids = list(bench.lines)
    random.Random(SEED).shuffle(ids)
    expected: dict[str, list[str]] = {}
    touched: set[str] = set()
    for name, (_, defect) in DEFECTS.items():
        places = []
        for _ in range(each):
            first, second = sorted((ids.pop(), ids.pop()))  # о паре говорят при втором
            places.append(defect(bench, second, [first]) or second)
            touched.add(second)
        expected[name] = places
    table.write(bench.folder, bench.lines.values())
    for name in ("train", "validation"):
        (bench.folder / f"{name}.csv").write_text("\n".join(getattr(bench, name)) + "\n", "utf-8")
    return expected, touched


def compare(report: Report, expected: dict[str, list[str]], touched: set[str]) -> bool:
    """Напечатай, что найдено; верни, всё ли."""
    found = {(f.rule, place) for f in report.findings for place in (f.clip, f.where)}
    shown = Table(title=f"{len(expected)} kinds of defects in {len(report.corpus.clips)} clips")
    for column in ("defect", "rule", "planted", "found"):
        shown.add_column(column)
    whole = True
    for name, places in expected.items():
        rule = DEFECTS[name][0]
        hits = sum((rule, place) in found for place in places)
        whole &= hits == len(places)
        shown.add_row(name, rule, str(len(places)), str(hits))
    Console(width=100).print(shown)
    false = [f for f in report.findings if f.clip and f.clip not in touched]
    print(f"findings on clips that nothing was planted in: {len(false)}")
    for finding in false[:20]:
        print(f"  {finding.severity.value} {finding.rule} {finding.clip}: {finding.reason}")
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/ru_nsh"))
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="Оставить испорченный корпус в новой папке.")
    arguments = parser.parse_args()
    cls, config = chosen("frontend", "russian_letters", None)
    with tempfile.TemporaryDirectory() as name:
        untouched = check(arguments.corpus, frontend=cls(config), cache=Path(name) / "cache")
        found = {rule: counts for rule, counts in untouched.by_rule.items() if any(counts.values())}
        print(f"untouched {arguments.corpus}: {found or 'no findings'}")
        bench = copied(arguments.corpus, arguments.keep or Path(name) / "planted", arguments.clips)
        expected, touched = plant(bench, arguments.each)
        report = check(bench.folder, frontend=cls(config))
        whole = compare(report, expected, touched)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
