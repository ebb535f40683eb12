"""Отметка версии в папке корпуса: по ней обучение узнаёт id, а правки видны без хранилища."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.errors import DataError, TTSFError
from tts_framework.speech.corpora import manifest as corpus
from tts_framework.speech.versions import snapshot
from tts_framework.speech.versions.contents import MARK, shown
from tts_framework.speech.versions.manifest import DIGEST, Manifest, parse
from tts_framework.speech.versions.records import SHORT, Record

CURRENT, COMING = ".version.json", ".version-coming.json"
"""Описания версии папки и той, что в неё ещё возвращают."""

DEFAULT = "mlflow"


@dataclass(frozen=True)
class Mark:
    """Какая версия лежит в папке и в каком хранилище она сохранена."""

    id: str
    name: str
    use: str = DEFAULT

    @property
    def short(self) -> str:
        """Верни начало id."""
        return self.id[:SHORT]


def read(folder: Path) -> Mark | None:
    """Верни отметку; испорченная — всё равно что никакой."""
    section: Any = corpus.read(folder).get(MARK)
    if not isinstance(section, dict):
        return None
    id, name, use = (section.get(key) for key in ("id", "name", "use"))
    if not (isinstance(id, str) and DIGEST.fullmatch(id)):
        return None
    return Mark(id, str(name or ""), str(use or DEFAULT))


def write(folder: Path, record: Record, content: bytes, use: str) -> bool:
    """Запиши отметку: описание, потом раздел; False — corpus.json не разобрать, он не тронут."""
    if (folder / corpus.MANIFEST).exists() and not corpus.read(folder):
        return False
    files.write_bytes(folder / CURRENT, content)
    corpus.update(folder, **{MARK: {"id": record.id, "name": record.name, "use": use}})
    return True


def manifest(folder: Path, id: str, name: str = CURRENT) -> Manifest | None:
    """Верни описание версии `id`, сохранённое в самой папке; None — его нет или оно испорчено."""
    try:
        return parse((folder / name).read_bytes(), id)
    except (OSError, DataError):
        return None


@dataclass(frozen=True)
class Drift:
    """Чем файлы на диске отличаются от версии: пути добавленных, пропавших, изменившихся."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        kinds = {"changed": self.changed, "removed": self.removed, "added": self.added}
        counts = [f"{len(paths)} {kind}" for kind, paths in kinds.items() if paths]
        first = next(paths[0] for paths in kinds.values() if paths)
        return f"{', '.join(counts)}, first {shown(first)}"


def between(old: Manifest, new: Manifest) -> Drift:
    """Сравни две версии по путям."""
    return Drift(
        added=tuple(sorted(new.files.keys() - old.files.keys())),
        removed=tuple(sorted(old.files.keys() - new.files.keys())),
        changed=tuple(
            sorted(p for p, file in old.files.items() if p in new.files and new.files[p] != file)
        ),
    )


def drift(folder: Path, id: str) -> Drift | None:
    """Сравни диск с версией; sha256 считается лишь там, где размер или время изменились.

    None — сравнить не с чем: описания версии в папке нет.
    """
    saved = manifest(folder, id)
    return None if saved is None else between(saved, snapshot.take(folder).manifest)


@dataclass(frozen=True)
class Used:
    """Версия данных запуска: `id` для журналов (пусто — неизвестна) и замечания человеку."""

    id: str = ""
    notes: tuple[str, ...] = ()


def used(lists: Iterable[Path | None], asked: str | None, compare: bool = True) -> Used:
    """Узнай версию данных, на которых учат; `asked` — `data.version` из настроек.

    Если файлы отличаются от версии, id получает хвост ` (changed)`, а замечание называет, сколько
    их и как увидеть разницу. Без `compare` файлы не сверяются.
    """
    folders = list(dict.fromkeys(path.parent for path in lists if path is not None))
    found = [_used(folder, asked, compare) for folder in folders] or [Used(asked or "")]
    ids = dict.fromkeys(one.id for one in found if one.id)
    return Used(", ".join(ids), tuple(note for one in found for note in one.notes))


def _used(folder: Path, asked: str | None, compare: bool) -> Used:
    mark = read(folder)
    if mark is None:
        if asked is None:
            return Used()
        see = f"ttsf data version diff {asked} {folder}"
        note = f"data.version {asked}: {folder} records no version; compare: {see}"
        return Used(f"{asked} (not checked)", (note,) if compare else ())
    use = "" if mark.use == DEFAULT else f" --use {mark.use}"
    if asked is not None and asked != mark.name and not mark.id.startswith(asked.lower()):
        see = f"ttsf data version diff {asked} {folder}{use}"
        note = f"data.version {asked}: {folder} holds version {mark.short} instead; see {see}"
        return Used(f"{mark.id} (asked for {asked})", (note,) if compare else ())
    if not compare:
        return Used(mark.id)
    see = f"ttsf data version diff {mark.short} {folder}{use}"
    try:
        changes = drift(folder, mark.id)
    except (TTSFError, OSError) as error:
        return Used(f"{mark.id} (not checked)", (f"data.version: {error}",))
    if changes is None:
        note = f"data.version {mark.short}: {folder} keeps no manifest of it; compare: {see}"
        return Used(f"{mark.id} (not checked)", (note,))
    if changes:
        note = f"data.version {mark.short}: files differ from it: {changes}; see {see}"
        return Used(f"{mark.id} (changed)", (note,))
    return Used(mark.id)
