"""Число с единицей или существительным там, где падеж решает слово перед ним."""

from __future__ import annotations

import re
from re import Match

from ttsf_russian.numbers import cardinal, counted, fused, morphology
from ttsf_russian.reading.grammar import agreed, declined
from ttsf_russian.reading.rule import either, rules

_COMPARATIVE = (
    "дальше|ближе|выше|ниже|тяжелее|легче|длиннее|короче|шире|глубже|толще|тоньше|дороже|дешевле"
    "|раньше|позже|позднее|ранее|быстрее|медленнее|больше|меньше|более|менее|старше|моложе|дольше"
    "|сильнее|слабее|теплее|холоднее|крупнее|мельче|чаще|реже|мощнее|прочнее"
)
_GENITIVE = (
    r"нет|не (?:хвата[её]т|хватало|хватило|хватит|осталось|оста[её]тся|было|будет|набралось|прошло"
    r"|нашлось|досчитались|видно)(?: и)?|лишил(?:ся|ась|ись)|достиг(?:а(?:ет|л[аои]?|ют)|л[аои])?"
    r"|достига(?:ет|л[аои]?|ют)|достичь|добил(?:ся|ась|ись)|около|свыше|порядка|кроме|вместо|среди"
    rf"|против|{_COMPARATIVE}"
)
UNITS = {
    "км": "километр", "м": "метр", "см": "сантиметр", "мм": "миллиметр", "кг": "килограмм",
    "г": "грамм", "мг": "миллиграмм", "т": "тонна", "ц": "центнер", "л": "литр",
    "мл": "миллилитр", "га": "гектар", "ч": "час", "мин": "минута", "с": "секунда",
    "сек": "секунда", "руб": "рубль", "коп": "копейка", "долл": "доллар", "%": "процент",
    "°C": "градус цельсия", "°С": "градус цельсия", "°": "градус", "км/ч": "километр в час",
    "м/с": "метр в секунду", "Вт": "ватт", "кВт": "киловатт", "мес": "месяц", "нед": "неделя",
    "тыс": "тысяча", "млн": "миллион", "млрд": "миллиард", "₽": "рубль", "дн": "день",
    "шт": "штука", "уд": "удар", "ккал": "килокалория", "МВт": "мегаватт", "сут": "сутки",
    "МБ": "мегабайт", "ГБ": "гигабайт", "чел": "человек",
}  # fmt: skip
_NUMBER = r"(\d{1,3}(?: \d{3})+|\d+)(?:,(\d))?"
_PER = {
    "с": "в секунду", "сек": "в секунду", "мин": "в минуту", "ч": "в час", "сут": "в сутки",
    "мес": "в месяц", "м²": "на квадратный метр", "м2": "на квадратный метр", "м³":
    "на кубический метр", "м3": "на кубический метр", "см³": "на кубический сантиметр", "см3":
    "на кубический сантиметр", "кг": "на килограмм", "л": "на литр", "га": "на гектар", "т":
    "на тонну", "км": "на километр", "км²": "на квадратный километр", "100 км": "на сто километров",
    "чел": "на человека", "шт": "за штуку",
}  # fmt: skip
_MONEY = {"$": ("доллар", "доллара", "долларов"), "£": ("фунт", "фунта", "фунтов"),
          "¥": ("иена", "иены", "иен"), "₽": ("рубль", "рубля", "рублей"),
          "€": ("евро", "евро", "евро"), "USD": ("доллар", "доллара", "долларов"),
          "RUB": ("рубль", "рубля", "рублей"), "EUR": ("евро", "евро", "евро")}  # fmt: skip
_SCALE = r"тыс|млн|млрд|трлн"
MEASURES = re.compile(
    r"(?:кило|санти|милли|мега|гига|тера|микро|гекто|деци|[кмгт])?(?:грамм|метр|ватт|байт|бит|вольт"
    r"|ампер|герц|литр|тонн|рентген|градус|процент|рубл|доллар|карат|человек|раз|год|час)"
)


