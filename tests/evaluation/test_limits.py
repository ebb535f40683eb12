"""Пределы для CI."""

from __future__ import annotations

import pytest

from tts_framework.errors import ConfigError
from tts_framework.evaluation.limits import limits
from tts_framework.evaluation.metrics import Estimate

SUMMARY = {
    "synthesis": {"cer": Estimate(0.2, 0.1, 0.3, 9), "dnsmos_ovrl": Estimate(2.5, 2.0, 3.0, 9)},
    "hard": {"failures": Estimate(0.5, 0.2, 0.8, 9)},
}


@pytest.mark.parametrize(
    ("above", "below", "said"),
    [
        (["cer=0.3"], [], ""),
        (["cer=0.2"], [], ""),
        (["cer=0.1"], [], "--fail-above cer=0.1: synthesis.cer is 0.2, above it"),
        ([], ["dnsmos_ovrl=2.4"], ""),
        ([], ["dnsmos_ovrl=3"], "--fail-below dnsmos_ovrl=3: synthesis.dnsmos_ovrl is 2.5, below"),
        (["hard.failures=0.4"], [], "hard.failures is 0.5, above it"),
        (["mcd_db=4"], [], "synthesis.mcd_db was not measured"),
        (["real.cer=0.1"], [], "real.cer was not measured"),
    ],
)
def test_a_limit_is_kept_or_broken(above: list[str], below: list[str], said: str) -> None:
    (limit,) = limits(above, below)
    assert said in limit.broken(SUMMARY)
    assert bool(said) == bool(limit.broken(SUMMARY))


def test_without_clips_the_hard_sentences_are_meant() -> None:
    (limit,) = limits(["failures=0.4"], [])
    assert "hard.failures is 0.5" in limit.broken({"hard": SUMMARY["hard"]})


def test_every_bad_limit_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        limits(["sir=1", "cer=much", "hardest.cer=1", "cer=nan"], ["mcd=4"])
    flags = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert flags[0] == "--fail-above sir=1" and len(flags) == 5
    assert "did you mean mcd_db?" in str(caught.value)
    assert "--fail-above cer=much: expected NAME=NUMBER" in caught.value.problems
    assert "--fail-above cer=nan: expected NAME=NUMBER" in caught.value.problems
