"""keep."""

from __future__ import annotations

from tts_framework.builtin.keep import Keep
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import make_past, make_trial


class TestKeep(OptimizerContract):
    plugin = "keep"


def test_keeps_the_values_of_the_head_of_the_lineage() -> None:
    past = make_past([make_trial(0), make_trial(1, hparams={"learning_rate": 5e-4})])
    [proposal] = Keep(Keep.Config(), past.space).ask(past)
    assert proposal.values == {"learning_rate": 5e-4}
