"""apprise_alerts по настоящему HTTP: адреса json:// ведут на петлевой сервер."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import ValidationError

from tts_framework.components import Curve, Situation, TryLater
from tts_framework.errors import TTSFError
from tts_framework.events import BestImproved, RunStopped
from tts_framework.smart_tuner.alert_manager import AlertManager
from ttsf_apprise_alerts import AppriseAlerts

SECRET = "s3cr3t-token"
BEST = BestImproved(trial=3, metric="val_loss", value=3.1, previous=3.4, checkpoint="c")
END = RunStopped(reason="50 trials are done", finished=True)


class Service:
    """Служба на петлевом интерфейсе; `statuses` — ответы на ближайшие запросы."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.asked = 0
        self.hang = False
        self.release = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.asked += 1
                if service.hang:
                    service.release.wait(30)
                    return
                status = service.statuses.pop(0) if service.statuses else 200
                if status == 200:
                    service.taken.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/{SECRET}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def services() -> Iterator[tuple[Service, Service]]:
    pair = Service(), Service()
    yield pair
    for service in pair:
        service.close()


def to(*services: Service, **options: Any) -> AppriseAlerts:
    urls = tuple(service.url for service in services)
    return AppriseAlerts(AppriseAlerts.Config(urls=urls, timeout_seconds=1, **options))


def test_every_service_gets_what_where_and_the_numbers(services: tuple[Service, Service]) -> None:
    alerter = to(*services)
    curve = Curve("val_loss", ((100, 3.9), (300, 3.1)))
    alerter.situation = Situation("ru-nsh", "/runs/ru-nsh", "gpu1", lambda: curve)
    alerter.notify(BEST)
    for service in services:
        [sent] = service.taken
        assert sent["title"] == "[ttsf] best val_loss 3.1 (was 3.4) in trial 3"
        assert sent["type"] == "success"
        assert (
            "host: gpu1" in sent["message"] and "val_loss: 3.1 at iteration 300" in sent["message"]
        )


def test_only_the_service_that_refused_is_asked_again(services: tuple[Service, Service]) -> None:
    good, bad = services
    bad.statuses = [500, 429]
    alerter = to(good, bad)
    for _ in range(2):
        with pytest.raises(TryLater, match=r"apprise: 2 \(json\): .*error"):
            alerter.notify(BEST)
    alerter.notify(BEST)
    assert len(good.taken) == len(bad.taken) == 1 and (good.asked, bad.asked) == (1, 3)


def test_a_hanging_service_never_holds_the_loop_nor_shows_its_address(
    services: tuple[Service, Service], caplog: pytest.LogCaptureFixture
) -> None:
    services[0].hang = True
    with caplog.at_level(logging.DEBUG):
        manager = AlertManager({"apprise": to(services[0], quiet_seconds=0)}, first_pause=0.01)
        started = time.monotonic()
        manager.handle(END)
        assert time.monotonic() - started < 0.5
        manager.close(20)
    assert "alerter apprise failed: given up: apprise: 1 (json)" in caplog.text
    assert SECRET not in caplog.text


def test_a_service_that_recovers_gets_the_message(services: tuple[Service, Service]) -> None:
    services[0].statuses = [503, 503]
    manager = AlertManager({"apprise": to(services[0])}, first_pause=0.01)
    manager.handle(BEST)
    deadline = time.monotonic() + 20
    while not services[0].taken and time.monotonic() < deadline:
        time.sleep(0.01)
    manager.close(20)
    assert len(services[0].taken) == 1 and services[0].asked == 3


def test_an_unknown_service_is_named_without_its_address() -> None:
    alerter = AppriseAlerts(AppriseAlerts.Config(urls=(f"nosuch://{SECRET}/x",)))
    with pytest.raises(TTSFError, match=r"apprise: urls\[0\] \(nosuch\)") as error:
        alerter.notify(BEST)
    assert SECRET not in str(error.value) and not isinstance(error.value, TryLater)


@pytest.mark.parametrize("urls", [(), (SECRET,), ("tgram://a/b", SECRET)])
def test_bad_addresses_are_refused_without_showing_them(urls: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="urls") as error:
        AppriseAlerts.Config(urls=urls)
    assert SECRET not in str(error.value)


def test_the_addresses_are_shown_by_nothing(services: tuple[Service, Service]) -> None:
    alerter = to(*services)
    alerter.notify(BEST)
    assert SECRET not in f"{alerter.config!r} {alerter.config.model_dump()} {alerter!r}"
