"""Что видит человек, пока идёт подстройка: строки событий, ход trial, итоговая таблица."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tts_framework.cli.trial_table import trial_table
from tts_framework.events import (
    BestImproved,
    Event,
    Metric,
    MetricsReceived,
    TrainerLaunched,
    TrialStarted,
)
from tts_framework.plan import Plan
from tts_framework.smart_tuner.history import NAME, recall
from tts_framework.smart_tuner.lineage import BEST
from tts_framework.wording import describe

_LINE_SECONDS = 20.0
"""Без терминала о ходе trial сообщается не чаще."""
_TABLE_WIDTH = 120
"""Ширина таблицы в файле или журнале: там переносить строки незачем."""


class Display:
    """Слушатель событий; на терминале внизу живёт строка хода текущего trial."""

    def __init__(self, plan: Plan, console: Console | None = None) -> None:
        self._plan = plan
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._live = Live(console=self._console, refresh_per_second=4, transient=True)
        self._latest: dict[str, Metric] = {}
        self._launched: TrainerLaunched | None = None
        self._first: Metric | None = None
        self._said_at = 0.0

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """Скажи строку, не портя строку хода."""
        self._console.print(Text(text, style="bold yellow"))

    def __call__(self, event: Event) -> None:
        if isinstance(event, MetricsReceived):
            self._advance(event)
            return
        self._remember(event)
        if text := describe(event):
            clock = time.strftime("%H:%M:%S", time.localtime(event.at))
            style = "bold green" if isinstance(event, BestImproved) else ""
            self._console.print(Text(f"{clock}  {text}", style=style))

    def _remember(self, event: Event) -> None:
        """Учти событие; при продолжении прежние trial-ы дочитает `summary`."""
        if isinstance(event, TrialStarted):
            self._latest.clear()
            self._first = None
        if isinstance(event, TrainerLaunched):
            self._launched = event
            self._first = None

    def _advance(self, event: MetricsReceived) -> None:
        for metric in event.metrics:
            self._latest[metric.tag] = metric
            if metric.tag == "training.loss" and self._first is None:
                self._first = metric
        line = self._progress(event.trial)
        if self._console.is_terminal:
            self._live.update(Text(line, style="cyan"))
        elif time.monotonic() - self._said_at > _LINE_SECONDS:
            self._said_at = time.monotonic()
            self._console.print(line)

    def _progress(self, trial: int) -> str:
        objective = self._plan.settings.tuner.objective.metric
        parts = [f"  trial {trial}"]
        if last := self._latest.get("training.loss"):
            parts.append(f"iteration {last.step}")
            parts += self._speed(last)
            parts.append(f"training.loss {last.value:.4g}")
        if value := self._latest.get(objective):
            parts.append(f"{objective} {value.value:.4g}")
        return "  ".join(parts)

    def _speed(self, last: Metric) -> list[str]:
        if self._first is None or last.wall_time <= self._first.wall_time:
            return []
        rate = (last.step - self._first.step) / (last.wall_time - self._first.wall_time)
        return [f"{rate:.2f} it/s"] if rate > 0 else []

    def summary(self) -> None:
        """Покажи таблицу trial-ов и где что лежит."""
        cls, config = self._plan.store
        store = cls(config, self._plan.folder)
        try:
            memory = recall(store)
        finally:
            store.close()
        width = None if self._console.is_terminal else _TABLE_WIDTH
        self._console.print(trial_table(memory), width=width)
        self._console.print(self._places())

    def _places(self) -> Table:
        folder = self._plan.folder
        places = {
            "best model": folder / BEST,
            "history": folder / NAME,
            "TensorBoard": f"tensorboard --logdir {folder / 'tb'}",
            "MLflow": f"mlflow ui --backend-store-uri {mlflow_address(self._plan)}",
            "trainer logs": folder / "logs",
            "listen": f"ttsf synthesize --checkpoint {folder / BEST} --text ... --out out.wav",
        }
        table = Table.grid(padding=(0, 2))
        for name, place in places.items():
            table.add_row(name, str(place))
        return table


def mlflow_address(plan: Plan) -> str:
    """Верни адрес MLflow этого запуска."""
    return plan.settings.mlflow.tracking_uri or "sqlite:///mlruns/mlflow.db"
