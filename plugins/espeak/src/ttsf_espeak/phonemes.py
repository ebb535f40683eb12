"""Текст в фонемы через espeak_TextToPhonemes; знаки препинания остаются на местах."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from threading import Lock
from typing import Any

from tts_framework.errors import DataError
from tts_framework.speech.corpora.espeak import UTF8, fresh_library
from tts_framework.speech.text import STRESS, plain
from ttsf_espeak.languages import voice

IPA_MODE = 0x02
LONGEST = 2000
"""Длиннее этого кусок режется по пробелам: предложение espeak-ng читает целиком."""

_MARKS = re.compile(r"((?:(?<!\d)[.,:]|[.,:](?!\d)|[!\"();?—…¿¡])+)")
_SWITCH = re.compile(r"\([a-z][a-z0-9-]*\)")
_EASTERN = str.maketrans("。、，！？；：（）「」『』", '.,,!?;:()""""')
_lock = Lock()
"""Состояние espeak-ng — статические переменные библиотеки."""


def phonemes(text: str, language: str) -> str:
    """Верни фонемы МФА (NFD) со знаками ударения и препинания.

    Raises:
        DataError: языка нет или espeak-ng молчит о части текста (молча ничего не пропадает).
    """
    text = plain(text, lowercase=False, keep="[]{}").translate(_EASTERN)
    text = re.sub(r"(?<!\S)-+(?!\S)|--+", "—", text)
    _require_readable(text)
    with _lock, fresh_library() as (library, _):
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        if library.espeak_SetVoiceByName(voice(language).encode()):
            raise DataError(f"language: espeak-ng has no voice {language!r}; choose another")
        for char in sorted(set(filter(_is_unusual, text))):
            if not _spoken(library, char):
                raise _silent(char, text)
        return " ".join("".join(_parts(library, text)).split())


def _parts(library: Any, text: str) -> list[str]:
    parts: list[str] = []
    for number, part in enumerate(_MARKS.split(text)):
        if number % 2:
            parts.append(part)
            continue
        before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
        words = part.strip()
        while words:
            cut = (
                len(words) if len(words) <= LONGEST else words.rfind(" ", 1, LONGEST) + 1 or LONGEST
            )
            spoken = _spoken(library, words[:cut])
            if not spoken and any(map(str.isalnum, words[:cut])):
                raise _silent(words[:cut].strip()[:40], text)
            before, words = f"{before}{spoken or words[:cut]} ", words[cut:]
        parts.append(before[:-1] + after if part.strip() else part)
    return parts


def _spoken(library: Any, text: str) -> str:
    """Прочти кусок без знаков препинания."""
    buffer = ctypes.create_string_buffer(text.encode())
    pointer = ctypes.c_void_p(ctypes.addressof(buffer))
    found: list[str] = []
    while pointer.value:
        said = library.espeak_TextToPhonemes(ctypes.byref(pointer), UTF8, IPA_MODE)
        found.append((said or b"").decode("utf-8"))
    spoken = _SWITCH.sub("", " ".join(found)).replace("\u200d", "").replace("_", "")
    return unicodedata.normalize("NFD", " ".join(spoken.split()))


def _is_unusual(char: str) -> bool:
    return unicodedata.category(char)[0] in "SC"


def _require_readable(text: str) -> None:
    if STRESS in unicodedata.normalize("NFC", text):
        raise DataError(
            f"text: espeak-ng ignores the stress mark U+0301 in {text[:40]!r}; remove the marks or"
            " use the front end russian"
        )
    bad = next(
        (char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co")), ""
    )
    if bad:
        raise _silent(bad, text)


def _silent(part: str, text: str) -> DataError:
    position = text.find(part) + 1
    code = f" (U+{ord(part):04X})" if len(part) == 1 else ""
    return DataError(
        f"unknown symbol {part!r}{code} at position {position} of the text: espeak-ng says nothing"
        " for it; remove it or write it in words"
    )
