"""Числа оценки словами: для терминала и для страницы."""

from __future__ import annotations

from tts_framework.evaluation.metrics import METRICS, Estimate, metric
from tts_framework.evaluation.rows import ABOUT, REAL
from tts_framework.evaluation.run import Evaluation


def metric_names(evaluation: Evaluation) -> list[str]:
    """Перечисли меры по порядку отчёта; меры вторых судей - после `cer`."""
    more = [f"cer_{judge}" for judge in evaluation.judges[1:]]
    return ["cer", *more, *(name for name in METRICS if name != "cer")]


def title(name: str) -> str:
    """Верни название меры; у меры второго судьи - с его именем."""
    judge = f" ({name.removeprefix('cer_')})" if name.startswith("cer_") else ""
    return metric(name).title + judge


def shown(name: str, estimate: Estimate | None, narrow: bool = False) -> str:
    """Запиши значение с интервалом; в узком столбце интервал стоит под значением."""
    if estimate is None:
        return "-"
    digits = metric(name).digits
    value = f"{estimate.value:.{digits}f}"
    if narrow:
        return f"{value}\n{estimate.low:.2f}-{estimate.high:.2f}"
    return f"{value} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def remarks(evaluation: Evaluation) -> list[str]:
    """Скажи словами то, без чего числа читают неверно."""
    found = [f"{name}: {ABOUT[name]}" for name in ABOUT if name in evaluation.rows]
    real = evaluation.summary().get(REAL, {})
    for number, judge in enumerate(evaluation.request.judges):
        own = real.get(f"cer_{judge.name}" if number else "cer")
        text = f"{own.value:.1%} on the real recordings" if own else "not known: no recordings"
        held_out = judge.about.get("held_out")
        if held_out:
            text += f", {held_out['cer']:.1%} on the {held_out['clips']} clips of its validation"
        found.append(f"judge {judge.name}: its own error is {text}")
    for name, row in evaluation.rows.items():
        if kinds := row.failures():
            listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
            found.append(f"failures, {name}: {listed}")
    bad = [p for row in evaluation.rows.values() for c in row.cells.values() for p in c.problems]
    if bad:
        found.append(f"{len(bad)} sound(s) could not be measured; first: {bad[0]}")
    reasons: dict[str, list[str]] = {}
    for name, reason in evaluation.unmeasured.items():
        reasons.setdefault(reason, []).append(name)
    found += [f"not measured: {', '.join(names)}: {reason}" for reason, names in reasons.items()]
    return found
