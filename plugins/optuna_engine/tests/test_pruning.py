"""Прерывание: только то, что явно хуже остальных на том же шаге внутри trial."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import PRUNED, Trial
from ttsf_optuna_engine import OptunaEngine

SPACE = Space({"learning_rate": Parameter("learning_rate", "loguniform", 1e-5, 1e-1)})
STEPS = (50, 100, 150, 200)


def peer(number: int, level: float, **fields: Any) -> Trial:
    advantages = tuple((step, level) for step in STEPS)
    return make_trial(number, score=level, advantages=advantages, **fields)


def running(number: int, *advantages: float, **fields: Any) -> Trial:
    points = tuple(zip(STEPS, advantages, strict=False))
    return make_trial(number, None, advantages=points, **fields)


PEERS = [peer(number, 0.1 * number) for number in range(12)]


def reasons(trial: Trial, peers: list[Trial] = PEERS, **options: Any) -> list[str | None]:
    """Спроси о дюжине trial-ов с разными номерами: скобка Hyperband зависит от номера."""
    found = []
    for extra in range(12):
        known = peers + [peer(len(peers) + i, 0.0) for i in range(extra)]
        asked = make_trial(
            len(known),
            None,
            kind=trial.kind,
            parent=trial.parent,
            advantages=trial.advantages,
        )
        engine = OptunaEngine(OptunaEngine.Config(**options), SPACE)
        found.append(engine.prune(asked, make_past(known, SPACE)))
    return found


@pytest.mark.parametrize("pruner", ["hyperband", "median", "percentile"])
def test_a_trial_far_worse_than_the_others_is_pruned(pruner: str) -> None:
    assert any(reasons(running(12, -5.0, -5.0), pruner=pruner))


def test_the_reason_names_the_pruner_the_advantage_and_the_step() -> None:
    [reason, *_] = [r for r in reasons(running(12, -5.0, -5.0)) if r]
    assert reason.startswith(
        "hyperband: advantage -5.00 at step 100 of the trial is among the worst"
    )


def test_hyperband_leaves_one_bracket_to_run_to_the_end() -> None:
    answers = reasons(running(12, -5.0, -5.0, -5.0))
    assert any(answers) and not all(answers)


@pytest.mark.parametrize("pruner", ["hyperband", "median", "percentile", "wilcoxon"])
def test_the_best_trial_so_far_is_never_pruned(pruner: str) -> None:
    assert not any(reasons(running(12, 9.0, 9.0, 9.0), pruner=pruner))


def test_a_trial_that_does_as_well_as_unchanged_values_would_is_spared() -> None:
    assert not any(reasons(running(12, -0.5, -0.5)))
    assert any(reasons(running(12, -0.5, -0.5), spare_above=0.0))


def test_a_trial_from_scratch_is_compared_with_its_peers_only() -> None:
    peers = [peer(number, 5.0 + 0.1 * number, parent=None) for number in range(12)]
    assert any(reasons(running(12, 3.0, 3.0, parent=None), peers))


def test_a_divergence_ranks_last_and_breaks_nothing() -> None:
    assert any(reasons(running(12, -math.inf, math.nan)))
    peers = [*PEERS, peer(12, -math.inf)]
    assert not any(reasons(running(13, 9.0, 9.0), peers))


@pytest.mark.parametrize("kind", ["startup", "control"])
def test_start_up_and_control_trials_are_never_pruned(kind: str) -> None:
    assert not any(reasons(running(12, -5.0, -5.0, kind=kind)))


def test_nobody_is_pruned_before_the_first_rung() -> None:
    assert not any(reasons(running(12, -5.0)))


def test_nobody_is_pruned_at_the_very_end() -> None:
    assert not any(reasons(running(12, -5.0, -5.0, -5.0, -5.0)))


def test_nobody_is_pruned_without_metrics_or_enough_peers() -> None:
    assert not any(reasons(running(12)))
    engine = OptunaEngine(OptunaEngine.Config(), SPACE)
    past = make_past(PEERS[:3], SPACE)
    assert engine.prune(running(3, -5.0, -5.0), past) is None


def test_a_smaller_percentile_prunes_more() -> None:
    middling = running(12, 0.45, 0.45)
    kept = reasons(middling, pruner="percentile", percentile=90.0, spare_above=9.0)
    cut = reasons(middling, pruner="percentile", percentile=10.0, spare_above=9.0)
    assert not any(kept) and any(cut)


def long(number: int, level: float, outcome: str | None = "committed") -> Trial:
    """Собери trial из двенадцати оценок: критерию знаковых рангов мало четырёх."""
    advantages = tuple((15 * k, level + 0.01 * (k + number) ** 1.5) for k in range(1, 13))
    score = None if outcome is None else level
    return make_trial(number, outcome, score=score, advantages=advantages)


def test_wilcoxon_compares_point_by_point_with_the_best_trial() -> None:
    peers = [long(number, 0.1 * number) for number in range(6)]
    past = make_past(peers, SPACE)
    engine = OptunaEngine(OptunaEngine.Config(pruner="wilcoxon"), SPACE)
    reason = engine.prune(long(6, -5.0, outcome=None), past)
    assert reason is not None and reason.startswith("wilcoxon: advantage -4")
    strict = OptunaEngine(OptunaEngine.Config(pruner="wilcoxon", p_threshold=1e-9), SPACE)
    assert strict.prune(long(6, -5.0, outcome=None), past) is None


def test_none_prunes_nobody() -> None:
    assert not any(reasons(running(12, -5.0, -5.0), pruner="none"))


def test_pruned_peers_count_up_to_the_step_they_reached() -> None:
    short = make_trial(12, PRUNED, advantages=((50, -3.0),), score=-3.0)
    assert any(reasons(running(13, -5.0, -5.0), [*PEERS, short]))


def test_the_same_past_gives_the_same_verdict() -> None:
    assert reasons(running(12, -5.0, -5.0)) == reasons(running(12, -5.0, -5.0))
