"""Сборка одного обучения: настройки и командная строка -> сессия, журналы, цикл."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tts_framework.checkpoints import iteration_of
from tts_framework.components import Frontend, Logger, LogTarget, Options, Session, TrainingContext
from tts_framework.config import Settings
from tts_framework.configure import configure, model_options
from tts_framework.errors import ConfigError, ExitCode, TTSFError
from tts_framework.events import Value
from tts_framework.folder_lock import held
from tts_framework.plugins import Plugins
from tts_framework.problems import Lines
from tts_framework.secrets import redact
from tts_framework.tracking.address import Address
from tts_framework.training import faults, loop
from tts_framework.training.checkpoint_folder import CheckpointFolder
from tts_framework.training.hparams import parse, replaced
from tts_framework.training.journal import Journal
from tts_framework.training.referee import Referee
from tts_framework.training.screen import Screen
from tts_framework.training.stop_request import StopRequest

_WAIT_SECONDS = 5.0
"""Сколько ждать прежнее обучение в этой папке: тюнер запускает следующее сразу за ним."""


@dataclass(frozen=True)
class Request:
    """Что велено командной строкой и окружением; None — по умолчанию.

    `trial` — номер trial от тюнера: тогда здесь нет ни ранней остановки, ни удаления чекпоинтов.
    """

    settings: Settings
    output_directory: Path | None = None
    log_directory: Path | None = None
    checkpoint: Path | None = None
    warm_start: bool = False
    hparams: str = ""
    until_iteration: int | None = None
    lines: Lines = field(default_factory=Lines)
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Верни папку чекпоинтов."""
        return self.output_directory or self.settings.folder

    @property
    def trial(self) -> str | None:
        """Верни номер trial."""
        return self.environ.get("TTSF_TRIAL")


def train(request: Request, screen: Screen, stop: StopRequest) -> ExitCode:
    """Проведи обучение; код завершения — OK или INTERRUPTED, прочее — исключения.

    Raises:
        TTSFError: настройки, чекпоинт или данные не годятся, обучение разошлось, кончилось место.
    """
    began = time.monotonic()
    plugins, asked = Plugins(), request.settings
    model, config, frontend = model_options(asked, plugins, request.lines)
    values = parse(request.hparams, asked.model.use, config, asked.trainer)
    settings, config = _in_effect(asked, config, values)
    if settings.trainer.threads:
        os.environ["OMP_NUM_THREADS"] = str(settings.trainer.threads)  # torch прочитает при импорте
    advice = "choose another --output_directory"
    with faults.named(lambda: "start"), held(request.folder, advice, _WAIT_SECONDS) as folder:
        for leftover in folder.glob(".*.tmp"):  # следы записи, оборванной kill -9
            leftover.unlink(missing_ok=True)
        keep = None if request.trial else settings.trainer.keep_checkpoints
        checkpoints = CheckpointFolder(folder, keep)
        source = _source(request, checkpoints, screen)
        session = model.start(config, _context(settings, frontend, screen))
        try:
            if source is not None:
                session.load(source, warm_start=request.warm_start)
                session.apply(_tunables(settings, config))  # в силе спрошенное, а не записанное
            screen.say(
                f"ready in {time.monotonic() - began:.2f} s at iteration {session.iteration}"
            )
            ending = _run(request, settings, config, session, checkpoints, plugins, screen, stop)
        finally:
            session.close()
    screen.say(f"{ending.reason}; checkpoints are in {folder}")
    return ExitCode.INTERRUPTED if ending.interrupted else ExitCode.OK


def _run(
    request: Request,
    settings: Settings,
    config: Options,
    session: Session,
    checkpoints: CheckpointFolder,
    plugins: Plugins,
    screen: Screen,
    stop: StopRequest,
) -> loop.Ending:
    trainer, first = settings.trainer, session.iteration
    last = request.until_iteration or trainer.max_iterations
    referee = Referee(None if request.trial else request.folder, settings)
    referee.recall(first)
    journal = Journal(_loggers(request, settings, plugins, first), screen.say)
    rhythm = loop.Rhythm(last, trainer.log_interval, trainer.iters_per_checkpoint)
    outcome = "failed"
    screen.begin(first, last)
    try:
        journal.params(_params(settings, config) | _data_version(request, screen))
        with faults.named(lambda: f"iteration {session.iteration}"):
            ending = loop.run(session, rhythm, journal, checkpoints, referee, stop, screen)
        outcome = "interrupted" if ending.interrupted else "finished"
    finally:
        screen.close()
        journal.close(outcome)
    return ending


