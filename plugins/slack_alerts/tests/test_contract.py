"""slack_alerts выполняет контракт оповещателя: и webhook, и бот."""

from __future__ import annotations

from typing import Any

from tts_framework.testing import AlerterContract


class TestWebhook(AlerterContract):
    plugin = "slack_alerts"
    options = {"webhook": "https://hooks.slack.com/services/T0/B0/s3cret-path"}
    secrets = ("s3cret-path",)

    def reach(self, host: str, port: int) -> dict[str, Any]:
        return {"webhook": f"http://{host}:{port}/s3cret-path", "timeout_seconds": 0.5}


class TestBot(AlerterContract):
    plugin = "slack_alerts"
    options = {"token": "xoxb-s3cret", "channel": "#tts"}
    secrets = ("xoxb-s3cret",)

    def reach(self, host: str, port: int) -> dict[str, Any]:
        address = f"http://{host}:{port}/api/"
        return {**self.options, "api_url": address, "timeout_seconds": 0.5}
