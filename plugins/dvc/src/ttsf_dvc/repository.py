"""Репозиторий DVC как хранилище версий.

Содержимое — обычные объекты кэша DVC (`files/md5/..`), версия — отслеживаемая папка
`<folder>/<имя>-<id>.dvc`: её можно достать и без ttsf, командой `dvc pull`. Внутри неё лежит
описание версии с sha256 каждого файла. Видимой её делает запись `<имя>-<id>.json`, последняя.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.errors import DataError, TTSFError
from tts_framework.speech.results import Results

MANIFEST = ".ttsf-version.json"
"""Описание версии внутри её папки."""

_MD5 = re.compile(r"[0-9a-f]{32}")
_TRACKED = "outs:\n- md5: {tree}\n  size: {size}\n  nfiles: {count}\n  hash: md5\n  path: {name}\n"
_LOCK_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


class Repository:
    """Кэш, папка версий и удалённое хранилище одного репозитория."""

    def __init__(self, inside: Path, folder: str, remote: str | None, push: bool) -> None:
        self._inside, self._remote, self._push = inside, remote, push
        self.folder = self.root / folder
        self._lock = threading.Lock()
        self._opened: dict[str, str] = {}

    @cached_property
    def _repo(self) -> Any:
        from dvc.exceptions import NotDvcRepoError
        from dvc.repo import Repo

        logging.getLogger("dvc").setLevel(logging.ERROR)
        try:
            return Repo(str(self._inside))
        except NotDvcRepoError as error:
            raise TTSFError(
                f"repository {self._inside}: is not inside a DVC repository; run 'dvc init'"
                " (outside Git: 'dvc init --no-scm')"
            ) from error

    @cached_property
    def root(self) -> Path:
        """Верни корень репозитория; список версий читается и без импорта DVC.

        Raises:
            TTSFError: репозитория здесь нет.
        """
        inside = self._inside.resolve()
        for folder in (inside, *inside.parents):
            if (folder / ".dvc" / "config").is_file():
                return folder
        return Path(self._repo.root_dir)

    @property
    def scratch(self) -> Path:
        """Верни папку временных файлов репозитория."""
        return Path(self._repo.tmp_dir) / "ttsf"

    @cached_property
    def _cache(self) -> Any:
        return self._repo.cache.local

    @cached_property
    def _journal(self) -> Results:
        """sha256 -> md5 всего, что клали в кэш отсюда."""
        return Results(self.scratch / "objects.jsonl", {"cache": self._cache.path})

    # --- содержимое ---------------------------------------------------------------------------

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Верни sha256, которых в кэше нет или чей размер другой."""
        return {digest for digest, size in sizes.items() if self._size(digest) != size}

    def put(self, digest: str, staged: Path) -> None:
        """Положи содержимое в кэш одним переименованием."""
        with open(staged, "rb") as file:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        place = self._place(md5)
        self._cache.makedirs(str(place.parent))
        try:
            os.replace(staged, place)
        except OSError:  # кэш на другом диске
            with files.replacing(place) as temporary:
                shutil.copyfile(staged, temporary)
        self._cache.protect(str(place))
        with self._lock:
            self._journal.add(digest, md5)

    def get(self, digest: str, path: Path) -> None:
        """Скопируй содержимое в новый файл.

        Raises:
            DataError: его в кэше нет.
        """
        md5 = self._md5(digest)
        try:
            if md5 is None:
                raise FileNotFoundError
            with open(self._place(md5), "rb") as source, open(path, "xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except FileNotFoundError as error:
            raise DataError(f"sha256 {digest[:12]} is not in the DVC cache") from error

    def _md5(self, digest: str) -> str | None:
        md5 = self._opened.get(digest) or self._journal.values.get(digest)
        return md5 if isinstance(md5, str) and _MD5.fullmatch(md5) else None

    def _place(self, md5: str) -> Path:
        return Path(self._cache.oid_to_path(md5))

    def _size(self, digest: str) -> int | None:
        md5 = self._md5(digest)
        try:
            return None if md5 is None else self._place(md5).stat().st_size
        except OSError:
            return None

    # --- версии -------------------------------------------------------------------------------

    def publish(self, record: bytes, manifest: bytes) -> None:
        """Собери папку версии из объектов кэша, отправь её и сделай видимой."""
        values, document = json.loads(record), json.loads(manifest)
        name, id = f"{values['name']}-{values['id'][:12]}", values["id"]
        contents = {path: (digest, size) for path, digest, size in document["files"]}
        if any(self._md5(digest) is None for digest, _ in contents.values()):
            self.open(id)  # такую версию уже опубликовал под другим именем другой клон
        contents[MANIFEST] = (id, len(manifest))
        tree = self._tree(contents)
        size = sum(size for _, size in contents.values())
        text = _TRACKED.format(tree=tree, size=size, count=len(contents), name=name)
        tracked = self.folder / f"{name}.dvc"
        self.folder.mkdir(exist_ok=True)
        files.write_text(self.folder / ".gitignore", "/*/\n")
        files.write_text(tracked, text)
        if self._push and self._has_remote:
            md5s = {md5 for digest, _ in contents.values() if (md5 := self._md5(digest))}
            self._asked(lambda: self._exchange(md5s, send=True))
            self._asked(lambda: self._exchange([tree], send=True))  # список — последним
        files.write_bytes(self.folder / f"{name}.json", record + b"\n")

    def records(self) -> list[bytes]:
        """Верни записи; исчезнувшая по пути пропускается."""
        found: list[bytes] = []
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError):
                found.append(path.read_bytes())
        return found

    def open(self, id: str) -> None:
        """Узнай md5 содержимого версии, докачав недостающее.

        Raises:
            DataError: файла `.dvc` нет или он не читается; TTSFError: хранилище недоступно.
        """
        tree = self._tracked(id)
        if self._has_remote:
            self._fetch(tree)
        entries = self._entries(tree, id)
        described = entries.pop(MANIFEST, "")
        try:
            document = json.loads(self._place(described).read_bytes())
            pairs = {str(path): str(digest) for path, digest, _ in document["files"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"version {id[:12]}: its manifest is not in the DVC cache; 'dvc fetch' it or save"
                " the version again"
            ) from error
        known = {digest: entries[path] for path, digest in pairs.items() if path in entries}
        self._opened |= {id: described, **known}

    def _tracked(self, id: str) -> str:
        """Верни имя списка версии из её файла `.dvc`; правленому файлу не верь."""
        for tracked in sorted(self.folder.glob(f"*-{id[:12]}.dvc")):
            text = tracked.read_text("utf-8", "replace")
            pattern = _TRACKED.format(
                tree=r"([0-9a-f]{32}\.dir)", size=r"\d+", count=r"\d+", name=re.escape(tracked.stem)
            )
            if found := re.fullmatch(pattern, text):
                return found[1]
            raise DataError(f"{tracked}: is not the file that was saved; restore it from Git")
        raise DataError(f"version {id[:12]}: its .dvc file is missing from {self.folder}")

    def _tree(self, contents: Mapping[str, tuple[str, int]]) -> str:
        """Запиши в кэш список папки версии и верни его имя (`<md5>.dir`)."""
        from dvc_data.hashfile.hash_info import HashInfo
        from dvc_data.hashfile.meta import Meta
        from dvc_data.hashfile.tree import Tree

        tree = Tree()
        for path, (digest, size) in contents.items():
            md5 = self._md5(digest)
            if md5 is None:
                raise DataError(f"{path}: is not in the DVC cache; save the version again")
            tree.add(tuple(path.split("/")), Meta(size=size), HashInfo("md5", md5))
        tree.digest()
        self._cache.add(tree.path, tree.fs, tree.oid)
        return str(tree.oid)

    def _entries(self, tree: str, id: str) -> dict[str, str]:
        """Верни md5 файлов папки версии по их путям."""
        try:
            listed = json.loads(self._place(tree).read_bytes())
            entries = {str(item["relpath"]): str(item["md5"]) for item in listed}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"version {id[:12]}: its list is not in the DVC cache; check the remote of"
                f" {self.root}"
            ) from error
        return {path: md5 for path, md5 in entries.items() if _MD5.fullmatch(md5)}

    def _exchange(self, md5s: Collection[str], *, send: bool) -> None:
        """Отправь или докачай объекты, спросив о каждом само хранилище.

        `dvc push` и `dvc fetch` верят своему индексу: передачу, убитую посередине, они считают
        законченной, и недостающее не попало бы на место никогда.
        """
        if not md5s:
            return
        from dvc.exceptions import DvcException
        from dvc_data.hashfile.hash_info import HashInfo
        from dvc_data.hashfile.transfer import transfer

        remote = self._repo.cloud.get_remote_odb(name=self._remote, command="push")
        ends = (self._cache, remote) if send else (remote, self._cache)
        done = transfer(*ends, {HashInfo("md5", md5) for md5 in md5s})
        if done.failed:
            raise DvcException(f"{len(done.failed)} objects did not get to {ends[1].path}")

    def _fetch(self, tree: str) -> None:
        """Докачай список папки версии, потом недостающие файлы."""
        if not self._place(tree).is_file():
            self._asked(lambda: self._exchange([tree], send=False))
        with suppress(DataError):  # без списка нечего качать: об этом скажет чтение
            md5s = set(self._entries(tree, "").values())
            lost = [md5 for md5 in md5s if not self._place(md5).is_file()]
            self._asked(lambda: self._exchange(lost, send=False))

    @property
    def _has_remote(self) -> bool:
        return bool(self._remote or self._repo.config["core"].get("remote"))

    def _asked(self, call: Callable[[], object]) -> None:
        """Выполни команду DVC; занятый репозиторий подожди.

        Raises:
            TTSFError: DVC не смог.
        """
        from dvc.exceptions import DvcException
        from dvc.lock import LockError

        for pause in (*_LOCK_PAUSES, None):
            try:
                call()
                return
            except LockError as error:
                if pause is None:
                    raise TTSFError(f"dvc: {self.root} is busy: {error}; run again") from error
                time.sleep(pause)
            except (DvcException, OSError) as error:
                if files.is_full(error) and isinstance(error, OSError):
                    raise
                reason = " ".join(str(error).split())[:200]
                raise TTSFError(
                    f"dvc: {reason}; what is done is kept, run the same command again to continue"
                ) from error