def _genitive(match: Match[str]) -> str:
    head, whole, tenth, noun = match.groups()
    number = int(whole.replace(" ", ""))
    unit = UNITS.get(noun.rstrip("."))
    if noun == "г" and 1000 <= number <= 2100 and match.string[match.end() :].startswith("."):
        return match[0]  # год
    if unit is None:
        return _with_half(match) if tenth else f"{head} {cardinal(number, 'gent', noun)} {noun}"
    return f"{head} {_amount(number, tenth, unit)}"


def _with_half(match: Match[str]) -> str:
    head, whole, tenth, noun = match.groups()
    return f"{head} полутора {noun}" if (whole, tenth) == ("1", "5") else match[0]


def _scaled(match: Match[str]) -> str:
    """`более 2,5 тыс. км`."""
    head, whole, tenth, scale, noun = match.groups()
    amount = _amount(int(whole.replace(" ", "")), tenth, UNITS[scale])
    unit = UNITS[noun]
    return (
        f"{head} {amount} {'человек' if unit == 'человек' else declined(unit, 'gent', plural=True)}"
    )


def _compound(match: Match[str]) -> str:
    """`до 98 руб. 40 коп.`, `от 3 м 20 см`."""
    preposition, first, unit, second, part = match.groups()
    amounts = _amount(int(first), None, UNITS[unit]), _amount(int(second), None, UNITS[part])
    return f"{preposition} {amounts[0]} {amounts[1]}"


def _rate(match: Match[str]) -> str:
    """`7,8 г/см³`, `50 л/мин`: время — «в», прочее — «на»."""
    whole, fraction, unit, per = match.groups()
    word = UNITS[unit]
    if fraction:
        noun = declined(word, "gent")
    else:
        number = int(whole.replace(" ", ""))
        forms = [word, declined(word, "gent"), declined(word, "gent", plural=True)]
        noun = counted(number, *forms)
    return f"{whole}{fraction or ''} {noun} {_PER[per]}"


def _aged(match: Match[str]) -> str:
    """`мальчик 8 лет заблудился`, но `отец 20 лет работал`: вид глагола после."""
    person, number, years, after = match.groups()
    tags = [p.tag for p in morphology().parse(person)]
    if not ({"NOUN", "anim"} in tags[0] and tags[0].case != "datv"):
        return match[0]
    follows = morphology().parse(after)[0].tag if after else None
    lasting = follows is not None and (
        {"VERB", "impf"} in follows or after in ("назад", "подряд", "спустя", "не")
    )
    if lasting:
        return match[0]
    return f"{person} {cardinal(int(number), 'gent', 'год')} {years}{' ' + after if after else ''}"


def _amount(number: int, tenth: str | None, unit: str) -> str:
    """Напиши количество в родительном падеже."""
    if tenth in (None, "0"):
        one = counted(number, "one", "many", "many") == "one"
        noun = (
            "человек" if unit == "человек" and not one else declined(unit, "gent", plural=not one)
        )
        return f"{cardinal(number, 'gent', unit.split()[0])} {noun}"
    many = declined(unit, "gent", plural=True)
    if tenth == "5":
        whole = "полутора" if number == 1 else f"{cardinal(number, 'gent')} с половиной"
        return f"{whole} {many}" if number else f"половины {declined(unit, 'gent')}"
    one = number % 10 == 1 and number % 100 != 11
    parts = cardinal(number, "gent", "часть"), cardinal(int(str(tenth)), "gent", "часть")
    tenths = "десятой" if tenth == "1" else "десятых"
    return f"{parts[0]} {'целой' if one else 'целых'} {parts[1]} {tenths} {declined(unit, 'gent')}"


def _money(match: Match[str]) -> str:
    """`$5 млн`: знак валюты читается последним."""
    sign, whole, fraction, scale = match.groups()
    forms = _MONEY[sign]
    if scale:
        return f"{whole}{',' + fraction if fraction else ''} {scale} {forms[2]}"
    if fraction:
        return match[0] if sign in "$€₽" else f"{whole},{fraction} {forms[1]}"
    return f"{whole} {counted(int(whole.replace(' ', '')), *forms)}"


