"""`ttsf plugin`: написать свой плагин и проверить его."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

COMMANDS = {
    "new": Command(
        "tts_framework.cli.plugin.new:new",
        "Write a new plugin: a complete project that passes its checks.",
        ("ttsf plugin new my_search --kind optimizer", "ttsf plugin new karlsson --kind model"),
    ),
    "check": Command(
        "tts_framework.cli.plugin.check:check",
        "Check an installed plugin against what ttsf expects of its kind.",
        (
            "ttsf plugin check ./ttsf-my-search",
            "ttsf plugin check random",
            "ttsf plugin check patience --set patience=3",
        ),
    ),
}

app = group(COMMANDS, name="plugin", help="Write a plugin or check one.")
