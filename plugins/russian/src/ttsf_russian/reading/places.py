"""Места: улицы, сёла, реки, области — с падежом от предлога, глагола или соседнего слова."""

from __future__ import annotations

import re
from re import Match

from ttsf_russian.numbers import morphology
from ttsf_russian.reading.grammar import PREPOSITION, case_after, declined, noun_parse
from ttsf_russian.reading.rule import either, rules

_STREETS = {"ул": "улица", "пл": "площадь", "наб": "набережная", "пр": "проспект",
            "просп": "проспект", "пер": "переулок", "б-р": "бульвар", "ш": "шоссе",
            "пр-т": "проспект", "пр-кт": "проспект"}  # fmt: skip
_PLACES = {"г": "город", "с": "село", "д": "деревня", "дер": "деревня", "п": "посёлок",
           "пос": "посёлок", "р": "река", "о": "остров", "оз": "озеро", "ст": "станция",
           "х": "хутор", "мкр": "микрорайон", "м": "метро", "мыс": "мыс"}  # fmt: skip
_ALL = _STREETS | _PLACES
_DOTTED = [short for short in _ALL if "-" not in short]
_ENDINGS = "ая|яя|ой|ей|ую|юю|ий|ый|ого|его|ому|ом|им|ым"
_MOTION = re.compile(
    r"(?:вы|по|при|пере|за|до|у|съ|с|во|в)?(?:ш[её]л|шла|шли|йти|йд\w+|ход\w+|еха\w+|езжа\w+|едет"
    r"|едут|ехали|верну\w+|вед[её]т|вела|вели|пал|пала|пасть|беж\w+|лете\w+|плы\w+|правил\w+)$",
    re.I,
)


def _place(match: Match[str]) -> str:
    before, preposition, short = match[1] or "", match[2] or "", match[3].lower()
    name = match[4]
    if short == "о" and _is_person(name):
        return match[0]
    case = _case(before.strip(), preposition.strip().lower(), name)
    word = _ALL[short]
    form = word if word == "метро" or word == "шоссе" else _declined(word, case)
    return f"{before}{preposition}{form} {name}"


def _declined(word: str, case: str) -> str:
    if word == "набережная":
        return str(morphology().parse(word)[0].inflect({"femn", "sing", case}).word)
    return declined(word, case)


def _case(before: str, preposition: str, name: str) -> str:
    if preposition:
        case = case_after(preposition)
        goes = case == "loct" and preposition in ("в", "во", "на") and bool(_MOTION.search(before))
        return "accs" if goes else case
    tag = morphology().parse(before)[0].tag if before else None
    return "gent" if tag is not None and tag.POS == "NOUN" and "Name" not in tag else "nomn"


def _is_person(name: str) -> bool:
    return any("Name" in p.tag for p in morphology().parse(name))


def _placed_after(match: Match[str]) -> str:
    """`Садовая ул.`, `в Московской обл.`: согласуй с прилагательным перед сокращением."""
    preposition, adjective, short = match[1] or "", match[2], match[3].lower()
    word = {**_STREETS, "обл": "область", "р-н": "район", "губ": "губерния", "окр": "округ"}[short]
    wanted = case_after(preposition, "") or None
    parse = noun_parse(adjective, wanted)
    case = wanted or (parse.tag.case if parse is not None else "nomn")
    end = "." if match[4] is not None else ""
    return f"{preposition}{adjective} {_declined(word, case or 'nomn')}{end}"


RULES = rules(
    (rf"(?<![\w.])((?!{PREPOSITION} )[а-яё]+ )??({PREPOSITION} )?"
     rf"(?-i:(?<!\d )(?<!\d)((?:{either(_DOTTED)})(?=\.)|(?:б-р|пр-к?т)(?= ))"
     r"(?:\. ?| )([«\"]?[А-ЯЁ][а-яё]+))",
     _place),
    (rf"(?<![\w.])({PREPOSITION} )?(?-i:([А-ЯЁ][а-яё]+(?:{_ENDINGS})))"
     rf" ({either(_STREETS)}|обл|губ|р-н|окр)(?:\.(\s*$)?|(?<=-н)(?!\w))", _placed_after),
    (r"\bр-н(а|у|ом|е|ы|ов|ах)?\b", r"район\1"),
)  # fmt: skip
