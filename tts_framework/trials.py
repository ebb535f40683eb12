"""Trial и прошлое запуска — всё, что видят оптимизаторы и стопперы."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tts_framework.events import Value
from tts_framework.space import Space

COMMITTED = "committed"
ROLLED_BACK = "rolled_back"
PRUNED = "pruned"
FAILED = "failed"
DIVERGED = "diverged"


@dataclass(frozen=True)
class Trial:
    """Отрезок обучения: чекпоинт-родитель + гиперпараметры + итерации + итог.

    `curve` — (шаг внутри trial, целевая метрика) по возрастанию шага; `advantages` — те же шаги,
    но вместо метрики её преимущество над прогнозом (больше — лучше), сравнимое между trial-ами.
    `outcome` равен None, пока trial открыт. `values` и `scores` — последнее значение и оценка
    (больше — лучше, сравнима между trial-ами) каждой цели, которую удалось измерить.
    """

    number: int
    kind: str
    parent: int | None
    hparams: Mapping[str, Value]
    start_iteration: int
    end_iteration: int
    outcome: str | None = None
    reason: str = ""
    value: float | None = None
    score: float | None = None
    seconds: float = 0.0
    checkpoint: str | None = None
    sha256: str | None = None
    curve: tuple[tuple[int, float], ...] = ()
    advantages: tuple[tuple[int, float], ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """Прошлое запуска на момент решения.

    Оптимизатор — функция этого объекта: случайность берётся из (`seed`, `decision`), поэтому
    повторный вопрос после сбоя даёт тот же ответ. `current` — значения головы зафиксированной
    ветви, `mode` — направление целевой метрики (`min` или `max`); `score` trial-ов всегда
    «больше — лучше». `progress` в [0, 1] — доля бюджета итераций, уже вложенная в ветвь.
    `objectives` — пары (метрика, направление) всех целей; первая решает.
    """

    trials: tuple[Trial, ...]
    space: Space
    current: Mapping[str, Value]
    base: Mapping[str, Value]
    seed: int
    n_trials: int
    mode: str = "min"
    seconds: float = 0.0
    progress: float = 0.0
    lineage: tuple[int, ...] = field(default=())
    objectives: tuple[tuple[str, str], ...] = ()

    @property
    def decision(self) -> int:
        """Номер принимаемого решения, начиная с нуля."""
        return len(self.trials)

    @property
    def committed(self) -> tuple[Trial, ...]:
        """Зафиксированная ветвь от корня к голове."""
        return tuple(self.trials[number] for number in self.lineage)

    def gain(self, value: float, over: float) -> float:
        """Верни, на сколько `value` лучше `over` в направлении целевой метрики."""
        return over - value if self.mode == "min" else value - over

    def streak(self, outcome: str, *, ignoring: str) -> tuple[Trial, ...]:
        """Верни последние подряд идущие trial-ы с исходом `outcome`, не замечая `ignoring`."""
        found: list[Trial] = []
        for trial in reversed(self.trials):
            if trial.outcome == outcome:
                found.append(trial)
            elif trial.outcome not in (None, ignoring):
                break
        return tuple(reversed(found))
