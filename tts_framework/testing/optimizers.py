"""Контракт оптимизатора: унаследуйте его, чтобы проверить свой плагин.

class TestMine(OptimizerContract):
    plugin = "mine"
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import Any, ClassVar

import pytest

from tts_framework.components import Optimizer, Proposal
from tts_framework.errors import ConfigError
from tts_framework.events import TrialFinished
from tts_framework.space import Space
from tts_framework.testing.contract import Contract, class_of
from tts_framework.testing.demand import demand
from tts_framework.testing.pasts import awkward_pasts, random_past, random_space
from tts_framework.trials import Past

_PROCESS = """
import random
from tts_framework.testing.optimizers import OptimizerContract as contract
past = contract.past({seed}, {size})
for proposal in contract.optimizer_named({plugin!r}, {options!r}, past.space).ask(past, 3):
    print(sorted(proposal.values.items()), proposal.note)
"""

_PLAIN = {"float", "int", "str", "bool"}


class OptimizerContract(Contract):
    """Чего фреймворк ждёт от любого оптимизатора; `plugin` — имя точки входа."""

    kind: ClassVar[str] = "optimizer"

    @staticmethod
    def optimizer_named(plugin: str, options: dict[str, Any], space: Space) -> Optimizer:
        cls = class_of("optimizer", plugin)
        optimizer: Optimizer = cls(cls.Config(**options), space)
        return optimizer

    @staticmethod
    def past(seed: int, size: int) -> Past:
        rng = random.Random(seed)
        return random_past(rng, random_space(rng), size)

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        return self.optimizer_named(self.plugin, self.options, past.space).ask(past, n)

    @pytest.mark.parametrize("size", [0, 1, 4, 30])
    @pytest.mark.parametrize("seed", range(8))
    def test_proposes_as_many_points_as_asked_all_inside_the_space(
        self, seed: int, size: int
    ) -> None:
        past = self.past(seed, size)
        proposals = self.ask(past, 3)
        _check(proposals, 3, past)

    @pytest.mark.parametrize("seed", range(4))
    def test_the_same_past_gives_the_same_answer(self, seed: int) -> None:
        past = self.past(seed, 12)
        used = self.optimizer_named(self.plugin, self.options, past.space)
        first, again, fresh = used.ask(past), used.ask(past), self.ask(past)
        demand(
            first == again == fresh,
            "asked twice about one past, it answers differently",
            "keep no state and take randomness from (past.seed, past.decision) only",
        )

    @pytest.mark.parametrize("seed", range(4))
    def test_asking_for_more_begins_with_the_same_answer(self, seed: int) -> None:
        past = self.past(seed, 12)
        demand(
            self.ask(past, 4)[:1] == self.ask(past),
            "ask(past, 4) does not begin with what ask(past, 1) answers",
            "make the first point independent of n",
        )

    def test_values_are_plain_json_types(self) -> None:
        past = self.past(3, 12)
        values = self.ask(past)[0].values
        strange = sorted({type(v).__name__ for v in values.values()} - _PLAIN)
        demand(
            not strange and json.loads(json.dumps(values)) == values,
            f"values are of types {', '.join(strange)}",
            "convert them: float(x), int(x), str(x)",
        )

    def test_a_fresh_process_gives_the_same_answer(self) -> None:
        past = self.past(5, 12)
        code = _PROCESS.format(seed=5, size=12, plugin=self.plugin, options=self.options)
        environment = {**os.environ, "PYTHONHASHSEED": "77"}
        answer = subprocess.run(
            [sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE
        )
        here = [f"{sorted(p.values.items())} {p.note}" for p in self.ask(past, 3)]
        demand(
            answer.stdout.splitlines() == here,
            f"another process answers {answer.stdout!r}, this one {here}",
            "depend on the past alone: no clock, no hash(), no global random state",
        )

    @pytest.mark.parametrize("seed", range(4))
    def test_pruning_answers_with_a_reason_or_nothing(self, seed: int) -> None:
        past = self.past(seed, 12)
        optimizer = self.optimizer_named(self.plugin, self.options, past.space)
        reason, again = (optimizer.prune(past.trials[-1], past) for _ in range(2))
        demand(reason == again, f"prune answers {reason!r}, then {again!r}", "keep no state")
        demand(
            reason is None or (isinstance(reason, str) and reason),
            f"prune answers {reason!r}",
            "return the reason in words, or None",
        )

    @pytest.mark.parametrize("name", sorted(awkward_pasts()))
    def test_an_awkward_past_is_survived(self, name: str) -> None:
        past = awkward_pasts()[name]
        try:
            optimizer = self.optimizer_named(self.plugin, self.options, past.space)
        except ConfigError as refusal:  # план назовёт его до обучения, это не падение
            pytest.skip(f"refuses such a space: {refusal}")
        _check(optimizer.ask(past, 2), 2, past)

    def test_it_drives_a_real_tuning_to_its_end(self, ttsf_tune: Any) -> None:
        tuned = ttsf_tune(tuner={"search_algorithm": {"use": self.plugin, **self.options}})
        failures = [event.error for event in tuned.events if hasattr(event, "error")]
        demand(not failures, f"the tuner fell back: {failures}", "do not raise in ask")
        demand(
            tuned.stopped.finished and tuned.of(TrialFinished),
            f"the run ended with {tuned.stopped.reason!r}",
            "look at the events of ttsf_tune",
        )


def _check(proposals: list[Proposal], n: int, past: Past) -> None:
    demand(len(proposals) == n, f"{n} points were asked, {len(proposals)} came", "return exactly n")
    for proposal in proposals:
        strange = set(past.space) ^ set(proposal.values)
        demand(not strange, f"axes {sorted(strange)} are missing or foreign", "name every axis")
        outside = past.space.violations(proposal.values)
        demand(not outside, "; ".join(outside), "finish with past.space.clip(values)")
        demand(proposal.note, "a proposal has no note", "say in words where the point came from")
