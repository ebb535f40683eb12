"""Словарь пользователя: записи, ошибки с файлом и строкой."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from ttsf_russian import Russian


def read(path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    return Russian.Config.model_validate({"dictionary": str(path)}).dictionary


def test_takes_words_phrases_comments_bom_and_crlf(tmp_path: Path) -> None:
    content = "\ufeff# свои слова\r\nз+амок\r\nна замок\tна зам+ок # висячий\r\nвсе\tвсё\r\n\r\n"
    assert read(tmp_path / "words.txt", content.encode()) == {
        "замок": "за́мок",
        "на замок": "на замо́к",
        "все": "всё",
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("замок", "has no stress; put '[+]' before"),
        ("замок\tз+амки", "is another word than 'замок'"),
        ("zamok", "has more than Russian letters"),
        ("з+амок 5", "has more than Russian letters"),
    ],
)
def test_a_wrong_entry_names_the_file_and_the_line(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=rf"words\.txt:2: .*{reason}"):
        read(tmp_path / "words.txt", f"вод+а\n{line}\n".encode())


def test_two_readings_of_one_word_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"words\.txt:2: 'замок' already reads"):
        read(tmp_path / "words.txt", "з+амок\nзам+ок\n".encode())


def test_another_encoding_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"words\.txt: not UTF-8 .*CP1251"):
        read(tmp_path / "words.txt", "з+амок".encode("cp1251"))
    with pytest.raises(ValidationError, match="cannot be read"):
        Russian.Config.model_validate({"dictionary": str(tmp_path / "none.txt")})
