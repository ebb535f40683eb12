"""OptimizationEngine: спрашивает оптимизатор и отвечает за то, что его ответ допустим."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tts_framework.components import Optimizer, Proposal
from tts_framework.events import Value
from tts_framework.space import Space
from tts_framework.trials import DIVERGED, ROLLED_BACK, Past, Trial

STEPPED = "learning_rate"
"""Ось, шаг которой ограничен: за одно решение не больше чем в `max_step` раз."""
TABU_RADIUS = 0.05
"""Окрестность отвергнутой точки в единичной шкале пространства."""
TABU_TRIALS = 20
"""Столько последних trial-ов помнит запрет: дальше обучение уже в другой фазе."""
_SECOND_THOUGHTS = 4


@dataclass(frozen=True)
class Decision:
    """Решение: значения всех осей, объяснение и ошибка оптимизатора, если она была."""

    values: dict[str, Value]
    note: str
    error: str | None = None


class OptimizationEngine:
    """Превращает предложения в решения: внутри границ, малыми шагами, не туда, где было плохо.

    Любая ошибка оптимизатора — решение «оставить как есть» с текстом ошибки. `max_step`
    равен None, если шаг не ограничен (стратегия scratch: значения не меняют на ходу).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        space: Space,
        max_step: float | None = None,
        warn: Callable[[str], None] = logging.getLogger(__name__).warning,
    ) -> None:
        self._optimizer = optimizer
        self._space = space
        self._max_step = max_step
        self._warn = warn
        self._warned = False

    def decide(self, past: Past) -> Decision:
        """Прими решение; вызывается между trial-ами, исключений оптимизатора не пропускает."""
        try:
            return self._decide(past)
        except Exception as error:
            return self._kept(past, "the optimizer failed", f"{type(error).__name__}: {error}")

    def prune(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial; об ошибке оптимизатора предупреди один раз."""
        try:
            return self._optimizer.prune(trial, past)
        except Exception as error:
            if not self._warned:
                self._warn(f"pruning is off: {type(error).__name__}: {error}")
            self._warned = True
            return None

    def _decide(self, past: Past) -> Decision:
        first = self._admit(self._optimizer.ask(past, 1)[0], past)
        if first.error is not None or not self._is_tabu(first, past):
            return first
        for proposal in self._optimizer.ask(past, _SECOND_THOUGHTS):
            other = self._admit(proposal, past)
            if other.error is None and not self._is_tabu(other, past):
                return other
        return self._kept(past, f"values kept: {first.note} is close to a rejected trial")

    def _admit(self, proposal: Proposal, past: Past) -> Decision:
        """Дополни предложение, проверь границы и ограничь шаг."""
        unknown = sorted(set(proposal.values) - set(self._space))
        if unknown:
            return self._kept(past, "", f"{', '.join(unknown)}: not in the search space")
        values = {**self._current(past), **proposal.values}
        changed = {name: v for name, v in values.items() if v != past.current.get(name)}
        if violations := self._space.violations(changed):
            return self._kept(past, "", "; ".join(violations))
        values |= self._space.clip(changed)
        return self._small_step(self._space.point(values, past.base), proposal.note, past)

    def _small_step(self, values: dict[str, Value], note: str, past: Past) -> Decision:
        """Прижми learning_rate к [текущее / max_step, текущее * max_step]."""
        current, wanted = past.current.get(STEPPED), values.get(STEPPED)
        if self._max_step is None or not current or not isinstance(wanted, float):
            return Decision(values, note)
        low, high = float(current) / self._max_step, float(current) * self._max_step
        axis = self._space[STEPPED]
        if low <= wanted <= high:
            return Decision(values, note)
        allowed = current if axis.choices else axis.clip(min(high, max(low, wanted)))
        limited = f"limited to {allowed:.4g} (at most x{self._max_step:g} per decision)"
        return Decision(values | {STEPPED: allowed}, f"{note}; {STEPPED} {wanted:.4g} {limited}")

    def _is_tabu(self, decision: Decision, past: Past) -> bool:
        """Скажи, близка ли точка к отвергнутым; в scratch отвергнуты только расхождения."""
        if self._space.distance(decision.values, past.current) == 0.0:
            return False
        rejected = {DIVERGED} if self._max_step is None else {DIVERGED, ROLLED_BACK}
        return any(
            trial.outcome in rejected
            and self._space.distance(decision.values, trial.hparams) < TABU_RADIUS
            for trial in past.trials[-TABU_TRIALS:]
        )

    def _kept(self, past: Past, note: str, error: str | None = None) -> Decision:
        return Decision(self._current(past), note or "values kept", error)

    def _current(self, past: Past) -> dict[str, Value]:
        return self._space.point(past.current, past.base)
