"""Подключаемые части по их записи в настройках: класс плагина и его проверенные options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from tts_framework.components import Frontend, Model
from tts_framework.config import Settings, Use
from tts_framework.errors import ConfigError, DataError, TTSFError
from tts_framework.options import Options
from tts_framework.plugins import Plugins
from tts_framework.problems import KeyPath, Lines, explain
from tts_framework.secrets import redact


class Problems:
    """Копит проблемы, чтобы показать их все сразу."""

    def __init__(self, lines: Lines | None = None) -> None:
        self.lines = lines or Lines()
        self._found: list[tuple[KeyPath, str]] = []
        self._foreign: list[str] = []

    def add(self, path: KeyPath, text: str) -> None:
        """Запомни проблему ключа."""
        self._found.append((path, text))

    @contextmanager
    def collecting(self, path: KeyPath = ()) -> Iterator[None]:
        """Запомни ошибку блока, вместо того чтобы прервать проверку."""
        try:
            yield
        except ConfigError as error:
            self._foreign += [self.lines.located(text) for text in error.problems]
        except DataError as error:
            self._foreign += error.problems
        except TTSFError as error:
            self.add(path, str(error))

    def raise_any(self, secrets: frozenset[str] = frozenset()) -> None:
        """Подними одну ошибку со всеми проблемами, если они есть.

        Raises:
            ConfigError: нашлась хотя бы одна проблема.
        """
        texts = [*self.lines.report(self._found), *self._foreign]
        if texts:
            raise ConfigError([redact(text, secrets) for text in dict.fromkeys(texts)])


def configure(
    plugins: Plugins, kind: str, use: Use, where: KeyPath | str, lines: Lines | None = None
) -> tuple[type[Any], Options]:
    """Найди плагин вида `kind` и проверь его options; `where` — ключ: `data.frontend`.

    Raises:
        ConfigError: плагина нет, он неисправен или его options неверны; названы все проблемы.
    """
    problems = Problems(lines)
    path = tuple(where.split(".")) if isinstance(where, str) else where
    found = look_up(plugins, kind, use, path, problems)
    problems.raise_any()
    assert found is not None
    return found


def look_up(
    plugins: Plugins, kind: str, use: Use, where: KeyPath, problems: Problems
) -> tuple[type[Any], Options] | None:
    """Сделай то же, что `configure`, но проблемы добавь к `problems` и верни None."""
    with problems.collecting((*where, "use")):
        cls = plugins.get(kind, use.use)
        if not issubclass(cls.Config, Options):
            raise TTSFError(f"{use.use}: its Config is not a subclass of Options; tell its author")
        try:
            return cls, cls.Config.model_validate(use.options)
        except ValidationError as error:
            for path, text in explain(error, cls.Config, use.options, subject=use.use):
                problems.add((*where, *path), text)
    return None


def look_up_frontend(settings: Settings, plugins: Plugins, problems: Problems) -> Frontend | None:
    """Создай фронтенд текста из раздела `data.frontend`."""
    where = ("data", "frontend")
    found = look_up(plugins, "frontend", settings.data.frontend, where, problems)
    if found is None:
        return None
    cls, config = found
    frontend: Frontend | None = None
    with problems.collecting(where):
        frontend = cls(config)
    return frontend


def model_options(
    settings: Settings, plugins: Plugins, lines: Lines | None = None
) -> tuple[type[Model], Options, Frontend]:
    """Верни класс модели, её проверенные options и готовый фронтенд текста.

    Raises:
        ConfigError: плагина нет или options неверны; названы проблемы и модели, и фронтенда.
    """
    problems = Problems(lines)
    model = look_up(plugins, "model", settings.model, ("model",), problems)
    frontend = look_up_frontend(settings, plugins, problems)
    problems.raise_any()
    assert model is not None and frontend is not None
    return *model, frontend
