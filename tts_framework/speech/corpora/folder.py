"""Папка корпуса: `wavs/`, `labels/`, `metadata.csv`, `train.csv`, `validation.csv`, `LICENSE`.

`corpus.json` хранит рецепт и отметку `complete`; `train.csv` появляется последним из списков.
Незаконченный корпус поэтому не примет за целый ни эта программа, ни обучение.
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tts_framework.components import CorpusRequest, Recording
from tts_framework.errors import DataError
from tts_framework.folder_lock import held
from tts_framework.speech.audio import read_header
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.options import CorpusOptions
from tts_framework.speech.corpora.selection import choose, split
from tts_framework.speech.disk import explained, write_text


class CorpusFolder:
    """Папка назначения одного рецепта (корпус, зерно, options); менять можно только `limit`."""

    def __init__(self, name: str, config: CorpusOptions, request: CorpusRequest) -> None:
        self.path = request.dest
        self._config = config
        self._request = request
        self._recipe = {
            "corpus": name,
            "seed": request.seed,
            "url": request.url and request.url.split("?")[0],  # дальше бывает секрет
            "options": config.model_dump(mode="json"),
        }

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """Займи папку и дай временную `.incoming`: она переживает сбой и ускоряет повтор.

        Raises:
            DataError: в папке чужие файлы или другой корпус.
            TTSFError: её наполняет другой процесс.
        """
        self._refuse_foreign()
        incoming = self.path / ".incoming"
        try:
            with held(self.path, "wait for it to end"):
                incoming.mkdir(exist_ok=True)
                self._mark(complete=False)
                yield incoming
                shutil.rmtree(incoming, ignore_errors=True)
        except OSError as error:
            raise explained(error, self.path) from error

    def is_whole(self) -> bool:
        """Проверь, что корпус по этому рецепту и с этим `limit` уже есть целиком."""
        found = manifest.read(self.path)
        wanted = {**self._recipe, "limit": self._request.limit, "complete": True}
        if any(found.get(key) != value for key, value in wanted.items()):
            return False
        try:
            lists = [self.path / "train.csv", self.path / "validation.csv"]
            return all(file.is_file() for file in lists) and all(
                abs(read_header(self.wav(row.id)).seconds - row.seconds) < 0.001
                for row in table.read(self.path)
            )
        except DataError:
            return False

    def ready(self, id: str) -> Path | None:
        """Верни годную запись `id`, если она уже в корпусе."""
        try:
            read_header(self.wav(id))
        except DataError:
            return None
        return self.wav(id)

    def wav(self, id: str) -> Path:
        """Верни место записи `id` в корпусе."""
        return table.wav(self.path, id)

    def publish(self, recordings: Iterable[Recording], licence: str | None = None) -> None:
        """Отбери клипы, перенеси их в корпус и запиши списки.

        Raises:
            DataError: клипов меньше двух, WAV негоден, текст не помещается в строку списка.
        """
        chosen = choose(
            recordings, self._request.seed, self._request.limit, self._config.max_seconds
        )
        rows = sorted((self._store(recording) for recording in chosen), key=lambda row: row.id)
        train, validation = split(chosen, self._config.validation_share)
        train_list = self.path / "train.csv"
        train_list.unlink(missing_ok=True)
        if licence is not None:
            write_text(self.path / "LICENSE", licence)
        table.write(self.path, rows)
        write_text(self.path / "validation.csv", _list(validation))
        write_text(train_list, _list(train))
        for left in self.path.glob(".*.tmp"):  # не дописал убитый процесс; папка занята этим
            left.unlink(missing_ok=True)
        self._mark(complete=True)

    def _store(self, recording: Recording) -> table.Row:
        """Перенеси запись на место и верни её строку таблицы."""
        if "|" in recording.text or len(recording.text.splitlines()) != 1:
            raise DataError(
                f"{recording.id}: text {recording.text!r} is empty, multi-line or has '|';"
                " fix the source"
            )
        target = self.wav(recording.id)
        seconds = read_header(recording.wav).seconds
        _move(recording.wav, target)
        if recording.label is not None:
            _move(recording.label, self.path / "labels" / recording.label.name)
        return table.Row(recording.id, recording.text, seconds, recording.speaker)

    def _refuse_foreign(self) -> None:
        """Откажись от чужой папки; от неудавшейся попытки с другим рецептом остаётся место."""
        if not self.path.exists():
            return
        found = manifest.read(self.path)
        changed = [key for key, value in self._recipe.items() if found.get(key) != value]
        if not changed:
            return
        if self.path.is_dir() and not _has_files(self.path):
            shutil.rmtree(self.path / ".incoming", ignore_errors=True)
            return
        if not found:
            raise DataError(
                f"{self.path}: exists and is not a corpus made by 'ttsf data get';"
                " choose another --dest"
            )
        key = changed[0]
        raise DataError(
            f"{self.path}: holds a corpus with {key} {found.get(key)!r}, not"
            f" {self._recipe[key]!r}; choose another --dest or remove this folder"
        )

    def _mark(self, *, complete: bool) -> None:
        recipe = self._recipe
        manifest.update(self.path, **recipe, limit=self._request.limit, complete=complete)


def _has_files(folder: Path) -> bool:
    """Есть ли в папке что-нибудь, кроме служебного (`corpus.json`, скрытые файлы)."""
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    return bool(names - {manifest.MANIFEST})


def _move(source: Path, target: Path) -> None:
    """Перенеси файл; такой же на месте не трогай, чтобы mel-кэш не счёл его изменившимся."""
    if source == target or (target.is_file() and filecmp.cmp(source, target, shallow=False)):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _list(recordings: Sequence[Recording]) -> str:
    ordered = sorted(recordings, key=lambda recording: recording.id)
    return "".join(f"wavs/{recording.id}.wav|{recording.text}\n" for recording in ordered)
