"""Качество расшифровки: известные предложения синтезаторов и настоящие записи без текстов.

    python benchmarks/transcribing.py [--voice en-us+klatt4 flite:slt] [--prompts DIR] [--every 8]

Первая таблица: `whisper` (tiny.en из пакета) против текста; предел CER — 5 % хотя бы для одного
синтезатора. Голоса — espeak-ng из колеса и `flite:ГОЛОС` программы flite (пакет Debian `flite`;
его голоса собраны из записей людей, espeak-ng звучит механически). Вторая (с
`--prompts` — папкой WAV пакета `asterisk-core-sounds-en-wav`): согласие `whisper` и
`pocketsphinx` и сколько клипов отложит правило сомнения; `--every` прореживает записи.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from tts_framework.components import Transcriber, Transcript
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import resample, write_wav
from tts_framework.speech.corpora.espeak import Espeak
from tts_framework.speech.corpora.table import wav
from tts_framework.speech.transcribing import Settings
from tts_framework.speech.transcribing.doubts import doubts
from tts_framework.speech.transcribing.letters import letters
from tts_framework.speech.transcribing.listening import Heard, listen

RATE = 16000
MAX_CER = 0.05
MARGIN = 0.5
"""Тишина по краям предложения, с: у нарезанных клипов она есть, espeak-ng её не оставляет."""

OPTIONS = {"whisper": {"language": "en"}, "pocketsphinx": {}}
SENTENCES = """
The old lighthouse keeper climbed the narrow stairs every evening.
She opened the letter slowly and read it twice by the window.
A cold wind blew across the empty market square.
My brother plays the violin in a small orchestra.
We missed the last train and walked home along the river.
The children built a castle of sand near the water.
Please leave your wet boots outside the door.
He bought fresh bread and cheese for the long journey.
The museum closes early on Sunday afternoon.
Nobody remembered who had painted the portrait in the hall.
After the storm the garden was full of broken branches.
The doctor listened to the patient and wrote a short note.
Our neighbors keep bees and sell honey in the summer.
The bridge was repaired before the winter floods arrived.
I would rather drink tea than coffee in the morning.
The captain ordered the crew to lower the sails.
Her grandmother taught her how to bake apple pie.
The library has a quiet room where students can work.
Two black horses were standing under the tall oak tree.
They waited for an hour but the bus never came.
The engineer explained how the engine turns heat into motion.
A small dog followed the postman down the street.
It was so dark that we could not see the path.
The farmer planted potatoes in the field behind the barn.
You should always wash your hands before dinner.
The teacher asked the class to write about the weather.
Yesterday I found a silver coin in the garden.
The ship sailed north through the heavy fog.
Most people in the village know each other by name.
The young singer forgot the words of the second song.
He put the heavy box on the kitchen table.
There is a beautiful view of the mountains from this hotel.
The company plans to build a new factory next year.
My sister writes short stories for a local newspaper.
The soup was hot and smelled of garlic and pepper.
We could hear music coming from the house across the road.
The scientist measured the temperature of the water every hour.
She wore a green coat and carried a brown leather bag.
The judge asked the witness to speak more clearly.
An old map of the island was hanging above the fireplace.
They planted seven young trees along the road to the school.
The price of sugar has doubled since last winter.
A good friend will tell you the truth even when it hurts.
The light from the street lamp fell on the wet pavement.
He spent three weeks in hospital after the accident.
The actors rehearsed the final scene until midnight.
Birds fly south when the days become shorter.
The boy threw a stone into the deep well and waited.
Her answer surprised everyone in the room.
The carpenter measured the board and cut it in half.
It takes about ten minutes to walk to the station.
The baker starts work while the rest of the town is asleep.
We need more chairs for the guests at the wedding.
The river was frozen and the boys went skating.
I left my umbrella in the taxi last night.
The manager thanked the workers for their patience.
Strong coffee keeps me awake until late at night.
The radio said that the roads would be icy tomorrow.
A thin layer of dust covered every book on the shelf.
The family moved to a larger house near the park.
Nothing grows in the desert without a little rain.
The guard locked the iron gate and put the key in his pocket.
Her voice was calm but her hands were shaking.
The pilot saw the lights of the city far below.
The kitchen smelled of fresh bread and roasted nuts.
He promised to return the money before the end of the month.
The concert begins at eight and lasts almost two hours.
Every morning the fishermen bring their catch to the harbor.
The road turns left behind the church and leads to the forest.
She counted twelve geese on the frozen lake.
""".strip().splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", nargs="+", default=_voices())
    parser.add_argument("--words-per-minute", type=int, default=150)
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the results: a second run continues")
    arguments = parser.parse_args()
    whisper = _transcriber("whisper")
    with tempfile.TemporaryDirectory() as name:
        home = arguments.keep or Path(name)
        rates = _known_texts(whisper, arguments.voice, arguments.words_per_minute, home)
        if arguments.prompts:
            _agreement(whisper, arguments.prompts, arguments.every, home / "prompts")
    sys.exit(min(rates) > MAX_CER)


def _voices() -> list[str]:
    return ["en-us+klatt4", *(["flite:slt", "flite:rms"] if shutil.which("flite") else [])]


def _transcriber(name: str) -> Transcriber:
    cls = Plugins().get("transcriber", name)
    made: Transcriber = cls(cls.Config(**OPTIONS[name]))
    return made


def _known_texts(whisper: Transcriber, voices: list[str], pace: int, home: Path) -> list[float]:
    table = Table(title=f"whisper tiny.en, {len(SENTENCES)} sentences, espeak: {pace} words/min")
    for column in ("voice", "minutes", "CER", "WER", "exact", "set aside", "x real time"):
        table.add_column(column)
    rates = []
    for voice in voices:
        folder = home / f"{voice.replace(':', '-')}-{pace}"
        ids = list(_synthesize(voice, pace, folder))
        heard = listen(folder, ids, whisper)
        said = [letters(text) for text in SENTENCES]
        found = [letters(heard.transcripts[id].text) for id in ids]
        rates.append(_errors(said, found))
        words = _errors([text.split() for text in said], [text.split() for text in found])
        exact = sum(a == b for a, b in zip(said, found))
        row = [f"{_minutes(heard):.1f}", f"{rates[-1]:.2%}", f"{words:.2%}", f"{exact}"]
        table.add_row(voice, *row, str(_set_aside(heard, whisper)), _speed(heard))
    Console(width=110).print(table)
    return rates


def _synthesize(voice: str, pace: int, folder: Path) -> Iterator[str]:
    for number, text in enumerate(SENTENCES):
        id = f"s{number:03d}"
        if not wav(folder, id).exists():
            samples, rate = _speak(voice, pace, text)
            spoken = np.pad(resample(samples, rate, RATE), round(MARGIN * RATE))
            write_wav(wav(folder, id), spoken, RATE)
        yield id


def _speak(voice: str, pace: int, text: str) -> tuple[np.ndarray, int]:
    program, _, name = voice.rpartition(":")
    if program != "flite":
        return Espeak(voice, pace).synthesize(text)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", file.name], check=True)
        samples, rate = soundfile.read(file.name, dtype="float32")
    return samples, rate


def _agreement(whisper: Transcriber, source: Path, every: int, home: Path) -> None:
    sphinx = _transcriber("pocketsphinx")
    sounds = sorted(source.rglob("*.wav"))[::every]
    heard = {}
    for name, transcriber in (("whisper", whisper), ("pocketsphinx", sphinx)):
        folder = home / name
        ids = [_copied(path, source, folder) for path in sounds]
        heard[name] = listen(folder, ids, transcriber, skip_bad=True)
    table = Table(title=f"real prompts: {len(sounds)} clips, {_minutes(heard['whisper']):.1f} min")
    for column in ("transcriber", "set aside", "median confidence", "x real time"):
        table.add_column(column)
    for name, transcriber in (("whisper", whisper), ("pocketsphinx", sphinx)):
        trust = np.median([t.confidence for t in heard[name].transcripts.values()])
        aside = _set_aside(heard[name], transcriber)
        table.add_row(name, str(aside), f"{trust:.2f}", _speed(heard[name]))
    console = Console(width=110)
    console.print(table)
    console.print(_between(heard["whisper"], heard["pocketsphinx"], whisper, sphinx))


def _between(one: Heard, two: Heard, whisper: Transcriber, sphinx: Transcriber) -> Table:
    """Сравни услышанное двумя: у всех клипов и у тех, которым верят оба."""
    table = Table(title="agreement, whisper taken as the reference")
    for column in ("clips", "number", "CER", "WER", "the same words"):
        table.add_column(column)
    everyone = [id for id in one.transcripts if id in two.transcripts]
    trusted = [
        id for id in everyone if not _doubted(one, id, whisper) and not _doubted(two, id, sphinx)
    ]
    for title, ids in (("all", everyone), ("trusted by both", trusted)):
        a = [letters(one.transcripts[id].text) for id in ids]
        b = [letters(two.transcripts[id].text) for id in ids]
        words = _errors([text.split() for text in a], [text.split() for text in b])
        same = sum(x == y for x, y in zip(a, b))
        table.add_row(title, str(len(ids)), f"{_errors(a, b):.1%}", f"{words:.1%}", str(same))
    return table


def _copied(path: Path, source: Path, folder: Path) -> str:
    id = str(path.relative_to(source).with_suffix("")).replace("/", "-").lstrip(".")
    if not wav(folder, id).exists():
        samples, rate = soundfile.read(path, dtype="float32")
        write_wav(wav(folder, id), samples, rate)
    return id


def _errors(said: list[str] | list[list[str]], heard: list[str] | list[list[str]]) -> float:
    wrong = sum(Levenshtein.distance(a, b) for a, b in zip(said, heard))
    return wrong / max(1, sum(map(len, said)))


def _set_aside(heard: Heard, transcriber: Transcriber) -> int:
    return sum(_doubted(heard, id, transcriber) for id in heard.transcripts)


def _doubted(heard: Heard, id: str, transcriber: Transcriber) -> bool:
    transcript: Transcript = heard.transcripts[id]
    return bool(doubts(transcript, heard.seconds[id], Settings(), transcriber.trusted)[0])


def _minutes(heard: Heard) -> float:
    return sum(heard.seconds.values()) / 60


def _speed(heard: Heard) -> str:
    return f"{heard.listened_seconds / heard.elapsed:.1f}" if heard.elapsed else "heard before"


if __name__ == "__main__":
    started = time.monotonic()
    try:
        main()
    finally:
        print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
