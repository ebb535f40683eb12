"""Падежи: какой требует предлог, как согласовать слово с соседом, порядковые числительные."""

from __future__ import annotations

from typing import Any

from ttsf_russian.numbers import morphology

CASES = {
    **dict.fromkeys(
        "у от ото до из изо без для около возле с со кроме против вокруг после среди вместо мимо"
        " ради вдоль внутри насчёт насчет свыше".split(),
        "gent",
    ),
    **dict.fromkeys("к ко по благодаря согласно вопреки навстречу".split(), "datv"),
    **dict.fromkeys("перед над под за между".split(), "ablt"),
    **dict.fromkeys("в во на о об обо при".split(), "loct"),
    **dict.fromkeys("через про сквозь".split(), "accs"),
}
"""Предлог -> падеж, самый частый при нём."""
PREPOSITION = f"(?:{'|'.join(sorted(CASES, key=len, reverse=True))})"


def case_after(preposition: str | None, otherwise: str = "nomn") -> str:
    """Назови падеж после предлога; без предлога — `otherwise`."""
    return CASES.get((preposition or "").strip().lower(), otherwise)


def declined(word: str, case: str, *, plural: bool = False) -> str:
    """Поставь существительное в падеж; словосочетание склоняется по первому слову."""
    first, _, rest = word.partition(" ")
    parses = [p for p in morphology().parse(first) if "NOUN" in p.tag and p.tag.case == "nomn"]
    form = parses[0].inflect({case, "plur" if plural else "sing"}) if parses else None
    return " ".join(filter(None, [str(form.word) if form else first, rest]))


def noun_parse(word: str, case: str | None = None) -> Any:
    """Верни разбор существительного (или прилагательного), по возможности в этом падеже."""
    parses = [p for p in morphology().parse(word.lower()) if p.tag.POS in ("NOUN", "ADJF", "PRTF")]
    parses.sort(key=lambda p: (p.tag.POS != "NOUN", p.tag.animacy == "anim"))
    fitting = [p for p in parses if case and p.tag.case in (case, _SECOND.get(case))]
    return (fitting or parses or [None])[0]


_SECOND = {"loct": "loc2", "gent": "gen2"}
_FIRST = {"loc2": "loct", "gen2": "gent", "voct": "nomn"}


def agreed(adjective: str, word: str, case: str | None = None) -> str:
    """Согласуй прилагательное (или порядковое) со словом; чужое слово — мужской род."""
    parse = noun_parse(word, case)
    if parse is None:
        return adjective
    return _inflected(adjective, _grammemes(parse.tag))


def ordinal(number: int, case: str = "nomn", gender: str = "masc", *, plural: bool = False) -> str:
    """Напиши порядковое числительное: `тысяча девятьсот сорок пятый`."""
    return _inflected(_ordinal(number), {case, "plur"} if plural else {case, gender, "sing"})


def ordinal_for(number: int, word: str, case: str | None = None) -> str:
    """Напиши порядковое числительное в роде, числе и падеже слова."""
    return agreed(_ordinal(number), word, case)


def _ordinal(number: int) -> str:
    from num2words import num2words  # type: ignore[import-untyped]

    return str(num2words(number, to="ordinal", lang="ru"))


def _grammemes(tag: Any) -> set[str]:
    case = _FIRST.get(tag.case, tag.case)
    wanted = {case, "plur"} if tag.number == "plur" else {case, "sing", tag.gender or "masc"}
    if case == "accs" and (tag.number == "plur" or tag.gender == "masc"):
        wanted.add(tag.animacy or "inan")
    return wanted


def _inflected(phrase: str, grammemes: set[str]) -> str:
    """Просклоняй последнее слово."""
    head, _, last = phrase.rpartition(" ")
    parses = [p for p in morphology().parse(last) if "ADJF" in p.tag]
    if "accs" in grammemes and not grammemes & {"anim", "inan", "femn", "neut"}:
        grammemes = grammemes | {"inan"}
    form = parses[0].inflect(grammemes) if parses else None
    return f"{head} {form.word if form else last}".strip()


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(numeral: str) -> int:
    """Прочти римское число."""
    values = [_ROMAN[letter] for letter in numeral.upper()]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following))
