"""slack_alerts: события запуска в канал Slack через входящий webhook или токен бота."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, SecretStr, model_validator

from tts_framework.components import Alerter, AlertOptions
from tts_framework.events import Event
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    from ttsf_slack_alerts.channel import Channel


class SlackAlerts(Alerter):
    """Пишет в канал, что случилось, где и с какими числами.

    Webhook умеет только текст. С токеном бота (права `chat:write` и `files:write`) к лучшему
    результату, плато и концу запуска прикладывается картинка кривой.
    """

    class Config(AlertOptions):
        """Webhook или токен с каналом."""

        model_config = ConfigDict(hide_input_in_errors=True)

        webhook: SecretStr | None = Field(
            None, description="Адрес входящего webhook; пишите `${ИМЯ}`."
        )
        token: SecretStr | None = Field(None, description="Токен бота `xoxb-…`; пишите `${ИМЯ}`.")
        channel: str | None = Field(
            None, min_length=1, description="Канал для токена: `#имя` или идентификатор."
        )
        timeout_seconds: float = Field(10.0, gt=0, description="Ждать ответа Slack, с.")
        api_url: str = Field("https://slack.com/api/", description="Адрес Web API.")

        @model_validator(mode="after")
        def _one_way(self) -> SlackAlerts.Config:
            if (self.webhook is None) == (self.token is None):
                raise ValueError("set either webhook or token (with channel)")
            if (self.token is None) != (self.channel is None):
                raise ValueError("token and channel go together; set both or neither")
            if self.webhook is not None:
                address = self.webhook.get_secret_value()
                if not address.startswith(("https://", "http://")):
                    raise ValueError("webhook must start with https://; copy it from Slack")
            return self

    config: Config

    @cached_property
    def _channel(self) -> Channel:
        from ttsf_slack_alerts.channel import BotChannel, WebhookChannel

        return (WebhookChannel if self.config.webhook else BotChannel)(self.config)

    def notify(self, event: Event) -> None:
        """Отправь сообщение (и картинку, если можно).

        Raises:
            TryLater: Slack недоступен, занят (5xx) или просит подождать (429).
            TTSFError: Slack отказал: webhook отозван, токен или канал неверны.
        """
        from ttsf_slack_alerts.message import message

        curve = self.situation.curve() if self.situation else None
        self._channel.post(message(event, self.facts()), event, curve)


@hookimpl
def ttsf_alerter() -> type[Alerter]:
    return SlackAlerts
