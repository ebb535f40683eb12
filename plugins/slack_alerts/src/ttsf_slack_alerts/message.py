"""Событие -> сообщение Slack в разметке Block Kit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tts_framework.components import AlertKind, alert_kind
from tts_framework.events import Event, RunStopped
from tts_framework.secrets import redact
from tts_framework.wording import describe

_SECTION_LENGTH = 2900  # Slack отвергает раздел длиннее 3000 знаков
_SIGNS: dict[AlertKind, str] = {
    "run_started": ":arrow_forward:",
    "best_improved": ":chart_with_downwards_trend:",
    "plateau": ":heavy_minus_sign:",
    "run_stopped": ":checkered_flag:",
}
_TROUBLE = ":warning:"


@dataclass(frozen=True)
class Message:
    """`text` — строка уведомления, `blocks` — то же с подробностями."""

    text: str
    blocks: list[dict[str, Any]]


def message(event: Event, facts: dict[str, str]) -> Message:
    """Составь сообщение: что случилось, а ниже — где и с какими числами."""
    text = redact(describe(event))[:_SECTION_LENGTH]
    kind = alert_kind(event)
    sign = _SIGNS.get(kind, _TROUBLE) if kind else _TROUBLE
    if isinstance(event, RunStopped) and not event.finished:
        sign = _TROUBLE
    blocks = [_section(f"{sign} {_escaped(text)}")]
    if facts:
        lines = (f"*{_escaped(name)}*: {_escaped(redact(value))}" for name, value in facts.items())
        context = {"type": "mrkdwn", "text": "\n".join(lines)[:_SECTION_LENGTH]}
        blocks.append({"type": "context", "elements": [context]})
    return Message(text, blocks)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _escaped(text: str) -> str:
    """Экранируй знаки, из которых Slack складывает ссылки и упоминания."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
