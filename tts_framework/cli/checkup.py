"""Осмотр машины для `ttsf doctor`: каждая находка — состояние, значение и совет."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tts_framework.config import Settings
from tts_framework.errors import PluginError, TTSFError
from tts_framework.plugins import PluginInfo, Plugins
from tts_framework.speech import ffmpeg

OK, WARN, FAIL = "ok", "warn", "fail"
GB = 1e9
PORTS = {"TensorBoard": 6006, "MLflow": 5000, "Optuna dashboard": 8080}
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """Одна находка: `fail` — без этого ничего не заработает, `warn` — не заработает часть."""

    state: str
    name: str
    found: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Осмотри всё по порядку: от интерпретатора до сервера MLflow."""
    yield _python()
    yield from _torch()
    yield _memory()
    yield _disk(Settings().output)
    infos = Plugins().infos()
    yield from _packages(sorted({info.distribution for info in infos}))
    yield _plugins(infos)
    yield from _programs()
    yield from (_port(name, port) for name, port in PORTS.items())
    yield _mlflow()


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding(FAIL, "python", found, "install Python 3.11 or newer")
    return Finding(OK, "python", found)


def _torch() -> Iterator[Finding]:
    try:
        import torch
    except ImportError as error:
        advice = "install a model plugin, such as: pip install ttsf-tacotron2"
        yield Finding(FAIL, "torch", str(error), advice)
        return
    yield Finding(OK, "torch", torch.__version__)
    cores = f"{os.cpu_count()} cores, {torch.get_num_threads()} torch threads"
    if not torch.cuda.is_available():
        advice = "training runs on the CPU; install a CUDA build of torch if there is a GPU"
        yield Finding(WARN, "device", f"no GPU; {cores}", advice)
        return
    for index in range(torch.cuda.device_count()):
        gpu = torch.cuda.get_device_properties(index)
        bf16 = "bf16" if torch.cuda.is_bf16_supported() else "no bf16"
        yield Finding(OK, f"cuda:{index}", f"{gpu.name}, {gpu.total_memory / GB:.0f} GB, {bf16}")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    found = f"{memory.available / GB:.1f} GB free of {memory.total / GB:.1f} GB"
    if memory.available < 4 * GB:
        return Finding(WARN, "memory", found, "lower trainer.batch_size or use a smaller preset")
    return Finding(OK, "memory", found)


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / GB:.1f} GB free"
    if not os.access(existing, os.W_OK):
        return Finding(FAIL, "disk", f"{existing} is read-only", "run from a folder you own")
    if free < 1 * GB:
        return Finding(FAIL, "disk", found, "free at least 1 GB; checkpoints go to 'output'")
    if free < 10 * GB:
        return Finding(WARN, "disk", found, "set tuner.disk_budget_gb, or free 10 GB")
    return Finding(OK, "disk", found)


def _packages(distributions: list[str]) -> Iterator[Finding]:
    for name in distributions:
        missing = [needed for needed in _requirements(name) if not _version(needed)]
        if missing:
            advice = f"run: pip install {' '.join(missing)}"
            yield Finding(FAIL, name, f"needs {', '.join(missing)}", advice)
        else:
            yield Finding(OK, name, _version(name) or "?")


def _requirements(name: str) -> list[str]:
    """Верни имена обязательных зависимостей (без extras)."""
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return [name]
    return [re.split(r"[^\w.-]", line)[0] for line in lines if "extra ==" not in line]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _plugins(infos: list[PluginInfo]) -> Finding:
    plugins, broken = Plugins(), []
    for info in infos:
        for kind in info.kinds:
            try:
                plugins.get(kind, info.name)
            except PluginError as error:
                broken.append(str(error))
    if broken:
        return Finding(FAIL, "plugins", "\n".join(broken), "reinstall or uninstall these packages")
    return Finding(OK, "plugins", f"{len(infos)} installed, all import")


def _programs() -> Iterator[Finding]:
    found = [name for name in ("apt-get", "dpkg-deb") if shutil.which(name)]
    if len(found) == 2:
        yield Finding(OK, "apt-get, dpkg-deb", "found")
    else:
        advice = "'ttsf data get ru-nsh' needs both; 'ttsf data get synthetic' needs neither"
        yield Finding(WARN, "apt-get, dpkg-deb", ", ".join(found) or "not found", advice)
    espeak = _version("espeakng-loader")
    if espeak:
        yield Finding(OK, "espeakng-loader", espeak)
    else:
        advice = "'ttsf data get synthetic' needs it: pip install 'tts-framework[synthetic]'"
        yield Finding(WARN, "espeakng-loader", "not installed", advice)
    program = ffmpeg.program()
    advice = "" if program else f"only needed for M4A, WMA and video: {ffmpeg.ADVICE}"
    yield Finding(OK if program else WARN, "ffmpeg", program or "not found", advice)


def _port(name: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            advice = "'./install.sh monitor' will take the next free one"
            return Finding(WARN, f"port {port}", f"busy ({name})", advice)
    return Finding(OK, f"port {port}", f"free ({name})")


def _mlflow() -> Finding:
    address = os.environ.get("MLFLOW_TRACKING_URI")
    if not address:
        return Finding(OK, "mlflow", "local store mlruns/mlflow.db")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Finding(OK, "mlflow", f"store of kind {parts.scheme or 'file'}")
    where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    try:
        _connect(parts.hostname, int(where.rpartition(":")[2]))
    except TTSFError as error:
        advice = "start the server or unset MLFLOW_TRACKING_URI; metrics wait in the run's folder"
        return Finding(WARN, "mlflow", f"{where}: {error}", advice)
    return Finding(OK, "mlflow", f"{where} answers")


def _connect(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError as error:
        raise TTSFError(error.strerror or str(error)) from error
