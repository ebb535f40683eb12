"""Источники корпусов без сети: свой HTTP-сервер и свой репозиторий пакетов."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

MakePackage = Callable[[dict[str, bytes]], Path]


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Держи скачанное в папке теста; верни папку кэша ttsf."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))
    return tmp_path / "cache-home" / "ttsf"


def tar_bytes(files: dict[str, bytes], mode: str = "w:bz2") -> bytes:
    """Собери архив из имён и содержимого."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def make_tar() -> Callable[..., bytes]:
    """Верни сборщик архивов."""
    return tar_bytes


@pytest.fixture
def make_package(tmp_path: Path) -> MakePackage:
    """Верни сборщик пакетов `festvox-ru` из имён и содержимого (настоящий dpkg-deb)."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")

    def make(files: dict[str, bytes]) -> Path:
        root = tmp_path / "package"
        control = "Package: festvox-ru\nVersion: 9.9\nArchitecture: all\n"
        control += "Maintainer: Test <test@example.org>\nDescription: test voice\n"
        for name, content in {"DEBIAN/control": control.encode(), **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        deb = tmp_path / "repository" / "festvox-ru_9.9_all.deb"
        deb.parent.mkdir(exist_ok=True)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-b", str(root), str(deb)],
            check=True,
            capture_output=True,
        )
        _index(deb, control)
        return deb

    return make


def _index(deb: Path, control: str) -> None:
    fields = {
        "Filename": f"./{deb.name}",
        "Size": str(deb.stat().st_size),
        "SHA256": hashlib.sha256(deb.read_bytes()).hexdigest(),
    }
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items())
    deb.with_name("Packages").write_text(control + lines + "\n")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Укажи настоящему apt-get на репозиторий в папке; его списков пакетов ещё нет."""
    if shutil.which("apt-get") is None:
        pytest.skip("apt-get is not installed")
    folder = tmp_path / "repository"
    state, config = tmp_path / "apt-state", tmp_path / "apt.conf"
    (state / "lists" / "partial").mkdir(parents=True)
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] copy:{folder} ./\n")
    settings = {
        "Dir::State": state,
        "Dir::Cache": tmp_path / "apt-cache",
        "Dir::Etc::SourceList": tmp_path / "sources.list",
        "Dir::Etc::SourceParts": "-",
    }
    config.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    monkeypatch.setenv("APT_CONFIG", str(config))
    return folder
