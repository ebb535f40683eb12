"""Два пути в Slack: входящий webhook и Web API с токеном бота."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from tts_framework.components import Curve, TryLater
from tts_framework.errors import TTSFError
from tts_framework.events import BestImproved, Event, PlateauReached, RunStopped
from tts_framework.secrets import redact
from ttsf_slack_alerts.message import Message
from ttsf_slack_alerts.picture import png

if TYPE_CHECKING:
    from ttsf_slack_alerts import SlackAlerts

_PICTURED = (BestImproved, PlateauReached, RunStopped)
_TOO_MANY = 429

_log = logging.getLogger(__name__)
_mute = logging.Logger("ttsf_slack_alerts.sdk", logging.CRITICAL + 1)  # SDK пишет адрес в отладку


class Channel(ABC):
    """Место, куда пишут сообщения."""

    def __init__(self, config: SlackAlerts.Config) -> None:
        secret = config.webhook or config.token
        assert secret is not None
        self.secret = secret.get_secret_value()
        self.options: dict[str, Any] = {
            "timeout": max(1, math.ceil(config.timeout_seconds)),
            "logger": _mute,
            "retry_handlers": [],  # повторяет AlertManager: он умеет не задерживать конца запуска
        }

    @abstractmethod
    def post(self, message: Message, event: Event, curve: Curve | None) -> None:
        """Отправь сообщение; кривую — если она к месту и путь это позволяет."""

    def failed(self, reason: str) -> TTSFError:
        """Верни ошибку, которую повторять бесполезно."""
        return TTSFError(f"slack: {redact(' '.join(reason.split()), [self.secret])}")

    def later(self, reason: str, after: float | None = None) -> TryLater:
        """Верни ошибку, которую стоит повторить."""
        return TryLater(f"slack: {redact(' '.join(reason.split()), [self.secret])}", after)

    def judged(self, status: int, headers: Mapping[str, Any], reason: str) -> TTSFError:
        """Пойми по ответу сервера, повторять ли."""
        if status == _TOO_MANY:
            return self.later("429, too many requests", _seconds(headers))
        if status >= 500:
            return self.later(f"{status} {reason}")
        return self.failed(f"{status} {reason}; check the webhook, the token and the channel")

    def reached(self, call: Callable[[], Any]) -> Any:
        """Вызови SDK; обрыв связи и тишина сервера — повод повторить."""
        try:
            return call()
        except SlackApiError as error:
            response = error.response
            reason = str(response.get("error") or "refused")
            raise self.judged(response.status_code, response.headers, reason) from None
        except (OSError, HTTPException, SlackClientError, ValueError) as error:
            raise self.later(f"{type(error).__name__}: {error}") from None


class WebhookChannel(Channel):
    """Входящий webhook: канал выбран в самом Slack, только текст."""

    def __init__(self, config: SlackAlerts.Config) -> None:
        super().__init__(config)
        self._client = WebhookClient(self.secret, **self.options)

    def post(self, message: Message, event: Event, curve: Curve | None) -> None:
        response = self.reached(lambda: self._client.send(text=message.text, blocks=message.blocks))
        if response.status_code != 200:
            raise self.judged(response.status_code, response.headers, response.body[:200])


class BotChannel(Channel):
    """Web API: сообщение, а в его ветке — картинка кривой."""

    def __init__(self, config: SlackAlerts.Config) -> None:
        super().__init__(config)
        self._client = WebClient(token=self.secret, base_url=config.api_url, **self.options)
        self._name = config.channel

    def post(self, message: Message, event: Event, curve: Curve | None) -> None:
        said = self.reached(
            lambda: self._client.chat_postMessage(
                channel=self._name, text=message.text, blocks=message.blocks
            )
        )
        if isinstance(event, _PICTURED) and curve is not None and len(curve.points) > 1:
            self._picture(curve, message.text, said)

    def _picture(self, curve: Curve, title: str, said: Any) -> None:
        """Приложи картинку; сообщение уже ушло, поэтому её неудача — только строка в журнале."""
        try:
            self.reached(
                lambda: self._client.files_upload_v2(
                    channel=said["channel"],
                    thread_ts=said["ts"],
                    filename="curve.png",
                    title=curve.metric,
                    alt_txt=f"{curve.metric} by iteration",
                    content=png(curve, title[:80]),
                )
            )
        except TTSFError as error:
            _log.warning("the curve is not uploaded: %s", error)


def _seconds(headers: Mapping[str, Any]) -> float | None:
    value = {str(name).lower(): value for name, value in headers.items()}.get("retry-after")
    value = value[0] if isinstance(value, list) and value else value
    try:
        return float(str(value))
    except ValueError:
        return None
