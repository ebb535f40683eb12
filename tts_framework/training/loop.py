"""Цикл обучения: читается сверху вниз. Где ждут GPU, отмечено; между этими местами его не ждут."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tts_framework.components import Session
from tts_framework.training.checkpoint_folder import CheckpointFolder
from tts_framework.training.faults import require_finite
from tts_framework.training.journal import Journal
from tts_framework.training.referee import Referee
from tts_framework.training.screen import Screen
from tts_framework.training.stop_request import StopRequest


@dataclass(frozen=True)
class Rhythm:
    """До какой итерации учить, как часто писать скаляры и как часто оценивать и сохранять."""

    last: int
    log_interval: int
    iters_per_checkpoint: int


@dataclass(frozen=True)
class Ending:
    """Почему цикл кончился; `interrupted` — по сигналу, не доучив."""

    reason: str
    interrupted: bool = False


def run(
    session: Session,
    rhythm: Rhythm,
    journal: Journal,
    checkpoints: CheckpointFolder,
    referee: Referee,
    stop: StopRequest,
    screen: Screen,
) -> Ending:
    """Учи до `rhythm.last`, ранней остановки или сигнала.

    Raises:
        Diverged: измерение стало нечисловым; состояние после этого не сохраняется.
        DiskFull: чекпоинт не поместился; прежний цел.
    """
    clock, first = Clock(), session.iteration
    while session.iteration < rhythm.last and not stop:
        session.step()
        clock.steps += 1
        iteration = session.iteration
        screen.tick(iteration)
        last = iteration == rhythm.last

        if last or iteration % rhythm.log_interval == 0:
            values = session.progress()  # ждём GPU
            values["duration"] = clock.lap()
            journal.scalars(iteration, values)
            screen.show(iteration, values)
            require_finite(iteration, values)

        if last or iteration % rhythm.iters_per_checkpoint == 0:
            clock.pause()
            metrics = session.evaluate()  # ждём GPU
            journal.scalars(iteration, metrics)
            journal.flush()  # раньше чекпоинта: у сохранённой итерации оценка есть всегда
            screen.show(iteration, metrics, important=True)
            require_finite(iteration, metrics)
            referee.note(iteration, metrics)
            checkpoints.save(session)  # ждём GPU и диск
            if referee.best == iteration:
                checkpoints.mark_best()
            checkpoints.tidy()
            journal.media(iteration, session.media())  # ждём GPU
            journal.flush()
            if reason := referee.reason_to_stop():
                return Ending(reason)
            clock.resume()

    if session.iteration >= rhythm.last:
        return Ending(f"reached iteration {session.iteration}")
    if clock.steps:
        require_finite(session.iteration, session.progress())  # ждём GPU
    if session.iteration > first:
        checkpoints.save(session)
    return Ending(f"stopped by {stop.name} at iteration {session.iteration}", interrupted=True)


class Clock:
    """Время шага без оценок и записи чекпоинтов; `steps` — шагов с прошлого `lap`."""

    def __init__(self) -> None:
        self.steps = 0
        self._spent = 0.0
        self._since = time.perf_counter()

    def lap(self) -> float:
        """Верни секунды на шаг и начни отсчёт заново."""
        self.pause()
        seconds = self._spent / max(1, self.steps)
        self.steps, self._spent = 0, 0.0
        self.resume()
        return seconds

    def pause(self) -> None:
        """Перестань считать время: дальше не шаги."""
        self._spent += time.perf_counter() - self._since

    def resume(self) -> None:
        """Считай снова."""
        self._since = time.perf_counter()
