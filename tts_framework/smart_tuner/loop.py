"""Цикл подстройки (спецификация 10.5): генератор событий.

    for event in tune(plan):
        print(event)

Каждое событие, дошедшее до читателя, уже лежит в хранилище, поэтому убить процесс можно между
любыми двумя из них: следующий `tune` на той же папке примет те же решения.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from tts_framework import __version__
from tts_framework.components import Store
from tts_framework.errors import DiskFull, TTSFError
from tts_framework.events import (
    BestImproved,
    Event,
    OptimizerFailed,
    RolledBack,
    RunResumed,
    RunStarted,
    RunStopped,
    TrialFinished,
    TrialStarted,
    Value,
    Warned,
)
from tts_framework.files import sha256, write_text
from tts_framework.folder_lock import held
from tts_framework.foreign_trainer.discovery import Discovery
from tts_framework.plan import Plan
from tts_framework.smart_tuner.early_stop import EarlyStopController
from tts_framework.smart_tuner.lineage import Lineage
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.notices import Notices
from tts_framework.smart_tuner.optimization_engine import OptimizationEngine
from tts_framework.smart_tuner.past import PastBuilder
from tts_framework.smart_tuner.referee import Referee, StopRequest
from tts_framework.smart_tuner.strategies import PROPOSAL, Branch, Strategy, Verdict
from tts_framework.smart_tuner.strategies.continue_ import Continue
from tts_framework.smart_tuner.strategies.scratch import Scratch
from tts_framework.smart_tuner.trial_runner import Ending, TrialRunner
from tts_framework.trials import COMMITTED, DIVERGED, FAILED, PRUNED


class Runner(Protocol):
    """То, что доводит открытый trial до конца; настоящий — `TrialRunner`."""

    ending: Ending

    def run(self, record: TrialRecord) -> Iterator[Event]:
        """Доведи trial до конца; исход — в `ending`."""


MakeRunner = Callable[[Plan, MetricsStore, Lineage, Referee], Runner]


def tune(
    plan: Plan, request: StopRequest | None = None, make_runner: MakeRunner = TrialRunner
) -> Iterator[Event]:
    """Веди запуск до остановки, начиная новый или продолжая прерванный.

    `make_runner` подменяют симуляции (`tts_framework.testing`).

    Raises:
        TTSFError: папку держит другой процесс, её нельзя писать, тренер отказался запускаться.
    """
    with held(plan.folder, "choose another 'run' name"):
        cls, config = plan.store
        store = cls(config, plan.folder)
        try:
            yield from TuningLoop(plan, store, request or StopRequest(), make_runner).run()
        finally:
            store.close()


class TuningLoop:
    """Один запуск: решение -> trial -> оценка -> решение, пока стопперы не скажут «стоп»."""

    def __init__(
        self, plan: Plan, store: Store, request: StopRequest, make_runner: MakeRunner
    ) -> None:
        tuner = plan.settings.tuner
        self._make_runner = make_runner
        self._warnings: list[str] = []
        self._plan = plan
        self._request = request
        self._store = MetricsStore(store, tuner.objective.metric)
        strategy = Continue if tuner.resume_from_checkpoint else Scratch
        self._strategy: Strategy = strategy(tuner, self._store)
        self._past = PastBuilder(plan, self._store, self._strategy)
        budget = tuner.disk_budget_gb * 1e9 if tuner.disk_budget_gb else None
        discovery = Discovery.of(plan.settings.trainer)
        self._lineage = Lineage(plan.folder, discovery, budget, self._store.step_at)
        max_step = tuner.max_step if self._strategy.bounded else None
        warn = self._warnings.append
        self._engine = OptimizationEngine(plan.optimizer, plan.space, max_step, warn)
        self._early_stop = EarlyStopController(plan.stoppers, warn)
        self._notices = Notices(tuner, plan.folder)

    def run(self) -> Iterator[Event]:
        """Сделай всё, что осталось сделать."""
        yield self._begin()
        yield from self._tidy()
        try:
            while not (reason := self._reason_to_stop()):
                record = self._store.memory.open_trial
                if record is None:
                    yield from self._decide()
                    record = self._store.memory.trials[-1]
                runner = self._runner()
                yield from runner.run(record)
                yield from self._settle(record, runner.ending)
                yield from self._warned()
        except (DiskFull, TTSFError) as error:
            yield self._store.record(RunStopped(reason=str(error), finished=False))
            raise
        finished = not self._request.reason
        yield self._store.record(RunStopped(reason=reason, finished=finished))

    def _begin(self) -> Event:
        write_text(self._plan.config_path, self._plan.config_text)
        memory = self._store.memory
        if memory.run is None:
            return self._store.record(self._started())
        _check_same(memory.run, self._started())
        opened = memory.open_trial
        return self._store.record(
            RunResumed(
                run=self._plan.settings.run,
                trials=len(memory.closed),
                open_trial=opened.started.trial if opened else None,
            )
        )

    def _started(self) -> RunStarted:
        settings = self._plan.settings
        return RunStarted(
            run=settings.run,
            seed=settings.seed,
            strategy=self._strategy.name,
            optimizer=self._plan.optimizer_name,
            objective=settings.tuner.objective.model_dump(),
            space={
                name: axis.model_dump(mode="json", exclude_none=True)
                for name, axis in settings.tuner.search_space.items()
            },
            base=dict(self._plan.base),
            version=__version__,
            data={"version": self._plan.data_version} if self._plan.data_version else {},
            objectives=[goal.model_dump() for goal in settings.tuner.objectives],
        )

    def _reason_to_stop(self) -> str | None:
        if self._request.reason:
            return self._request.reason
        if self._store.memory.open_trial is not None:
            return None
        return self._early_stop.stop_tuning(self._past.build())

    # --- решение ------------------------------------------------------------------------------

    def _decide(self) -> Iterator[Event]:
        """Выбери, откуда и с какими значениями идёт следующий trial."""
        branch, past = self._strategy.branch(), self._past.build()
        values, reason = dict(past.current), f"{branch.kind}: values unchanged"
        if branch.kind == PROPOSAL:
            decision = self._engine.decide(past)
            values, reason = dict(decision.values), decision.note
            if decision.error:
                yield self._store.record(OptimizerFailed(error=decision.error))
        yield self._store.record(self._trial_started(branch, values, reason))

    def _trial_started(self, branch: Branch, values: dict[str, Value], reason: str) -> TrialStarted:
        parent = branch.parent.finished if branch.parent else None
        return TrialStarted(
            trial=len(self._store.memory.trials),
            kind=branch.kind,
            parent=parent.trial if parent else None,
            checkpoint=parent.checkpoint if parent else None,
            sha256=parent.sha256 if parent else None,
            start_iteration=branch.start,
            end_iteration=branch.end,
            hparams=values,
            reason=reason,
        )

    def _runner(self) -> Runner:
        referee = Referee(self._engine, self._early_stop, self._past, self._request)
        return self._make_runner(self._plan, self._store, self._lineage, referee)

    # --- итог ---------------------------------------------------------------------------------

    def _settle(self, record: TrialRecord, ending: Ending) -> Iterator[Event]:
        """Преврати конец прогона в итог trial; прерванный и отвергнутый остаются открытыми."""
        match ending.kind:
            case "stopped":
                return
            case "refused":
                raise TTSFError(f"trainer: {ending.reason}")
            case "disk_full":
                raise DiskFull(f"trainer: {ending.reason}")
            case "reached":
                verdict = self._strategy.judge(record)
            case kind:
                outcome = {"pruned": PRUNED, "diverged": DIVERGED}.get(kind, FAILED)
                verdict = Verdict(outcome, ending.reason, *self._last_words(record))
        yield self._store.record(self._finished(record, verdict))
        if verdict.outcome != COMMITTED:
            yield self._rolled_back(record, verdict)
        yield from self._tidy()
        for notice in self._notices.after_trial(self._store.memory):
            yield self._store.record(notice)

    def _last_words(self, record: TrialRecord) -> tuple[float | None, float | None]:
        """Верни последнее значение и преимущество незаконченного trial, если они конечны."""
        curve = self._store.curve(record.started.trial)
        if not curve or self._store.diverged(record.started.trial):
            return None, None
        return curve[-1][1], self._strategy.advantages(record)[-1][1]

    def _finished(self, record: TrialRecord, verdict: Verdict) -> TrialFinished:
        number, end = record.started.trial, record.started.end_iteration
        path = self._lineage.at_least(number, end) or self._lineage.newest(number)
        return TrialFinished(
            trial=number,
            outcome=verdict.outcome,
            reason=verdict.reason,
            end_iteration=(
                self._lineage.iteration(number, path) if path else record.started.start_iteration
            ),
            checkpoint=self._lineage.relative(path) if path else None,
            sha256=sha256(path) if path else None,
            value=verdict.value,
            score=verdict.score,
            forecast=verdict.forecast,
            forecast_std=verdict.forecast_std,
            seconds=self._store.memory.trial_seconds(number),
        )

    def _rolled_back(self, record: TrialRecord, verdict: Verdict) -> Event:
        parent = record.started.parent
        return self._store.record(
            RolledBack(trial=record.started.trial, to_trial=parent, reason=verdict.reason)
        )

    def _warned(self) -> Iterator[Event]:
        """Передай человеку предупреждения частей, которые сломались и выключены."""
        while self._warnings:
            yield self._store.record(Warned(message=self._warnings.pop(0)))

    def _tidy(self) -> Iterator[Event]:
        """Приведи производное в соответствие с историей: лучший чекпоинт, место на диске."""
        if best := self._unannounced_best():
            yield self._store.record(best)
        memory = self._store.memory
        if memory.best is not None:
            self._lineage.publish_best(memory.best.checkpoint)
        if removed := self._lineage.collect(memory):
            yield self._store.record(removed)

    def _unannounced_best(self) -> BestImproved | None:
        """Найди на ветви исход лучше объявленного (убитый процесс мог не успеть объявить)."""
        objective, memory = self._plan.settings.tuner.objective, self._store.memory
        sign = 1.0 if objective.mode == "min" else -1.0
        results = [memory.trials[number].finished for number in memory.lineage]
        known = [f for f in results if f and f.value is not None and f.checkpoint is not None]
        best = min(known, key=lambda f: sign * (f.value or 0.0), default=None)
        previous = memory.best.value if memory.best else None
        if best is None or best.value is None or best.checkpoint is None:
            return None
        if previous is not None and sign * best.value >= sign * previous:
            return None
        return BestImproved(
            trial=best.trial,
            metric=objective.metric,
            value=best.value,
            previous=previous,
            checkpoint=best.checkpoint,
        )


def _check_same(before: RunStarted, now: RunStarted) -> None:
    """Убедись, что продолжается тот же запуск.

    Raises:
        TTSFError: изменилось то, без чего прежние trial-ы нельзя сравнивать с новыми.
    """
    for key in ("strategy", "objective", "objectives", "seed"):
        old, new = getattr(before, key), getattr(now, key)
        if old != new:
            raise TTSFError(
                f"{key}: the run was started with {old!r}, now {new!r};"
                " restore the value or choose another 'run' name"
            )
