"""`ttsf evaluate train-recognizer`: выборки и настройки -> обученный распознаватель в папке."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tts_framework.components import Frontend, Logger, LogTarget, Options
from tts_framework.config import Objective, Settings, TunerSettings
from tts_framework.errors import ExitCode
from tts_framework.evaluation.recognizer.alphabet import Alphabet
from tts_framework.evaluation.recognizer.options import RecognizerOptions, audio_for
from tts_framework.folder_lock import held
from tts_framework.speech import filelist
from tts_framework.speech.audio import read_header
from tts_framework.training import faults, loop
from tts_framework.training.checkpoint_folder import BEST, CheckpointFolder
from tts_framework.training.journal import Journal
from tts_framework.training.referee import Referee
from tts_framework.training.screen import Screen
from tts_framework.training.stop_request import StopRequest

if TYPE_CHECKING:
    from tts_framework.evaluation.recognizer.session import RecognizerSession

CACHE = ".cache"
METRIC = "val_cer"
_KEPT = 2
_LOG_INTERVAL = 10


@dataclass(frozen=True)
class Request:
    """Что велено: выборки, папка распознавателя, фронтенд и options."""

    train: Path
    validation: Path
    out: Path
    frontend: Frontend
    options: RecognizerOptions = RecognizerOptions()
    device: str = "auto"
    skip_bad: bool = False


def train(request: Request, screen: Screen, stop: StopRequest) -> ExitCode:
    """Обучи распознаватель или продолжи прерванное; лучший - `best_model.ckpt` папки `out`.

    Raises:
        TTSFError: данные или прежний чекпоинт не годятся, кончились место или память.
    """
    advice = "choose another --out"
    with faults.named(lambda: "train-recognizer"), held(request.out, advice) as folder:
        for leftover in folder.glob(".*.tmp"):  # следы записи, оборванной kill -9
            leftover.unlink(missing_ok=True)
        checkpoints = CheckpointFolder(folder, _KEPT)
        session = _session(request, screen)
        if (source := checkpoints.newest()) is not None:
            session.load(source)
            screen.say(f"continuing from {source}")
        ending = _run(session, request, checkpoints, screen, stop)
    screen.say(f"{ending.reason}; {_verdict(folder)}")
    return ExitCode.INTERRUPTED if ending.interrupted else ExitCode.OK


def _session(request: Request, screen: Screen) -> RecognizerSession:
    from tts_framework.evaluation.recognizer.clips import Clips
    from tts_framework.evaluation.recognizer.session import RecognizerSession

    first = filelist.read(request.train)[0]
    audio = audio_for(read_header(first.path).sampling_rate)
    alphabet = Alphabet.of(request.frontend.symbols)
    train, validation = (
        Clips(
            path,
            request.frontend,
            alphabet,
            audio,
            request.out / CACHE,
            skip_bad=request.skip_bad,
            warn=screen.say,
            progress=screen.progress,
        )
        for path in (request.train, request.validation)
    )
    return RecognizerSession(
        request.options, request.frontend, alphabet, audio, train, validation, request.device
    )


def _run(
    session: RecognizerSession,
    request: Request,
    checkpoints: CheckpointFolder,
    screen: Screen,
    stop: StopRequest,
) -> loop.Ending:
    settings = Settings(tuner=TunerSettings(objective=Objective(metric=METRIC)))
    referee = Referee(request.out, settings)
    referee.recall(session.iteration)
    every = max(1, session.last // request.options.evaluations)
    rhythm = loop.Rhythm(session.last, _LOG_INTERVAL, every)
    journal = Journal({"curve": Curve(screen)}, screen.say)
    screen.begin(session.iteration, session.last)
    try:
        return loop.run(session, rhythm, journal, checkpoints, referee, stop, screen)
    finally:
        screen.close()


class Curve(Logger):
    """Говорит долю ошибок после каждой оценки; сами точки хранит `evaluations.json`."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(Options(), LogTarget("recognizer", Path(), Path(), "", 0))
        self._screen = screen

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        if METRIC in values:
            self._screen.say(f"it {step}: held-out error rate {values[METRIC]:.1%}")


def _verdict(folder: Path) -> str:
    """Скажи, что вышло: ошибка лучшего чекпоинта на проверочной выборке."""
    from tts_framework.training import checkpoint

    best = folder / BEST
    if not best.is_file():
        return "no evaluation was reached yet, the same command continues"
    held_out = checkpoint.read(best)["held_out"]
    return (
        f"{best}: error rate {held_out['cer']:.1%} on {held_out['clips']} held-out clips"
        f" ({held_out['labels']} letters), iteration {held_out['iteration']}"
    )
