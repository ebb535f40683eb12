"""Раскладка festvox: `etc/txt.done.data`, `wav/`, метки фонов в `lab/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import numbered
from tts_framework.speech.importing.options import FestvoxOptions

PROMPTS = Path("etc", "txt.done.data")
_UTTERANCE = re.compile(r'\(\s*(\S+)\s+"((?:[^"\\]|\\.)*)"\s*\)')


def recordings(config: FestvoxOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли фразы; нет файла меток — клип без меток."""
    speaker = config.speaker or source.resolve().name
    for where, line in numbered(source / PROMPTS, Fence(source)):
        found = _UTTERANCE.fullmatch(line.strip())
        if found is None:
            yield BadRecord(where, "expected '( id \"text\" )'; fix the line")
            continue
        id, text = found[1], re.sub(r"\\(.)", r"\1", found[2])
        label = source / "lab" / f"{id}.lab"
        yield Recording(
            Path(id).name,
            text.strip(),
            source / "wav" / f"{id}.wav",
            speaker,
            label if label.exists() or label.is_symlink() else None,
            where=where,
        )
