"""Какие trial-ы показать гауссовскому процессу, когда их больше, чем он успевает."""

from __future__ import annotations

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

_BEST, _RECENT = 1 / 4, 1 / 2
"""Доли лучших и последних; остальное место — ровно по всему прошлому между ними."""


def chosen(trials: Sequence[FrozenTrial], limit: int) -> list[FrozenTrial]:
    """Оставь не больше `limit` оценённых trial-ов: лучшие, последние и прочие через равный шаг.

    Порядок прежний, выбор зависит только от прошлого. Если оценённых не больше `limit`, список тот
    же. При нескольких целях место trial-а — лучшее из мест по каждой.
    """
    scored = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if len(scored) <= limit:
        return list(trials)
    ranked = _ranked(scored)
    kept = set(ranked[: max(1, int(limit * _BEST))])
    later = [place for place in reversed(range(len(scored))) if place not in kept]
    kept.update(later[: int(limit * _RECENT)])
    rest, room = [place for place in range(len(scored)) if place not in kept], limit - len(kept)
    kept.update(rest[(2 * step + 1) * len(rest) // (2 * room)] for step in range(room))
    return [scored[place] for place in sorted(kept)]


def _ranked(scored: Sequence[FrozenTrial]) -> list[int]:
    """Номера от лучшего к худшему; из равных раньше тот, кто позже."""
    places = [len(scored)] * len(scored)
    for goal in range(len(scored[0].values)):
        order = sorted(range(len(scored)), key=lambda n: (scored[n].values[goal], n), reverse=True)
        for place, number in enumerate(order):
            places[number] = min(places[number], place)
    return sorted(range(len(scored)), key=lambda n: (places[n], -n))
