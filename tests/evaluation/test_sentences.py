"""Трудные фразы: каждая строка списков читается фронтендами, плохие файлы названы."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.evaluation import sentences
from tts_framework.evaluation.sentences import hard_sentences
from tts_framework.plugins import Plugins

KINDS = {"word", "spelled", "numbers", "list", "repetition", "cluster", "question", "punctuation"}
FRONT_ENDS = [
    ("ru", "russian_letters", {}),
    ("ru", "russian", {"stress": "marks"}),
    ("ru", "russian", {"stress": "marks", "expand": False}),
    ("ru", "espeak", {"language": "ru"}),
    ("en", "characters", {}),
    ("en", "espeak", {"language": "en-us"}),
]


def front_end(name: str, options: dict[str, object]) -> Frontend:
    plugins = Plugins()
    if name not in plugins.names("frontend"):
        pytest.skip(f"the {name} front end is not installed")
    plugin = plugins.get("frontend", name)
    return plugin(plugin.Config.model_validate(options))


@pytest.mark.parametrize(("language", "name", "options"), FRONT_ENDS)
def test_every_sentence_is_readable(language: str, name: str, options: dict[str, object]) -> None:
    frontend = front_end(name, options)
    for sentence in hard_sentences(language):
        assert len(frontend.encode(sentence.text)) > 1, sentence


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_a_list_is_hard_in_many_ways(language: str) -> None:
    found = hard_sentences(language)
    assert 25 <= len(found) <= 40
    assert len({sentence.text for sentence in found}) == len(found)
    kinds = Counter(sentence.kind for sentence in found)
    assert KINDS | {"long", "pair"} == set(kinds) and min(kinds.values()) >= 2
    lengths = [len(sentence.text) for sentence in found]
    assert min(lengths) < 8 and max(lengths) > 250
    assert not any(char.isdigit() for sentence in found for char in sentence.text)


def test_a_file_of_ones_own_is_read_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes("\ufeffПервая.\n\n# names\n  Вторая   фраза. \n#\nТретья.\n".encode())
    found = [(s.text, s.kind, s.line) for s in hard_sentences(path)]
    assert found == [
        ("Первая.", "other", 1),
        ("Вторая фраза.", "names", 4),
        ("Третья.", "other", 6),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; give ru, en or a text file"),
        (b"# only\n\n", "there is no sentence in it"),
        ("одна\nдве".encode("cp1251"), r"own.txt:1: is not UTF-8"),
        (b"a\n" * 2001, "2001 sentences, 2000 are the most"),
        (b"a" * 1_000_001, "larger than 1000000 bytes"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "own.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        hard_sentences(path)
