"""Таблица знаков МФА, общая для всех языков espeak-ng; порядок менять нельзя: он в чекпоинтах."""

from __future__ import annotations

PUNCTUATION = " !\"'(),-.:;?—…¿¡"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
IPA = (
    "ɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɩɪɫɬɭɮɯɰɱɲɳɴɵɶɷɸɹɺɻɼɽɾɿʀʁʂʃʄʅʆʇʈʉʊʋʌʍʎʏʐʑʒʓʔʕʖʗʘʙʚʛʜʝʞʟʠʡʢʣʤʥʦʧʨ"
    "æðøħŋœβθχɫᵻᵊᵝᵐᵑⁿˀ"
)
MODIFIERS = "ˈˌːˑʰʱʲʷˠˤʼ˞ʴʵʶˡˢˣ"
COMBINING = "".join(map(chr, range(0x0300, 0x0340))) + "\u035c\u0361"
TONES = "0123456789˥˦˧˨˩↑↓"
OTHERS = "`^#ε[ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Знаки вне МФА, которыми espeak-ng 1.52 пишет редкие звуки (am, da, ga, ky, uz, ...)."""


def _distinct(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text))


SYMBOLS = _distinct(PUNCTUATION + LETTERS + IPA + MODIFIERS + COMBINING + TONES + OTHERS)