def _money_after(match: Match[str]) -> str:
    whole, scale, sign = match.groups()
    forms = _MONEY[sign]
    if scale:
        return f"{whole} {scale} {forms[2]}"
    return f"{whole} {counted(int(whole.replace(' ', '')), *forms)}"


def _spoon(match: Match[str]) -> str:
    number, short = match[1], match[2].lower()
    kind = "столов" if short == "ст" else "чайн"
    if "/" in number or "," in number:
        return f"{number} {kind}ой ложки"
    if number == "1":
        wants = _wants_object(match.string[: match.start()])
        return f"одну {kind}ую ложку" if wants else f"одна {kind}ая ложка"
    return f"{number} {kind}{counted(int(number), 'ая ложка', 'ые ложки', 'ых ложек')}"


def _wants_object(before: str) -> bool:
    """Узнай переходный глагол в начале фразы: `возьмите 200 г муки и 1 ст. л. сахара`."""
    clause = re.split(r"[.!?;:](?= [А-ЯЁ])", before)[-1]
    parses = (morphology().parse(word)[0].tag for word in re.findall(r"[А-ЯЁа-яё]+", clause))
    return any("tran" in tag for tag in parses)


def _percent_adjective(match: Match[str]) -> str:
    """`5%-й раствор`: прилагательное в роде и падеже слова; падеж подсказан окончанием."""
    number, ending, word = match.groups()
    root = "".join([fused(int(number)), "процентный"])
    for parse in morphology().parse(word.lower()):
        if parse.tag.POS == "NOUN":
            form = agreed("процентный", word, parse.tag.case)
            if form.endswith(ending):
                return f"{root[:-10]}{form} {word}"
    return f"{root[:-10]}{agreed('процентный', word)} {word}"


def _share(match: Match[str]) -> str:
    """`в 40% случаев`."""
    number = int(match[2])
    noun = declined("процент", "loct", plural=counted(number, "1", "2", "2") != "1")
    return f"{match[1]} {cardinal(number, 'loct')} {noun}"


def _person(match: Match[str]) -> str:
    return f"{match[1]} {match[2]} человека"


def _plurale_tantum(match: Match[str]) -> str:
    number, noun = int(match[1]), match[2]
    head = cardinal(number - 1) + " " if number > 1 else ""
    return f"{head}одни {noun}"


def _half(match: Match[str]) -> str:
    """`1,5-литровая`, `0,5-литровая`."""
    whole = int(match[1])
    if whole < 2:
        return ("пол", "полутора")[whole] + match[2]
    return f"{cardinal(whole, 'gent')} с половиной {match[2]}"


def _one_and_half(match: Match[str]) -> str:
    noun = match[1]
    feminine = noun.startswith("тыс") or any(
        "NOUN" in p.tag and p.tag.gender == "femn" for p in morphology().parse(noun)[:1]
    )
    return f"{'полторы' if feminine else 'полтора'} {_HALVES.get(noun.rstrip('.'), noun)}"


