"""ParamScheduler: значения гиперпараметров -> слова командной строки на диалекте тренера."""

from __future__ import annotations

from tts_framework.config import TrainerSettings
from tts_framework.events import HParams
from tts_framework.foreign_trainer.dialects import Dialect, Words, dialect_of


class ParamScheduler:
    """Пишет значения так, чтобы тренер прочёл ровно их: `learning_rate=1e-05,batch_size=16`."""

    def __init__(self, dialect: str | Dialect = "comma") -> None:
        self._dialect = Dialect(dialect) if isinstance(dialect, str) else dialect
        self._dialect.write({})

    @classmethod
    def of(cls, settings: TrainerSettings) -> ParamScheduler:
        """Создай по разделу `trainer`."""
        return cls(dialect_of(settings))

    def render(self, hparams: HParams) -> Words:
        """Собери одно слово (comma, json) или кортеж слов (flags, hydra).

        Raises:
            TTSFError: значение не выразить на этом диалекте.
        """
        return self._dialect.write(hparams)
