"""Числительные в нужном падеже."""

from __future__ import annotations

from functools import cache
from typing import Any

_FUSED = {"сто": "сто", "девяносто": "девяносто", "тысяча": "тысяче"}
_BIG = ("тысяч", "миллион", "миллиард")


def cardinal(number: int, case: str = "nomn", noun: str = "") -> str:
    """Напиши количественное числительное; `noun` решает род слов «один» и «два».

    `case` — падеж pymorphy3: nomn, gent, datv, accs, ablt, loct.
    """
    words = _words(number)
    if len(words) > 1 and words[0] == "одна" and words[1].startswith("тысяч"):
        words = words[1:]
    if case != "nomn":
        ones = [n == 0 or words[n - 1] in ("один", "одна") for n in range(len(words))]
        words = [_inflected(word, case, first=one) for word, one in zip(words, ones)]
    if noun and words[-1] in ("один", "одного", "два"):
        words[-1] = _in_gender(words[-1], noun)
    return " ".join(words)


def fused(number: int) -> str:
    """Напиши число так, как оно входит в сложное слово: `двадцатипяти` (летие)."""
    words = _words(number)
    return "".join(_FUSED.get(word) or _inflected(word, "gent", first=True) for word in words)


def spelled(digits: str) -> str:
    """Прочти группу цифр номера: ведущие нули отдельно (`05` — «ноль пять»)."""
    zeros = len(digits) - len(digits.lstrip("0"))
    rest = digits[zeros:]
    return " ".join(["ноль"] * zeros + ([cardinal(int(rest))] if rest else []))


def counted(number: int, one: str, few: str, many: str) -> str:
    """Выбери форму слова после числа: час, часа, часов."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return few
    return many


def _words(number: int) -> list[str]:
    from num2words import num2words  # type: ignore[import-untyped]

    return list(num2words(number, lang="ru").split())


def _inflected(word: str, case: str, *, first: bool) -> str:
    grammemes = {case}
    if word.startswith(_BIG):
        grammemes.add("sing" if first else "plur")
    for parse in sorted(morphology().parse(word), key=lambda p: "NUMR" not in p.tag):
        if "NUMR" in parse.tag or "ADJF" in parse.tag or "NOUN" in parse.tag:
            form = parse.inflect(grammemes)
            if form is not None:
                return str(form.word)
    return word


def _in_gender(word: str, noun: str) -> str:
    gender = next(
        (p.tag.gender for p in morphology().parse(noun.lower()) if "NOUN" in p.tag), "masc"
    )
    feminine = {"один": "одна", "одного": "одной", "два": "две"}
    neuter = {"один": "одно"}
    return {"femn": feminine, "neut": neuter}.get(gender, {}).get(word, word)


@cache
def morphology() -> Any:
    """Верни анализатор pymorphy3, один на процесс."""
    import pymorphy3  # type: ignore[import-untyped]

    return pymorphy3.MorphAnalyzer()
