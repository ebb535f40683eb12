"""Контракт стоппера.

class TestMine(StopperContract):
    plugin = "mine"
"""

from __future__ import annotations

import random
from typing import Any, ClassVar

import pytest

from tts_framework.components import Stopper
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand
from tts_framework.testing.pasts import awkward_pasts, random_past, random_space
from tts_framework.trials import Past


class StopperContract(Contract):
    """Причина — словами, ответ зависит только от прошлого, странное прошлое не роняет.

    `pure = False` для стоппера, который смотрит на часы или на машину.
    """

    kind: ClassVar[str] = "stopper"
    pure: ClassVar[bool] = True

    @staticmethod
    def answers(stopper: Stopper, past: Past) -> list[str | None]:
        """Спроси обо всём прошлом и о каждом его trial."""
        reasons = [stopper.stop_trial(trial, past) for trial in past.trials]
        return [*reasons, stopper.stop_tuning(past)]

    @pytest.fixture
    def stopper(self, cls: type[Any], config: Any) -> Stopper:
        """Стоппер с проверяемыми options."""
        made: Stopper = cls(config)
        return made

    @pytest.mark.parametrize("size", [0, 1, 5, 30])
    @pytest.mark.parametrize("seed", range(5))
    def test_an_answer_is_a_reason_in_words_or_nothing(
        self, stopper: Stopper, seed: int, size: int
    ) -> None:
        rng = random.Random(seed)
        _check(self.answers(stopper, random_past(rng, random_space(rng), size)))

    @pytest.mark.parametrize("name", sorted(awkward_pasts()))
    def test_an_awkward_past_is_survived(self, stopper: Stopper, name: str) -> None:
        _check(self.answers(stopper, awkward_pasts()[name]))

    @pytest.mark.parametrize("seed", range(5))
    def test_the_same_past_gives_the_same_answer(
        self, cls: type[Any], config: Any, seed: int
    ) -> None:
        if not self.pure:
            pytest.skip("declared not pure: it looks at more than the past")
        rng = random.Random(seed)
        past = random_past(rng, random_space(rng), 20)
        used = cls(config)
        first, again, fresh = (self.answers(s, past) for s in (used, used, cls(config)))
        demand(
            first == again == fresh,
            "one past gives different answers",
            "keep no state between calls: everything is in past",
        )

    def test_it_takes_part_in_a_real_tuning(self, ttsf_tune: Any) -> None:
        stoppers = [{"use": self.plugin, **self.options}]
        tuned = ttsf_tune(early_stop={"patience": None, "stoppers": stoppers})
        demand(
            tuned.stopped.finished,
            f"the run ended with {tuned.stopped.reason!r}",
            "look at the events of ttsf_tune",
        )


def _check(reasons: list[str | None]) -> None:
    for reason in reasons:
        words = isinstance(reason, str) and reason.strip() and reason.isprintable()
        demand(
            reason is None or words,
            f"answers {reason!r}",
            "return the reason as one line of words, or None",
        )
