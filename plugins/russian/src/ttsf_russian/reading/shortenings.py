"""Сокращённые слова: согласованные прилагательные, должности, степени, обороты."""

from __future__ import annotations

from re import Match

from ttsf_russian.numbers import morphology
from ttsf_russian.reading.grammar import PREPOSITION, agreed, case_after, declined, noun_parse
from ttsf_russian.reading.rule import either, rules

_ADJECTIVES = {
    "гл": "главный", "ст": "старший", "мл": "младший", "муз": "музыкальный", "нар": "народный",
    "худ": "художественный", "засл": "заслуженный", "рус": "русский", "англ": "английский",
    "нем": "немецкий", "фр": "французский", "франц": "французский", "исп": "испанский",
    "ит": "итальянский", "лат": "латинский", "греч": "греческий", "гос": "государственный",
    "сев": "северный", "юж": "южный", "зап": "западный", "вост": "восточный", "мед": "медицинский",
    "центр": "центральный", "макс": "максимальный", "техн": "технический", "воен": "военный",
    "ср": "средний", "дет": "детский", "ж.-д": "железнодорожный", "ж/д": "железнодорожный",
    "с/х": "сельскохозяйственный", "с.-х": "сельскохозяйственный", "х/б": "хлопчатобумажный",
    "т. н": "так называемый", "т.н": "так называемый", "нац": "национальный", "общ": "общий",
}  # fmt: skip
_TONGUES = "рус англ нем фр франц исп ит лат греч".split()
_GRAMMAR = {"ед": "единственное", "мн": "множественное", "муж": "мужской", "жен": "женский",
            "ср": "средний", "м": "мужской", "ж": "женский"}  # fmt: skip
_WORDS = {
    "зам": "заместитель", "зав": "заведующий", "пом": "помощник", "канд": "кандидат",
    "чл.-корр": "член-корреспондент", "сб": "сборник", "изд": "издательство", "ред": "редактор",
    "соч": "сочинение", "пер": "перевод", "тел": "телефон", "кол-во": "количество",
    "изд-во": "издательство", "х/ф": "фильм", "м/ф": "мультфильм", "т/с": "телесериал",
    "а/я": "абонентский ящик", "р/с": "расчётный счёт", "в/ч": "воинская часть",
}  # fmt: skip
_TITLES = {
    "проф": "профессор", "акад": "академик", "ген": "генерал", "доц": "доцент", "инж": "инженер",
    "полк": "полковник", "подп": "подполковник", "кап": "капитан", "лейт": "лейтенант",
    "серж": "сержант", "гр": "гражданин", "адм": "адмирал", "маш": "машинист", "худ": "художник",
    "реж": "режиссёр", "тов": "товарищ", "кн": "князь", "писат": "писатель", "архит": "архитектор",
    "арх": "архитектор", "комп": "композитор", "о": "отец",
}  # fmt: skip
_HYPHENED = {
    "г-н": "господин", "гр-н": "граждан", "д-р": "доктор", "ин-т": "институт", "ун-т":
    "университет", "ф-т": "факультет", "к-т": "комитет", "з-д": "завод", "п-ов": "полуостров",
}  # fmt: skip
_STEMS = {"кол-": "количест", "изд-": "издательст", "об-": "общест", "гос-": "государст",
          "произ-": "производст", "пр-": "правительст", "мин-": "министерст"}  # fmt: skip
_SCIENCES = {
    "м": "медицинских", "т": "технических", "ф.-м": "физико-математических", "х": "химических",
    "б": "биологических", "и": "исторических", "э": "экономических", "п": "педагогических",
    "ю": "юридических", "филол": "филологических", "ист": "исторических", "мед": "медицинских",
    "техн": "технических", "филос": "философских", "экон": "экономических", "физ.-мат":
    "физико-математических", "хим": "химических", "биол": "биологических", "пед": "педагогических",
    "юр": "юридических", "психол": "психологических",
}  # fmt: skip


def _adjective(match: Match[str]) -> str:
    preposition, short, word = match[1] or "", match[2].lower(), match[3]
    if noun_parse(word) is None:
        return match[0]
    case = case_after(preposition, "") or None
    adjective = _ADJECTIVES[short.rstrip(".").replace("т.н", "т. н")]
    head, _, last = adjective.rpartition(" ")
    return f"{preposition}{head}{' ' * bool(head)}{agreed(last, word, case)} {word}"


def _title(match: Match[str]) -> str:
    preposition, short, name = match[1] or "", match[2].lower(), match[3]
    known = any("Name" in p.tag or "Surn" in p.tag for p in morphology().parse(name))
    if short == "о" and not known:
        return match[0]
    case = case_after(preposition, "") or _case_of_name(name)
    return f"{preposition}{declined(_TITLES[short], case)} {name}"


def _case_of_name(name: str) -> str:
    parses = [p for p in morphology().parse(name) if "Surn" in p.tag or "Name" in p.tag]
    cases = {p.tag.case for p in parses}
    return "nomn" if not cases or "nomn" in cases else str(parses[0].tag.case)


def _word(match: Match[str]) -> str:
    preposition, short = match[1] or "", match[2].lower()
    return f"{preposition}{_declined(_WORDS[short], case_after(preposition))}"


