"""Группы клипов, которые обязаны попасть в одну выборку: общий текст или общий отрывок.

Отрывок — соседние клипы одной записи (столбец `source`) в порядке id. Короткая запись, до
`PASSAGE_CLIPS` клипов, — один отрывок. Длинная режется на отрывки в среднем по `MEAN_CLIPS` клипов;
места разреза зависят только от id, поэтому новые клипы чужих отрывков не сдвигают.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tts_framework.speech.corpora.table import Row

PASSAGE_CLIPS = 20
MEAN_CLIPS = 8
_NOT_SAID = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Group:
    """Неразлучные клипы, упорядоченные по id."""

    rows: tuple[Row, ...]

    @property
    def key(self) -> str:
        """Верни id первого клипа: по нему группу узнают и после пополнения корпуса."""
        return self.rows[0].id

    @property
    def seconds(self) -> float:
        """Верни среднюю длительность клипа, с."""
        return sum(row.seconds for row in self.rows) / len(self.rows)

    @property
    def speaker(self) -> str:
        """Верни диктора группы; у смешанной — пусто."""
        speakers = {row.speaker for row in self.rows}
        return speakers.pop() if len(speakers) == 1 else ""

    def __len__(self) -> int:
        return len(self.rows)


def group(rows: Iterable[Row]) -> list[Group]:
    """Собери группы по текстам и отрывкам; порядок строк таблицы ничего не меняет."""
    ordered = sorted(rows, key=lambda row: row.id)
    forest = _Forest(len(ordered))
    texts: dict[str, int] = {}
    for place, row in enumerate(ordered):
        forest.join(place, texts.setdefault(same_text(row.spoken), place))
    for passage in _passages(ordered):
        for place in passage[1:]:
            forest.join(place, passage[0])
    members: dict[int, list[Row]] = defaultdict(list)
    for place, row in enumerate(ordered):
        members[forest.root(place)].append(row)
    return [Group(tuple(found)) for found in members.values()]


def same_text(text: str) -> str:
    """Верни текст без всего, что не меняет слов: регистра, ударений, знаков, ё."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ё", "е"))
    kept = "".join(c for c in plain.replace("+", "") if c not in "\u0300\u0301\u0308")
    return _NOT_SAID.sub(" ", unicodedata.normalize("NFC", kept)).strip() or text


def _passages(ordered: Sequence[Row]) -> Iterator[list[int]]:
    """Перечисли отрывки — номера клипов в `ordered`."""
    sources: dict[Hashable, list[int]] = defaultdict(list)
    for place, row in enumerate(ordered):
        if row.source:
            sources[row.source].append(place)
    for places in sources.values():
        if len(places) <= PASSAGE_CLIPS:
            yield places
        else:
            places.sort(key=lambda place: natural(ordered[place].id))
            yield from _cut(places, ordered)


def _cut(places: list[int], ordered: Sequence[Row]) -> Iterator[list[int]]:
    """Разрежь длинную запись перед клипами, чей хэш id делится на `MEAN_CLIPS`."""
    passage: list[int] = []
    for place in places:
        boundary = rank(ordered[place].id) % MEAN_CLIPS == 0
        if passage and (boundary or len(passage) >= PASSAGE_CLIPS):
            yield passage
            passage = []
        passage.append(place)
    yield passage


def rank(*parts: object) -> int:
    """Верни большое число, которое зависит только от `parts`."""
    text = ":".join(map(str, parts)).encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(text).digest()[:8])


def natural(id: str) -> list[tuple[int, str]]:
    """Верни ключ порядка, в котором `x_9` идёт раньше `x_10`."""
    return [
        (int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", id)
    ]


class _Forest:
    """Непересекающиеся множества номеров."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, place: int) -> int:
        """Верни представителя множества, подтянув к нему пройденных."""
        parents = self._parents
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    def join(self, left: int, right: int) -> None:
        """Слей два множества; представителем остаётся меньший номер."""
        left, right = sorted((self.root(left), self.root(right)))
        self._parents[right] = left
