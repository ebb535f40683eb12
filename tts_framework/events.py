"""События цикла подстройки: замороженные dataclass-ы в прошедшем времени.

Цикл (`smart_tuner.loop.tune`) — генератор этих событий; их же читают терминал, оповещатели,
история и MLflow. События с `durable = True` попадают в хранилище раньше, чем их увидит кто-либо
ещё: запуск после сбоя восстанавливается только по ним.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

Value = float | int | str | bool
HParams = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Metric:
    """Одно измерение: канонический тег, шаг обучения, значение и время записи (Unix, с)."""

    tag: str
    step: int
    value: float
    wall_time: float


@dataclass(frozen=True, kw_only=True)
class Event:
    """Нечто, что уже произошло; `at` — время Unix в секундах."""

    durable: ClassVar[bool] = True
    at: float = field(default_factory=time.time)

    def to_dict(self) -> dict[str, Any]:
        """Верни словарь из одних JSON-типов; тип события — в ключе `event`."""
        return {"event": type(self).__name__, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """Создана новая папка запуска."""

    run: str
    seed: int
    strategy: str
    optimizer: str
    objective: dict[str, str]
    space: dict[str, dict[str, Any]]
    base: dict[str, Value]
    version: str
    data: dict[str, str] = field(default_factory=dict)
    objectives: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RunResumed(Event):
    """Продолжен прежний запуск; `open_trial` — trial, прерванный на середине."""

    run: str
    trials: int
    open_trial: int | None = None


@dataclass(frozen=True, kw_only=True)
class TrialStarted(Event):
    """Решение принято: откуда, с какими значениями и до какой итерации учить.

    `kind`: `startup` (исходные значения), `control` (значения без изменений) или `proposal`.
    `checkpoint` — путь относительно папки запуска; None — обучение с нуля.
    """

    trial: int
    kind: str
    parent: int | None
    checkpoint: str | None
    sha256: str | None
    start_iteration: int
    end_iteration: int
    hparams: dict[str, Value]
    reason: str


@dataclass(frozen=True, kw_only=True)
class TrainerLaunched(Event):
    """Запущен процесс обучения."""

    trial: int
    attempt: int
    pid: int
    command: str
    from_iteration: int


@dataclass(frozen=True, kw_only=True)
class TrainerVerified(Event):
    """После перезапуска сверены первый шаг и действующие значения."""

    trial: int
    checks: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MetricsReceived(Event):
    """Новые измерения уже лежат в хранилище (само событие туда не пишется)."""

    durable: ClassVar[bool] = False
    trial: int
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, kw_only=True)
class TrainerExited(Event):
    """Процесс обучения завершился; `meaning` — причина словами."""

    trial: int
    code: int
    meaning: str


@dataclass(frozen=True, kw_only=True)
class TrialFinished(Event):
    """Итог trial.

    `outcome`: committed, rolled_back, pruned, failed или diverged. `score` больше — лучше
    (reference: z = (mu - log L) / s против прогноза); None, если оценить нельзя.
    """

    trial: int
    outcome: str
    reason: str
    end_iteration: int
    checkpoint: str | None
    sha256: str | None
    value: float | None
    score: float | None
    forecast: float | None
    forecast_std: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class RolledBack(Event):
    """Ветвь отвергнута: следующий trial начнётся с чекпоинта родителя."""

    trial: int
    to_trial: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class BestImproved(Event):
    """Целевая метрика зафиксированной ветви стала лучше прежней."""

    trial: int
    metric: str
    value: float
    previous: float | None
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class CheckpointsRemoved(Event):
    """Сборка мусора освободила место: ненужные никому чекпоинты удалены."""

    paths: tuple[str, ...]
    freed_bytes: int


@dataclass(frozen=True, kw_only=True)
class OptimizerFailed(Event):
    """Оптимизатор упал или предложил недопустимое; решение заменено на «оставить как есть»."""

    error: str


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    """Предупреждение человеку: что не так и что с этим сделать."""

    message: str


@dataclass(frozen=True, kw_only=True)
class PlateauReached(Event):
    """`trials` trial-ов подряд не улучшили лучшего значения."""

    metric: str
    value: float
    best_trial: int
    trials: int


@dataclass(frozen=True, kw_only=True)
class DiskLow(Event):
    """Свободного места на диске запуска осталось меньше порога."""

    free_bytes: int
    threshold_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunCrashed(Event):
    """Цикл подстройки упал из-за ошибки в нём самом; до падения ничего не потеряно."""

    durable: ClassVar[bool] = False
    error: str


@dataclass(frozen=True, kw_only=True)
class RunStopped(Event):
    """Запуск остановлен; `finished=False` — прерван и может быть продолжен."""

    reason: str
    finished: bool


_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        RunStarted,
        RunResumed,
        TrialStarted,
        TrainerLaunched,
        TrainerVerified,
        MetricsReceived,
        TrainerExited,
        TrialFinished,
        RolledBack,
        BestImproved,
        CheckpointsRemoved,
        OptimizerFailed,
        Warned,
        PlateauReached,
        DiskLow,
        RunCrashed,
        RunStopped,
    )
}


def from_dict(record: Mapping[str, Any]) -> Event:
    """Восстанови событие из `Event.to_dict()`; неизвестные ключи новых версий пропускаются.

    Raises:
        ValueError: тип события неизвестен.
    """
    cls = _TYPES.get(str(record.get("event")))
    if cls is None:
        raise ValueError(f"event: {record.get('event')!r} is not a known event type")
    known = {f.name for f in fields(cls)}
    values = {key: value for key, value in record.items() if key in known}
    if cls is MetricsReceived:
        values["metrics"] = tuple(Metric(**m) for m in values["metrics"])
    if cls is CheckpointsRemoved:
        values["paths"] = tuple(values["paths"])
    return cls(**values)
