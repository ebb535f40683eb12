"""sentences: предложения разные, русские, с ударениями и одни и те же при одном зерне."""

from __future__ import annotations

import ctypes
import re
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.speech.corpora.espeak import fresh_library
from tts_framework.speech.corpora.sentences import sentences

VOWELS = "[аеёиоуыэюя]"
IPA_VOWELS = "[aeiouyɑɛɪʌʊəɨɐɵʉæ]"
FRONTEND = RussianLetters(RussianLetters.Config())


@given(st.integers(0, 2**32))
def test_every_sentence_is_readable_by_the_russian_frontend(seed: int) -> None:
    for sentence in islice(sentences(seed), 20):
        assert FRONTEND.encode(sentence)
        assert sentence.lstrip("+")[0].isupper()
        assert sentence[-1] in ".!?…"


def words() -> set[str]:
    many = islice(sentences(1), 20_000)
    return {word for sentence in many for word in re.findall(r"[+а-яё]+", sentence.lower())}


def stressed_vowel(word: str) -> int:
    """Верни номер ударной гласной с нуля."""
    mark = word.index("+") if "+" in word else word.index("ё")
    return len(re.findall(VOWELS, word[:mark]))


def test_every_word_of_several_syllables_carries_one_stress() -> None:
    for word in words():
        marks = word.count("+") + word.count("ё")
        assert marks == 1 or (marks == 0 and len(re.findall(VOWELS, word)) <= 1), word


def test_every_marked_stress_is_where_espeak_puts_it() -> None:
    pytest.importorskip("espeakng_loader")
    with fresh_library() as (library, _):
        library.espeak_SetVoiceByName(b"ru")
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        for word in words():
            if len(re.findall(VOWELS, word)) > 1:
                spoken = _phonemes(library, word.replace("+", ""))
                before = spoken[: spoken.index("\u02c8")]
                assert len(re.findall(IPA_VOWELS, before)) == stressed_vowel(word), word


def _phonemes(library: Any, word: str) -> str:
    text = ctypes.create_string_buffer(word.encode())
    place = ctypes.c_void_p(ctypes.addressof(text))
    return str(library.espeak_TextToPhonemes(ctypes.byref(place), 1, 2).decode())


def test_thousands_of_sentences_never_repeat() -> None:
    many = list(islice(sentences(1234), 5000))
    assert len(set(many)) == 5000


def test_one_seed_gives_one_sequence() -> None:
    first, again, other = (list(islice(sentences(seed), 50)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
