"""Свои правила чтения; применяются к записи раньше, чем её увидит ru-normalizr."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Match

from ttsf_russian.latin import LATIN, read_latin
from ttsf_russian.numbers import cardinal, counted, fused, morphology, spelled

HINT = "\ue000"
"""Отделяет подлежащее от числа, чтобы оно осталось в именительном падеже; потом убирается."""

_MONTH = "(?:январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр)"
_MONTHS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
)
_GENITIVE = (
    "нет|не (?:хвата[её]т|хватало|хватило|хватит|осталось|оста[её]тся|было|будет|набралось|прошло"
    "|нашлось)(?: и)?|лишил(?:ся|ась|ись)|достиг(?:ла|ло|ли)?|около|свыше|порядка|кроме|вместо"
    "|среди|против|старше|моложе|больше|меньше|дольше|более|менее"
)
_SUBJECT = "цена|стоимость|сумма|ставка|скидка|оклад|зарплата|итого|всего|счет|счёт|остаток"
_HOUR_CASES = {
    **dict.fromkeys(("с", "до", "от", "около", "после", "без"), ("часа", "часов", "часов")),
    **dict.fromkeys(("к", "ко"), ("часу", "часам", "часам")),
}
_TITLES = {
    "проф": "профессор", "акад": "академик", "ген": "генерал", "доц": "доцент", "инж": "инженер",
    "полк": "полковник", "подп": "подполковник", "кап": "капитан", "лейт": "лейтенант",
    "гр": "гражданин", "г-н": "господин", "г-жа": "госпожа", "д-р": "доктор",
    "адм": "адмирал", "маш": "машинист", "худ": "художник", "реж": "режиссёр",
}  # fmt: skip
_PREPOSITIONS = {
    **dict.fromkeys(
        "у от до из без для около после возле с со кроме против вокруг".split(), "gent"
    ),
    **dict.fromkeys("к ко по благодаря".split(), "datv"),
    **dict.fromkeys("перед над под за между".split(), "ablt"),
    **dict.fromkeys("в во на о об при".split(), "loct"),
}
_MOTION = re.compile(
    r"(?:вы|по|при|пере|за|до|у|с|во|в)?(?:ш[её]л|шла|шли|йти|йд\w+|ход\w+|еха\w+|езжа\w+|едет|едут"
    r"|верну\w+|вед[её]т|вела|вели|пал|пала|пасть|беж\w+)$",
    re.I,
)
_STREETS = {"ул": "улица", "пл": "площадь", "наб": "набережная", "пр": "проспект",
            "просп": "проспект", "пер": "переулок", "б-р": "бульвар", "ш": "шоссе"}  # fmt: skip


def rewrite(text: str) -> str:
    """Раскрой то, что библиотека читает неверно; прочее оставь ей."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return LATIN.sub(lambda match: read_latin(match.group()), text)


def _genitive(match: Match[str]) -> str:
    verb, number, noun = match.groups()
    return f"{verb} {cardinal(int(number), 'gent', noun)} {noun}"


def _o_clock(match: Match[str]) -> str:
    preposition, hour = match.group(1) or "", int(match.group(2))
    forms = _HOUR_CASES.get(preposition.strip().lower(), ("час", "часа", "часов"))
    return f"{preposition}{hour} {counted(hour, *forms)}"


def _date(match: Match[str]) -> str:
    head, day, month, year = match.groups()
    if not 1 <= int(month) <= 12:
        return match.group()
    return f"{head}{int(day)}-е {_MONTHS[int(month) - 1]} {year} года"


def _phone(match: Match[str]) -> str:
    head = "плюс " if match.group(1) else ""
    return head + ", ".join(spelled(part) for part in match.groups()[1:])


def _title(match: Match[str]) -> str:
    preposition, short, name = match.group(1) or "", match.group(2).lower(), match.group(3)
    case = _PREPOSITIONS.get(preposition.strip().lower()) or _case_of_name(name)
    word = morphology().parse(_TITLES[short])[0].inflect({case})
    return f"{preposition}{word.word if word else _TITLES[short]} {name}"


