"""Сводка для терминала: счёт по правилам и худшие клипы, не шире 80 столбцов."""

from __future__ import annotations

from collections.abc import Iterator

from tts_framework.problems import one_line
from tts_framework.speech.checking.findings import Severity
from tts_framework.speech.checking.report import Report
from tts_framework.speech.checking.rules import RULES

WIDTH = 80
WORST = 8
EXAMPLES = 3


def summary(report: Report) -> Iterator[str]:
    """Выдай строки сводки."""
    corpus = report.corpus
    rate = f", {corpus.rate} Hz" if corpus.rate else ""
    yield f"{len(corpus.clips)} clips, {report.seconds / 60:.1f} min{rate}"
    if report.findings:
        yield ""
        yield f"{'rule':<17}{'errors':>7}{'warnings':>10}{'notes':>7}  first"
        yield from _counts(report)
    worst = report.worst(WORST)
    if worst:
        yield ""
        yield "worst clips:"
        for id, findings in worst:
            yield _cut(f"  {one_line(id)}")
            for finding in findings[:EXAMPLES]:
                yield _cut(
                    f"    {finding.severity.value} {finding.rule}: {one_line(finding.reason)}"
                )
            if len(findings) > EXAMPLES:
                yield f"    and {len(findings) - EXAMPLES} more"
    if report.not_checked:
        yield ""
        for name, reason in report.not_checked.items():
            yield _cut(f"not checked: {name} ({reason})")
    yield ""
    yield ", ".join(_plural(report.count(severity), severity.value) for severity in Severity)


def _counts(report: Report) -> Iterator[str]:
    first = {finding.rule: finding for finding in reversed(report.findings)}
    for rule in RULES:
        counts = report.by_rule[rule.name]
        if any(counts.values()):
            numbers = [counts[severity.value] or "-" for severity in Severity]
            example = first[rule.name]
            where = one_line(example.clip or example.where)
            yield _cut(f"{rule.name:<17}{numbers[0]:>7}{numbers[1]:>10}{numbers[2]:>7}  {where}")


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")
