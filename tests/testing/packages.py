"""Пакеты, в которых лежат образцы: модуль с хуком на каждый класс и метаданные без pip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tts_framework.testing import contract

RANGE = "tts-framework>=0.1,<1"
_FRONT = '''"""{name}."""

from tts_framework.hookspecs import hookimpl

ttsf_api = "1.0"


@hookimpl
def ttsf_{kind}():
    from ttsf_kit_cases.{module} import {cls}

    return {cls}
'''


def front(name: str, kind: str, module: str, cls: str) -> str:
    """Верни текст модуля с хуком, который отдаёт класс образцов."""
    return _FRONT.format(name=name, kind=kind, module=module, cls=cls)


def write(
    folder: Path, name: str, fronts: Mapping[str, str], readme: str = "", *requires: str
) -> None:
    """Поставь пакет: `fronts` — тексты модулей по именам плагинов."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0"]
    lines += [f"Requires-Dist: {need}" for need in requires]
    (info / "METADATA").write_text("\n".join(lines) + f"\n\n{readme}", encoding="utf-8")
    points = "".join(f"{plugin} = front_{plugin}\n" for plugin in fronts)
    (info / "entry_points.txt").write_text(f"[ttsf]\n{points}", encoding="utf-8")
    for plugin, text in fronts.items():
        (folder / f"front_{plugin}.py").write_text(text, encoding="utf-8")


@contextmanager
def visible(*folders: Path) -> Iterator[None]:
    """Покажи пакеты этому процессу и дочерним; после — забудь."""
    with pytest.MonkeyPatch.context() as patch:
        for folder in folders:
            patch.syspath_prepend(str(folder))
            patch.setenv("PYTHONPATH", str(folder), prepend=":")
        contract.installed.cache_clear()
        yield
    contract.installed.cache_clear()
