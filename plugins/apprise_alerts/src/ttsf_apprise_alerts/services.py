"""Службы Apprise: каждая отправляет своё, повтор идёт только в ту, что не приняла."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import apprise

from tts_framework.components import AlertKind, TryLater, alert_kind
from tts_framework.errors import TTSFError
from tts_framework.events import Event
from tts_framework.secrets import redact
from tts_framework.wording import describe

if TYPE_CHECKING:
    from ttsf_apprise_alerts import AppriseAlerts

_TITLE_LENGTH = 120
_TYPES: dict[AlertKind, str] = {
    "best_improved": apprise.NotifyType.SUCCESS,
    "run_started": apprise.NotifyType.INFO,
    "run_stopped": apprise.NotifyType.INFO,
    "plateau": apprise.NotifyType.INFO,
    "run_crashed": apprise.NotifyType.FAILURE,
    "diverged": apprise.NotifyType.FAILURE,
    "trial_failed": apprise.NotifyType.FAILURE,
}


class Services:
    """Объекты Apprise по одному на адрес; `_pending` — кому ещё не ушло последнее событие.

    Raises:
        TTSFError: Apprise не знает такой службы или адрес неполон.
    """

    def __init__(self, config: AppriseAlerts.Config) -> None:
        self._secrets = [secret for url in config.urls for secret in _parts(url.get_secret_value())]
        self._services = {
            f"{number} ({_scheme(url.get_secret_value())})": self._service(
                number, url.get_secret_value(), config.timeout_seconds
            )
            for number, url in enumerate(config.urls, 1)
        }
        self._pending: tuple[Event, set[str]] | None = None

    def _service(self, number: int, url: str, seconds: float) -> apprise.Apprise:
        mark = "&" if "?" in url else "?"
        service = apprise.Apprise()
        with _Captured() as log:
            known = service.add(f"{url}{mark}cto={seconds:g}&rto={seconds:g}")
        if not known:
            reason = redact(log.text, self._secrets) or "unknown service or incomplete address"
            raise TTSFError(f"apprise: urls[{number - 1}] ({_scheme(url)}): {reason}; check it")
        return service

    def send(self, event: Event, facts: dict[str, str]) -> None:
        """Отправь событие тем службам, которые его ещё не приняли.

        Raises:
            TryLater: приняли не все.
        """
        title = redact(describe(event))
        body = "\n".join([title, *(f"{k}: {redact(v)}" for k, v in facts.items())])
        kind = alert_kind(event)
        category = _TYPES.get(kind, apprise.NotifyType.WARNING) if kind else "info"
        again = self._pending is not None and self._pending[0] is event
        waiting = set(self._pending[1]) if again and self._pending else set(self._services)
        reasons: list[str] = []
        for name in sorted(waiting):
            with _Captured() as log:
                took = self._services[name].notify(
                    body=body, title=f"[ttsf] {title}"[:_TITLE_LENGTH], notify_type=category
                )
            if took:
                waiting.discard(name)
            else:
                reasons.append(f"{name}: {redact(log.text, self._secrets) or 'not delivered'}")
        self._pending = (event, waiting) if waiting else None
        if reasons:
            raise TryLater(f"apprise: {'; '.join(reasons)}")


class _Captured:
    """Собери предупреждения Apprise вместо журнала: в его отладке видны адреса с токенами."""

    def __enter__(self) -> _Captured:
        self._stream = io.StringIO()
        self._handler = logging.StreamHandler(self._stream)
        self._handler.setLevel(logging.WARNING)
        logger = logging.getLogger("apprise")
        self._was = logger.level, logger.propagate, logger.handlers
        logger.handlers, logger.propagate = [self._handler], False
        logger.setLevel(logging.WARNING)
        return self

    def __exit__(self, *error: object) -> None:
        logger = logging.getLogger("apprise")
        logger.setLevel(self._was[0])
        logger.propagate, logger.handlers = self._was[1], self._was[2]

    @property
    def text(self) -> str:
        return " ".join(self._stream.getvalue().split())


def _scheme(url: str) -> str:
    return url.split("://", 1)[0]


def _parts(url: str) -> list[str]:
    """Всё в адресе, что может быть секретом: он сам, имя, пароль и части пути."""
    try:
        split = urlsplit(url)
    except ValueError:
        return [url]
    rest = [split.username, split.password, *split.path.split("/"), split.query]
    if _scheme(url) not in ("json", "jsons", "xml", "xmls", "form", "forms"):
        rest.append(split.hostname)  # у служб вроде tgram:// на месте узла стоит токен
    return [url, *(part for part in rest if part and len(part) > 3)]
