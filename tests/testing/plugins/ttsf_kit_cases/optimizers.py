"""Оптимизаторы."""

from __future__ import annotations

import random

from ttsf_kit_cases import broken

from tts_framework.components import Optimizer, Proposal
from tts_framework.testing import OptimizerContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Optimizer):
    """Proposes a random point."""

    def ask(self, past, n=1):
        return [Proposal(self.point(past, number), self.note) for number in range(n)]

    note = "a random point"

    def point(self, past, number):
        return past.space.sample(self.generator(past, number))

    def generator(self, past, number):
        return random.Random(f"{past.seed} {past.decision} {number}")


INSIDE = "test_proposes_as_many_points_as_asked_all_inside_the_space"
SAME = "test_the_same_past_gives_the_same_answer"
AWKWARD = "test_an_awkward_past_is_survived"
PRUNING = "test_pruning_answers_with_a_reason_or_nothing"


@broken(INSIDE, "learning_rate: 1.0 is outside of [1e-06, 0.01]; finish with past.space.clip")
class Outside(Sound):
    def point(self, past, number):
        return {**super().point(past, number), "learning_rate": 1.0}


@broken(INSIDE, "3 points were asked, 1 came; return exactly n")
class OnePoint(Sound):
    def ask(self, past, n=1):
        return super().ask(past, 1)


@broken(INSIDE, "axes ['learning_rate'] are missing or foreign; name every axis")
class MissesAnAxis(Sound):
    def point(self, past, number):
        found = super().point(past, number)
        return {name: value for name, value in found.items() if name != "learning_rate"}


@broken(INSIDE, "axes ['patience'] are missing or foreign")
class ForeignAxis(Sound):
    def point(self, past, number):
        return {**super().point(past, number), "patience": 1}


@broken(INSIDE, "a proposal has no note; say in words")
class Silent(Sound):
    note = ""


@broken(SAME, "asked twice about one past, it answers differently; keep no state")
class GlobalRandomness(Sound):
    def generator(self, past, number):
        return random


@broken(SAME, "asked twice about one past")
class GrowsOlder(Sound):
    """Keeps a generator between the questions: a resumed run would get other answers."""

    def __init__(self, config, space):
        super().__init__(config, space)
        self.random = random.Random(7)

    def generator(self, past, number):
        return self.random


@broken(
    "test_asking_for_more_begins_with_the_same_answer",
    "ask(past, 4) does not begin with what ask(past, 1) answers",
)
class LastFirst(Sound):
    def ask(self, past, n=1):
        return super().ask(past, n)[::-1]


@broken("test_values_are_plain_json_types", "values are of types float64")
class NumpyValues(Sound):
    def point(self, past, number):
        import numpy as np

        found = super().point(past, number)
        return {**found, "learning_rate": np.float64(found["learning_rate"])}


@broken("test_a_fresh_process_gives_the_same_answer", "another process answers")
class HashOfText(Sound):
    def generator(self, past, number):
        return random.Random(hash(f"{past.seed} {past.decision} {number}"))


@broken(PRUNING, "prune answers True; return the reason in words")
class PrunesWithoutAReason(Sound):
    def prune(self, trial, past):
        return True


@broken(PRUNING, "prune answers '1 questions', then '2 questions'; keep no state")
class PrunesByCounting(Sound):
    asked = 0

    def prune(self, trial, past):
        self.asked += 1
        return f"{self.asked} questions"


@broken(AWKWARD, "IndexError")
class NeedsATrial(Sound):
    def point(self, past, number):
        return {**super().point(past, number), **past.trials[0].hparams}


@broken(AWKWARD, "TypeError")
class NeedsScores(Sound):
    def point(self, past, number):
        sum(trial.score for trial in past.trials)
        return super().point(past, number)


@broken(AWKWARD, "OverflowError")
class NeedsFiniteScores(Sound):
    def point(self, past, number):
        [round(trial.score) for trial in past.trials if trial.score is not None]
        return super().point(past, number)


@broken("test_it_drives_a_real_tuning_to_its_end", "the tuner fell back: [\"KeyError: 'speed'\",")
class KnowsAnotherSpace(Sound):
    def point(self, past, number):
        if "momentum" in past.space:
            past.space["speed"]
        return super().point(past, number)