def _declined(phrase: str, case: str) -> str:
    first, _, second = phrase.partition(" ")
    if not second:
        parse = morphology().parse(first)[0]
        form = parse.inflect({"sing", case})
        return str(form.word) if form else first
    return f"{agreed(first, declined(second, case), case)} {declined(second, case)}"


def _degree(match: Match[str]) -> str:
    head = {"к": "кандидат", "канд": "кандидат", "д": "доктор", "докт": "доктор"}[match[2].lower()]
    case = case_after(match[1])
    return f"{match[1] or ''}{declined(head, case)} {_SCIENCES[match[3].lower()]} наук"


def _and_others(match: Match[str]) -> str:
    """`в Туле, Твери и др. городах`: падеж — от слова после, иначе от слова перед."""
    before, many, after = match[1], match[2], match[3] or ""
    others = ("многие " if many else "") + "другие"
    parse = noun_parse(after.strip()) if after else noun_parse(before)
    case = parse.tag.case if parse is not None else "nomn"
    if not after and {"nomn"} & {p.tag.case for p in morphology().parse(before.lower())}:
        case = "nomn"
    others = " ".join(
        str(morphology().parse(w)[0].inflect({"plur", case, *(["inan"] * (case == "accs"))}).word)
        for w in others.split()
    )
    end = "." if match[4] is not None else ""
    return f"{before} и {others}{after}{end}"


def _and_the_rest(match: Match[str]) -> str:
    return f"и {agreed('прочий', match[1]) if noun_parse(match[1]) else 'прочее'} {match[1]}"


def _tongue(match: Match[str]) -> str:
    case = case_after(match[1])
    word = declined("язык", case)
    return f"{match[1] or ''}{agreed(_ADJECTIVES[match[2].lower()], word, case)} {word}"


def _hyphened(match: Match[str]) -> str:
    short, ending = match[1].lower(), match[2] or ""
    if short != "гр-н":
        return _HYPHENED[short] + ending
    return "граждан" + ("е" if ending == "е" else "ин" + ending)


RULES = rules(
    (r"\bв т\. ?ч\.", "в том числе"),
    (r"\bи пр\. (?=[а-яё])([а-яё]+)", _and_the_rest),
    (r"\bи пр(?:оч)?\.", "и прочее"),
    (r"\b([а-яё]+),? и (мн\. ?)?др\.( (?!и\b|в\b|на\b|с\b|у\b|не\b)[а-яё]{4,})?(\s*$)?",
     _and_others),
    (r"\bт\. ?о\.,?(?= [а-яё])", "таким образом,"),
    (r"\bи\. ?о\.(?= [а-яё])", "исполняющий обязанности"),
    (r"\bср\.(?= (?:также|с|рис|табл)\b)", "сравни"),
    (r"\bген\.-(?=[а-яё])", "генерал-"),
    (r"\bж\. ?д\.", "железная дорога"),
    (r"\bст\. ?м\. ?(?=[«\"А-ЯЁ])", "станция метро "),
    (rf"\b({PREPOSITION} )?({either(_TONGUES)})\. яз(?:\.|ык\b)(?!\w)", _tongue),
    (r"\b(ед|мн)\. ?ч\.", lambda m: f"{_GRAMMAR[m[1].lower()]} число"),
    (r"\b(муж|жен|ср|м|ж)\. ?р\.", lambda m: f"{_GRAMMAR[m[1].lower()]} род"),
    (r"\bгл\. ред\.", "главный редактор"),
    (r"\bж/д(?=[.,;!?)]|$)", "железная дорога"),
    (r"\bб/у\b", "бэ-у"),
    (rf"\b({PREPOSITION} )?(к|д|канд|докт)\. ?({either(_SCIENCES)})\. ?н(?:\.|аук\b)", _degree),
    (r"\bканд\. наук\b", "кандидат наук"),
    (rf"(?<![\w.])({PREPOSITION} )?(?-i:({either(_ADJECTIVES)}))(?:\.|(?<=/[дхб])) "
     r"(?=[а-яё])(?!ложк)([а-яё]{3,})(?![\w.])", _adjective),
    (rf"(?<![\w.])({PREPOSITION} )?({either(_TITLES)})\. ?(?-i:(?!м\b)([А-ЯЁ][а-яё]+|[А-ЯЁ]\.))",
     _title),
    (rf"(?<![\w.])({PREPOSITION} )?(зам|зав|пом|чл\.-корр|сб|тел)\.(?= |:|$)", _word),
    (r"(?<![\w.])(изд)\. (?=[«\"])", "издательство "),
    (rf"(?<![\w.])({PREPOSITION} )?(х/ф|м/ф|т/с|а/я|р/с|в/ч)(?!\w)", _word),
    (rf"\b({either(_HYPHENED)})(а|у|ом|е|ы|ов|ам|ами|ах)?\b", _hyphened),
    (r"\bг-ж(а|и|е|у|ой)\b", r"госпож\1"),
    (r"\b(кол-|изд-|об-|гос-|произ-|мин-)(в[оауе]|вом)\b", lambda m: _STEMS[m[1].lower()] + m[2]),
    (r"\bим\. ?(?=[А-ЯЁ])", "имени "),
    (r"\bсв\. ?(?=[А-ЯЁ])", "святого "),
)  # fmt: skip
