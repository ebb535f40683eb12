"""Знаки и номера: телефоны, часы, счёт, версии, действия, буквы моделей."""

from __future__ import annotations

from re import Match

from ttsf_russian.numbers import cardinal, counted, spelled
from ttsf_russian.reading.rule import rules

_HOUR_CASES = {
    **dict.fromkeys(("с", "до", "от", "около", "после", "без"), ("часа", "часов", "часов")),
    **dict.fromkeys(("к", "ко"), ("часу", "часам", "часам")),
}
_LETTERS = dict(
    zip(
        "БВГДЖЗКЛМНПРСТФХЦЧШЩ",
        "бэ вэ гэ дэ жэ зэ ка эль эм эн пэ эр эс тэ эф ха цэ че ша ща".split(),
    )
)
_CODES = {"УК": "у-ка", "ГК": "гэ-ка", "ТК": "тэ-ка", "НК": "эн-ка", "СК": "эс-ка",
          "УПК": "у-пэ-ка", "ГПК": "гэ-пэ-ка", "КоАП": "коап", "ЖК": "жэ-ка"}  # fmt: skip
_ACRONYMS = {"РАН": "ран", "БАМ": "бам", "ТЭЦ": "тэц", "ООН": "оон", "НИИ": "нии", "ТАСС": "тасс",
             "РЖД": "эр-жэ-дэ", "МХАТ": "мхат", "ЧП": "че-пэ"}  # fmt: skip


def _phone(match: Match[str]) -> str:
    head = "плюс " if match[1] else ""
    return head + ", ".join(spelled(part) for part in match.groups()[1:])


def _short_phone(match: Match[str]) -> str:
    code = f"{spelled(match[1])}, " if match[1] else ""
    return code + ", ".join(spelled(part) for part in match[2].split("-"))


def _o_clock(match: Match[str]) -> str:
    preposition, hour = match[1] or "", int(match[2])
    forms = _HOUR_CASES.get(preposition.strip().lower(), ("час", "часа", "часов"))
    return f"{preposition}{hour} {counted(hour, *forms)}"


def _time(match: Match[str]) -> str:
    """`к 8:15`: часы и минуты в падеже предлога."""
    preposition, hour, minute = match[1], int(match[2]), match[3]
    case = "datv" if preposition.strip().lower() in ("к", "ко") else "gent"
    zero = "ноль " if minute.startswith("0") else ""
    return f"{preposition}{cardinal(hour, case)} {zero}{cardinal(int(minute), case)}"


def _postcode(match: Match[str]) -> str:
    return f"{spelled(match[1])}, {spelled(match[2])}"


def _version(match: Match[str]) -> str:
    return match[1] + " точка ".join(spelled(part) for part in match[2].split("."))


def _power(match: Match[str]) -> str:
    return f"{match[1]} в {'квадрате' if match[2] == '²' else 'кубе'}"


RULES = rules(
    (r"(\+)?\b([78])[ -]?\(?(\d{3})\)?[ -]?(\d{3})[ -]?(\d{2})[ -]?(\d{2})\b", _phone),
    (r"(?<![\w-])(?:\((\d{3,5})\) ?)?(?<![\w.,:-])(\d{1,3}(?:-\d\d){2,3})(?![\w-])", _short_phone),
    (r"(?<![\d-])(\d{3})(\d{3})(?=, (?-i:г\.|[А-ЯЁ]))", _postcode),
    (r"\b(windows|iphone|ios|android|playstation|xbox|office|photoshop) (\d{1,4})(?![\w.,]\d)",
     lambda m: f"{m[1]} {cardinal(int(m[2]))}"),
    (r"(?<![\d.,:/])(?<!\d )(0\d+)(?![\d.,:/]| (?:январ|феврал|март|апрел|ма[яй]|июн|июл"
     r"|август|сентябр|октябр|ноябр|декабр|коп|мин|ч\b))",
     lambda m: spelled(m[1])),
    (r"\b((?:с|до|от|около|после|без|к|ко|в) )?([01]?\d|2[0-4]):00\b(?!:)", _o_clock),
    (r"\b((?:к|ко|около) )([01]?\d|2[0-3])[:.]([0-5]\d)\b(?![:.\d])(?! ?(?:%|[мкг]+\b))", _time),
    (r"\b((?:соотношени|пропорци|отношени)\w+ (?:как )?)(\d+) ?: ?(\d+)",
     lambda m: f"{m[1]}{cardinal(int(m[2]))} к {cardinal(int(m[3]), 'datv')}"),
    (r"\b((?:сч[её]т|парти|сет)\w*(?: -| —|:)? )(\d\d?):(\d\d?)\b", r"\1\2 \3"),
    (r"(?<![\d:.,])(\d{1,3}):(\d)(?![\d:])", r"\1 \2"),
    (r"\b((?:верси|релиз|прошивк|сборк|обновлени|протокол|стандарт|гост)\w*(?: р)? "
     r"|(?-i:[A-Za-z][A-Za-z-]+) )(\d+(?:\.\d+)+)(?![\d%])(?! ?(?:млн|млрд|тыс|кг|км|м\b))",
     _version),
    (r"(\d) ?: ?(\d+)(?= ?= ?\d)", r"\1 разделить на \2"),
    (r"(\d) / (\d+)(?= ?= ?\d)", r"\1 разделить на \2"),
    (r"(?-i:(?<!\d)(?<!\d )(?<!\d [kc])([A-Za-z])([²³]))", _power),
    (r"(?-i:(?<![A-Za-z\w])y(?= ?[=+<>−-]| в (?:квадрате|кубе)))", "игрек"),
    (r"(?<=[A-Za-zа-яё)]) \+ (?=[\w(])|(?<=\w) \+ (?=[A-Za-zа-яё(])", " плюс "),
    (r"(?<==) ?[−-](?=\d)", " минус "),
    (r"(?-i:(?<![А-ЯЁа-яёA-Za-z\d.-])([БВГДЖЗКЛМНПРСТФХЦЧШЩ])-(?=\d))",
     lambda m: _LETTERS[m[1]] + " "),
    (r"(?-i:(?<=\d)([БВГ])(?= класс))", lambda m: " " + _LETTERS[m[1]]),
    (rf"(?-i:\b({'|'.join(_CODES)})(?= РФ| РСФСР|\b))", lambda m: _CODES[m[1]]),
    (r"(?-i:\bРФ\b)", "эр-эф"),
    (rf"(?-i:\b({'|'.join(_ACRONYMS)})\b)", lambda m: _ACRONYMS[m[1]]),
    (r"(?<=\w)\s*&\s*(?=\w)", " и "),
    (r"\bи/или\b", "и или"),
    (r"(?<=[а-яё])(?<!руб)(?<!чел)(?<!\d [а-яё])(?<!\bоб)(?<!\bуд)/(?=[а-яё]{3,})", " или "),
)  # fmt: skip
