"""Какой раскладки папка: решают сами раскладки, по именам файлов."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tts_framework.components import Layout
from tts_framework.errors import DataError


def detected(source: Path, layouts: Mapping[str, type[Layout]]) -> str:
    """Верни имя единственной раскладки, узнавшей свою папку.

    Raises:
        DataError: не узнала ни одна или узнали несколько.
    """
    if not source.is_dir():
        raise DataError(f"{source}: no such folder; give the folder of the corpus")
    found = [name for name, layout in layouts.items() if layout.matches(source)]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(f"{source}: looks like {' and '.join(found)}; name one instead of 'auto'")
    known = "; ".join(f"{name}: {layout.expects}" for name, layout in layouts.items())
    raise DataError(f"{source}: no known layout ({known}); name one or give the right folder")
