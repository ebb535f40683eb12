"""`check.html`: одна страница без внешних запросов; всё чужое экранируется.

Кроме автоматического экранирования jinja2, страница несёт Content-Security-Policy: выполнится
только скрипт с нашим хешем, что бы ни оказалось в id и текстах.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from pathlib import Path

from tts_framework.problems import one_line
from tts_framework.speech.checking.findings import Finding, Severity
from tts_framework.speech.checking.histogram import Histogram, histogram
from tts_framework.speech.checking.players import WORST, players
from tts_framework.speech.checking.report import Report
from tts_framework.speech.checking.rules import RULES
from tts_framework.speech.disk import write

HERE = Path(__file__).parent
ROWS = 2000
"""Столько находок в таблице страницы: остальное — в `check.json`."""
LEAST_PER_RULE = 50
LONGEST = 300


def write_page(report: Report, path: Path) -> None:
    """Запиши страницу атомарно.

    Raises:
        DiskFull: кончилось место; прежняя страница цела.
    """
    write(path, render(report).encode("utf-8", "backslashreplace"))


def render(report: Report) -> str:
    """Собери страницу."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    script = (HERE / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rows = chosen(report.findings)
    return environment.get_template("page.html").render(
        report=report,
        name=report.corpus.folder.resolve().name,
        minutes=report.seconds / 60,
        counts={severity.value: report.count(severity) for severity in Severity},
        rules=[(rule, report.by_rule[rule.name]) for rule in RULES],
        rows=rows,
        histograms=histograms(report),
        players=players(report),
        most=WORST,
        style=(HERE / "page.css").read_text("utf-8"),
        script=script,
        digest=digest,
    )


def clean(text: str) -> str:
    """Сделай чужой текст печатным и не длиннее, чем помещается в ячейку."""
    printable = one_line(text)
    return printable if len(printable) <= LONGEST else printable[: LONGEST - 1] + "…"


def chosen(findings: list[Finding]) -> list[Finding]:
    """Отбери находки для таблицы: понемногу от каждого правила, потом самые тяжёлые."""
    if len(findings) <= ROWS:
        return findings
    seen: Counter[str] = Counter()
    first: list[Finding] = []
    rest: list[Finding] = []
    for finding in findings:
        seen[finding.rule] += 1
        (first if seen[finding.rule] <= LEAST_PER_RULE else rest).append(finding)
    kept = {id(finding) for finding in [*first, *rest][:ROWS]}
    return [finding for finding in findings if id(finding) in kept]


def histograms(report: Report) -> list[Histogram]:
    """Нарисуй распределения; порог есть у того, что сравнивается с одним числом."""
    limits = {"SNR, dB": report.corpus.settings.snr}
    found = (
        histogram(name, values, limits.get(name)) for name, values in report.distributions.items()
    )
    return [drawn for drawn in found if drawn is not None]
