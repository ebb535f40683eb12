"""Имена клипов: безопасный ASCII из имени записи, одно и то же при каждом запуске."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterable, Mapping

LENGTH = 60
_RUSSIAN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".split(),
    )
) | {"ъ": "", "ь": ""}
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def slugs(names: Iterable[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Дай каждой записи начало id; `taken` — данные раньше, они не меняются.

    Хэш имени добавляется, когда буквы имени заменены или начало уже занято.
    """
    found = {name: taken[name] for name in names if name in taken}
    used = {slug.lower() for slug in taken.values()}
    for name in names:
        if name not in found:
            slug, faithful = _slug(name)
            if not faithful or slug.lower() in used:
                slug = f"{slug}_{_hash(name)}".lstrip("_")
            found[name] = slug
            used.add(slug.lower())
    return found


def printable(name: str, slug: str) -> str:
    """Верни имя записи для таблицы; `slug`, если в таблицу оно не помещается."""
    plain = name.isprintable() and "|" not in name and name == name.strip()
    return name if plain else slug


def _slug(name: str) -> tuple[str, bool]:
    stem = posixpath.splitext(name)[0]
    letters = "".join(_letter(letter) for letter in stem)
    slug = _UNSAFE.sub("_", letters).strip("_-")[:LENGTH].rstrip("_-")
    return slug, slug == stem


def _letter(letter: str) -> str:
    latin = _RUSSIAN.get(letter.lower())
    if latin is None:
        return letter
    return latin if letter.islower() else latin.capitalize()


def _hash(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:6]
