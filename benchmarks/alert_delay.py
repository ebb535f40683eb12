"""Сколько оповещение держит цикл: время `AlertManager.handle` при сервере, который молчит.

    python benchmarks/alert_delay.py [--events 2000]

Предел — 10 мс. Каждый соперник пишет на настоящий сокет петлевого интерфейса, где принимают
соединение и молчат; картинка кривой рисуется в потоке оповещателя.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import time
from collections.abc import Callable

from tts_framework.builtin.email import Email
from tts_framework.components import Alerter
from tts_framework.events import BestImproved, TrialFinished
from tts_framework.smart_tuner.alert_manager import AlertManager
from ttsf_apprise_alerts import AppriseAlerts
from ttsf_slack_alerts import SlackAlerts

LIMIT_MS = 10.0


def contenders(port: int) -> dict[str, Callable[[], Alerter]]:
    host = f"127.0.0.1:{port}"
    quick = {"timeout_seconds": 1.0, "quiet_seconds": 0.0}
    letter = {"host": "127.0.0.1", "port": port, "sender": "a@b.c", "to": ("d@e.f",)}
    return {
        "slack_alerts": lambda: SlackAlerts(
            SlackAlerts.Config(webhook=f"http://{host}/x", **quick)
        ),
        "apprise_alerts": lambda: AppriseAlerts(
            AppriseAlerts.Config(urls=(f"json://{host}/x",), **quick)
        ),
        "email": lambda: Email(Email.Config(security="none", **letter, **quick)),
    }


def delays(alerter: Alerter, count: int) -> list[float]:
    """Верни задержку каждого события в миллисекундах; между событиями — как в запуске, пауза."""
    manager, found = AlertManager({"one": alerter}), []
    manager.tell(run="r", folder="/r", host="h", metric="val_loss")
    for number in range(count):
        event: TrialFinished | BestImproved
        if number % 2:
            event = BestImproved(
                trial=number, metric="val_loss", value=1.0, previous=None, checkpoint="c"
            )
        else:
            event = TrialFinished(
                trial=number,
                outcome="committed",
                reason="",
                end_iteration=number,
                checkpoint="c",
                sha256=None,
                value=1.0,
                score=0.0,
                forecast=None,
                forecast_std=None,
                seconds=1.0,
            )
        started = time.perf_counter()
        manager.handle(event)
        found.append(1e3 * (time.perf_counter() - started))
        time.sleep(0.001)
    manager.close(0.1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000)
    count = parser.parse_args().events
    print("| alerter | median, ms | 99%, ms | worst, ms | limit | |")
    print("|---|---|---|---|---|---|")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        for name, make in contenders(silent.getsockname()[1]).items():
            found = sorted(delays(make(), count))
            worst, tail = found[-1], found[int(0.99 * count)]
            verdict = "ok" if worst <= LIMIT_MS else "over"
            print(
                f"| {name} | {statistics.median(found):.3f} | {tail:.3f} | {worst:.2f}"
                f" | {LIMIT_MS:g} ms | {verdict} |"
            )


if __name__ == "__main__":
    main()
