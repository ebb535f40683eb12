"""Словарь ударений пользователя: по записи на строку, `слово<TAB>сл+ово` или просто `сл+ово`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tts_framework.speech.text import STRESS, normalize_russian

LETTERS = re.compile(r"[а-яё\u0301]+(?:[ -][а-яё\u0301]+)*")


def checked(value: Any) -> Any:
    """Верни записи словаря; вместо них годится путь к файлу.

    Сами записи, а не путь, становятся options: чекпоинт и отпечаток не зависят от файла.

    Raises:
        ValueError: файл не читается или запись неверна; назван файл и номер строки.
    """
    if isinstance(value, str | Path):
        return _parsed(Path(value))
    if not isinstance(value, dict):
        raise ValueError(f"dictionary {value!r}: expected the path of a file or a mapping")
    return dict(
        _entry(str(key), str(spoken), f"dictionary: {key}") for key, spoken in value.items()
    )


def key(text: str) -> str:
    """Верни слово или выражение так, как его ищут: без ударений, ё как е."""
    return normalize_russian(text).replace(STRESS, "").replace("ё", "е")


def _parsed(path: Path) -> dict[str, str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}); give a text file") from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: not UTF-8 (byte 0x{error.object[error.start]:02x}); convert it:"
            " iconv -f CP1251 -t UTF-8"
        ) from error
    entries: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if content:
            where = f"{path}:{number}"
            word, tab, spoken = content.partition("\t")
            name, value = _entry(word, spoken if tab else word, where)
            if entries.setdefault(name, value) != value:
                raise ValueError(f"{where}: {name!r} already reads {entries[name]!r}; remove one")
    return entries


def _entry(word: str, spoken: str, where: str) -> tuple[str, str]:
    name, value = key(word.strip()), normalize_russian(spoken.strip())
    if not LETTERS.fullmatch(value):
        raise ValueError(f"{where}: {spoken!r} has more than Russian letters and stress marks")
    if name != key(value):
        raise ValueError(
            f"{where}: {spoken!r} is another word than {word!r}; only marks may differ"
        )
    if STRESS not in value and "ё" not in value:
        raise ValueError(f"{where}: {spoken!r} has no stress; put '+' before the stressed vowel")
    return name, value
