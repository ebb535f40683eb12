"""Порядковые: римские числа и арабские перед существительным единственного числа."""

from __future__ import annotations

import re
from re import Match
from typing import Any

from ttsf_russian.numbers import counted, morphology
from ttsf_russian.reading.dates import MONTH
from ttsf_russian.reading.grammar import (
    PREPOSITION,
    case_after,
    noun_parse,
    ordinal,
    ordinal_for,
    roman,
)
from ttsf_russian.reading.quantities import MEASURES, UNITS
from ttsf_russian.reading.rule import rules

_ORDERED = (
    "век|тур|ряд|класс|курс|этаж|подъезд|место|раунд|сезон|серия|том|квартал|разряд|группа|вагон"
    "|акт|период|тайм|глава|страница|урок"
    "|попытка|сорт|съезд|палата|отряд|отделение|категория|участок"
).split("|")
_NAMES_ITS_NUMBER = re.compile(
    r"(?:дом|квартир|корпус|улиц|школ|глав|част|том|номер|пункт|стать|рису|табл|страниц|параграф"
    r"|верси|рейс|маршрут|канал|лицей|гимнази|цех|палат|кабинет|шах|подъ|этап|задани|задач"
    r"|упражнен|урок|билет|категори|групп)\w*$|[A-Za-z]",
    re.I,
)


def _roman_before(match: Match[str]) -> str:
    """`II место`, `XX съезд`: после имени или слова «глава» число читает уже библиотека."""
    before, numeral, word = match[1] or "", match[2], match[3]
    previous = before.strip()
    if previous and not _is_plain(previous):
        return match[0]
    case = case_after(previous, "")
    parse = noun_parse(word, case or None)
    if parse is None or _is_verb(word):
        return match[0]
    if parse.tag.number == "plur" and (parse.tag.POS == "NOUN" or previous in ("и", "или")):
        return match[0]
    return f"{before}{ordinal_for(roman(numeral), word, case or None)} {word}"


def _is_plain(word: str) -> bool:
    """Скажи, что слово не имя и не существительное, которое само носит номер."""
    if _NAMES_ITS_NUMBER.search(word) or word.lower() in ("король", "папа", "император", "царь"):
        return False
    tags = [p.tag for p in morphology().parse(word)]
    return not any("Name" in tag for tag in tags) and (
        word.islower() or tags[0].POS in ("PREP", "CONJ", "VERB", "PRCL", "ADVB", "NPRO")
    )


def _is_verb(word: str) -> bool:
    return word.islower() and any(
        p.tag.POS in ("VERB", "GRND", "PRTS") for p in morphology().parse(word)
    )


def _ordinal_noun(match: Match[str]) -> str:
    """`5 этаж`, `после 2 тура`: количественного прочтения у этой формы слова нет."""
    before, preposition, digits, word = match[1] or "", match[2] or "", match[3], match[4]
    number = int(digits)
    if not 0 < number < 200 or MEASURES.match(word.lower()) or word in UNITS:
        return match[0]
    if before and (_NAMES_ITS_NUMBER.search(before.strip()) or not before.islower()):
        return match[0]
    parse = _singular(word, preposition)
    if parse is None or not _cannot_count(number, parse, preposition):
        return match[0]
    return f"{before}{preposition}{ordinal_for(number, word, parse.tag.case)} {word}"


def _singular(word: str, preposition: str) -> Any:
    parses = [p for p in morphology().parse(word) if p.tag.POS in ("NOUN", "ADJF", "NPRO", "VERB")]
    ordered = [p for p in parses if p.normal_form in _ORDERED]
    parses = ordered or parses
    if not parses or any(p.tag.POS != "NOUN" or p.tag.number != "sing" for p in parses):
        return None
    if any("Fixd" in p.tag or "Abbr" in p.tag or "UNKN" in p.tag for p in parses):
        return None
    if not any(p.is_known for p in parses):
        return None
    case = case_after(preposition, "")
    return next(
        (p for p in parses if str(p.tag.case) == case), ordered[0] if ordered else None
    ) or (noun_parse(word, case or None))


def _cannot_count(number: int, parse: Any, preposition: str) -> bool:
    kind = counted(number, "one", "few", "many")
    lemma = parse.normal_form
    if kind == "one":
        return lemma in _ORDERED and parse.tag.case in ("loct", "gent", "datv", "loc2")
    if kind == "few" and parse.tag.case in ("gent", "gen2"):
        word = preposition.strip().lower()
        return case_after(word) == "gent" and (word != "с" or lemma in _ORDERED)
    return True


def _pair(match: Match[str]) -> str:
    """`в 1 и 2 классах`, `учеников 5–9 классов`."""
    preposition, first, link, second, word = match.groups()
    parse = noun_parse(word, case_after(preposition, "") or None)
    if parse is None or parse.normal_form not in _ORDERED or parse.tag.number != "plur":
        return match[0]
    case, gender = str(parse.tag.case), str(parse.tag.gender)
    together = "и" not in link
    pair = [ordinal(int(n), case, gender, plural=together) for n in (first, second)]
    return f"{preposition or ''}{pair[0]}{' — ' if together else ' и '}{pair[1]} {word}"


def _finished(match: Match[str]) -> str:
    """`финишировал 1-м`: после глагола — творительный, после «в» и «на» — предложный."""
    preposition = match[1] or ""
    case = "loct" if preposition else "ablt"
    return f"{preposition}{ordinal(int(match[2]), case)}"


def _decade(match: Match[str]) -> str:
    return ordinal(int(match[1]), plural=True)


RULES = rules(
    (rf"(?<![\w,.:/№-])({PREPOSITION} )?(\d{{1,2}})( и |[-–—])(\d{{1,2}}) ([а-яё]{{4,}})", _pair),
    (r"(?-i:(?<![А-ЯЁа-яё])([А-ЯЁа-яё-]+ )?\b([IVX]{1,6}) ([А-ЯЁа-яё]{3,})(?![а-яё.]))",
     _roman_before),
    (rf"(?<![\w.,:/№§-])([А-ЯЁа-яё]+ )??({PREPOSITION} )?(?<![\d,.:/-])(\d{{1,3}}) "
     rf"(?!{MONTH})([а-яё]{{3,}})(?![\wё])(?!(?<=\b[а-яё]{{3}})\.)",
     _ordinal_noun),
    (r"(?<!\w)((?:в|во|на) )?(\d+)-м(?=[.,;!?)]|$| (?:в|на|и|из|после|среди|по|за)\b)", _finished),
    (r"(?<![\w-])((?:\d\d)?[1-9]0)-е(?=[.,;!?)]|$| [—–-]| (?:в|на|и|были|стали|прошли|принесли)\b)",
     _decade),
    (r"\b(\d+)-их\b", r"\1-х"),
)  # fmt: skip
