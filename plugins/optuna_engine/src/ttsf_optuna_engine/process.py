"""Сэмплер `gp`: поиск точки — из Optuna, процесс — свой, быстрый (см. `gaussian`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from optuna._gp.search_space import SearchSpace
from optuna.distributions import BaseDistribution
from optuna.samplers import GPSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ttsf_optuna_engine.gaussian import Gaussian, standardized


class QuickGP(GPSampler):
    """GPSampler, который одну цель без открытых соседей моделирует без torch.

    Ответ тот же, что у GPSampler, с точностью до округления; прочие вопросы отвечает он сам.
    """

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        known = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        started = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        neighbours = any(other.number != trial.number for other in started)
        ready = search_space and len(known) >= self._n_startup_trials
        if not ready or neighbours or len(study.directions) > 1:
            return dict(super().sample_relative(study, trial, search_space))
        return self._quick(known, SearchSpace(search_space))

    def _quick(self, known: Sequence[FrozenTrial], space: SearchSpace) -> dict[str, Any]:
        points = space.get_normalized_params(list(known))
        scores = standardized(np.array([trial.value for trial in known], dtype=float))
        process = Gaussian(points, scores, space.is_categorical)
        best = int(scores.argmax())
        improvement = Improvement(process, space, float(scores[best]))
        chosen = self._optimize_acqf(improvement, points[best, np.newaxis])
        return dict(space.get_unnormalized_param(chosen))


class Improvement:
    """Ожидаемое улучшение в том виде, какого ждёт поиск Optuna."""

    def __init__(self, process: Gaussian, space: SearchSpace, threshold: float) -> None:
        self.length_scales = 1 / np.sqrt(process.kernel.weights)
        self.search_space = space
        self._process, self._threshold = process, threshold

    def eval_acqf_no_grad(self, x: np.ndarray) -> Any:
        values = self._process.log_improvement(np.atleast_2d(x), self._threshold)
        return values if x.ndim == 2 else values[0]

    def eval_acqf(self, x: torch.Tensor) -> torch.Tensor:
        values, gradient = self._process.rising_improvement(x.detach().numpy(), self._threshold)
        found: torch.Tensor = _Known.apply(x, torch.from_numpy(values), torch.from_numpy(gradient))
        return found


class _Known(torch.autograd.Function):
    """Отдаёт torch готовые значения вместе с готовым градиентом."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, values: torch.Tensor, gradient: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(gradient)
        return values

    @staticmethod
    def backward(ctx: Any, *outward: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return outward[0].unsqueeze(-1) * gradient, None, None
