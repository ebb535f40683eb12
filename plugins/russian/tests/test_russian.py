"""Фронтенд целиком: старшинство ударений, устойчивость, лёгкость, отказ на незнакомом знаке."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.plugins import Plugins
from tts_framework.speech.text import RUSSIAN_SYMBOLS, TYPOGRAPHY
from ttsf_russian import Russian
from ttsf_russian.abbreviations import has_abbreviation
from ttsf_russian.words import WORD, is_marked

PIECES = [
    *RUSSIAN_SYMBOLS, *TYPOGRAPHY, *"АЯЁ0123456789%№/=", "+а", "...", " и т. д. ", " г. ",
    " в 5 в. ",
    " ул. Мира ", " МГУ ", " iPhone ", " XIX ", " 12.04.1961 ", " 7:30 ", " замок ", " все ",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
patient = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def test_is_found_by_its_name() -> None:
    assert Plugins().get("frontend", "russian") is Russian


def test_reads_the_example_of_the_manual(russian: Russian) -> None:
    text = "В 2024 году на замке висел замок."
    assert russian.stages(text)[1] == (
        "expanded",
        "в две тысячи двадцать четвёртом году на замке висел замок.",
    )
    assert russian.normalize(text).startswith("в две ты́сячи два́дцать четвёртом году́ на ")
    assert russian.normalize(text).endswith(" висе́л замо́к.")


@patient
@given(texts)
def test_normalizing_twice_is_normalizing_once(russian: Russian, text: str) -> None:
    try:
        once = russian.normalize(text)
    except DataError as error:
        assert "unknown symbol" in str(error)
        return
    assert russian.normalize(once) == once
    assert russian.is_light(once) or has_abbreviation(once)
    assert all(is_marked(word) for word in WORD.findall(once))


@patient
@given(texts)
def test_phonemes_twice_are_phonemes_once(russian: Russian, text: str) -> None:
    spoken = Russian(Russian.Config(output="phonemes"))
    try:
        once = spoken.normalize(russian.normalize(text))
    except DataError:
        return
    assert spoken.normalize(once) == once
    assert len(spoken.encode(once)) >= 1


@pytest.mark.parametrize(
    "text", ["слово © дело", "дом™", "5²", "😀", "мир\x07", "аб\ud800", "a\u0301ж"]
)
def test_no_symbol_is_dropped_silently(russian: Russian, text: str) -> None:
    with pytest.raises(DataError, match=r"unknown symbol .* \(U\+"):
        russian.normalize(text)


@pytest.mark.parametrize("text", ["вол́ос", "во+лос", "во́́лос", "\u0301дом"])
def test_a_stress_mark_in_an_odd_place_is_named(russian: Russian, text: str) -> None:
    with pytest.raises(DataError, match="stress"):
        russian.normalize(text)


def test_a_mark_beats_the_dictionary_and_the_dictionary_beats_the_model() -> None:
    frontend = Russian(Russian.Config(dictionary={"замок": "з+амок", "на замок": "на зам+ок"}))
    words = frontend.normalize("Замок, зам+ок, закрыт на замок, замке и 5 з+амков.")
    assert words == "за́мок, замо́к, закры́т на замо́к, замке́ и пять за́мков." or (
        words.startswith("за́мок, замо́к, закры́т на замо́к,") and words.endswith("пять за́мков.")
    )
    decided = dict(frontend.stages("Замок и зам+ок у реки"))
    assert decided["stress: dictionary"] == "за́мок"
    assert decided["stress: mark"] == "замо́к"
    assert decided["stress: rule"] == "реки́"


def test_marks_survive_the_reading_of_numbers(russian: Russian) -> None:
    assert russian.normalize("Было 5 з+амков и 3 воло́са").endswith("пять за́мков и три воло́са")


def test_yo_of_the_text_is_not_taken_away() -> None:
    frontend = Russian(Russian.Config(stress="marks", dictionary={"все": "все\u0301"}))
    assert frontend.normalize("всё все") == "всё все́"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("все ушли", "все ушли́"),
        ("Все шли в лес.", "все шли в лес."),
        ("все спят", "все спят"),
        ("все люди", "все лю́ди"),
        ("все шло не так", "всё шло не так"),
        ("он все знал", "он всё знал"),
        ("вот и все", "вот и всё"),
        ("все-таки дождь", "всё-таки́ дождь"),
    ],
)
def test_everyone_and_everything_are_told_apart(russian: Russian, text: str, spoken: str) -> None:
    assert russian.normalize(text) == spoken
    assert russian.normalize(spoken) == spoken


def test_everything_is_restored_without_loading_the_models() -> None:
    code = (
        "import sys; from ttsf_russian import Russian; f = Russian(Russian.Config());"
        "assert f.normalize('все шло не так') == 'всё шло не так';"
        "assert not {'torch', 'pymorphy3', 'ru_normalizr'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Уехал в США.", "уехал в сэ шэ а."),
        ("Г-н Орлов", "господин орлов"),
        ("тов. Иванов ушёл", "товарищ иванов ушёл"),
        ("Зам. директора", "заместитель директора"),
        ("и проч.", "и прочее"),
        ("живёт в с. Горки", "живёт в селе горки"),
    ],
)
def test_letters_alone_may_hide_an_abbreviation(text: str, spoken: str) -> None:
    assert Russian(Russian.Config(stress="marks")).normalize(text) == spoken


def test_with_marks_only_no_model_is_needed() -> None:
    frontend = Russian(Russian.Config(stress="marks", expand=False))
    assert frontend.normalize("Мама мыла р+аму") == "мама мыла ра́му"
    assert frontend.is_light("Мама мыла р+аму") and frontend.is_light("5")
    with pytest.raises(DataError, match="write the number in words"):
        frontend.normalize("5")


def test_what_needs_a_model_is_known_without_one() -> None:
    code = (
        "import sys; from ttsf_russian import Russian; f = Russian(Russian.Config());"
        "assert f.is_light('ма́ма ушла́ в дом.') and not f.is_light('мама') and not f.is_light('5')"
        " and not f.is_light('МГУ') and not f.is_light('и т. д.') and f.is_light('Он.');"
        "f.encode('ма́ма ушла́ в дом.'); f.fingerprint;"
        "heavy = {'torch', 'pymorphy3', 'ru_normalizr', 'numpy', 'num2words'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fingerprint_tells_options_apart() -> None:
    made = [
        Russian.Config(),
        Russian.Config(output="phonemes"),
        Russian.Config(dictionary={"замок": "з+амок"}),
        Russian.Config(expand=False),
    ]
    assert len({Russian(config).fingerprint for config in made}) == len(made)


def test_options_carry_the_dictionary_into_a_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("зам+ок\n", "utf-8")
    saved = Russian.Config.model_validate({"dictionary": str(file)}).model_dump(mode="json")
    file.unlink()
    restored = Russian(Russian.Config.model_validate(saved))
    assert restored.normalize("замок") == "замо́к"


def test_a_very_long_text_takes_bounded_time(russian: Russian) -> None:
    began = time.monotonic()
    marks = Russian(Russian.Config(stress="marks"))
    assert marks.normalize("Вода и 5 котов. " * 6250).count("пять") == 6250
    with pytest.raises(DataError, match="longer than 300 letters; put spaces"):
        russian.normalize("мура" * 25_000)
    assert time.monotonic() - began < 60


def test_memory_does_not_grow_with_the_text(russian: Russian) -> None:
    russian.normalize("старая мельница")
    before = _resident()
    russian.normalize("Старая мельница стояла у реки, все дороги вели к ней. " * 120)
    assert _resident() - before < 300 * 2**20


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * resource.getpagesize()
