"""Страница документации называет каждое правило и каждый порог."""

from __future__ import annotations

import re
from pathlib import Path

from tts_framework.speech.checking.rules import RULES
from tts_framework.speech.checking.settings import CheckSettings

PAGE = (Path(__file__).parents[3] / "docs/how-to/check.md").read_text("utf-8")


def test_every_rule_is_described_in_order() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \| [а-я, ]+ \| ", PAGE, re.M)[: len(RULES)] == [
        rule.name for rule in RULES
    ]


def test_every_threshold_is_described() -> None:
    thresholds = PAGE.partition("## Пороги")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", thresholds)) == set(CheckSettings.model_fields)


def test_every_threshold_says_what_it_is() -> None:
    assert all(field.description for field in CheckSettings.model_fields.values())