def _in_effect(
    settings: Settings, config: Options, values: Mapping[str, Value]
) -> tuple[Settings, Options]:
    """Введи `--hparams` в настройки тренера и options модели."""
    own = {name: value for name, value in values.items() if name in type(config).tunables()}
    rest = {name: value for name, value in values.items() if name not in own}
    trainer = replaced(settings.trainer, rest)
    return settings.model_copy(update={"trainer": trainer}), replaced(config, own)


def _source(request: Request, checkpoints: CheckpointFolder, screen: Screen) -> Path | None:
    """Реши, с какого чекпоинта продолжать."""
    own = checkpoints.newest()
    if request.checkpoint is None:
        if request.warm_start:
            raise TTSFError("warm_start: needs a checkpoint; add --checkpoint_path")
        if own is not None:
            screen.say(f"continuing from {own}")
        return own
    if own is not None and request.warm_start:
        raise TTSFError(
            f"warm_start: {own.parent} already holds {own.name}; choose another output_directory"
            " or drop --warm_start and --checkpoint_path to continue it"
        )
    if own is not None and iteration_of(own) > iteration_of(request.checkpoint) >= 0:
        screen.say(f"note: {own} is ahead of {request.checkpoint} and will stay until overwritten")
    return request.checkpoint


def _context(settings: Settings, frontend: Frontend, screen: Screen) -> TrainingContext:
    data, trainer = settings.data, settings.trainer
    missing = [
        f"data.{key}: is required; add it"
        for key in ("train", "validation")
        if getattr(data, key) is None
    ]
    if missing:
        raise ConfigError(missing)
    assert data.train is not None and data.validation is not None
    settings.cache.mkdir(parents=True, exist_ok=True)
    return TrainingContext(
        train=data.train,
        validation=data.validation,
        frontend=frontend,
        audio=data.audio,
        batch_size=trainer.batch_size,
        device=trainer.device,
        seed=settings.seed,
        cache=settings.cache,
        skip_bad=data.skip_bad,
        warn=screen.say,
        progress=screen.progress,
        allow_outside=data.allow_outside,
    )


def _loggers(
    request: Request, settings: Settings, plugins: Plugins, first: int
) -> dict[str, Logger]:
    target = LogTarget(
        run=settings.run,
        output_dir=request.folder,
        log_directory=request.folder / (request.log_directory or "tb"),
        suffix=f".trial_{request.trial}" if request.trial else "",
        start_iteration=first,
        environment={**request.environ, **Address.from_settings(settings.mlflow).environment()},
        rename=settings.trainer.metrics,
    )
    loggers: dict[str, Logger] = {}
    for number, use in enumerate(settings.loggers):
        cls, config = configure(plugins, "logger", use, ("loggers", number), request.lines)
        loggers[use.use] = cls(config, target)
    return loggers


def _tunables(settings: Settings, config: Options) -> dict[str, Value]:
    own = {name: getattr(config, name) for name in type(config).tunables()}
    return {**own, "batch_size": settings.trainer.batch_size}


def _data_version(request: Request, screen: Screen) -> dict[str, Value]:
    """Узнай версию данных; под тюнером файлы сверил уже он."""
    from tts_framework.speech.versions.marks import used

    data = request.settings.data
    found = used((data.train, data.validation), data.version, compare=not request.trial)
    for note in found.notes:
        screen.say(f"note: {note}")
    return {"data.version": found.id} if found.id else {}


def _params(settings: Settings, config: Options) -> dict[str, Value]:
    """Собери параметры обучения для журналов; секретов в них нет."""
    options = config.model_dump(mode="json")
    values = {"model": settings.model.use, "seed": settings.seed, **options}
    values |= _tunables(settings, config)
    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in values.items()
        if isinstance(value, str | int | float | bool)
    }
