"""apprise_alerts: события запуска в Telegram и сотню других служб по адресу Apprise."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, SecretStr, field_validator

from tts_framework.components import Alerter, AlertOptions
from tts_framework.events import Event
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    from ttsf_apprise_alerts.services import Services


class AppriseAlerts(Alerter):
    """Отправляет событие во все службы из `urls`; адреса — секреты: в них лежат токены."""

    class Config(AlertOptions):
        """Адреса служб."""

        model_config = ConfigDict(hide_input_in_errors=True)

        urls: tuple[SecretStr, ...] = Field(
            min_length=1, description="Адреса Apprise: `tgram://токен/чат`; пишите `${ИМЯ}`."
        )
        timeout_seconds: float = Field(10.0, gt=0, description="Ждать ответа службы, с.")

        @field_validator("urls", mode="before")
        @classmethod
        def _one_is_a_list(cls, value: object) -> object:
            return (value,) if isinstance(value, str) else value

        @field_validator("urls")
        @classmethod
        def _addresses(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
            for number, url in enumerate(value):
                if "://" not in url.get_secret_value():
                    raise ValueError(
                        f"urls[{number}] is not an address like tgram://token/chat;"
                        " see the list of services of Apprise"
                    )
            return value

    config: Config

    @cached_property
    def _services(self) -> Services:
        from ttsf_apprise_alerts.services import Services

        return Services(self.config)

    def notify(self, event: Event) -> None:
        """Отправь сообщение во все службы.

        Raises:
            TryLater: какая-то служба не приняла; повтор пойдёт только в неё.
            TTSFError: адрес не знаком Apprise.
        """
        self._services.send(event, self.facts())


@hookimpl
def ttsf_alerter() -> type[Alerter]:
    return AppriseAlerts
