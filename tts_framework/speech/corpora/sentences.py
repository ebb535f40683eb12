"""Русские предложения с ударениями: маленькая грамматика, выбор слов — от зерна.

Слова взяты только такие, чьё ударение espeak-ng знает сам: знаков U+0301 его версия 1.52 не
понимает, и разметка обязана совпадать с произнесённым (это проверяет тест).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

# По родам: существительные, окончание прошедшего времени, окончания прилагательных на -ый и -ий.
_GENDERS = (
    (
        "кот в+етер п+оезд уч+итель м+астер худ+ожник сос+ед п+овар м+альчик лесн+ик инжен+ер"
        " пил+от стар+ик матр+ос сад+овник дом мост кор+аблик".split(),
        "",
        ("ый", "ий"),
    ),
    (
        "соб+ака пт+ица маш+ина рек+а б+абушка сос+едка кук+ушка актр+иса мет+ель пчел+а л+одка"
        " т+уча д+евушка кор+ова пев+ица дор+ога звезд+а шк+ола".split(),
        "а",
        ("ая", "ая"),
    ),
    (
        "с+олнце +облако м+оре д+ерево окн+о письм+о +озеро п+оле +эхо пер+о колес+о"
        " з+еркало".split(),
        "о",
        ("ое", "ое"),
    ),
)
_HARD = (
    "ст+ар н+ов б+ел чёрн кр+асн тёпл хол+одн в+ажн стр+анн весёл гр+устн д+обр неизв+естн"
    " знак+ом огр+омн жёлт".split()
)
_SOFT = "т+их м+аленьк выс+ок шир+ок лёгк далёк".split()
_VERBS = (
    "сто+ял леж+ал исчез+ал сверк+ал дрож+ал мелькн+ул отдых+ал блест+ел шум+ел молч+ал"
    " дрем+ал темн+ел звен+ел скрип+ел спеш+ил".split()
)
_ADVERBS = (
    "т+ихо м+едленно д+олго вчер+а сег+одня +утром в+ечером н+очью один+око спок+ойно всегд+а"
    " +изредка сн+ова вдалек+е".split()
)
_PLACES = (
    "у заб+ора,за окн+ом,в ст+аром г+ороде,на балк+оне,под мост+ом,за г+ородом,в дер+евне,"
    "на пл+ощади,в+озле д+ома,у дор+оги,сред+и пол+ей,над м+орем,в корид+оре,на верш+ине,"
    "+около шк+олы,в тишин+е,под дождём,на кр+ыше".split(",")
)
_OPENINGS = (
    *("" for _ in range(3)),
    "одн+ажды ",
    "говор+ят, что ",
    "к+ажется, ",
    "р+анней весн+ой ",
    "п+осле дожд+я ",
    "након+ец, ",
    "п+озней +осенью ",
    "в тот день ",
)
_JOINTS = (", а ", ", и ", ", но ", "; ")
_ENDINGS = "........!?…"


def sentences(seed: int) -> Iterator[str]:
    """Выдавай разные предложения без конца; `+` стоит перед ударной гласной."""
    generator = random.Random(seed)
    seen: set[str] = set()
    while True:
        sentence = _sentence(generator)
        if sentence not in seen:
            seen.add(sentence)
            yield sentence


def _sentence(generator: random.Random) -> str:
    text = generator.choice(_OPENINGS) + _clause(generator)
    if generator.random() < 0.3:
        text += generator.choice(_JOINTS) + _clause(generator)
    letter = 1 if text.startswith("+") else 0
    return text[:letter] + text[letter].upper() + text[letter + 1 :] + generator.choice(_ENDINGS)


def _clause(generator: random.Random) -> str:
    nouns, past, (hard, soft) = generator.choice(_GENDERS)
    if generator.random() < 0.7:
        adjective = generator.choice(_HARD) + hard
    else:
        adjective = generator.choice(_SOFT) + soft
    words = [adjective, generator.choice(nouns), generator.choice(_VERBS) + past]
    words.insert(generator.choice((2, 3)), generator.choice(_ADVERBS))
    return " ".join([*words, generator.choice(_PLACES)])
