"""Корпус `ru-nsh`: русский мужской голос из пакета Debian `festvox-ru`, 620 клипов, 16 кГц."""

from __future__ import annotations

import re
from pathlib import Path

from tts_framework.components import CorpusRequest, Recording
from tts_framework.errors import DataError
from tts_framework.speech.corpora.archive import unpack
from tts_framework.speech.corpora.debian import fetch_package, package_files, require
from tts_framework.speech.corpora.download import cache_folder, download
from tts_framework.speech.corpora.folder import CorpusFolder
from tts_framework.speech.corpora.options import CorpusOptions

PACKAGE = "festvox-ru"
SPEAKER = "nsh"
FILES = 2 * 620 + 2
_VOICE = r"\./usr/share/festival/voices/russian/msu_ru_nsh_clunits"
_MEMBERS = (
    re.compile(rf"{_VOICE}/(?:wav|lab)/(ru_\d+\.(?:wav|lab))"),
    re.compile(rf"{_VOICE}/etc/(txt\.done\.data)"),
    re.compile(r"\./usr/share/doc/festvox-ru/(copyright)"),
)
_UTTERANCE = re.compile(r'\( (ru_\d+) "(.*)" \)')


def fetch(config: CorpusOptions, request: CorpusRequest) -> None:
    """Получи пакет (или `.deb` по `--url`), разложи записи, тексты, метки фонов и лицензию."""
    folder = CorpusFolder("ru-nsh", config, request)
    if folder.is_whole():
        return
    with folder.filling() as incoming:
        deb = _package(request)
        with package_files(deb) as stream:
            unpack(
                deb,
                stream,
                "r|",
                incoming,
                _wanted,
                lambda done: request.progress(done, FILES, "unpack"),
            )
        folder.publish(_recordings(incoming), licence=_read(incoming / "copyright"))


def _package(request: CorpusRequest) -> Path:
    require("dpkg-deb")
    if request.url is None:
        return fetch_package(PACKAGE, cache_folder(), request.progress)
    return download(
        request.url,
        cache_folder() / "by-url" / request.url.split("?")[0].rpartition("/")[2],
        progress=request.progress,
    )


def _wanted(name: str) -> str | None:
    for pattern in _MEMBERS:
        if found := pattern.fullmatch(name):
            return found[1]
    return None


def _recordings(incoming: Path) -> list[Recording]:
    recordings = []
    for number, line in enumerate(_read(incoming / "txt.done.data").splitlines(), start=1):
        utterance = _UTTERANCE.fullmatch(line.strip())
        if utterance is None:
            raise DataError(f"{PACKAGE}: txt.done.data:{number}: unexpected line {line!r}")
        id, text = utterance.groups()
        label = incoming / f"{id}.lab"
        recordings.append(
            Recording(id, text, incoming / f"{id}.wav", SPEAKER, label if label.is_file() else None)
        )
    return recordings


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise DataError(
            f"{PACKAGE}: the package has no {path.name}; try another version"
        ) from error
