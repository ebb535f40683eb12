"""Страница: без внешних запросов, с ограниченным размером, чужой текст не становится разметкой."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.speech.checking import page, players
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.histogram import BASE, WIDTH, histogram
from tts_framework.speech.checking.report import Report, write_json
from tts_framework.speech.checking.rules import RULES
from tts_framework.speech.checking.summary import summary
from tts_framework.speech.corpora import table

HOSTILE = "<img src=x onerror=\"document.title='hacked'\"></script><script>document.title='hacked'"


class Tags(html.parser.HTMLParser):
    """Собирает теги, атрибуты и видимый текст."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(bench: Any) -> Report:
    id = bench.ids[0]
    evil = "<b onclick=alert(1)>&amp;'\""
    bench.wav(id).rename(bench.wav(evil))
    bench.rows[evil] = replace(bench.rows.pop(id), id=evil, text=HOSTILE + " 17")
    table.write(bench.folder, bench.rows.values())
    (bench.folder / "test.csv").write_text(f"wavs/{HOSTILE.replace('/', '')}.wav|x\n", "utf-8")
    return bench.check()


def test_hostile_texts_and_ids_stay_text(bench: Any) -> None:
    clean = Tags(page.render(bench.check()))
    found = Tags(page.render(hostile(bench)))
    assert found.tags["script"] == clean.tags["script"] == 1
    assert found.tags["img"] == found.tags["b"] - clean.tags["b"] == 0
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert HOSTILE in found.text


def test_only_our_script_may_run_and_nothing_is_fetched(bench: Any) -> None:
    text = page.render(hostile(bench))
    [script] = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'; media-src data:;"
    assert f"{policy} script-src 'sha256-{digest}'" in text
    links = [v for n, v in Tags(text).attributes if n in ("src", "href", "action", "srcset")]
    assert links and all(value.startswith("data:audio/flac;base64,") for value in links)
    assert "url(" not in text and "@import" not in text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_any_text_is_shown_and_makes_no_tag(text: str) -> None:
    shown = page.clean(text)
    assert shown.isprintable() or shown == ""
    assert len(shown) <= page.LONGEST


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_chromium_runs_our_script_and_no_other(bench: Any, tmp_path: Path) -> None:
    page.write_page(hostile(bench), tmp_path / "check.html")
    flags = "--headless --no-sandbox --disable-gpu --disable-background-networking --dump-dom"
    command = ["chromium", *flags.split(), f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, f"file://{tmp_path}/check.html"], capture_output=True, text=True, timeout=60
    )
    if not done.stdout.strip():
        pytest.skip("chromium does not start here")
    assert "<title>Corpus check: corpus</title>" in done.stdout
    assert re.search(r'id="shown"[^>]*>\d+ of \d+ shown', done.stdout)


def test_a_corpus_without_findings_says_so(bench: Any) -> None:
    text = page.render(bench.check())
    assert "Nothing was found." in text and "<svg" in text and "<audio" not in text


def test_players_are_varied_and_bounded(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in bench.ids[:3]:
        bench.put(id, np.clip(bench.sound(id) * 9, -1, 1) + 0.02)
    report = bench.check()
    whole = players.players(report)
    assert all(player.sound.startswith("data:audio/flac;base64,") for player in whole)
    monkeypatch.setattr(players, "BYTES", len(whole[0].sound) + 100)
    cut = players.players(report)
    assert [bool(player.sound) for player in cut] == [True, False, False]
    assert "reached its size" in cut[1].silence


def test_one_kind_of_trouble_does_not_crowd_out_the_others() -> None:
    def clip(n: int, rule: str) -> tuple[str, list[Finding]]:
        return f"{rule}{n}", [Finding(rule, ERROR, f"{rule}{n}", "", "", "")]

    worst = [clip(n, "text_unknown") for n in range(500)] + [clip(n, "snr") for n in range(5)]
    chosen = [id for id, _ in players.varied(worst)]
    assert len(chosen) == players.WORST
    assert sum(id.startswith("snr") for id in chosen) == players.ALIKE


def test_the_table_of_the_page_is_bounded_and_has_some_of_every_rule() -> None:
    many = [Finding("digits", ERROR, str(n), "", "", "") for n in range(5000)]
    few = [Finding("snr", WARNING, str(n), "", "", "") for n in range(30)]
    chosen = page.chosen([*many, *few])
    assert len(chosen) == page.ROWS
    assert sum(finding.rule == "snr" for finding in chosen) == 30


def test_a_histogram_keeps_inside_and_counts_everyone() -> None:
    values = np.concatenate([np.random.default_rng(2).normal(10, 1, 500), [500.0]])
    drawn = histogram("SNR, dB", values, 8.0)
    assert drawn is not None and "1 beyond the axis" in drawn.summary
    assert all(0 <= bar.x <= WIDTH and 0 <= bar.y <= BASE for bar in drawn.bars)
    counts = [int(re.findall(r": (\d+) clip", bar.title)[0]) for bar in drawn.bars]
    assert sum(counts) == 501
    assert drawn.limit_x is not None and 0 < drawn.limit_x < WIDTH
    assert histogram("empty", np.array([])) is None
    assert histogram("one", np.array([3.0])) is not None


def test_the_json_has_every_rule_and_every_finding(bench: Any, tmp_path: Path) -> None:
    bench.text(bench.ids[0], "Тут 5 слов сказано.")
    report = bench.check()
    write_json(report, tmp_path / "check.json")
    found = json.loads((tmp_path / "check.json").read_text("utf-8"))
    assert found["schema"] == 1 and found["clips"] == 6 and found["rate"] == 16000
    assert set(found["rules"]) == {rule.name for rule in RULES}
    assert found["counts"] == {"error": 0, "warning": 1, "note": 0}
    assert found["findings"] == [
        {
            "severity": "warning",
            "rule": "digits",
            "clip": bench.ids[0],
            "where": "metadata.csv:2",
            "reason": "the text has the digits '5'",
            "advice": "write numbers in words, or let a front end do it: ttsf data normalize",
            "value": None,
            "limit": None,
        }
    ]


def test_names_of_rules_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_summary_fits_80_columns_and_one_line_per_name(bench: Any) -> None:
    lines = list(summary(hostile(bench)))
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)
