"""Даты, годы и века."""

from __future__ import annotations

from re import Match

from ttsf_russian.numbers import cardinal, morphology
from ttsf_russian.reading.grammar import (
    PREPOSITION,
    case_after,
    declined,
    noun_parse,
    ordinal,
    ordinal_for,
    roman,
)
from ttsf_russian.reading.rule import rules

MONTH = (
    "(?:январ[ья]|феврал[ья]|марта|апреля|мая|июн[ья]|июля|августа|сентября|октября|ноября|декабря)"
)
MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
_WHEN = "сегодня|вчера|завтра|послезавтра|наступило|наступает|на календаре|на дворе|дата:?"
_ABLATIVE = "датирован[аоы]?|датируется|помечен[аоы]?|обозначен[аоы]?|ограничи(?:лись|лся|лась)"
_YEAR = r"1\d{3}|20\d\d"
_DAY = r"0?[1-9]|[12]\d|3[01]"
_BOUND = "с|со|до|по|от|к|ко|после|на|около|не позднее|не позже|не ранее|не раньше"
_PARTS = {"нач": "начало", "сер": "середина", "кон": "конец", "пол": "половина",
          "четв": "четверть"}  # fmt: skip
_BEFORE_ERA = r"(?: до)? н\. ?э\."


def _nominative(match: Match[str]) -> str:
    return f"{match[1]} {ordinal(int(match[2]), gender='neut')} {match[3]}"


def _instrumental(match: Match[str]) -> str:
    return f"{match[1]} {ordinal(int(match[2]), 'ablt', 'neut')} {match[3]}"


def _between(match: Match[str]) -> str:
    first, second = (ordinal(int(day), "ablt", "neut") for day in (match[2], match[3]))
    return f"{match[1]} {first} и {second} {match[4]}"


def _from_to(match: Match[str]) -> str:
    bound = match[3].lower()
    last = ordinal(int(match[4]), "nomn" if bound != "до" else "gent", "neut")
    return f"{match[1]} {ordinal(int(match[2]), 'gent', 'neut')} {match[3]} {last} {match[5]}"


def _short_date(match: Match[str]) -> str:
    """`с 01.07 по 14.07`: день и месяц после предлога; у неудавшейся даты — как было."""
    preposition, day, month = match[1], int(match[2]), int(match[3])
    word = preposition.lower()
    case = "nomn" if word in ("по", "на") else "datv" if word in ("к", "ко") else "gent"
    return f"{preposition} {ordinal(day, case, 'neut')} {MONTHS[month - 1]}"


def _told_date(match: Match[str]) -> str:
    head, day, month, year = match[1], int(match[2]), int(match[3]), match[4]
    if not 1 <= month <= 12:
        return match[0]
    return f"{head}{ordinal(day, gender='neut')} {MONTHS[month - 1]} {year} года"


def _case_of(preposition: str | None, noun: str | None) -> str:
    """Падеж века или годов: по предлогу, после существительного родительный."""
    if preposition:
        return "accs" if preposition.strip().lower() in ("за", "на") else case_after(preposition)
    if noun and any(p.tag.POS in ("NOUN", "NUMR") for p in morphology().parse(noun.strip())):
        return "gent"
    return "nomn"


def _century(match: Match[str]) -> str:
    noun, preposition, number, era = match[1] or "", match[2] or "", match[3], match[4] or ""
    if noun and not preposition and noun.strip().lower() in ("гг.", "гг", "г."):
        case = "gent"
    else:
        case = _case_of(preposition, noun)
    value = int(number) if number.isdigit() else roman(number)
    end = "." if match[5] is not None and not era else ""
    return f"{noun}{preposition}{ordinal(value, case)} {declined('век', case)}{era}{end}"


def _years(match: Match[str]) -> str:
    """`война 1812–1814 гг.`: оба года порядковые, «год» во множественном числе."""
    noun, preposition = match[1] or "", match[2] or ""
    case = _case_of(preposition, noun)
    first, last = (ordinal(int(year), case) for year in (match[3], match[4]))
    return f"{noun}{preposition}{first} — {last} {declined('год', case, plural=True)}"


def _life(match: Match[str]) -> str:
    return f"({ordinal(int(match[1]))} — {ordinal(int(match[2]))})"


def _season(match: Match[str]) -> str:
    """`в 2020/21 сезоне`: двойной год согласуется со словом после него."""
    preposition, first, last, word = match[1] or "", int(match[2]), int(match[3]), match[4]
    case = case_after(preposition, noun_parse(word).tag.case if noun_parse(word) else "nomn")
    second = ordinal_for(last, word, case)
    return f"{preposition}{ordinal_for(first, word, case)} — {second} {word}"


