"""Ошибки, которые может исправить пользователь, и коды завершения процессов."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Код завершения `ttsf train`, по которому тюнер судит о причине остановки."""

    OK = 0
    BUG = 1
    USER = 2
    DIVERGED = 3
    OUT_OF_MEMORY = 4
    DISK_FULL = 5
    INTERRUPTED = 130


class TTSFError(Exception):
    """Сообщает об ошибке, которую исправляет пользователь: одна строка, без traceback.

    Текст строится по образцу «ключ, значение, что сделать дальше»:
    `tuner.search_space.learning_rate: low 0.1 is above high 0.01; swap them`.
    Всё, что не `TTSFError`, считается дефектом самого фреймворка.
    """

    exit_code: ExitCode = ExitCode.USER


class ConfigError(TTSFError):
    """Собирает все найденные в файле настроек проблемы сразу."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PluginError(TTSFError):
    """Плагин не найден, не импортируется, не того вида или установлен дважды."""


class DataError(TTSFError):
    """Плохие входные данные; каждая строка `problems` называет файл и причину."""

    def __init__(self, problems: list[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else problems
        super().__init__("\n".join(self.problems))


class CheckpointError(TTSFError):
    """Чекпоинт усечён, повреждён, от другой модели или с другими символами."""


class Diverged(TTSFError):
    """Обучение разошлось: значение потерь перестало быть конечным числом."""

    exit_code = ExitCode.DIVERGED


class OutOfMemory(TTSFError):
    """Не хватило памяти устройства или процесса."""

    exit_code = ExitCode.OUT_OF_MEMORY


class DiskFull(TTSFError):
    """Кончилось место на диске; прежний чекпоинт цел."""

    exit_code = ExitCode.DISK_FULL
