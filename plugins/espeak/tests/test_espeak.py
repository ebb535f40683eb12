"""Фонемы espeak-ng: запись между косыми чертами, ничего не теряется, языки проверены заранее."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tts_framework.errors import DataError
from tts_framework.plugins import Plugins
from ttsf_espeak import EspeakPhonemes
from ttsf_espeak.inventory import SYMBOLS

ENGLISH = EspeakPhonemes(EspeakPhonemes.Config())


def reading(language: str, text: str) -> str:
    return EspeakPhonemes(EspeakPhonemes.Config(language=language)).normalize(text)


def test_is_found_by_its_name() -> None:
    assert Plugins().get("frontend", "espeak") is EspeakPhonemes


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en-us", "Hello, world!", "/həlˈoʊ, wˈɜːld!/"),
        ("en-us", "You - now?", "/juː — nˈaʊ?/"),
        ("ru", "Привет, мир.", "/prʲivʲˈet, mʲˈir./"),
        ("fr-fr", "Bonjour.", "/bɔ̃ʒˈuʁ./"),
    ],
)
def test_reads_languages_and_keeps_punctuation(language: str, text: str, spoken: str) -> None:
    assert reading(language, text) == spoken


def test_a_decimal_point_is_not_the_end_of_a_sentence() -> None:
    assert reading("en-us", "3.14") == reading("en-us", "3.14").replace(".", "")


pieces = st.sampled_from([*"abcxyz ,.!?-'()5\"/", "hello ", "world", "ñ", "—", "...", "мир", "№"])


@settings(max_examples=60)
@given(st.lists(pieces, max_size=12).map("".join))
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    try:
        once = ENGLISH.normalize(text)
    except DataError:
        return
    assert ENGLISH.normalize(once) == once
    assert ENGLISH.is_light(once) or once == ""
    assert ENGLISH.encode(once)[-1] == 1 and set(once) <= {*SYMBOLS, "/"}


def test_the_slashes_are_not_symbols() -> None:
    assert len(ENGLISH.encode("/həlˈoʊ/")) == len("həlˈoʊ") + 1


@pytest.mark.parametrize("text", ["мир\x07", "\ue000", "за́мок"])
def test_no_symbol_is_dropped_silently(text: str) -> None:
    with pytest.raises(DataError, match="remove"):
        ENGLISH.normalize(text)


def test_an_unknown_phone_in_hand_written_phonemes_is_an_error() -> None:
    with pytest.raises(DataError, match="unknown symbol 'ж'"):
        ENGLISH.normalize("/жh/")


def test_an_unknown_language_is_known_before_any_reading() -> None:
    with pytest.raises(ValidationError, match="no language 'en-uz'; did you mean .*en-us"):
        EspeakPhonemes.Config(language="en-uz")
    with pytest.raises(ValidationError, match="no language"):
        EspeakPhonemes.Config(language="kl")  # с этими данными espeak-ng падает


def test_threads_share_one_library() -> None:
    texts = ["one", "two", "three"] * 5
    alone = [ENGLISH.normalize(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ENGLISH.normalize, texts)) == alone


def test_a_very_long_text_is_read_whole() -> None:
    assert ENGLISH.normalize("good word " * 10_000).count("ɡˈʊd") == 10_000


def test_phonemic_text_loads_no_library() -> None:
    code = (
        "import sys; from ttsf_espeak import EspeakPhonemes as E; f = E(E.Config());"
        "f.encode('/həlˈoʊ/'); assert f.is_light('/həlˈoʊ/') and not f.is_light('hello');"
        "assert not {'ttsf_espeak.phonemes', 'numpy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