def _case_of_name(name: str) -> str:
    parses = [p for p in morphology().parse(name) if "Surn" in p.tag or "Name" in p.tag]
    cases = {p.tag.case for p in parses}
    return "nomn" if not cases or "nomn" in cases else str(parses[0].tag.case)


def _street(match: Match[str]) -> str:
    verb, preposition, short = match.group(1) or "", match.group(2) or "", match.group(3).lower()
    case = _PREPOSITIONS.get(preposition.strip().lower(), "nomn")
    if case == "loct" and _MOTION.search(verb.strip()):
        case = "accs"
    word = morphology().parse(_STREETS[short])[0].inflect({case})
    return f"{verb}{preposition}{word.word if word else _STREETS[short]} "


def _one_and_half(match: Match[str]) -> str:
    noun = match.group(1)
    feminine = noun.startswith("тыс") or any(
        "NOUN" in p.tag and p.tag.gender == "femn" for p in morphology().parse(noun)[:1]
    )
    return f"{'полторы' if feminine else 'полтора'} {_HALVES.get(noun.rstrip('.'), noun)}"


_HALVES = {"тыс": "тысячи", "млн": "миллиона", "млрд": "миллиарда"}
_HALVES |= {"км": "километра", "м": "метра", "кг": "килограмма", "л": "литра", "ч": "часа"}
_Replacement = str | Callable[[Match[str]], str]
_RULES: list[tuple[re.Pattern[str], _Replacement]] = [
    (re.compile(pattern, re.I), replacement)
    for pattern, replacement in (
        (r"(\+)?\b([78])[ -]?\(?(\d{3})\)?[ -]?(\d{3})[ -]?(\d{2})[ -]?(\d{2})\b", _phone),
        (r"\bв т\. ?ч\.", "в том числе"),
        (r"\bи пр\.(?= [а-яё])", "и прочие"),
        (r"\bи пр\.", "и прочее"),
        (r"\bи\. ?о\.", "исполняющий обязанности"),
        (r"\bим\. ?(?=[А-ЯЁ])", "имени "),
        (r"\bсв\. ?(?=[А-ЯЁ])", "святого "),
        (rf"\b([а-яё]+ )?\b({'|'.join(_TITLES)})\.? ?(?-i:([А-ЯЁ][а-яё]+))", _title),
        (r"\b([а-яё]+ )?\b((?:на|в|по|с|у|от|до|к|за) )?"
         rf"\b({'|'.join(_STREETS)})\.? (?-i:(?=[А-ЯЁ]))",
         _street),
        (rf"\b({_GENITIVE}) (\d+) (?!{_MONTH})([а-яё]+)", _genitive),
        (rf"\b({_SUBJECT}) (?=\d)", rf"\1 {HINT} "),
        (r"\b((?:дата|сегодня|вчера|завтра|наступило):? )(\d\d?)\.(\d\d?)\.(\d{4})\b", _date),
        (r"\b((?:с|до|от|около|после|без|к|ко|в) )?([01]?\d|2[0-4]):00\b(?!:)", _o_clock),
        (rf"\b(ко?) (\d+) и (\d+) (?={_MONTH})", r"\1 \2-му и \3-му "),
        (r"\b(\d+)-?(?=лети(?:е|я|ю|ем|и|й|ям|ями|ях)\b)", lambda m: fused(int(m.group(1)))),
        (r"\b1,5 (тыс\.?|млн\.?|млрд\.?|км|кг|м|л|ч|[а-яё]+)(?![а-яё])", _one_and_half),
        (r"(?<=\w)\s*&\s*(?=\w)", " и "),
        (r"\bи/или\b", "и или"),
        (r"(?<=[а-яё])/(?=[а-яё]{3,})", " или "),
    )
]  # fmt: skip
