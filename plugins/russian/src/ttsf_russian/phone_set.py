"""Фонемы: имена набора festvox msu_ru (разметка ru-nsh), удвоенная гласная — ударная."""

from __future__ import annotations

from tts_framework.speech.text import PUNCTUATION

MARK = "·"
"""Стоит перед каждой фонемой: по нему текст из фонем не спутать с русским или латиницей."""

VOWELS = "aa oo uu ii yy ee a ay ae u ur i y e".split()
CONSONANTS = (
    "b bb v vv g gg d dd zh z zz j k kk l ll m mm n nn p pp r rr s ss t tt f ff h hh c ch sh sch"
).split()
PHONES = (*VOWELS, *CONSONANTS)
SYMBOLS = (*PUNCTUATION, *(MARK + phone for phone in PHONES))