_KILOMETRE = {"м": "километре", "й": "километр", "о": "километра", "у": "километру"}
_HALVES = {"тыс": "тысячи", "млн": "миллиона", "млрд": "миллиарда"}
_HALVES |= {"км": "километра", "м": "метра", "кг": "килограмма", "л": "литра", "ч": "часа"}
_MONTHISH = "(?:январ|феврал|март|апрел|ма[яй]\\b|июн|июл|август|сентябр|октябр|ноябр|декабр)"
_WHOLES = "руб|кг|м|км|ч|мин|т|см"
_PARTS = "коп|г|см|м|мин|сек|с|кг|мм"
_SUFFIXES = "этажн|летн|комнатн|дневн|часов|метров|процентн|минутн|рублев|местн"
_NAMED = "метровк|летк|дневк|тонник|томник|этажк|балльник|тысячник|миллионник|рубл[её]вк|ваттк"
RULES = rules(
    (rf"([$£¥€]) ?(\d{{1,3}}(?: \d{{3}})+|\d+)(?:[.,](\d+))?(?: ({_SCALE})\b\.?)?", _money),
    (rf"(\d{{1,3}}(?: \d{{3}})+|\d+(?:,\d+)?) (?:({_SCALE})\.? ?)(₽|\$|€|£|¥|USD|EUR|RUB)(?!\w)",
     _money_after),
    (r"(\d{1,3}(?: \d{3})+|\d+)( )?(USD|EUR|RUB|£|¥)(?!\w)",
     lambda m: f"{m[1]} {counted(int(m[1].replace(' ', '')), *_MONEY[m[3]])}"),
    (r"\b(долл)\. ?(США)\b", "долларов США"),
    (r"(\d+(?:[,/]\d+)?) (ст|ч)\. ?л(?:\.|ожк\w+)", _spoon),
    (r"\b(в) (\d+) ?%(?= [а-яё]+(?:ов|ев|ей|ий|аний|ений)\b)", _share),
    (r"\b(\d+-(?:м|й|го|му)) км\b", lambda m: f"{m[1]} {_KILOMETRE[m[1][-1]]}"),
    (r"\bна 1 (?=больше|меньше|выше|ниже|старше|моложе)", "на один "),
    (r"(\d+) ?%-(?:н?(ый|ого|ому|ым|ом|ая|ую|ое|ой|ые|ых|ыми|й|го|му|м|х|я|ю|е)) ([а-яё]+)",
     _percent_adjective),
    (r"\b(на|за|через|у|для) (\d*1) чел\.?(?!\w)", _person),
    (r"(?<![\d,])(\d*1) (сутки|ножницы|брюки|очки|ворота|сани)\b", _plurale_tantum),
    (rf"(?<!\w)(до|от|из|с|без|после|у|{_GENITIVE}) (\d+) ({_WHOLES})\.? (\d+) ({_PARTS})\b(?!/)",
     _compound),
    (rf"(?<!\w)(до|от|из|с|без|после|{_GENITIVE}) {_NUMBER} (тыс|млн|млрд)\.? ({either(UNITS)})"
     r"(?![\w²³/])", _scaled),
    (rf"(?<!\w)(до|от|из|без|после|{_GENITIVE}) (1),(5) ?({either(UNITS)}|лет|раза?)(?![\w²³/])",
     _genitive),
    (rf"(\d{{1,3}}(?: \d{{3}})+|\d+)(,\d+)? ({either(k for k in UNITS if k.isalpha())})\.?/"
     rf"({either(_PER)})(?!\w)",
     _rate),
    (r"\b([а-яё]+) (\d{1,2}) (лет|года|месяцев|недель|дней)\b(?: ([а-яё]+))?", _aged),
    (rf"(?<!\w)({_GENITIVE}) {_NUMBER} ?({either(UNITS)}|(?!{_MONTHISH})[а-яё]{{3,}})"
     r"(?![\w²³/])(?:\.(?= [а-яё]))?",
     _genitive),
    (r"(\d+)(?:-(?:ти|ми|и|х|ух|[её]х|м))[ -](?=(?:" + _SUFFIXES + r")\w)", r"\1-"),
    (rf"\b(\d+)-(?=(?:{_NAMED})\w*)", lambda m: fused(int(m[1]))),
    (r"\b(\d+),5-([а-яё]{4,})", _half),
    (r"\b(\d+)-?(?=лети(?:е|я|ю|ем|и|й|ям|ями|ях)\b)", lambda m: fused(int(m[1]))),
    (r"\b1,5 (тыс\.?|млн\.?|млрд\.?|км|кг|м|л|ч|[а-яё]+)(?![а-яё])", _one_and_half),
    (r"(\d[\d,]*) с(?=[.,;!?)]|$)", r"\1 сек"),
    (r"(?<![\d,])(\d+) ц(?![а-яё])",
     lambda m: f"{m[1]} {counted(int(m[1]), 'центнер', 'центнера', 'центнеров')}"),
    (r"(?<![\d,])(\d+) об/мин\b",
     lambda m: f"{m[1]} {counted(int(m[1]), 'оборот', 'оборота', 'оборотов')} в минуту"),
)  # fmt: skip
