"""Качество фронтенда `russian`: ударения, чтение чисел, фонемы, скорость.

    python benchmarks/russian_frontend.py data/ru_nsh

Слова со знаками разделены: «own half» видели, когда писали правила, «held out» — нет. Чтения
наборов A-D писались до первого измерения; каковы они были тогда — в plugins/russian/README.md.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from tts_framework.speech.corpora import table
from tts_framework.speech.text import STRESS, normalize_russian
from ttsf_russian import Russian
from ttsf_russian.lexicon import CHOICES, WORDS
from ttsf_russian.model import Model
from ttsf_russian.phone_set import MARK
from ttsf_russian.phonemes import phonemes
from ttsf_russian.stress import Stress
from ttsf_russian.words import WORD, bare, from_plus, syllables

CASES = Path(__file__).parents[1] / "plugins/russian/tests"
Place = Callable[[str], str]


def held_out(key: str, share: int) -> bool:
    """Скажи, в отложенной ли части этот пример: доля 1/share, по sha256."""
    return sha256(key.encode()).digest()[0] % share == 1


def marked_words(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Выдай фразы со знаками: текст без знаков, номер слова в нём, слово со знаком."""
    for row in table.read(folder):
        text = normalize_russian(row.text)
        words = WORD.findall(text)
        for number, word in enumerate(words):
            if STRESS in word:
                yield text.replace(STRESS, ""), number, word


def right(got: str, number: int, word: str) -> bool:
    found = WORD.findall(got)[number]
    if syllables(word) == 1:
        return bare(found) == bare(word)
    return found.replace("ё", "е" + STRESS) == word.replace("ё", "е" + STRESS)


def stress_of_corpus(folder: Path, place: Place, show: bool) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = {"own half": [0, 0], "held out": [0, 0]}
    cache: dict[str, str] = {}
    for text, number, word in marked_words(folder):
        part = "held out" if held_out(bare(word), 2) else "own half"
        got = cache.setdefault(text, "") or cache.update({text: place(text)}) or cache[text]
        good = right(got, number, word)
        counts[part][0] += good
        counts[part][1] += 1
        if show and not good and part == "own half":
            print("  ", word, "->", WORD.findall(got)[number], "|", text[:90], file=sys.stderr)
    return {part: (good, total) for part, (good, total) in counts.items()}


def stress_of_sentences(place: Place, name: str) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = {"words of the own list": [0, 0], "other words": [0, 0]}
    for word, sentence in rows(CASES / name):
        wanted = from_plus(word)
        listed = bare(wanted) in CHOICES or bare(wanted) in WORDS
        part = "words of the own list" if listed else "other words"
        text = normalize_russian(sentence)
        plain = bare(wanted).replace("ё", "е")
        number = next(n for n, w in enumerate(WORD.findall(text)) if w.replace("ё", "е") == plain)
        found = WORD.findall(place(text))[number]
        good = found == wanted
        counts[part][0] += good
        counts[part][1] += 1
    return {part: (good, total) for part, (good, total) in counts.items()}


def readings(show: bool) -> dict[str, tuple[int, int]]:
    """Прочти числа, даты и сокращения всех наборов, без модели ударений."""
    counts: dict[str, list[int]] = {}
    written = Russian(Russian.Config(stress="marks"))
    for name, rest in rows(CASES / "readings.tsv"):
        text, _, expected = rest.partition("\t")
        got = written.normalize(text)
        good = spoken(got) in map(spoken, expected.split("|"))
        count = counts.setdefault(name, [0, 0])
        count[0] += good
        count[1] += 1
        if show and not good:
            print("  ", text, "->", got, file=sys.stderr)
    return {name: (good, total) for name, (good, total) in counts.items()}


def spoken(text: str) -> str:
    text = bare(text.lower()).replace("ё", "е")
    return " ".join(re.findall(r"[а-яa-z0-9+%№$€°]+", text))


def rows(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            left, _, right_ = line.partition("\t")
            yield left, right_


def report(name: str, counts: dict[str, tuple[int, int]]) -> None:
    total = [sum(column) for column in zip(*counts.values())]
    parts = [f"{part} {good}/{of} ({good / of:.0%})" for part, (good, of) in counts.items()]
    print(f"{name:<34} {total[0]}/{total[1]} ({total[0] / total[1]:.1%});", "; ".join(parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("data/ru_nsh"))
    parser.add_argument("--show", action="store_true", help="Print the misses of the own parts.")
    arguments = parser.parse_args()
    show, folder = arguments.show, arguments.corpus
    began = time.perf_counter()
    model = Model()
    model.word("мама")
    print(f"model loaded in {time.perf_counter() - began:.1f} s")
    stress = Stress({}, use_model=True)
    whole: Place = lambda text: stress.place(text)[0]  # noqa: E731
    report("ru-nsh marks: silero-stress", stress_of_corpus(folder, model.place, False))
    report("ru-nsh marks: front end", stress_of_corpus(folder, whole, show))
    for name in ("homographs.tsv", "homographs_blind.tsv"):
        report(f"{name[:-4]}: silero-stress", stress_of_sentences(model.place, name))
        report(f"{name[:-4]}: front end", stress_of_sentences(whole, name))
    dictionary = {bare(w).replace("ё", "е"): w for _, _, w in marked_words(folder)}
    told = Stress(dictionary, use_model=True)
    marked = [(normalize_russian(row.text), row) for row in table.read(folder) if "+" in row.text]
    kept = sum(WORD.findall(stress.place(t)[0])[n] == w for t, _ in marked
               for n, w in enumerate(WORD.findall(t)) if STRESS in w)  # fmt: skip
    print(f"with the marks: {kept} right")
    report("with a user dictionary", stress_of_corpus(folder, lambda t: told.place(t)[0], False))
    report("numbers, dates, abbreviations", readings(show))
    agreement(folder, stress)
    speed(folder)


def agreement(folder: Path, stress: Stress) -> None:
    """Сравни фонемы с разметкой корпуса: доля тех, которых не надо править."""
    wrong = total = 0
    for row in table.read(folder)[:200]:
        lines = (folder / "labels" / f"{row.id}.lab").read_text("utf-8").splitlines()
        labels = [fields[2] for fields in map(str.split, lines) if len(fields) == 3]
        labels = [label for label in labels if label != "pau"]
        spoken = phonemes(stress.place(normalize_russian(row.text))[0])
        found = re.findall(rf"{MARK}([a-z]+)", spoken)
        wrong += Levenshtein.distance(found, labels)
        total += len(labels)
    print(f"phonemes against the labels        {1 - wrong / total:.1%} of {total} agree")


def speed(folder: Path) -> None:
    frontend = Russian(Russian.Config())
    texts = [row.text for row in table.read(folder)][:100]
    frontend.normalize(texts[0] + " 5")
    began = time.perf_counter()
    done = [frontend.normalize(text) for text in texts]
    seconds = time.perf_counter() - began
    print(f"normalize: {1000 * seconds / len(texts):.1f} ms a sentence")
    began = time.perf_counter()
    assert [frontend.normalize(text) for text in done] == done
    seconds = time.perf_counter() - began
    print(f"normalize again: {1000 * seconds / len(texts):.3f} ms a sentence")


if __name__ == "__main__":
    main()
