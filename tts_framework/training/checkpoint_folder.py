"""Папка чекпоинтов одного обучения: имена, последний, лучший, удаление лишних."""

from __future__ import annotations

from pathlib import Path

from tts_framework import files
from tts_framework.checkpoints import iteration_of, newest
from tts_framework.components import Session

BEST = "best_model.ckpt"
_MASK = "checkpoint_*"


class CheckpointFolder:
    """Пишет `checkpoint_{итерация}`; под тюнером (`keep` равен None) ничего не удаляет."""

    def __init__(self, folder: Path, keep: int | None) -> None:
        self._folder, self._keep = folder, keep
        self.saved: int | None = None

    def newest(self) -> Path | None:
        """Найди последний целый чекпоинт."""
        return newest(self._folder, _MASK)

    def path(self, iteration: int) -> Path:
        """Верни имя чекпоинта этой итерации."""
        return self._folder / f"checkpoint_{iteration}"

    def save(self, session: Session) -> Path:
        """Запиши чекпоинт текущей итерации, если его ещё нет.

        Raises:
            DiskFull: кончилось место; прежние чекпоинты целы.
        """
        path = self.path(session.iteration)
        if self.saved != session.iteration:
            session.save(path)
            self.saved = session.iteration
        return path

    def mark_best(self) -> None:
        """Объяви последний записанный чекпоинт лучшим: `best_model.ckpt` рядом с ним."""
        if self._keep is not None and self.saved is not None:
            files.link_or_copy(self.path(self.saved), self._folder / BEST)

    def tidy(self) -> None:
        """Удали старые чекпоинты сверх `keep`; те, что новее текущего, не трогай."""
        if self._keep is None or self.saved is None:
            return
        own = [p for p in self._folder.glob(_MASK) if 0 <= iteration_of(p) <= self.saved]
        for path in sorted(own, key=iteration_of)[: -self._keep]:
            path.unlink(missing_ok=True)
