"""Оповещатели."""

from __future__ import annotations

import logging
import time
import urllib.request
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr
from ttsf_kit_cases import broken

from tts_framework.components import Alerter, Options
from tts_framework.errors import TTSFError
from tts_framework.testing import AlerterContract


class Checked(AlerterContract):
    options = {"url": "http://127.0.0.1:9/s3cret"}
    secrets = ("s3cret",)
    local = False

    def reach(self, host, port):
        url = f"http://{host}:{port}/s3cret"
        return None if self.local else {"url": url, "timeout_seconds": 0.2}


class Sound(Alerter):
    """Posts the name of an event."""

    class Config(Options):
        """Where to."""

        model_config = ConfigDict(hide_input_in_errors=True)

        url: SecretStr = Field(description="Address of the webhook.")
        timeout_seconds: float = Field(5.0, gt=0, description="Wait for the server, s.")

    failures = OSError

    def notify(self, event):
        url = self.config.url.get_secret_value()
        try:
            self.post(url, event)
        except self.failures as error:
            raise TTSFError(self.told(url, error)) from None

    def post(self, url, event):
        body = type(event).__name__.encode()
        with urllib.request.urlopen(url, body, timeout=self.config.timeout_seconds):
            pass

    def told(self, url, error):
        return f"{urlsplit(url).hostname}: {type(error).__name__}; check the address"


CLOSED = "test_a_closed_port_is_one_line_for_every_event"
SHOWN = "test_the_object_does_not_show_its_secrets"
WAITS = "test_the_tuner_never_waits_and_no_log_shows_a_secret"


@broken("test_closing_twice_is_harmless", "AttributeError")
class ClosesOnce(Sound):
    def close(self):
        del self.config


@broken("test_every_event_is_taken_without_a_network", "KeyError: 'RunStarted'", local=True)
class KnowsOneEvent(Sound):
    def notify(self, event):
        {"RunStopped": "the end"}[type(event).__name__]


@broken("test_the_quiet_time_is_a_number_of_seconds", "quiet_seconds is '60'; give seconds")
class QuietInWords(Sound):
    quiet_seconds = "60"


@broken(CLOSED, "notify(RunStarted) raises URLError; raise TTSFError with the host and the reason")
class RaisesAsItComes(Sound):
    def notify(self, event):
        self.post(self.config.url.get_secret_value(), event)


@broken(CLOSED, "the error shows a secret; keep it in SecretStr")
class NamesTheAddress(Sound):
    def told(self, url, error):
        return f"{url}: {error}"


@broken(CLOSED, "the error is not one line")
class TwoLines(Sound):
    def told(self, url, error):
        return f"{type(error).__name__}\ncheck the address"


@broken("test_a_server_that_closes_is_one_line", "raise TTSFError with the host and the reason")
class ExpectsAnAnswer(Sound):
    failures = ()


@broken(
    "test_a_silent_server_is_given_up", "s for a silent server; set a timeout", patience_seconds=0.1
)
class IsPatient(Sound):
    pass


@broken(WAITS, "the tuner waited 0.1", patience_seconds=0.5)
class AsksFirst(Sound):
    def wants(self, event):
        time.sleep(0.1)
        return super().wants(event)


@broken(WAITS, "the log shows a secret", patience_seconds=0.5)
class LogsTheAddress(Sound):
    def notify(self, event):
        logging.getLogger(__name__).info("posting to %s", self.config.url.get_secret_value())
        super().notify(event)


@broken(SHOWN, "repr shows a secret")
class KeepsText(Sound):
    def __init__(self, config):
        super().__init__(config)
        self.url = config.url.get_secret_value()
