"""Что слышит распознаватель: буквы (или фонемы) фронтенда без знаков, регистра и ударений."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from tts_framework.speech.transcribing.letters import letters

SPACE = " "
BLANK, BORDER = 0, 1
_BETWEEN = "а"


class Alphabet:
    """Классы распознавателя: 0 - пропуск CTC, 1 - граница слов, дальше - `labels`."""

    def __init__(self, labels: Iterable[str]) -> None:
        self.labels = tuple(labels)
        self._numbers = {label: n for n, label in enumerate((SPACE, *self.labels), start=BORDER)}

    @classmethod
    def of(cls, symbols: Iterable[str]) -> Alphabet:
        """Собери классы из таблицы символов фронтенда."""
        found = (heard(symbol) for symbol in symbols)
        return cls(dict.fromkeys(label for label in found if label not in ("", SPACE)))

    def __len__(self) -> int:
        """Верни число классов вместе с пропуском."""
        return len(self._numbers) + 1

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """Верни номера классов для символов фронтенда: слова через одну границу, без краёв.

        Символы, которых в классах нет, пропускаются.
        """
        known = (self._numbers.get(heard(symbol), BLANK) for symbol in symbols)
        return words(number for number in known if number != BLANK)

    def text(self, numbers: Iterable[int]) -> str:
        """Запиши номера классов словами; многобуквенные классы (фонемы) разделяет `·`."""
        names = [(SPACE, *self.labels)[number - BORDER] for number in numbers]
        joint = "·" if any(len(label) > 1 for label in self.labels) else ""
        return joint.join(names).replace(f"{joint}{SPACE}{joint}", SPACE)


def heard(symbol: str) -> str:
    """Верни то, что слышно от символа: класс, граница слов или ничего.

    Правила те же, что у сравнения расшифровок: ё - это е, знак ударения и апостроф не слышны,
    прочие знаки разделяют слова.
    """
    inner = letters(f"{_BETWEEN}{symbol}{_BETWEEN}")[1:-1]
    return inner.strip() or inner[:1]


def words(numbers: Iterable[int]) -> list[int]:
    """Убери границы слов по краям и подряд: между ними ничего не сказано."""
    found: list[int] = []
    for number in numbers:
        if number != BORDER or (found and found[-1] != BORDER):
            found.append(number)
    return found[:-1] if found and found[-1] == BORDER else found


def errors(expected: Sequence[int], found: Sequence[int]) -> int:
    """Сосчитай правки, которыми услышанное отличается от ожидаемого."""
    return Levenshtein.distance(list(expected), list(found))
