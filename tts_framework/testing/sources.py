"""Что импортирует исходный текст плагина."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

PRIVATE = ("builtin", "cli", "config", "plan", "smart_tuner")
_ALLOWED = {"tts_framework", "pluggy", "pydantic", "pydantic_core", "annotated_types"}


def foreign(loaded: str, module: str, allowed: Collection[str]) -> list[str]:
    """Назови сторонние пакеты среди загруженных (`loaded` — JSON-список верхних имён)."""
    own = {module.partition(".")[0], *allowed, *_ALLOWED}
    names = set(json.loads(loaded.splitlines()[-1]))
    return sorted(n for n in names - own - sys.stdlib_module_names if not n.startswith("_"))


def private_imports(module: str) -> list[str]:
    """Назови непубличные модули фреймворка, которые импортирует пакет плагина."""
    return sorted({name for path in _files(module) for name in _imported(path) if _private(name)})


def _private(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "tts_framework" and len(parts) > 1 and parts[1] in PRIVATE


def _files(module: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(module.partition(".")[0])
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(folder).rglob("*.py"))
    if spec and spec.origin and not spec.submodule_search_locations:
        yield Path(spec.origin)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
