"""PastBuilder: прошлое запуска в том виде, в каком его видят оптимизаторы и стопперы."""

from __future__ import annotations

import time
from collections.abc import Mapping

from tts_framework.events import Value
from tts_framework.plan import Plan
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.objectives import Objectives
from tts_framework.smart_tuner.strategies import Strategy
from tts_framework.trials import Past, Trial


class PastBuilder:
    """Строит Past из событий; закрытые trial-ы больше не меняются и строятся однажды."""

    def __init__(self, plan: Plan, store: MetricsStore, strategy: Strategy) -> None:
        self._plan = plan
        self._store = store
        self._strategy = strategy
        self._objectives = Objectives(plan.settings.tuner, store)
        self._closed: list[Trial] = []

    def build(self) -> Past:
        """Верни прошлое: все закрытые trial-ы и голову ветви."""
        memory = self._store.memory
        closed = memory.closed
        for record in closed[len(self._closed) :]:
            self._closed.append(self.trial(record))
        head = memory.head
        tuner = self._plan.settings.tuner
        return Past(
            trials=tuple(self._closed),
            space=self._plan.space,
            current=self.current(head),
            base=self._plan.base,
            seed=self._plan.settings.seed,
            n_trials=tuner.n_trials,
            mode=tuner.objective.mode,
            seconds=memory.seconds_at(time.time()),
            progress=self._strategy.progress(),
            lineage=memory.lineage,
            objectives=tuple((goal.metric, goal.mode) for goal in tuner.goals),
        )

    def current(self, head: TrialRecord | None) -> Mapping[str, Value]:
        """Верни значения головы ветви или исходные."""
        return head.started.hparams if head else self._plan.space.point(self._plan.base)

    def trial(self, record: TrialRecord) -> Trial:
        """Опиши trial вместе с его кривой."""
        started, finished = record.started, record.finished
        curve = self._store.curve(started.trial)
        measured = self._objectives.measure(record)
        return Trial(
            number=started.trial,
            kind=started.kind,
            parent=started.parent,
            hparams=started.hparams,
            start_iteration=started.start_iteration,
            end_iteration=started.end_iteration,
            outcome=finished.outcome if finished else None,
            reason=finished.reason if finished else "",
            value=finished.value if finished else None,
            score=finished.score if finished else None,
            seconds=finished.seconds if finished else 0.0,
            checkpoint=finished.checkpoint if finished else None,
            sha256=finished.sha256 if finished else None,
            curve=tuple((step - started.start_iteration, value) for step, value in curve),
            advantages=self._strategy.advantages(record),
            values=measured.values,
            scores=measured.scores,
        )
