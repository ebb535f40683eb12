"""Ссылки внутри текста и адреса: `см. рис. 3`, `в т. 2`, `§ 5`, `д. 12/3`, `кв. 7`."""

from __future__ import annotations

import re
from re import Match

from ttsf_russian.numbers import cardinal
from ttsf_russian.reading.grammar import PREPOSITION, case_after, declined, ordinal_for, roman
from ttsf_russian.reading.rule import either, rules

_NUMBERED = {
    "т": "том", "ч": "часть", "гл": "глава", "разд": "раздел", "ст": "статья", "п": "пункт",
    "пп": "пункты", "стр": "страница", "с": "страница", "абз": "абзац", "рис": "рисунок",
    "табл": "таблица", "илл": "иллюстрация", "ил": "иллюстрация", "прил": "приложение",
    "кн": "книга", "вып": "выпуск", "ауд": "аудитория", "каб": "кабинет", "ком": "комната",
    "оф": "офис", "эт": "этаж", "под": "подъезд", "кв": "квартира", "корп": "корпус",
    "уч": "участок", "д": "дом", "§": "параграф", "подп": "подпункт", "упр": "упражнение",
}  # fmt: skip
_LETTERS = {"а": "а", "б": "бэ", "в": "вэ", "г": "гэ"}
_AFTER_DIGITS_A_UNIT = "т|ч|с"


def _numbered(match: Match[str]) -> str:
    """Поставь слово в падеж предлога; после «см.» — винительный; число как оно читается."""
    head, short, number = match[1] or "", match[2].lower(), match[3]
    word = _NUMBERED[short]
    seen = head.strip().lower() in ("см.", "смотри", "смотрите", "ср.", "сравни")
    seen = seen or bool(re.search(r"\bсм\. [^.]*\.? ?\d+ и $", match.string[: match.start()], re.I))
    case = "accs" if seen else case_after(head)
    if head.strip().lower() == "на" and short in ("ауд", "каб", "ком", "кв"):
        case = "accs"
    noun = word if word == "пункты" else declined(word, case)
    if number.isdigit():
        return f"{head}{noun} {cardinal(int(number))}"
    return f"{head}{noun} {ordinal_for(roman(number), noun, case)}"


def _house(match: Match[str]) -> str:
    """`д. 12/3`, `дом 7к1`, `д. 5а`."""
    head, number, kind, rest = match[1], match[2], match[3].lower(), match[4]
    between = {"/": "дробь", "к": "корпус"}[kind]
    return f"{head} {number} {between} {rest}"


RULES = rules(
    (r"\b(д\.|дома?|доме|дому) ?(\d+) ?(/|к) ?(\d+)\b(?![/.,]\d)", _house),
    (r"\b(д\.|дома?|доме) ?(\d+)[ -]?((?-i:[а-гА-Г]))\b(?!\.)",
     lambda m: f"{m[1]} {m[2]} {_LETTERS[m[3].lower()]}"),
    (rf"(?<![\w.])((?:см\.|ср\.|смотрите|смотри|{PREPOSITION}) )?(?-i:(?<!\d )(?<!\d)"
     rf"({_AFTER_DIGITS_A_UNIT}))\. ?(\d+|(?-i:[IVX]+))(?![\w–—-]|[.,]\d| ?(?:мин|сек)\b)",
     _numbered),
    (rf"(?<![\w.])((?:см\.|ср\.|смотрите|смотри|{PREPOSITION}) )?"
     rf"({either(k for k in _NUMBERED if k not in ('т', 'ч', 'с', '§'))})\. ?(\d+|(?-i:[IVX]+))"
     r"(?![\w–—-]|[.,]\d)", _numbered),
    (rf"(?<![\w.])((?:см\.|{PREPOSITION}) )?(§) ?(\d+)(?![\w–—-]|[.,]\d)", _numbered),
)  # fmt: skip
