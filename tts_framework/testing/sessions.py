"""Фикстуры для собственных тестов модели: крошечный корпус, сессии, чекпоинт.

В conftest.py проекта присвойте их именам, и тесты получат их как свои:

    from tts_framework.testing import sessions

    one_thread = sessions.one_thread
    corpus, cache, frontend = sessions.corpus, sessions.cache, sessions.frontend
    context = sessions.context(batch_size=2)
    start = sessions.start("tiny", {"width": 16})
    written = sessions.written

Тест пишет `start(learning_rate=1e-2)` и получает сессию, которая закроется сама.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from tts_framework.components import AudioSettings, Frontend, Session, TrainingContext
from tts_framework.testing.contract import class_of
from tts_framework.testing.corpus import AUDIO, TinyCorpus

_WRITTEN = pytest.StashKey[dict[Path, bytes]]()


class StartSession(Protocol):
    """`start(learning_rate=1e-2)` или `start(другой_контекст, learning_rate=1e-2)`."""

    def __call__(self, use: TrainingContext = ..., /, **options: Any) -> Session: ...


@contextmanager
def opened(
    cls: type[Any], options: Mapping[str, Any], context: TrainingContext
) -> Iterator[StartSession]:
    """Начинай сессии модели; все начатые закроются в конце, даже после неудачи."""
    sessions: list[Session] = []
    context.cache.mkdir(parents=True, exist_ok=True)

    def begin(use: TrainingContext = context, /, **changed: Any) -> Session:
        session: Session = cls.start(cls.Config(**{**options, **changed}), use)
        sessions.append(session)
        return session

    try:
        yield begin
    finally:
        for session in sessions:
            session.close()


def trained(session: Session, steps: int) -> Session:
    """Сделай столько шагов и верни ту же сессию."""
    for _ in range(steps):
        session.step()
    return session


def training_context(
    corpus: Path, cache: Path, frontend: Frontend, audio: AudioSettings, batch_size: int
) -> TrainingContext:
    """Опиши обучение на корпусе: CPU, зерно 7."""
    return TrainingContext(
        train=corpus / "train.csv",
        validation=corpus / "validation.csv",
        frontend=frontend,
        audio=audio,
        batch_size=batch_size,
        device="cpu",
        seed=7,
        cache=cache,
    )


# --- фикстуры ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Не дели ядра с соседними тестами: узкой сети потоки torch только мешают."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def corpus(tiny_corpus: TinyCorpus) -> Path:
    """Папка `tiny_corpus`: семь обучающих и одна проверочная фраза; не меняйте её."""
    return tiny_corpus.folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mel-кэш, общий на весь запуск pytest."""
    return tmp_path_factory.getbasetemp() / "mel-cache"


@pytest.fixture(scope="session")
def frontend() -> Frontend:
    """Фронтенд `russian_letters`: на его языке читан `tiny_corpus`."""
    cls = class_of("frontend", "russian_letters")
    made: Frontend = cls(cls.Config())
    return made


@pytest.fixture
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Чекпоинт после одного шага; нужна фикстура `start`. На модуль тестов он учится однажды."""
    path = tmp_path / "checkpoint_1"
    known = request.session.stash.setdefault(_WRITTEN, {})
    if request.path not in known:
        trained(request.getfixturevalue("start")(), 1).save(path)
        known[request.path] = path.read_bytes()
    path.write_bytes(known[request.path])
    return path


def context(batch_size: int = 3, **audio: Any) -> Any:
    """Верни фикстуру `context`; ей нужны `corpus`, `cache` и `frontend`.

    `audio` меняет настройки звука крошечного корпуса: `context(hop_length=160)`.
    """
    settings = AudioSettings(**{**AUDIO.model_dump(), **audio})

    @pytest.fixture(name="context")
    def described(corpus: Path, cache: Path, frontend: Frontend) -> TrainingContext:
        """Обучение маленькой модели."""
        return training_context(corpus, cache, frontend, settings, batch_size)

    return described


def start(plugin: str, options: Mapping[str, Any]) -> Any:
    """Верни фикстуру `start` для модели с этими options; ей нужна фикстура `context`."""

    @pytest.fixture(name="start")
    def started(context: TrainingContext) -> Iterator[StartSession]:
        """Начинай сессии: `start(learning_rate=1e-2)`; закроются они сами."""
        with opened(class_of("model", plugin), options, context) as begin:
            yield begin

    return started
