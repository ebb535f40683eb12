"""Stretch: один запуск тренера под наблюдением — его измерения, чекпоинты и конец."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tts_framework.components import TrialSource, Watcher
from tts_framework.events import HParams, Metric
from tts_framework.foreign_trainer.discovery import Discovery
from tts_framework.foreign_trainer.writers import written_by
from tts_framework.plan import Plan
from tts_framework.smart_tuner.param_scheduler import ParamScheduler
from tts_framework.smart_tuner.trainer_wrapper import Exit, Launch, TrainerWrapper
from tts_framework.smart_tuner.verification import LOSS, RATE

_POLL = 0.1
_SAVES = 5
"""Столько записей подряд пытаются застать на середине."""
_GLANCE = 0.0005
"""Как часто смотреть на папку, чтобы застать запись чекпоинта на середине, с."""
_IGNORED = ("/dev/", "/proc/", "/sys/", "/memfd:", "/run/", "/anon")

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
"""Кэши библиотек общие по замыслу: пишущий в них ничьих trial-ов не портит."""


@dataclass(frozen=True)
class Start:
    """С чем запустить: значения, чекпоинт (None — с нуля), его итерация и где закончить."""

    number: int
    hparams: HParams
    until: int
    checkpoint: Path | None = None
    since: int = 0


class Stretch:
    """Запущенный тренер; вся его запись — внутри `root`. Закрывай `close`: он убивает."""

    def __init__(self, plan: Plan, root: Path, start: Start, deadline: float) -> None:
        self.start, self._deadline, self._root = start, deadline, root
        self._settings = plan.settings.trainer
        self._objective = plan.settings.tuner.objective.metric
        self.folder = root / "checkpoints" / f"trial_{start.number:04d}"
        self.discovery = Discovery.of(self._settings)
        self.metrics: dict[tuple[str, int], Metric] = {}
        self.warnings: dict[str, None] = {}
        self.outside: set[Path] = set()
        self.folder.mkdir(parents=True)
        launch = self._launch(plan)
        self._watchers = self._watch(plan, launch)
        self.trainer = TrainerWrapper(self._settings).launch(launch)
        self.started = time.monotonic()

    # --- ход ----------------------------------------------------------------------------------

    def until(self, ready: Callable[[], object]) -> bool:
        """Жди условия, пока тренер жив и есть время; верни, выполнено ли оно."""
        while True:
            running = self.trainer.running
            self.read()
            if ready():
                return True
            if not running or time.monotonic() > self._deadline:
                return False
            time.sleep(_POLL)

    def read(self) -> None:
        """Забери новые измерения и посмотри, куда тренер пишет."""
        for name, watcher in self._watchers.items():
            try:
                fresh = watcher.read()
            except Exception as error:  # чужой источник: как и в LogWatcher, это предупреждение
                self.warnings[f"{name}: {error}"] = None
                continue
            for metric in fresh:
                step = metric.step + self._settings.step_offset
                self.metrics.setdefault((metric.tag, step), metric)
        with suppress(psutil.Error):
            for path in written_by(psutil.Process(self.trainer.pid)):
                shared = str(path).startswith(_IGNORED) or path.is_relative_to(_CACHE)
                if not path.is_relative_to(self._root) and not shared:
                    self.outside.add(path)

    def stop(self) -> tuple[str, float, Exit]:
        """Останови лестницей сигналов; верни последний сигнал, время остановки (с) и конец."""
        began = time.monotonic()
        signal_name = self.trainer.stop()
        seconds = time.monotonic() - began
        self.read()
        return signal_name, seconds, self.trainer.exit()

    def kill_during_save(self) -> tuple[Path | None, bool]:
        """Убей посреди записи чекпоинта; верни, что писалось и застали ли запись на середине.

        Увидев новый файл или изменение чекпоинта, программу замораживают (SIGSTOP): если файл ещё
        открыт на запись, убивают, иначе дают идти до следующей записи.
        """
        last: Path | None = None
        for _ in range(_SAVES):
            changed = self._next_change()
            if changed is None:
                break
            last = changed
            self._signal(signal.SIGSTOP)
            if self._being_written(changed):
                self.trainer.kill()
                return changed, True
            self._signal(signal.SIGCONT)
        if last is not None:
            self.trainer.kill()
        return last, False

    def _next_change(self) -> Path | None:
        before = self._entries()
        while self.trainer.running and time.monotonic() < self._deadline:
            now = self._entries()
            changed = [path for path in now if now[path] != before.get(path)]
            if changed:
                return changed[0]
            time.sleep(_GLANCE)
        return None

    def _being_written(self, path: Path) -> bool:
        with suppress(psutil.Error):
            written = set(written_by(psutil.Process(self.trainer.pid)))
            return any(file == path or path in file.parents for file in written)
        return False

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.trainer.pid, number)

    def close(self) -> None:
        """Убей тренера, если он жив, и закрой наблюдателей."""
        if self.trainer.running:
            self.trainer.kill()
        for watcher in self._watchers.values():
            with suppress(Exception):
                watcher.close()

    # --- увиденное ----------------------------------------------------------------------------

    def series(self, *tags: str) -> dict[int, float]:
        """Верни {шаг: значение} первого из тегов, который встречался."""
        for tag in tags:
            found = {step: m.value for (t, step), m in self.metrics.items() if t == tag}
            if found:
                return dict(sorted(found.items()))
        return {}

    @property
    def losses(self) -> dict[int, float]:
        """Верни потери обучения по шагам."""
        return self.series(*LOSS)

    @property
    def rates(self) -> dict[int, float]:
        """Верни действующую скорость обучения по шагам."""
        return self.series(*RATE)

    @property
    def judged(self) -> dict[int, float]:
        """Верни целевую метрику по шагам."""
        return self.series(self._objective)

    @property
    def tags(self) -> list[str]:
        """Верни все встреченные теги."""
        return sorted({tag for tag, _ in self.metrics})

    def newest(self) -> tuple[int, Path] | None:
        """Найди последний законченный чекпоинт этого запуска."""
        path = self.discovery.newest(self.folder, math.inf, self._step_at)
        return (self.iteration(path), path) if path else None

    def iteration(self, path: Path) -> int:
        """Верни итерацию чекпоинта."""
        return self.discovery.iteration(path, self.folder, self._step_at)

    def _step_at(self, when: float) -> int:
        return max((s for (_, s), m in self.metrics.items() if m.wall_time <= when), default=-1)

    def _entries(self) -> dict[Path, tuple[int, int]]:
        """Верни имена всех файлов папки, а у чекпоинтов — ещё размер и время."""
        entries: dict[Path, tuple[int, int]] = {}
        matched = set(self.discovery.under_mask(self.folder))
        for path in self.folder.rglob("*"):
            with suppress(OSError):
                stat = path.lstat()
                whole = path in matched or any(p in matched for p in path.parents)
                entries[path] = (stat.st_size, stat.st_mtime_ns) if whole else (0, 0)
        return entries

    # --- подготовка ---------------------------------------------------------------------------

    def _launch(self, plan: Plan) -> Launch:
        return Launch(
            trial=self.start.number,
            output_dir=self.folder,
            log_directory=self.folder / "logs",
            log_file=self._root / "logs" / f"{self.folder.name}.log",
            config=self._root / "run.yaml",
            checkpoint=self.start.checkpoint,
            hparams=ParamScheduler.of(self._settings).render(self.start.hparams),
            until_iteration=self.start.until,
            environment=self._environment(),
            from_iteration=self.start.since,
            interval=self._settings.iters_per_checkpoint,
            seed=plan.settings.seed,
        )

    def _watch(self, plan: Plan, launch: Launch) -> Mapping[str, Watcher]:
        own = self._settings.command is None
        source = TrialSource(
            trial=self.start.number,
            output_dir=self.folder,
            log_directory=launch.log_directory if own else self.folder,
            suffix=f".{self.folder.name}" if own else "",
            rename={tag: name for name, tag in self._settings.metrics.items()},
            environment=self._environment(),
            log_file=launch.log_file,
        )
        return {name: cls(config, source) for name, (cls, config) in plan.watchers.items()}

    def _environment(self) -> dict[str, str]:
        """Отправь MLflow в ту же временную папку: чужому серверу проверка не нужна."""
        return {
            "TTSF_TRIAL": f"{self.start.number:04d}",
            "TTSF_MLFLOW_RUN_FILE": str(self.folder / "mlflow_run_id"),
            "MLFLOW_EXPERIMENT_NAME": "ttsf-check",
            "MLFLOW_TRACKING_URI": f"sqlite:///{self._root}/mlflow.db",
        }
