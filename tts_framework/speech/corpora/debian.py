"""Пакеты Debian и Ubuntu без прав root: `apt-get download` и `dpkg-deb`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tts_framework.errors import DataError

POLL_SECONDS = 0.2
NETWORK = ("-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30")
WITHOUT_APT = "use a Debian or Ubuntu machine, or 'ttsf data get synthetic'"


def require(tool: str) -> str:
    """Верни путь к программе или объясни, чем её заменить."""
    path = shutil.which(tool)
    if path is None:
        raise DataError(f"{tool}: not found on this machine; {WITHOUT_APT}")
    return path


def fetch_package(package: str, cache: Path, progress: Callable[[int, int, str], None]) -> Path:
    """Верни .deb из `cache`, скачав его при первом вызове; подлинность проверяет сам apt.

    Нет списков пакетов — они берутся во временную папку: системные без root не обновить.

    Raises:
        DataError: нет apt-get, сети или такого пакета.
    """
    ready = sorted(cache.glob(f"{package}_*.deb"))
    if ready:
        return ready[-1]
    require("apt-get")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=cache) as name:
        folder = Path(name)
        options, file, total = _locate(package, folder)
        _run_with_progress(
            ["apt-get", *options, "download", package],
            folder,
            lambda: progress(_size(folder / file), total, "download"),
        )
        return (folder / file).replace(cache / file)


def _locate(package: str, folder: Path) -> tuple[list[str], str, int]:
    """Найди пакет: настройки apt, с которыми он виден, имя файла и размер."""
    options = list(NETWORK)
    answer = _run(["apt-get", *options, "--print-uris", "download", package], folder)
    if answer.returncode:
        lists = folder / "lists"
        (lists / "partial").mkdir(parents=True)
        options += ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={folder / 'cache'}"]
        _checked(_run(["apt-get", *options, "update"], folder), "apt-get update")
        answer = _run(["apt-get", *options, "--print-uris", "download", package], folder)
    found = re.search(r"^'[^']+' (\S+\.deb) (\d+)", _checked(answer, package), re.M)
    if found is None or "/" in found[1]:
        raise DataError(f"{package}: apt-get names no package file; {WITHOUT_APT}")
    return options, found[1], int(found[2])


@contextmanager
def package_files(deb: Path) -> Iterator[IO[bytes]]:
    """Дай содержимое пакета потоком tar.

    Raises:
        DataError: нет dpkg-deb или пакет повреждён.
    """
    with subprocess.Popen(
        [require("dpkg-deb"), "--fsys-tarfile", str(deb)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            yield process.stdout
            while process.stdout.read(2**20):
                pass
        except BaseException:
            process.kill()
            raise
        complaint = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise DataError(f"{deb}: {complaint or 'dpkg-deb failed'}; remove it and run again")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )


def _checked(answer: subprocess.CompletedProcess[str], what: str) -> str:
    if answer.returncode:
        raise DataError(f"{what}: {_complaint(answer.stderr)}; check the network, or {WITHOUT_APT}")
    return answer.stdout


def _run_with_progress(command: list[str], folder: Path, report: Callable[[], None]) -> None:
    with subprocess.Popen(
        command, cwd=folder, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            while process.poll() is None:
                report()
                time.sleep(POLL_SECONDS)
        except BaseException:
            process.terminate()
            raise
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise DataError(
            f"{' '.join(command[-2:])}: {_complaint(complaint)};"
            f" check the network, or {WITHOUT_APT}"
        )
    report()


def _complaint(stderr: str) -> str:
    errors = [line[3:] for line in stderr.splitlines() if line.startswith("E: ")]
    return "; ".join(errors) or stderr.strip() or "apt-get failed"


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
