"""docs/licenses.md из метаданных установленных пакетов: `python tools/licenses.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licenses.md"
SOURCES = {
    "ядро": ("tts-framework", ""),
    "tacotron2": ("ttsf-tacotron2", ""),
    "hifigan": ("ttsf-hifigan", ""),
    "optuna_engine": ("ttsf-optuna-engine", ""),
    "optuna_engine[dashboard]": ("ttsf-optuna-engine", "dashboard"),
    "optuna_engine[gp,qmc,wilcoxon,cmaes]": ("ttsf-optuna-engine", "cmaes,gp,qmc,wilcoxon"),
    "cmaes_engine": ("ttsf-cmaes-engine", ""),
    "fastspeech2": ("ttsf-fastspeech2", ""),
    "tacotron2[onnx], hifigan[onnx]": ("ttsf-tacotron2", "onnx"),
    "slack_alerts": ("ttsf-slack-alerts", ""),
    "apprise_alerts": ("ttsf-apprise-alerts", ""),
    "russian": ("ttsf-russian", ""),
    "silero_vad": ("ttsf-silero-vad", ""),
    "whisper": ("ttsf-whisper", ""),
    "whisper[tiny-en]": ("ttsf-whisper", "tiny-en"),
    "pocketsphinx": ("ttsf-pocketsphinx", ""),
    "espeak": ("ttsf-espeak", ""),
    "dvc": ("ttsf-dvc", ""),
    "[synthetic]": ("tts-framework", "synthetic"),
    "[ffmpeg]": ("tts-framework", "ffmpeg"),
    "[evaluate]": ("tts-framework", "evaluate"),
    "[dnsmos]": ("tts-framework", "dnsmos"),
    "[dev]": ("tts-framework", "dev"),
}
BUILD = ("editables", "hatchling", "pip")
"""Что `./install.sh setup` ставит раньше пакетов проекта."""
OWN = {name for name, _ in SOURCES.values()}


def page() -> str:
    """Верни текст страницы."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "<!-- Создано tools/licenses.py из метаданных пакетов. -->\n"
    yield "# Лицензии\n"
    yield "Код проекта — Apache-2.0. Ниже — всё, что ставит `./install.sh setup --dev`, по"
    yield "версиям из `constraints.txt`, и чем оно принесено. `espeakng-loader` несёт в себе"
    yield "espeak-ng под GPL-3.0: он нужен корпусу `synthetic` (extra) и плагину `espeak`;"
    yield "`imageio-ffmpeg` (extra `ffmpeg`) — программу ffmpeg под GPL-3.0."
    yield "\n| пакет | лицензия | кому нужен |\n|---|---|---|"
    needed: dict[str, list[str]] = {}
    for title, (name, extra) in SOURCES.items():
        for package in sorted(_closure(name, extra)):
            needed.setdefault(package, []).append(title)
    for tool in BUILD:
        for package in (tool, *sorted(_closure(tool, ""))):
            needed.setdefault(package, []).append("install.sh")
    for package, titles in sorted(needed.items()):
        yield f"| {package} | {_licence(package)} | {titles[0]} |"


def _closure(name: str, extra: str) -> set[str]:
    """Верни имена всех зависимостей, прямых и дальних."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, frozenset(filter(None, extra.split(","))))]
    while waiting:
        owner, extras = waiting.pop()
        for line in distribution(owner).requires or []:
            requirement = Requirement(line)
            package = str(canonicalize_name(requirement.name))
            needed = (package, frozenset(requirement.extras))
            if needed in seen or package in OWN or not _wanted(requirement, extras):
                continue
            try:
                distribution(package)
            except PackageNotFoundError:
                continue  # не для этой системы
            seen.add(needed)
            waiting.append(needed)
    return {package for package, _ in seen}


def _wanted(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    if marker is None:
        return True
    return any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def _licence(package: str) -> str:
    """Назови лицензию: выражение SPDX, классификаторы, поле License, начало файла лицензии."""
    found = metadata(package)
    classifiers = [c.split(" :: ")[-1] for c in _all(found, "Classifier") if "License ::" in c]
    named = [name for name in classifiers if name != "OSI Approved"]
    candidates = [*_all(found, "License-Expression"), ", ".join(named), *_all(found, "License")]
    text = next(filter(None, [*candidates, *_file_titles(package)]), "см. пакет")
    return re.sub(r"\s+", " ", text.splitlines()[0]).strip()[:80]


def _all(found: PackageMetadata, key: str) -> list[str]:
    return found.get_all(key) or []


def _file_titles(package: str) -> Iterator[str]:
    for path in distribution(package).files or []:
        inside = any(part.endswith(".dist-info") for part in path.parts)
        if inside and path.name.upper().startswith(("LICENSE", "COPYING")):
            text = Path(str(path.locate())).read_text(errors="replace").strip()
            yield "MIT" if "Permission is hereby granted, free of charge" in text else text


if __name__ == "__main__":
    PAGE.write_text(page())
