"""Finding: один пункт договора и то, что с ним оказалось."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tts_framework.secrets import redact

HOLDS, COSTS, FAILS, UNKNOWN = "holds", "costs", "fails", "unknown"


@dataclass(frozen=True)
class Finding:
    """Пункт договора: `state` — holds, costs (подстройка пойдёт, но дороже), fails или unknown.

    `seen` — что наблюдалось; `cost` — чем это обойдётся и что сделать (пусто, если ничем).
    """

    point: str
    state: str
    seen: str
    cost: str = ""


def broken(findings: Iterable[Finding]) -> bool:
    """Скажи, есть ли нарушения, с которыми подстраивать нельзя."""
    return any(finding.state == FAILS for finding in findings)


def as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Верни пункты словарями без секретов."""
    return [{k: redact(v) for k, v in asdict(finding).items()} for finding in findings]
