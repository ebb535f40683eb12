"""«Все» или «всё»: где число видно по соседним словам, модель не спрашивают."""

from __future__ import annotations

import re

from tts_framework.speech.text import STRESS
from ttsf_russian.words import WORD, bare

_L = f"[а-яё{STRESS}]"
_THINGS = (
    "это равно время же лучше хуже больше меньше чаще реже дальше ближе выше ниже громче тише"
    " быстрее медленнее сильнее слабее более менее ещё еще так хорошо плохо ясно готово"
).split()
_NEUTER = re.compile(
    rf"(?<![а-яё-])все(?=(?:-таки|-ж)(?![а-яё])| (?:не |уже |тут |там |ведь |так )?"
    rf"(?:{'|'.join(f'{STRESS}?'.join(word) + f'{STRESS}?' for word in _THINGS)}"
    rf"|{_L}+ло{STRESS}?(?:сь)?|(?!нет){_L}+[еёи]{STRESS}?т(?:ся)?)(?!{_L}))"
    rf"|(?<=вот и )все(?![а-яё{STRESS}-])"
    rf"|(?:(?<=\bон )|(?<=\bона )|(?<=\bкто )|(?<=\bя )|(?<=\bты ))все"
    rf"(?= (?:не )?{_L}+(?:ла?{STRESS}?|шь)(?:ся)?(?!{_L}))"
)
_PLURAL_VERB = ("ли", "лись", "ут", "ют", "ат", "ят", "утся", "ются", "атся", "ятся")
_SKIPPED = frozenset(
    "не ни уже тут там и бы же так ещё еще ведь потом сразу вдруг вокруг давно".split()
)
_MANY = frozenset("мы вы они эти те мои твои наши ваши свои его её ее их".split())


def restored(text: str) -> str:
    """Напиши `всё` там, где за ним средний род или устойчивое слово: `все шло`, `все равно`."""
    return _NEUTER.sub("всё", text)


def are_many(before: str, after: str) -> bool:
    """Скажи, что «все» между этими кусками фразы — множественное: `все ушли`, `все дороги`."""
    following = [bare(w) for w in WORD.findall(re.split(r"[,.!?;:—()\"]", after)[0])]
    rest = [word for word in following if word not in _SKIPPED][:2]
    previous = [bare(w) for w in WORD.findall(re.split(r"[,.!?;:—()\"]", before)[-1])]
    if not rest:
        return bool(previous) and previous[-1] in ("мы", "вы", "они")
    if rest[0] in _MANY:
        return True
    return _is_plural(rest[0], after_subject=bool(previous) and _is_subject(previous[-1]))


def _is_plural(word: str, *, after_subject: bool) -> bool:
    from ttsf_russian.numbers import morphology

    parses = morphology().parse(word)
    tag = parses[0].tag
    if word.endswith(_PLURAL_VERB) and any({"VERB", "plur"} in p.tag for p in parses):
        return not (after_subject and "tran" in tag)
    if tag.POS in ("VERB", "PRTS", "ADJS"):
        if any(p.tag.number == "sing" for p in parses if p.tag.POS == tag.POS):
            return False
        return not (after_subject and "tran" in tag)
    return tag.POS in ("NOUN", "ADJF", "PRTF") and any({"plur", "nomn"} in p.tag for p in parses)


def _is_subject(word: str) -> bool:
    from ttsf_russian.numbers import morphology

    return any({"NPRO", "nomn"} in p.tag or {"NOUN", "nomn"} in p.tag
               for p in morphology().parse(word)[:1])  # fmt: skip
