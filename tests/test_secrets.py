"""Секреты не показываются ни в каком виде."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework import secrets
from tts_framework.secrets import redact

SECRETS = st.text(st.characters(exclude_characters="*"), min_size=4, max_size=30)


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_hidden_however_it_is_written(secret: str, before: str, after: str) -> None:
    forms = [secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]]
    for form in forms:
        assert secret not in redact(f"{before}{form}{after}", {secret})


def test_an_address_with_the_secret_quoted_is_hidden() -> None:
    assert redact("http://host/?t=" + quote("a/b c"), {"a/b c"}) == "http://host/?t=***"
    assert redact("http://host/?t=" + quote("a/b c", safe=""), {"a/b c"}) == "http://host/?t=***"


def test_a_secret_inside_another_leaves_no_rest() -> None:
    assert redact("abcd-efgh", {"abcd", "abcd-efgh"}) == "***"


def test_a_number_is_not_a_secret() -> None:
    assert redact("batch_size 8 of 18", {"8"}) == "batch_size 8 of 18"


def test_the_process_remembers_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_remembered", set())
    secrets.remember(["hidden-word"])
    assert redact("a hidden-word") == "a ***"
