"""Буквы с ударением в фонемы: смягчение, редукция, озвончение и оглушение, исключения.

Фраза между знаками препинания — одно целое: согласные уподобляются и через границу слов, а
первый предударный слог бывает и в предыдущем слове.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tts_framework.speech.text import STRESS
from ttsf_russian.phone_set import MARK
from ttsf_russian.spelling import respelled
from ttsf_russian.words import VOWEL, WORD

_PAUSE = re.compile(r"([!(),.:;?—…\"]+)")
_PLAIN = dict(
    zip("бвгджзйклмнпрстфхцчшщ", "b v g d zh z j k l m n p r s t f h c ch sh sch".split())
)
_ALWAYS_SOFT, _ALWAYS_HARD = "йчщ", "жшц"
_SOFTENING = "еёиюя"
_YOTATED = "еёюя"
_VOICED = dict(zip("b bb v vv g gg d dd zh z zz".split(), "p pp f ff k kk t tt sh s ss".split()))
_VOICELESS = {deaf: voiced for voiced, deaf in _VOICED.items()}
_DEAF = {*_VOICELESS, "c", "ch", "sch", "h", "hh"}
_STRESSED = dict(zip("аоуыэиеёюя", "aa oo uu yy ee ii ee oo uu aa".split()))
_CLITICS = frozenset(
    "на по за из от до у о об под над при про без для не и а но же ли бы во со ко".split()
)


@dataclass
class Sound:
    """Звук фразы; у гласной `letter` и ударность, `word` — номер слова, `last` — конец слова."""

    phone: str
    word: int
    letter: str = ""
    stressed: bool = False
    first: bool = False
    last: bool = False


def phonemes(letters: str) -> str:
    """Верни текст, где вместо букв фонемы со знаком `·`; знаки препинания остаются."""
    return "".join(part if n % 2 else _phrase(part) for n, part in enumerate(_PAUSE.split(letters)))


def _phrase(text: str) -> str:
    matches = list(WORD.finditer(text))
    sounds = [s for n, m in enumerate(matches) for s in _sounds(respelled(m.group()), n)]
    _assimilate(sounds)
    _reduce(sounds)
    spoken = [""] * len(matches)
    for sound in sounds:
        spoken[sound.word] += MARK + sound.phone
    words = iter(spoken)
    return WORD.sub(lambda match: next(words), text)


def _sounds(word: str, number: int) -> list[Sound]:
    """Разбери слово на звуки без учёта соседей: согласные с мягкостью, гласные буквами."""
    bare = word.replace(STRESS, "")
    stress = _stressed_places(word, bare)
    sounds: list[Sound] = []
    for n, letter in enumerate(bare):
        following = bare[n + 1 : n + 2]
        if letter in VOWEL:
            if letter in _YOTATED and (n == 0 or bare[n - 1] in VOWEL + "ъь"):
                sounds.append(Sound("j", number))
            elif letter in "ио" and n and bare[n - 1] == "ь":
                sounds.append(Sound("j", number))
            sounds.append(Sound("", number, letter, n in stress, n == 0, not following))
        elif letter in _PLAIN and letter != following:
            phone = _PLAIN[letter]
            soft = following == "ь" or (following and following in _SOFTENING)
            if soft and letter not in _ALWAYS_SOFT + _ALWAYS_HARD:
                phone += phone
            sounds.append(Sound(phone, number))
    return sounds


def _stressed_places(word: str, bare: str) -> set[int]:
    places: set[int] = set()
    n = -1
    for letter in word:
        if letter == STRESS:
            places.add(n)
        else:
            n += 1
    vowels = [n for n, letter in enumerate(bare) if letter in VOWEL]
    places |= {n for n in vowels if bare[n] == "ё" and not places}
    if not places and len(vowels) == 1 and bare not in _CLITICS:
        places.add(vowels[0])
    return places


def _assimilate(sounds: list[Sound]) -> None:
    """Оглуши и озвончи справа налево; перед гласной, сонорной и `в` согласный сам по себе."""
    following: Sound | None = None
    for sound in reversed(sounds):
        if not sound.letter:
            ends_word = following is None or following.word != sound.word
            if following is None or (ends_word and following.letter and sound.phone in _VOICED):
                prefix = following is not None and _is_bare_preposition(sounds, sound.word)
                sound.phone = sound.phone if prefix else _VOICED.get(sound.phone, sound.phone)
            elif following.phone in _DEAF:
                sound.phone = _VOICED.get(sound.phone, sound.phone)
            elif following.phone in _VOICED and following.phone not in ("v", "vv"):
                sound.phone = _VOICELESS.get(sound.phone, sound.phone)
            elif ends_word and not _is_bare_preposition(sounds, sound.word):
                sound.phone = _VOICED.get(sound.phone, sound.phone)
        following = sound


def _is_bare_preposition(sounds: list[Sound], word: int) -> bool:
    """Узнай «в», «без», «под»: перед гласной и сонорной они звонки."""
    own = [sound for sound in sounds if sound.word == word]
    return len(own) <= 3 and not any(sound.stressed for sound in own)


def _reduce(sounds: list[Sound]) -> None:
    vowels = [n for n, sound in enumerate(sounds) if sound.letter]
    for place, n in enumerate(vowels):
        sound = sounds[n]
        if sound.stressed:
            sound.phone = _STRESSED[sound.letter]
            continue
        pretonic = place + 1 < len(vowels) and sounds[vowels[place + 1]].stressed
        previous = sounds[n - 1].phone if n else ""
        sound.phone = _weak(sound, previous, pretonic, final=n == len(sounds) - 1)


def _weak(sound: Sound, previous: str, pretonic: bool, final: bool) -> str:
    letter = sound.letter
    if letter in "ую":
        return "u" if pretonic or final or sound.first or previous == "j" else "ur"
    if letter == "э":
        return "e"
    if letter == "ы":
        return "y" if pretonic or final else "ay"
    if previous in ("zh", "sh", "c") and letter in "еиё":
        return "ay" if not pretonic else "i" if letter == "и" else "y"
    if letter in "ао":
        if previous in ("ch", "sch"):
            return "i" if pretonic else "a" if final else "ae"
        return "a" if pretonic or final or sound.first else "ay"
    return _weak_after_soft(sound, previous, pretonic, final)


def _weak_after_soft(sound: Sound, previous: str, pretonic: bool, final: bool) -> str:
    letter = sound.letter
    if letter == "и":
        return "i" if pretonic or final or sound.first else "ae"
    if sound.last and letter == "я":
        return "a"
    if final:
        return "e"
    if previous == "j":
        return "e" if letter == "е" else "i" if pretonic else "a"
    return "i" if pretonic else "ae"