def _season_after(match: Match[str]) -> str:
    return f"{match[1]} {cardinal(int(match[2]))} — {cardinal(int(match[3]))}"


def _after_part(match: Match[str]) -> str:
    return f"{match[1]} {ordinal(roman(match[2]), 'gent')}"


def _season_year(match: Match[str]) -> str:
    return f"{match[1]} {ordinal(int(match[2]), 'gent')}"


def _part(match: Match[str]) -> str:
    preposition, short = match[1] or "", match[2].lower()
    word = _PARTS[short]
    case = case_after(preposition)
    return f"{preposition}{declined(word, case)} "


def _ordinal_part(match: Match[str]) -> str:
    """`во 2-й пол. XVII в.`: падеж у половины — как у числа перед ней, по предлогу."""
    case = case_after(match[1])
    number = ordinal(int(match[2]), case, "femn")
    return f"{match[1] or ''}{number} {declined(_PARTS[match[3].lower()], case)} "


RULES = rules(
    (r"\b(\d\d)/(\d\d)/(\d{4})\b", r"\1.\2.\3"),
    (rf"\b({_YEAR})/({_YEAR}) (?=гг\b)", r"\1–\2 "),
    (rf"({MONTH}) ({_YEAR})-го\b", lambda m: f"{m[1]} {ordinal(int(m[2]), 'gent')}"),
    (rf"\b(зимой|весной|летом|осенью|зима|весна|лето|осень) ({_YEAR})"
     r"(?=[.,;!?)]|$| [а-яё])(?! г(?:од|\.))",
     _season_year),
    (r"\b(конец|начало|середина|половина|конца|начала|середины)(?-i: ([IVX]{1,6})(?= ?[–—-]))",
     _after_part),
    (rf"\b((?:дата|сегодня|вчера|завтра|наступило):? )({_DAY})\.(\d\d?)\.(\d{{4}})\b", _told_date),
    (rf"\b({_WHEN}) ({_DAY}) ({MONTH})(?=(?: \d{{4}} (?:года|г\.))?(?:[.,;!?]|$))", _nominative),
    (rf"\b({_ABLATIVE}) ({_DAY}) ({MONTH})\b", _instrumental),
    (rf"\b(между) ({_DAY}) и ({_DAY}) ({MONTH})\b", _between),
    (rf"\b(с|со|от) ({_DAY}) (по|на|до) ({_DAY}) ({MONTH})\b", _from_to),
    (rf"\b(по) ({_DAY}) ({MONTH})\b", _nominative),
    (rf"(?:^|(?<=[.!?] ))()({_DAY}) ({MONTH})(?= [—–] [а-яё])", lambda m: _nominative(m).lstrip()),
    (rf"\b({_BOUND}) ({_DAY})\.(0[1-9]|1[0-2])(?![\d.]*\d)(?! ?(?:утра|вечера|дня|ночи|ч|%))",
     _short_date),
    (rf"\b({PREPOSITION} )?(\d)-[йя] ({'|'.join(_PARTS)})\. (?=[IVX\d])", _ordinal_part),
    (rf"\b({PREPOSITION} )?(нач|сер|кон)\. (?=[IVX\d])", _part),
    (rf"\b((?:(?!{PREPOSITION} )[а-яё]+|г{{1,2}}\.) )??({PREPOSITION} )?(?-i:\b([IVX]{{1,6}}))"
     rf" в\.({_BEFORE_ERA})?(\s*$)?",
     _century),
    (rf"\b((?!{PREPOSITION} )[а-яё]+ )??({PREPOSITION} )?\b(\d\d?) в\.({_BEFORE_ERA})(\s*$)?",
     _century),
    (rf"\b((?!{PREPOSITION} )[а-яё]+ )??({PREPOSITION} )?({_YEAR})[-–—]({_YEAR}) "
     r"(?:гг\.?|год(?:ы|ов|ах|ам|ами))(?![а-яё])",
     _years),
    (rf"\(({_YEAR})\s?[-–—]\s?({_YEAR})(?: гг?\.)?\)", _life),
    (rf"\b({PREPOSITION} )?({_YEAR})/(\d\d|\d{{4}}) (учебн\w+|сезон\w*|год\w*)", _season),
    (rf"\b(сезон\w*) ({_YEAR})/(\d\d|\d{{4}})\b", _season_after),
)  # fmt: skip
