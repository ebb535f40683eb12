"""Проверка данных и папки запуска до начала обучения."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from tts_framework.config import Settings
from tts_framework.configure import Problems, look_up_frontend
from tts_framework.plugins import Plugins

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str) -> None:
    """Не показывай ход."""


def check_data(
    settings: Settings,
    plugins: Plugins,
    problems: Problems,
    notes: list[str],
    progress: Progress,
) -> None:
    """Проверь списки и каждый клип; чужая программа читает данные сама."""
    if settings.trainer.command is not None:
        return
    from tts_framework.speech.filelist import load

    data = settings.data
    frontend = look_up_frontend(settings, plugins, problems)
    for key, path in (("train", data.train), ("validation", data.validation)):
        if path is None:
            problems.add(("data", key), "is required; name a list, such as 'ttsf data get' makes")
        elif frontend is not None:
            with problems.collecting(("data", key)):
                clips = load(
                    path,
                    frontend,
                    data.audio,
                    data.skip_bad,
                    notes.append,
                    data.allow_outside,
                    cache=settings.cache,
                    progress=progress,
                )
                notes.append(f"data.{key}: {len(clips)} clips in {path}")


def data_version(settings: Settings, notes: list[str]) -> str:
    """Узнай версию данных и предупреди, если файлы от неё отличаются."""
    from tts_framework.speech.versions.marks import used

    data = settings.data
    found = used((data.train, data.validation), data.version)
    notes += found.notes
    return found.id


def check_folder(settings: Settings, problems: Problems) -> None:
    """Убедись, что в папку запусков можно писать."""
    folder = settings.folder
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        text = f"{folder}: cannot write to {existing}: {reason}; choose another folder"
        problems.add(("output",), text)
