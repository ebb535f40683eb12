"""Контракт оповещателя.

class TestMine(AlerterContract):
    plugin = "mine"
    secrets = ("s3cr3t-token",)

    def reach(self, host, port):
        return {"url": f"http://{host}:{port}/s3cr3t-token", "timeout_seconds": 0.5}
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from tts_framework.components import Alerter
from tts_framework.errors import TTSFError
from tts_framework.events import Event, RunStopped
from tts_framework.smart_tuner.alert_manager import AlertManager
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand
from tts_framework.testing.sent_events import sample_events

_HOST = "127.0.0.1"


class AlerterContract(Contract):
    """Любое событие принято, недоступный и зависший адресат не вредят, секрет не виден нигде.

    `reach(host, port)` — options, с которыми оповещатель обратится к этому адресу; None — сети не
    нужно. `secrets` — значения из этих options, которых не должно быть видно. `patience_seconds` —
    столько самое большее держит один вызов `notify`, когда сервер молчит.
    """

    kind: ClassVar[str] = "alerter"
    secrets: ClassVar[tuple[str, ...]] = ()
    patience_seconds: ClassVar[float] = 10.0

    def reach(self, host: str, port: int) -> dict[str, Any] | None:
        """Верни options для этого адреса; None, если оповещателю сеть не нужна."""
        return None

    @pytest.fixture
    def closed_port(self) -> int:
        """Порт, на котором никто не слушает."""
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            return int(probe.getsockname()[1])

    @pytest.fixture
    def silent_port(self) -> Iterator[int]:
        """Порт, где соединение принимают и молчат."""
        with socket.socket() as listener:
            listener.bind((_HOST, 0))
            listener.listen(16)
            yield int(listener.getsockname()[1])

    @pytest.fixture
    def closing_port(self) -> Iterator[int]:
        """Порт, где соединение принимают и тут же рвут."""
        with socket.create_server((_HOST, 0)) as listener:
            threading.Thread(target=_slam, args=(listener,), daemon=True).start()
            yield int(listener.getsockname()[1])

    def alerter_at(self, cls: type[Any], port: int) -> Alerter:
        """Создай оповещатель, который обратится к порту; без сети тест пропущен."""
        options = self.reach(_HOST, port)
        if options is None:
            pytest.skip("reach() is not overridden: this alerter needs no network")
        made: Alerter = cls(cls.Config(**options))
        return made

    # --- без сети ----------------------------------------------------------------------------

    def test_closing_twice_is_harmless(self, cls: type[Any], closed_port: int) -> None:
        options = self.reach(_HOST, closed_port)
        alerter = cls(cls.Config(**(self.options if options is None else options)))
        alerter.close()
        alerter.close()

    def test_every_event_is_taken_without_a_network(self, cls: type[Any], config: Any) -> None:
        if self.reach(_HOST, 1) is not None:
            pytest.skip("this alerter needs a network: see the tests below")
        alerter = cls(config)
        for event in sample_events():
            alerter.notify(event)
        alerter.close()

    def test_the_quiet_time_is_a_number_of_seconds(self, cls: type[Any], closed_port: int) -> None:
        options = self.reach(_HOST, closed_port)
        alerter = cls(cls.Config(**(self.options if options is None else options)))
        quiet = alerter.quiet_seconds
        demand(
            isinstance(quiet, int | float) and quiet >= 0,
            f"quiet_seconds is {quiet!r}",
            "give seconds, 0 for no grouping",
        )

    # --- сеть не отвечает ----------------------------------------------------------------------

    def test_a_closed_port_is_one_line_for_every_event(
        self, cls: type[Any], closed_port: int
    ) -> None:
        alerter = self.alerter_at(cls, closed_port)
        for event in sample_events():
            self._fails(alerter, event)

    def test_a_server_that_closes_is_one_line(self, cls: type[Any], closing_port: int) -> None:
        self._fails(self.alerter_at(cls, closing_port), sample_events()[-1])

    def test_a_silent_server_is_given_up(self, cls: type[Any], silent_port: int) -> None:
        alerter, began = self.alerter_at(cls, silent_port), time.monotonic()
        self._fails(alerter, sample_events()[-1])
        seconds = time.monotonic() - began
        demand(
            seconds <= self.patience_seconds,
            f"notify waited {seconds:.1f} s for a silent server",
            "set a timeout (and a limit of retries) on every call",
        )

    def test_the_tuner_never_waits_and_no_log_shows_a_secret(
        self, cls: type[Any], silent_port: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        alerter = self.alerter_at(cls, silent_port)
        with caplog.at_level(logging.DEBUG):
            manager, began = AlertManager({self.plugin: alerter}), time.monotonic()
            manager.handle(RunStopped(reason="done", finished=True))
            waited = time.monotonic() - began
            manager.close(2 * self.patience_seconds)
        demand(waited < 0.05, f"the tuner waited {waited:.3f} s", "do the work inside notify")
        self.hidden(caplog.text, "the log")

    def test_the_object_does_not_show_its_secrets(self, cls: type[Any], closed_port: int) -> None:
        if not self.secrets:
            pytest.skip("no secrets are declared")
        alerter = self.alerter_at(cls, closed_port)
        config = alerter.config
        self.hidden(f"{config!r} {config.model_dump()} {vars(alerter)} {alerter!r}", "repr")

    def hidden(self, text: str, where: str) -> None:
        """Потребуй, чтобы в тексте не было ни одного секрета."""
        shown = [secret for secret in self.secrets if secret in text]
        demand(
            not shown,
            f"{where} shows a secret",
            "keep it in SecretStr, set hide_input_in_errors, pass texts through secrets.redact",
        )

    def _fails(self, alerter: Alerter, event: Event) -> None:
        with _only_user_errors(type(event).__name__) as texts:
            alerter.notify(event)
        for text in texts:
            self.hidden(text, "the error")
            demand(text.isprintable(), f"the error is not one line: {text!r}", "shorten it")


@contextmanager
def _only_user_errors(what: str) -> Iterator[list[str]]:
    """Собери тексты `TTSFError`; иное исключение — нарушение, молчание — нет."""
    texts: list[str] = []
    try:
        yield texts
    except TTSFError as error:
        texts.append(str(error))
    except Exception as error:
        name = type(error).__name__
        demand(
            False, f"notify({what}) raises {name}", "raise TTSFError with the host and the reason"
        )


def _slam(listener: socket.socket) -> None:
    while True:
        try:
            listener.accept()[0].close()
        except OSError:  # тест кончился
            return
