"""Отбор групп в выборки: доли, слои по дикторам и длительности, устойчивость к пополнению.

Слой — диктор и полоса длительности с неизменными границами. Внутри слоя группы берутся в порядке
хэша от (зерно, выборка, группа). Доля слоя считается нарастающим итогом, поэтому мелкие слои не
округляются до нуля все сразу; порядок слоёв — тоже от зерна.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tts_framework.errors import DataError
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.splitting.groups import Group, group, rank

BANDS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0)
"""Границы полос длительности, с."""
TOLERANCE = 0.5
"""На какую часть цели вправе промахнуться выборка, когда группы велики."""


@dataclass(frozen=True)
class Shares:
    """Чего хотят от деления; доли — от числа клипов с текстом."""

    validation: float = 0.05
    test: float = 0.05
    seed: int = 1234
    min_validation: int = 1


def divide(rows: Sequence[Row], shares: Shares) -> dict[str, list[Row]]:
    """Раздели клипы на `train`, `validation` и `test` (пуст, если его доля 0), по порядку id.

    Raises:
        DataError: доли нельзя соблюсти, не разлучив клипов одного текста или отрывка.
    """
    _check_shares(len(rows), shares)
    rest = group(rows)
    parts: dict[str, list[Row]] = {}
    for part, target in _targets(len(rows), shares).items():
        taken = _taken(rest, part, target, shares.seed)
        _check_part(part, taken, rest, target, shares)
        parts[part] = _rows(taken)
        names = {found.key for found in taken}
        rest = [found for found in rest if found.key not in names]
    if not rest:
        raise DataError("train: no clip is left to train on; lower --validation and --test")
    return {"train": _rows(rest), **parts}


def _targets(clips: int, shares: Shares) -> dict[str, int]:
    test = max(1, round(shares.test * clips)) if shares.test else 0
    validation = max(1, shares.min_validation, round(shares.validation * clips))
    return {"test": test, "validation": validation}


def _taken(groups: Sequence[Group], part: str, target: int, seed: int) -> list[Group]:
    """Возьми группы на `target` клипов: сперва по слоям, потом добери недостающее."""
    strata: dict[tuple[str, int], list[Group]] = defaultdict(list)
    for found in groups:
        strata[found.speaker, bisect(BANDS, found.seconds)].append(found)
    available = sum(map(len, groups))
    taken: list[Group] = []
    passed: list[Group] = []
    count, wanted = 0, 0.0
    for stratum in (strata[name] for name in sorted(strata, key=lambda n: rank(seed, part, *n))):
        wanted += target * sum(map(len, stratum)) / max(1, available)
        for found in sorted(stratum, key=lambda g: rank(seed, part, g.key)):
            if count + len(found) / 2 < wanted + 1e-9 and count < target:
                taken.append(found)
                count += len(found)
            else:
                passed.append(found)
    for found in sorted(passed, key=lambda g: rank(seed, part, g.key)):
        if count + len(found) <= target:
            taken.append(found)
            count += len(found)
    return taken


def _rows(groups: Sequence[Group]) -> list[Row]:
    return sorted((row for found in groups for row in found.rows), key=lambda row: row.id)


def _check_shares(clips: int, shares: Shares) -> None:
    for name, share in (("validation", shares.validation), ("test", shares.test)):
        if not 0 <= share < 1:
            raise DataError(f"--{name}: {share:g} is not a share; use a number from 0 to 1")
    if shares.validation + shares.test >= 1:
        raise DataError(
            f"--validation {shares.validation:g} and --test {shares.test:g} leave nothing to train"
            " on; lower them"
        )
    targets = _targets(clips, shares)
    if sum(targets.values()) >= clips:
        wanted = " and ".join(f"{count} to {part}" for part, count in targets.items() if count)
        raise DataError(
            f"{clips} clip(s) with a text are too few for {wanted}; lower the shares or"
            " --min-validation, or record more"
        )


def _check_part(
    part: str, taken: Sequence[Group], groups: Sequence[Group], target: int, shares: Shares
) -> None:
    count = sum(map(len, taken))
    smallest = shares.min_validation if part == "validation" else min(1, target)
    if count >= smallest and abs(count - target) <= max(1, TOLERANCE * target):
        return
    largest = max(groups, key=len)
    raise DataError(
        f"--{part}: {target} clip(s) asked for, {count} can be taken: clips of one text or passage"
        f" stay together, and the group of {largest.key!r} has {len(largest)} clip(s);"
        " change the shares or remove repeated texts"
    )
