"""Один trial: запустить тренер, следить, сверить, при сбое повторить, довести до конца."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_framework.components import TrialSource
from tts_framework.events import (
    Event,
    Metric,
    MetricsReceived,
    TrainerExited,
    TrainerLaunched,
    TrainerVerified,
    Warned,
)
from tts_framework.plan import Plan
from tts_framework.smart_tuner.lineage import Lineage
from tts_framework.smart_tuner.log_watcher import LogWatcher
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.param_scheduler import ParamScheduler
from tts_framework.smart_tuner.referee import Referee
from tts_framework.smart_tuner.trainer_wrapper import Exit, Launch, Trainer, TrainerWrapper
from tts_framework.smart_tuner.verification import Verification

_ASK_SECONDS = 5.0
"""Как часто спрашивать стопперы, пока новых оценок нет."""
_LAST_WORDS_SECONDS = 5.0
"""Сколько ждать последних записей завершившегося тренера."""


@dataclass(frozen=True)
class Ending:
    """Чем кончился прогон: reached, pruned, diverged, failed, stopped, refused или disk_full."""

    kind: str
    reason: str


class TrialRunner:
    """Ведёт открытый trial до конца; все сведения о ходе — события."""

    def __init__(self, plan: Plan, store: MetricsStore, lineage: Lineage, referee: Referee) -> None:
        self._plan = plan
        self._settings = plan.settings.trainer
        self._store = store
        self._lineage = lineage
        self._referee = referee
        self._wrapper = TrainerWrapper(self._settings)
        self._scheduler = ParamScheduler.of(self._settings)
        self.ending = Ending("failed", "not started")

    def run(self, record: TrialRecord) -> Iterator[Event]:
        """Доведи trial до конца; исход — в `ending`."""
        number = record.started.trial
        folder = self._lineage.trial_folder(number)
        if signal_name := self._wrapper.stop_orphan(folder):
            yield self._warn(f"trial {number}: an orphaned trainer was stopped by {signal_name}")
        watcher = self._watch(record)
        try:
            yield from self._read(record, watcher)
            while not self._is_over(record):
                self.ending = Ending("failed", "")
                yield from self._attempt(record, watcher)
                if self.ending.kind != "retry":
                    return
            self.ending = Ending("reached", "")
        finally:
            watcher.close()

    # --- один запуск тренера ------------------------------------------------------------------

    def _attempt(self, record: TrialRecord, watcher: LogWatcher) -> Iterator[Event]:
        launch = self._launch(record)
        since = launch.from_iteration
        trainer = self._wrapper.launch(launch)
        try:
            yield self._store.record(
                TrainerLaunched(
                    trial=record.started.trial,
                    attempt=len(record.attempts),
                    pid=trainer.pid,
                    command=trainer.command,
                    from_iteration=since,
                )
            )
            check = Verification(since, self._settings.iters_per_checkpoint, record.started.hparams)
            yield from self._follow(record, trainer, watcher, check)
            yield from self._finish(record, trainer, watcher, check)
        finally:
            if trainer.running:
                trainer.kill()

    def _follow(
        self, record: TrialRecord, trainer: Trainer, watcher: LogWatcher, check: Verification
    ) -> Iterator[Event]:
        """Читай измерения, пока тренер жив и нет причины его остановить."""
        heard_at = asked_at = time.monotonic()
        reason: Ending | None = None
        while trainer.running and reason is None:
            watcher.wait()
            fresh: list[Metric] = []
            for event in self._read(record, watcher):
                if isinstance(event, MetricsReceived):
                    fresh += event.metrics
                yield event
            if fresh:
                heard_at = time.monotonic()
                yield from self._verify(record, trainer, check, fresh)
            now = time.monotonic()
            reason = self._urgent(record, check, fresh, now - heard_at) or self._arrived(record)
            if reason is None and (self._evaluated(fresh) or now - asked_at > _ASK_SECONDS):
                asked_at = now
                reason = self._considered(record, fresh)
        if reason is not None:
            self.ending = reason
            signal_name = trainer.stop()
            if signal_name != "SIGINT":
                yield self._warn(
                    f"trial {record.started.trial}: trainer obeyed only {signal_name};"
                    " what it did after its last checkpoint is lost"
                )

    def _urgent(
        self, record: TrialRecord, check: Verification, fresh: list[Metric], silence: float
    ) -> Ending | None:
        """Найди причину остановить тренер немедленно."""
        if check.restarted_from_zero:
            return Ending("failed", check.problems[0])
        if bad := self._store.not_finite(fresh):
            return Ending("diverged", f"{bad.tag} is {bad.value} at iteration {bad.step}")
        if self._referee.interrupted:
            return Ending("stopped", self._referee.interrupted)
        if silence > self._settings.silence_seconds:
            return Ending("retry", f"no new metrics for {silence:.0f} s")
        return None

    def _arrived(self, record: TrialRecord) -> Ending | None:
        """Скажи, пора ли остановить программу, которая не знает, где ей закончить."""
        if self._wrapper.stops_by_itself or not self._is_over(record):
            return None
        return Ending("reached", "")

    def _considered(self, record: TrialRecord, fresh: list[Metric]) -> Ending | None:
        """Спроси стопперы и, если пришла новая оценка, оптимизатор."""
        reason = self._referee.prune(record) if self._evaluated(fresh) else None
        reason = reason or self._referee.stop_trial(record)
        return Ending("pruned", reason) if reason else None

    def _evaluated(self, fresh: list[Metric]) -> bool:
        return any(metric.tag == self._store.objective for metric in fresh)

    def _finish(
        self, record: TrialRecord, trainer: Trainer, watcher: LogWatcher, check: Verification
    ) -> Iterator[Event]:
        """Дочитай журналы завершившегося тренера и вынеси причину конца."""
        end = trainer.exit()
        number = record.started.trial
        yield self._store.record(TrainerExited(trial=number, code=end.code, meaning=end.meaning))
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        yield from self._heard(record, trainer, watcher, check)
        while end.kind == "ok" and not self._is_over(record) and time.monotonic() < deadline:
            watcher.wait()
            yield from self._heard(record, trainer, watcher, check)
        if missing := check.unverified():
            if not self._said(f"cannot verify {missing[0]}"):
                yield self._warn(f"trainer: cannot verify {', '.join(missing)}")
        if self.ending.kind in ("failed", "retry") and not check.restarted_from_zero:
            self.ending = self._judge_exit(record, end)

    def _judge_exit(self, record: TrialRecord, end: Exit) -> Ending:
        number = record.started.trial
        if bad := self._store.diverged(number):
            return Ending("diverged", f"{bad.tag} is {bad.value} at iteration {bad.step}")
        if self._is_over(record):
            return Ending("reached", "")
        match end.kind:
            case "user":
                return Ending("refused", end.meaning)
            case "diverged" | "disk_full":
                return Ending(end.kind, end.meaning)
            case "out_of_memory":
                return Ending("failed", end.meaning)
            case "ok":
                return Ending("failed", self._ended_early(record))
        reason = self.ending.reason or end.meaning
        crashes = len([e for e in record.exits if e.code not in (0, 130)])
        if crashes <= self._settings.max_restarts:
            return Ending("retry", reason)
        return Ending("failed", f"{reason}, {crashes} times in a row")

    def _ended_early(self, record: TrialRecord) -> str:
        return (
            f"trainer exited by itself, last {self._store.objective} at iteration"
            f" {self._store.reached(record.started.trial)},"
            f" expected {record.started.end_iteration}"
        )

    # --- измерения ----------------------------------------------------------------------------

    def _read(self, record: TrialRecord, watcher: LogWatcher) -> Iterator[Event]:
        fresh, warnings = watcher.read()
        for message in warnings:
            yield self._warn(message)
        if fresh:
            yield MetricsReceived(trial=record.started.trial, metrics=fresh)

    def _heard(
        self, record: TrialRecord, trainer: Trainer, watcher: LogWatcher, check: Verification
    ) -> Iterator[Event]:
        """Прочитай новое и сверь: быстрый тренер успевает закончить раньше первого чтения."""
        for event in self._read(record, watcher):
            yield event
            if isinstance(event, MetricsReceived):
                yield from self._verify(record, trainer, check, list(event.metrics))

    def _verify(
        self, record: TrialRecord, trainer: Trainer, check: Verification, fresh: list[Metric]
    ) -> Iterator[Event]:
        known = len(check.problems)
        written = [metric for metric in fresh if metric.wall_time >= trainer.started_at]
        if check.feed(written):
            yield self._store.record(
                TrainerVerified(trial=record.started.trial, checks=dict(check.checks))
            )
        for problem in check.problems[known:]:
            yield self._warn(f"trial {record.started.trial}: {problem}")

    def _is_over(self, record: TrialRecord) -> bool:
        """Скажи, есть ли у trial и последняя оценка, и чекпоинт конечной итерации."""
        number, end = record.started.trial, record.started.end_iteration
        return self._store.reached(number) >= end and (
            self._lineage.at_least(number, end) is not None
        )

    # --- подготовка ---------------------------------------------------------------------------

    def _launch(self, record: TrialRecord) -> Launch:
        """Выбери, с чего продолжить: чекпоинт конца без оценки не годится — она не повторится."""
        started = record.started
        own = self._lineage.newest(started.trial, below=started.end_iteration)
        parent = (
            self._lineage.verified(started.checkpoint, started.sha256)
            if own is None and started.checkpoint is not None
            else None
        )
        checkpoint, since = own or parent, started.start_iteration if parent else 0
        if own is not None:
            since = self._lineage.iteration(started.trial, own)
        return Launch(
            trial=started.trial,
            output_dir=self._lineage.trial_folder(started.trial),
            log_directory=self._log_directory(started.trial),
            log_file=self._log_file(started.trial),
            config=self._plan.config_path,
            checkpoint=checkpoint,
            hparams=self._scheduler.render(started.hparams),
            until_iteration=started.end_iteration,
            environment=self._environment(started.trial),
            from_iteration=since,
            interval=self._settings.iters_per_checkpoint,
            seed=self._plan.settings.seed,
        )

    def _log_directory(self, trial: int) -> Path:
        """Выбери папку журналов: своему тренеру общую (имя файла отличит), чужому — trial."""
        if self._settings.command is None:
            return (self._plan.folder / "tb").resolve()
        return self._lineage.trial_folder(trial).resolve() / "logs"

    def _log_file(self, trial: int) -> Path:
        return self._plan.folder / "logs" / f"trial_{trial:04d}.log"

    def _environment(self, trial: int) -> dict[str, str]:
        mlflow = self._plan.settings.mlflow
        folder = self._lineage.trial_folder(trial)
        environment = {
            "TTSF_TRIAL": f"{trial:04d}",
            "TTSF_MLFLOW_RUN_FILE": str((folder / "mlflow_run_id").resolve()),
            "MLFLOW_EXPERIMENT_NAME": mlflow.experiment,
        }
        if mlflow.tracking_uri:
            environment["MLFLOW_TRACKING_URI"] = mlflow.tracking_uri
        return environment

    def _watch(self, record: TrialRecord) -> LogWatcher:
        number = record.started.trial
        folder = self._lineage.trial_folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        own_trainer = self._settings.command is None
        logs = self._plan.folder / "tb" if own_trainer else folder
        logs.mkdir(parents=True, exist_ok=True)
        source = TrialSource(
            trial=number,
            output_dir=folder,
            log_directory=logs,
            suffix=f".trial_{number:04d}" if own_trainer else "",
            rename={tag: name for name, tag in self._settings.metrics.items()},
            environment=self._environment(number),
            log_file=self._log_file(number),
        )
        watchers = {
            name: cls(config, source) for name, (cls, config) in self._plan.watchers.items()
        }
        return LogWatcher(number, watchers, self._store, self._settings.step_offset)

    def _warn(self, message: str) -> Event:
        return self._store.record(Warned(message=message))

    def _said(self, text: str) -> bool:
        return any(isinstance(e, Warned) and text in e.message for e in self._store.memory.notes)
