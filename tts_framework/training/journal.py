"""Journal: одно измерение — всем журналам; отказ журнала не останавливает обучение."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tts_framework.components import Logger, Picture, Sound
from tts_framework.events import Value
from tts_framework.training.single import shortest


class Journal:
    """Рассылает записи журналам; о каждом сломавшемся говорит один раз и пишет дальше."""

    def __init__(self, loggers: Mapping[str, Logger], warn: Callable[[str], None]) -> None:
        self._loggers = dict(loggers)
        self._warn = warn
        self._broken: set[str] = set()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры, округлив до float32: во всех журналах должно стоять одно число."""
        rounded = {name: shortest(value) for name, value in values.items()}
        self._each(lambda logger: logger.scalars(step, rounded))

    def media(self, step: int, items: Iterable[Picture | Sound]) -> None:
        """Запиши картинки и звуки."""
        for item in items:
            if isinstance(item, Picture):
                self._each(lambda logger, it=item: logger.picture(step, it))  # type: ignore[misc]
            else:
                self._each(lambda logger, it=item: logger.sound(step, it))  # type: ignore[misc]

    def params(self, values: Mapping[str, Value]) -> None:
        """Запиши параметры обучения."""
        self._each(lambda logger: logger.params(values))

    def flush(self) -> None:
        """Вытолкни накопленное."""
        self._each(lambda logger: logger.flush())

    def close(self, outcome: str) -> None:
        """Сообщи итог и закрой журналы."""
        self._each(lambda logger: logger.finished(outcome))
        self._each(lambda logger: logger.close())

    def _each(self, act: Callable[[Logger], None]) -> None:
        for name, logger in self._loggers.items():
            try:
                act(logger)
            except Exception as error:  # журнал — чужой код, обучение дороже
                if name not in self._broken:
                    self._warn(f"logger {name}: {type(error).__name__}: {error}; training goes on")
                self._broken.add(name)
