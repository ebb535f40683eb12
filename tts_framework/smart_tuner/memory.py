"""Memory: состояние запуска, свёрнутое из событий хранилища."""

from __future__ import annotations

from dataclasses import dataclass, field

from tts_framework.events import (
    BestImproved,
    Event,
    RolledBack,
    RunResumed,
    RunStarted,
    RunStopped,
    TrainerExited,
    TrainerLaunched,
    TrialFinished,
    TrialStarted,
)
from tts_framework.trials import COMMITTED


@dataclass
class TrialRecord:
    """Всё, что события рассказали об одном trial."""

    started: TrialStarted
    finished: TrialFinished | None = None
    attempts: list[TrainerLaunched] = field(default_factory=list)
    exits: list[TrainerExited] = field(default_factory=list)
    notes: list[Event] = field(default_factory=list)


class Memory:
    """Свёртка событий: `apply` применяет их по одному, порядок — порядок записи."""

    def __init__(self) -> None:
        self.run: RunStarted | None = None
        self.trials: list[TrialRecord] = []
        self.notes: list[Event] = []
        self.best: BestImproved | None = None
        self.stopped: RunStopped | None = None
        self.seconds = 0.0
        self._last_at: float | None = None

    @property
    def open_trial(self) -> TrialRecord | None:
        """Верни trial, решение о котором принято, а итога ещё нет."""
        last = self.trials[-1] if self.trials else None
        return last if last is not None and last.finished is None else None

    @property
    def closed(self) -> list[TrialRecord]:
        """Верни trial-ы с итогом."""
        return [record for record in self.trials if record.finished is not None]

    @property
    def lineage(self) -> tuple[int, ...]:
        """Верни номера зафиксированных trial-ов от корня к голове."""
        return tuple(
            record.started.trial
            for record in self.trials
            if record.finished is not None and record.finished.outcome == COMMITTED
        )

    @property
    def head(self) -> TrialRecord | None:
        """Верни голову зафиксированной ветви."""
        lineage = self.lineage
        return self.trials[lineage[-1]] if lineage else None

    def trial_seconds(self, number: int) -> float:
        """Верни время работы тренера в одном trial по всем его запускам, с."""
        attempts, total = self.trials[number].attempts, 0.0
        for end in self.trials[number].exits:
            total += end.at - max(start.at for start in attempts if start.at <= end.at)
        return total

    def seconds_at(self, now: float) -> float:
        """Верни время работы к моменту `now`, если запуск всё ещё идёт."""
        idle = self.stopped is not None or self._last_at is None
        return self.seconds if idle or self._last_at is None else self.seconds + now - self._last_at

    def apply(self, event: Event) -> None:
        """Учти одно событие."""
        self._count_time(event)
        match event:
            case RunStarted():
                self.run = event
            case TrialStarted():
                self.trials.append(TrialRecord(event))
            case TrainerLaunched():
                self.trials[event.trial].attempts.append(event)
            case TrainerExited():
                self.trials[event.trial].exits.append(event)
            case TrialFinished():
                self.trials[event.trial].finished = event
            case BestImproved():
                self.best = event
            case RunStopped():
                self.stopped = event
            case RunResumed():
                self.stopped = None
                self.notes.append(event)
            case RolledBack():
                self.trials[event.trial].notes.append(event)
            case _ if event.durable:
                self._note(event)

    def _note(self, event: Event) -> None:
        number = getattr(event, "trial", None)
        notes = self.notes if number is None else self.trials[number].notes
        notes.append(event)

    def _count_time(self, event: Event) -> None:
        """Сложи время работы; перерыв между остановкой и продолжением не в счёт."""
        resumed = isinstance(event, RunStarted | RunResumed)
        if self._last_at is not None and not resumed:
            self.seconds += max(0.0, event.at - self._last_at)
        self._last_at = event.at
