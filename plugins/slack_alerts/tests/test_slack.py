"""slack_alerts по настоящему HTTP: что видит человек и что бывает, когда сервер не в духе."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from tts_framework.components import Curve, Situation, TryLater
from tts_framework.errors import TTSFError
from tts_framework.events import BestImproved, Event, RunCrashed, RunStopped, Warned
from tts_framework.smart_tuner.alert_manager import AlertManager
from ttsf_slack_alerts import SlackAlerts

SECRET = "T0000-B0000-s3cr3t"
BEST = BestImproved(trial=3, metric="val_loss", value=3.1, previous=3.4, checkpoint="c")
END = RunStopped(reason="50 trials are done", finished=True)


class Slack:
    """Сервер, который отвечает как Slack; `answers` — ответы на ближайшие запросы не в духе."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.answers: list[tuple[int, dict[str, str], str]] = []
        self.release = threading.Event()
        self.hang = False
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                slack.requests.append((self.path, body))
                if slack.hang:
                    slack.release.wait(30)
                    return
                status, headers, text = (
                    slack.answers.pop(0) if slack.answers else (200, {}, slack.reply(self.path))
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reply(self, path: str) -> str:
        if path.startswith("/hook"):
            return "ok"
        answer: dict[str, Any] = {"ok": True}
        if path.endswith("chat.postMessage"):
            answer |= {"channel": "C123", "ts": "1.5"}
        if path.endswith("files.getUploadURLExternal"):
            answer |= {"upload_url": f"{self.url}/upload", "file_id": "F1"}
        if path.endswith("files.completeUploadExternal"):
            answer |= {"files": [{"id": "F1"}]}
        return json.dumps(answer)

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def slack() -> Iterator[Slack]:
    server = Slack()
    yield server
    server.close()


def hooked(slack: Slack, **options: Any) -> SlackAlerts:
    webhook = f"{slack.url}/hook/{SECRET}"
    return SlackAlerts(SlackAlerts.Config(webhook=webhook, timeout_seconds=1, **options))


def bot(slack: Slack) -> SlackAlerts:
    config = SlackAlerts.Config(token=SECRET, channel="#tts", api_url=f"{slack.url}/api/")
    return SlackAlerts(config)


def situated(alerter: SlackAlerts) -> SlackAlerts:
    curve = Curve("val_loss", ((100, 3.9), (200, 3.4), (300, 3.1)))
    alerter.situation = Situation("ru-nsh", "/runs/ru-nsh", "gpu1", lambda: curve)
    return alerter


# --- что видит человек ------------------------------------------------------------------------


def test_a_message_says_what_where_and_the_numbers(slack: Slack) -> None:
    situated(hooked(slack)).notify(BEST)
    [(path, body)] = slack.requests
    sent = json.loads(body)
    assert path == f"/hook/{SECRET}"
    assert sent["text"] == "best val_loss 3.1 (was 3.4) in trial 3"
    details = sent["blocks"][1]["elements"][0]["text"]
    assert "*run*: ru-nsh" in details and "*host*: gpu1" in details
    assert "*val_loss*: 3.1 at iteration 300 (3.9 at 100)" in details


def test_signs_of_links_and_mentions_are_escaped(slack: Slack) -> None:
    hooked(slack).notify(Warned(message="<!channel> & <http://x|y>"))
    text = json.loads(slack.requests[0][1])["blocks"][0]["text"]["text"]
    assert text == ":warning: &lt;!channel&gt; &amp; &lt;http://x|y&gt;"


def test_a_long_message_is_cut_to_what_slack_takes(slack: Slack) -> None:
    hooked(slack).notify(RunCrashed(error="x" * 9000))
    assert len(json.loads(slack.requests[0][1])["blocks"][0]["text"]["text"]) < 3000


def test_a_bot_uploads_the_curve_into_the_thread_of_its_message(slack: Slack) -> None:
    situated(bot(slack)).notify(BEST)
    paths = [path for path, _ in slack.requests]
    assert paths == [
        "/api/chat.postMessage",
        "/api/files.getUploadURLExternal",
        "/upload",
        "/api/files.completeUploadExternal",
    ]
    assert b"\x89PNG" in slack.requests[2][1]
    fields = parse_qs(slack.requests[3][1].decode())
    assert fields["channel_id"] == ["C123"] and fields["thread_ts"] == ["1.5"]


def test_ordinary_news_come_without_a_picture(slack: Slack) -> None:
    situated(bot(slack)).notify(Warned(message="x"))
    assert len(slack.requests) == 1


def test_a_refused_picture_does_not_spoil_the_message(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = json.dumps({"ok": False, "error": "missing_scope"})
    slack.answers = [(200, {}, slack.reply("chat.postMessage")), (200, {}, refusal)]
    situated(bot(slack)).notify(END)
    assert "the curve is not uploaded: slack: 200 missing_scope" in caplog.text


# --- сервер не в духе -------------------------------------------------------------------------


@pytest.mark.parametrize("make", [hooked, bot])
def test_too_many_requests_are_tried_again_when_slack_says(slack: Slack, make: Any) -> None:
    slack.answers = [(429, {"Retry-After": "7"}, '{"ok": false, "error": "ratelimited"}')]
    with pytest.raises(TryLater, match="slack: 429") as error:
        make(slack).notify(BEST)
    assert error.value.after == 7.0


@pytest.mark.parametrize("make", [hooked, bot])
def test_a_broken_server_is_tried_again(slack: Slack, make: Any) -> None:
    slack.answers = [(500, {}, "{}")]
    with pytest.raises(TryLater, match="slack: 5"):
        make(slack).notify(BEST)


def test_a_revoked_webhook_is_not_tried_again(slack: Slack) -> None:
    slack.answers = [(404, {}, "no_service")]
    with pytest.raises(TTSFError, match="404 no_service; check the webhook") as error:
        hooked(slack).notify(BEST)
    assert not isinstance(error.value, TryLater)


def test_a_wrong_token_is_not_tried_again(slack: Slack) -> None:
    slack.answers = [(200, {}, json.dumps({"ok": False, "error": "invalid_auth"}))]
    with pytest.raises(TTSFError, match="invalid_auth; check the webhook, the token") as error:
        bot(slack).notify(BEST)
    assert not isinstance(error.value, TryLater)


def test_a_hanging_server_is_given_up_soon_and_never_holds_the_loop(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.hang = True
    with caplog.at_level(logging.DEBUG):
        manager = AlertManager({"slack": hooked(slack, quiet_seconds=0)}, first_pause=0.01)
        started = time.monotonic()
        manager.handle(BEST)
        assert time.monotonic() - started < 0.5
        manager.close(20)
    assert "alerter slack failed: given up: slack: TimeoutError" in caplog.text
    assert SECRET not in caplog.text


def test_a_run_that_flaps_sends_few_messages_and_all_of_them_arrive(slack: Slack) -> None:
    slack.answers = [(429, {"Retry-After": "0"}, "rate_limited"), (500, {}, "oops")]
    manager = AlertManager({"slack": hooked(slack, quiet_seconds=60)}, first_pause=0.01)
    for number in range(40):
        manager.handle(Warned(message=f"trial {number} failed"))
    manager.handle(END)
    manager.close(20)
    taken = [json.loads(body)["text"] for _, body in slack.requests[2:]]
    assert 2 <= len(taken) <= 4 and len(slack.requests) <= 6
    assert "last: trial 39 failed" in " ".join(taken) and "50 trials are done" in taken[-1]


# --- настройки и секреты ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "either webhook or token"),
        ({"webhook": f"https://x/{SECRET}", "token": SECRET, "channel": "#a"}, "either webhook"),
        ({"token": SECRET}, "token and channel go together"),
        ({"webhook": SECRET}, "must start with https://"),
        ({"webhook": f"https://x/{SECRET}", "events": ["boom"]}, "events"),
    ],
)
def test_bad_options_are_refused_without_showing_the_secret(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem) as error:
        SlackAlerts.Config(**options)
    assert SECRET not in str(error.value)


def test_the_webhook_is_shown_by_nothing(slack: Slack) -> None:
    alerter = hooked(slack)
    alerter.notify(BEST)
    config = alerter.config
    assert SECRET not in f"{config!r} {config.model_dump()} {config.model_dump_json()} {alerter!r}"


@pytest.mark.parametrize("event", [BEST, END])
def test_a_closed_port_is_one_line_without_the_address(event: Event) -> None:
    config = SlackAlerts.Config(webhook=f"http://127.0.0.1:9/{SECRET}", timeout_seconds=1)
    with pytest.raises(TryLater) as error:
        SlackAlerts(config).notify(event)
    assert SECRET not in str(error.value) and str(error.value).isprintable()
