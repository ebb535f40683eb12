"""Проект плагина, установленный без pip: метаданные написаны рядом, путь — в PYTHONPATH."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


class Site:
    """Папка вместо site-packages: что в неё установлено, видят дочерние процессы."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._sources = [folder]

    def install(self, project: Path) -> None:
        """Поставь проект так, как это сделал бы `pip install -e`."""
        about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
        name, version = about["name"], about["version"]
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {need}" for need in about["dependencies"]]
        readme = (project / "README.md").read_text() if (project / "README.md").exists() else ""
        (info / "METADATA").write_text("\n".join(lines) + f"\n\n{readme}")
        points = about["entry-points"]["ttsf"]
        text = "".join(f"{key} = {value}\n" for key, value in points.items())
        (info / "entry_points.txt").write_text(f"[ttsf]\n{text}")
        self._sources = [*dict.fromkeys([*self._sources, project / "src"])]

    def run(
        self, *command: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Выполни `ttsf ...` (или другой модуль Python) с этой папкой; `python -m` добавится."""
        paths = [str(path) for path in self._sources]
        paths += filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(paths),
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.run(
            [sys.executable, "-m", *map(str, command)],
            env=environment,
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            timeout=240,
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Пустая папка для установки."""
    return Site(tmp_path / "site")
