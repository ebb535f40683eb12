"""Граница корпуса: файл, названный в чужом списке, обязан лежать внутри его папки."""

from __future__ import annotations

import os
from pathlib import Path

from tts_framework.errors import DataError


class Fence:
    """Проверяет пути одной папки; папки, уже пройденные, второй раз не разбирает.

    Сам корень вправе быть ссылкой: пользователь назвал его явно.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.abspath(root)
        self._prefix = f"{root}/"
        self._real_root = os.path.realpath(root)
        self._folders: dict[str, tuple[str, frozenset[str] | None]] = {}

    def check(self, name: str, remedy: str) -> None:
        """Убедись, что `name` (относительно корня) не выводит наружу; сам файл не открывается.

        Raises:
            DataError: путь абсолютный, с `..` наружу или идёт через ссылку; `remedy` — что делать.
        """
        reason = self._reason(name)
        if reason:
            raise DataError(f"{name!r} {reason}; {remedy}")

    def check_inside(self, path: Path, remedy: str) -> None:
        """То же для полного пути: он должен лежать под корнем.

        Raises:
            DataError: файл снаружи.
        """
        name = str(path)
        if name.startswith(self._prefix):
            self.check(name[len(self._prefix) :], remedy)
            return
        absolute = os.path.abspath(name)
        if not _under(self._root, absolute):
            raise DataError(f"{name!r} lies outside of {self._root}; {remedy}")
        self.check(os.path.relpath(absolute, self._root), remedy)

    def _reason(self, name: str) -> str:
        if os.path.isabs(name):
            return "is an absolute path"
        if ".." in name and not _under(self._root, os.path.normpath(f"{self._root}/{name}")):
            return "climbs out of the folder with '..'"
        folder, _, file = name.rpartition("/")
        real, links = self._folders.get(folder) or self._opened(folder)
        if file in ("", ".", "..") or links is None or file in links:
            real = os.path.realpath(f"{real}/{file}")
        if not _under(self._real_root, real):
            return f"leads out through a symbolic link to {real}"
        return ""

    def _opened(self, folder: str) -> tuple[str, frozenset[str] | None]:
        """Запомни настоящее место папки и ссылки в ней (None — прочитать её нельзя)."""
        real = os.path.realpath(f"{self._root}/{folder}")
        links: frozenset[str] | None = None
        try:
            with os.scandir(real) as entries:
                links = frozenset(entry.name for entry in entries if entry.is_symlink())
        except FileNotFoundError:
            links = frozenset()
        except OSError:
            pass
        self._folders[folder] = real, links
        return real, links


def _under(root: str, path: str) -> bool:
    return path.startswith(root) and (len(path) == len(root) or path[len(root.rstrip("/"))] == "/")
