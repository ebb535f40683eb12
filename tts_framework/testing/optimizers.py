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
from tts_framework.plugins import Plugins
from tts_framework.space import Space
from tts_framework.testing.pasts import random_past, random_space
from tts_framework.trials import Past

_PROCESS = """
import random
from tts_framework.testing.optimizers import OptimizerContract as contract
past = contract.past({seed}, {size})
for proposal in contract.optimizer_named({plugin!r}, {options!r}, past.space).ask(past, 3):
    print(sorted(proposal.values.items()), proposal.note)
"""


class OptimizerContract:
    """Чего фреймворк ждёт от любого оптимизатора; `plugin` — имя точки входа."""

    plugin: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}

    @staticmethod
    def optimizer_named(plugin: str, options: dict[str, Any], space: Space) -> Optimizer:
        cls = Plugins().get("optimizer", plugin)
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
        assert len(proposals) == 3
        for proposal in proposals:
            assert set(proposal.values) == set(past.space)
            assert past.space.violations(proposal.values) == []
            assert proposal.note

    @pytest.mark.parametrize("seed", range(4))
    def test_the_same_past_gives_the_same_answer(self, seed: int) -> None:
        past = self.past(seed, 12)
        assert self.ask(past) == self.ask(past)

    @pytest.mark.parametrize("seed", range(4))
    def test_asking_for_more_begins_with_the_same_answer(self, seed: int) -> None:
        past = self.past(seed, 12)
        assert self.ask(past, 4)[:1] == self.ask(past)

    def test_values_are_plain_json_types(self) -> None:
        past = self.past(3, 12)
        values = self.ask(past)[0].values
        assert {type(v) for v in values.values()} <= {float, int, str, bool}
        assert json.loads(json.dumps(values)) == values

    def test_a_fresh_process_gives_the_same_answer(self) -> None:
        past = self.past(5, 12)
        code = _PROCESS.format(seed=5, size=12, plugin=self.plugin, options=self.options)
        environment = {**os.environ, "PYTHONHASHSEED": "77"}
        answer = subprocess.run(
            [sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE
        )
        here = [f"{sorted(p.values.items())} {p.note}" for p in self.ask(past, 3)]
        assert answer.stdout.splitlines() == here

    @pytest.mark.parametrize("seed", range(4))
    def test_pruning_answers_with_a_reason_or_nothing(self, seed: int) -> None:
        past = self.past(seed, 12)
        optimizer = self.optimizer_named(self.plugin, self.options, past.space)
        reason = optimizer.prune(past.trials[-1], past)
        assert reason is None or reason
