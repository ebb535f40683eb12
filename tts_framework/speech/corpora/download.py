"""Докачиваемая загрузка по HTTP с проверкой длины и sha256."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path

from tts_framework.errors import DataError, DiskFull
from tts_framework.speech.disk import explained

ATTEMPTS = 6
TIMEOUT_SECONDS = 60.0
PIECE = 2**18
PARTIAL_CONTENT = 206
RANGE_NOT_SATISFIABLE = 416
SERVER_ERRORS = 500
INTERRUPTIONS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)


def cache_folder() -> Path:
    """Верни папку скачанных архивов: `$XDG_CACHE_HOME/ttsf` или `~/.cache/ttsf`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ttsf"


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    pause_seconds: float = 1.0,
    attempts: int | None = None,
    max_bytes: int | None = None,
) -> Path:
    """Скачай `url` в `target`; прерванное продолжается с того же байта (`target.part`).

    Готовый файл — уже проверенный, поэтому повторный вызов не обращается к сети. `attempts` —
    сколько раз подряд вправе не ответить адрес; больше `max_bytes` не скачивается.

    Raises:
        DataError: адрес не отвечает, ответ неполон, sha256 не сошлась; DiskFull: нет места.
    """
    if target.is_file():
        return target
    if not url.startswith(("http://", "https://")):
        raise DataError(f"url: {url!r} is not an http(s) address; give a full one")
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _attempts(url, part, progress, pause_seconds, attempts or ATTEMPTS, max_bytes)
        _verify(url, part, sha256)
        part.replace(target)
        _validator(part).unlink(missing_ok=True)
    except OSError as error:
        raise explained(error, target) from error
    return target


def _attempts(
    url: str,
    part: Path,
    progress: Callable[[int, int, str], None],
    pause_seconds: float,
    attempts: int,
    max_bytes: int | None,
) -> None:
    """Повторяй, пока файл не полон; попытки кончаются только без продвижения."""
    failures = 0
    while True:
        before = _size(part)
        try:
            _fetch(url, part, progress, max_bytes)
            return
        except urllib.error.HTTPError as error:
            if error.code < SERVER_ERRORS:
                raise DataError(
                    f"url: {_shown(url)} answered {error.code} {error.reason}; check the address"
                ) from error
            reason: Exception = error
        except INTERRUPTIONS as error:
            reason = error
        failures = 1 if _size(part) > before else failures + 1
        if failures >= attempts:
            raise DataError(
                f"url: {_shown(url)} is out of reach ({getattr(reason, 'reason', reason)});"
                " check the network and run again to continue"
            ) from reason
        time.sleep(pause_seconds * 2 ** (failures - 1))


def _fetch(
    url: str, part: Path, progress: Callable[[int, int, str], None], max_bytes: int | None
) -> None:
    """Сделай одну попытку: запроси остаток и допиши его.

    Raises:
        ConnectionError: сервер закрыл соединение раньше обещанного конца;
        DataError: файл больше разрешённого.
    """
    start = _size(part)
    try:
        response = urllib.request.urlopen(_request(url, part, start), timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != RANGE_NOT_SATISFIABLE:
            raise
        part.unlink(missing_ok=True)
        raise ConnectionError("the file on the server is shorter than its part here") from error
    with response:
        if response.status != PARTIAL_CONTENT:
            start = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink()
            raise ConnectionError("the server sent another range than asked")
        total = start + int(response.headers.get("Content-Length") or 0)
        _require_size(url, part, total, max_bytes)
        _require_space(part, total - start)
        _validator(part).write_text(_version(response.headers), "utf-8")
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            done = start
            while piece := response.read(PIECE):
                done += len(piece)
                _require_size(url, part, done, max_bytes)
                file.write(piece)
                progress(done, total, "download")
    if done < total:
        raise ConnectionError(f"connection closed at byte {done} of {total}")


def _request(url: str, part: Path, start: int) -> urllib.request.Request:
    """Попроси остаток, но только той же версии файла (`If-Range`)."""
    headers = {"User-Agent": "ttsf"}
    validator = _validator(part).read_text("utf-8") if _validator(part).is_file() else ""
    if start and validator:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    return urllib.request.Request(url, headers=headers)


def _version(headers: Message) -> str:
    """Верни сильный ETag, а нет его — время изменения: слабый для `If-Range` не годится."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def _validator(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _require_size(url: str, part: Path, size: int, max_bytes: int | None) -> None:
    if max_bytes is not None and size > max_bytes:
        part.unlink(missing_ok=True)
        raise DataError(
            f"url: {_shown(url)} sends {size} bytes, more than the {max_bytes} expected; it was"
            " refused, check the address"
        )


def _require_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DiskFull(
            f"{part.parent}: {needed / 1e6:.0f} MB to download, {free / 1e6:.0f} MB free;"
            " free some or set XDG_CACHE_HOME"
        )


def _verify(url: str, part: Path, sha256: str | None) -> None:
    if sha256 is None:
        return
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.lower():
        part.unlink()
        raise DataError(
            f"url: {_shown(url)} has sha256 {found}, expected {sha256}; the file was removed,"
            " run again or check the address"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _shown(url: str) -> str:
    return url.split("?")[0]
