"""Модель silero-stress: загружается один раз на процесс, около 5 с."""

from __future__ import annotations

from functools import cache
from typing import Any

from ttsf_russian.pieces import pieces
from ttsf_russian.words import WORD, from_plus, is_marked, same, to_plus

LONGEST = 1500
"""Длиннее этого текст читается по частям: память растёт с длиной."""

_KNOWN_SIGNS = str.maketrans({"—": "-", "…": "..."})
"""Тире и многоточие модель просто выбрасывает, а они — граница фразы: замечены 4 слова из 160."""


class Model:
    """Ставит ё и ударения в словах, где их нет; чужие знаки не трогает."""

    def place(self, text: str) -> str:
        """Верни текст с ударениями; слов, их числа и порядка модель не меняет."""
        return "".join(map(self._piece, pieces(text, LONGEST)))

    def word(self, word: str) -> str:
        """Поставь ударение в слове без контекста."""
        marked = from_plus(_accentor()(word, stress_single_vowel=False))
        return marked if same(marked, word) else word

    def variants(self, word: str) -> list[str]:
        """Верни чтения омографа, известные модели; у обычного слова их нет."""
        return [from_plus(variant) for variant in _accentor().homosolver.homodict.get(word, ())]

    def _piece(self, text: str) -> str:
        seen = to_plus(text).translate(_KNOWN_SIGNS)
        marked = from_plus(_accentor()(seen, stress_single_vowel=False))
        old, new = list(WORD.finditer(text)), WORD.findall(marked)
        if len(old) != len(new):
            new = [self.word(match.group()) for match in old]
        result: list[str] = []
        end = 0
        for match, guess in zip(old, new):
            word = match.group()
            if not is_marked(guess):
                guess = self.word(word)
            result += [text[end : match.start()], guess if same(word, guess) else word]
            end = match.end()
        return "".join([*result, text[end:]])


@cache
def _accentor() -> Any:
    import torch

    gradients, threads = torch.is_grad_enabled(), torch.get_num_threads()
    try:
        from silero_stress import load_accentor

        return load_accentor("ru")
    finally:  # пакет выключает градиенты и потоки всему процессу, а в нём могут и учить
        torch.set_grad_enabled(gradients)
        torch.set_num_threads(threads)
