"""apprise_alerts выполняет контракт оповещателя."""

from __future__ import annotations

from typing import Any

from tts_framework.testing import AlerterContract


class TestApprise(AlerterContract):
    plugin = "apprise_alerts"
    options = {"urls": ["json://127.0.0.1:9/s3cret-path"]}
    secrets = ("s3cret-path",)

    def reach(self, host: str, port: int) -> dict[str, Any]:
        return {"urls": [f"json://{host}:{port}/s3cret-path"], "timeout_seconds": 0.5}
