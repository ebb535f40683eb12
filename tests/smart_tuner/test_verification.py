"""Сверка после перезапуска: шаг и скорость обучения — те, о которых просили."""

from __future__ import annotations

from tts_framework.events import Metric
from tts_framework.smart_tuner.verification import Verification


def seen(step: int, rate: float | None = None) -> list[Metric]:
    metrics = [Metric("training.loss", step, 1.0, 0.0)]
    return metrics if rate is None else [*metrics, Metric("learning.rate", step, rate, 0.0)]


def test_a_step_after_the_parent_and_the_asked_rate_are_fine() -> None:
    check = Verification(600, 100, {"learning_rate": 1e-4})
    assert check.feed(seen(610, 1e-4 * (1 + 1e-8)))
    assert check.problems == []
    assert check.checks == {"step": "610 after 600", "learning_rate": "0.0001"}
    assert check.unverified() == []


def test_it_is_finished_only_once() -> None:
    check = Verification(0, 100, {"batch_size": 8})
    assert check.feed(seen(10))
    assert not check.feed(seen(20))


def test_a_trainer_that_forgot_its_checkpoint_is_caught() -> None:
    check = Verification(600, 100, {"learning_rate": 1e-4})
    check.feed(seen(10, 1e-4))
    assert check.restarted_from_zero
    assert "did not continue from the checkpoint" in check.problems[0]


def test_a_trainer_that_skipped_ahead_is_caught() -> None:
    check = Verification(600, 100, {})
    check.feed(seen(950))
    assert check.problems == ["first step is 950, expected at most 800"]
    assert not check.restarted_from_zero


def test_an_ignored_learning_rate_is_caught() -> None:
    check = Verification(0, 100, {"learning_rate": 5e-4})
    check.feed(seen(10, 1e-3))
    assert "0.001, asked for 0.0005" in check.problems[0]


def test_what_the_trainer_never_showed_is_listed() -> None:
    check = Verification(0, 100, {"learning_rate": 5e-4})
    assert len(check.unverified()) == 2
    check.feed(seen(10))
    (missing,) = check.unverified()
    assert missing.startswith("learning rate (no learning.rate was logged; name its tag in")


def test_a_trainer_that_counts_from_zero_has_not_forgotten() -> None:
    assert Verification(0, 100, {}).feed(seen(0))
    check = Verification(600, 100, {})
    assert not check.feed(seen(600))
    assert check.feed(seen(610))
    assert check.problems == [] and check.checks["step"] == "600 after 600"


def test_a_trainer_that_forgot_and_logs_as_rarely_as_it_saves_is_caught() -> None:
    check = Verification(100, 100, {})
    check.feed([*seen(100), *seen(200)])
    assert check.restarted_from_zero


def test_the_names_of_the_field_are_known_too() -> None:
    check = Verification(0, 100, {"learning_rate": 0.5})
    check.feed([Metric("train_loss", 1, 1.0, 0.0), Metric("learning_rate", 1, 0.5, 0.0)])
    assert check.unverified() == [] and check.problems == []
