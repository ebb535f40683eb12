"""Чистое окружение: в нём ровно то, что объявлено зависимостями, и ни одного плагина.

Сторонние пакеты не скачиваются заново, а приходят ссылками из нынешнего окружения — только те, что
входят в замыкание объявленных зависимостей; наши пакеты ставит pip из колёс. `pip check` в конце
подтверждает, что объявленного хватает.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


class Environment:
    """Виртуальное окружение в своей папке."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=True, symlinks=True)
        self.folder = folder
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.packages = folder / "lib" / version / "site-packages"

    def link(self, *names: str) -> None:
        """Дай пакеты и всё, чего они требуют."""
        for found in closure(names):
            for top in sorted({file.parts[0] for file in found.files or ()}):
                target, source = self.packages / top, Path(str(found.locate_file(top)))
                if top not in ("..", "__pycache__") and source.exists() and not target.exists():
                    target.symlink_to(source)

    def run(self, command: list[str], cwd: Path) -> tuple[int, str]:
        """Выполни программу этого окружения."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            env={**clean, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
        )
        return done.returncode, done.stdout


def closure(names: tuple[str, ...]) -> list[Distribution]:
    """Найди пакеты и всё, чего они требуют на этой машине (без дополнений)."""
    found: dict[str, Distribution] = {}
    rest = [Requirement(name) for name in names]
    while rest:
        need = rest.pop()
        key = re.sub(r"[-_.]+", "-", need.name).lower()
        if key in found:
            continue
        try:
            found[key] = distribution(need.name)
        except PackageNotFoundError:  # маркер другой системы уже отброшен: значит, не нужен
            continue
        for text in found[key].requires or ():
            more = Requirement(text)
            extras = need.extras or {""}
            if more.marker is None or any(more.marker.evaluate({"extra": e}) for e in extras):
                rest.append(more)
    return list(found.values())
