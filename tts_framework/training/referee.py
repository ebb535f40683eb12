"""Referee: лучшая оценка и ранняя остановка (спецификация 5.4); переживают перезапуск."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tts_framework import files
from tts_framework.config import Settings

NAME = "evaluations.json"
Point = tuple[int, float]


class Referee:
    """Судит обучение без тюнера по истории целевой метрики.

    Всё выводится из истории, поэтому продолжение с чекпоинта итерации N равносильно тому, что
    обучение не прерывалось: оценки после N отбрасываются. Под тюнером (`folder` равен None) судит
    он сам, и здесь ничего не происходит.
    """

    def __init__(self, folder: Path | None, settings: Settings) -> None:
        objective, trainer = settings.tuner.objective, settings.trainer
        self._path = folder / NAME if folder else None
        self._metric = objective.metric
        self._sign = -1.0 if objective.mode == "max" else 1.0
        self._patience, self._min_delta = trainer.patience, trainer.min_delta
        self._points: list[Point] = []

    def recall(self, iteration: int) -> None:
        """Вспомни оценки до этой итерации включительно."""
        self._points = [point for point in self._saved() if point[0] <= iteration]

    def note(self, iteration: int, metrics: Mapping[str, float]) -> None:
        """Запомни оценку."""
        if self._path is not None and self._metric in metrics:
            earlier = [point for point in self._points if point[0] < iteration]
            self._points = [*earlier, (iteration, metrics[self._metric])]
            document = {"metric": self._metric, "points": self._points}
            files.write_text(self._path, json.dumps(document))

    @property
    def best(self) -> int | None:
        """Верни итерацию лучшей оценки (первой из равных)."""
        best = min(self._points, key=lambda point: self._sign * point[1], default=None)
        return best[0] if best else None

    def reason_to_stop(self) -> str | None:
        """Верни причину остановиться: `patience` оценок без улучшения больше `min_delta`."""
        reference, idle = None, 0
        for _, value in self._points:
            if reference is None or self._sign * (reference - value) > self._min_delta:
                reference, idle = value, 0
            else:
                idle += 1
        if self._patience is None or idle < self._patience:
            return None
        return (
            f"early stop: {self._metric} did not improve by more than {self._min_delta:g}"
            f" in {idle} evaluations; the best was at iteration {self.best}"
        )

    def _saved(self) -> list[Point]:
        try:
            document = json.loads(self._path.read_text()) if self._path else {}
            if document["metric"] == self._metric:
                return [(int(iteration), float(value)) for iteration, value in document["points"]]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # истории нет или она испорчена: отсчёт начинается заново
        return []
