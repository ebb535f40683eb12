"""Adam и AdamW в слитном виде, общие для моделей.

Считают то же, что `torch.optim.Adam(fused=True)` и `AdamW(fused=True)`, и пишут то же
состояние, но не импортируют `torch._dynamo`: те классы тратят на это секунду при каждом
запуске, то есть в каждом trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.adamw import adamw

_EPSILON = 1e-8


class Adam:
    """Держит моменты; `learning_rate`, `betas` и `weight_decay` можно менять между шагами.

    `decoupled` - AdamW: уменьшай сами веса, а не добавляй их к градиенту.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        decoupled: bool = False,
    ) -> None:
        self._parameters = list(parameters)
        self._moments = [_zeros(parameter) for parameter in self._parameters]
        self.betas = betas
        self._decoupled = decoupled
        self.learning_rate = 0.0
        self.weight_decay = 0.0

    def zero_grad(self) -> None:
        """Отпусти градиенты."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Сделай шаг по накопленным градиентам; параметры без градиента стоят на месте."""
        known = [
            (parameter, parameter.grad, moments)
            for parameter, moments in zip(self._parameters, self._moments, strict=True)
            if parameter.grad is not None
        ]
        update = adamw if self._decoupled else adam
        update(
            [parameter for parameter, _, _ in known],
            [gradient for _, gradient, _ in known],
            [moments["exp_avg"] for _, _, moments in known],
            [moments["exp_avg_sq"] for _, _, moments in known],
            [],
            [moments["step"] for _, _, moments in known],
            fused=True,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            eps=_EPSILON,
            maximize=False,
        )

    def state_dict(self) -> dict[str, Any]:
        """Верни состояние в том же виде, что `torch.optim.Adam`."""
        group = {
            "lr": self.learning_rate,
            "betas": self.betas,
            "eps": _EPSILON,
            "weight_decay": self.weight_decay,
            "amsgrad": False,
            "params": list(range(len(self._parameters))),
        }
        return {"state": dict(enumerate(self._moments)), "param_groups": [group]}

    def reshape(self, parameter: nn.Parameter, change: Callable[[Tensor, int], Tensor]) -> None:
        """Переделай моменты параметра, который сейчас изменит форму: `change(момент, степень)`."""
        place = next(n for n, own in enumerate(self._parameters) if own is parameter)
        moments = self._moments[place]
        moments["exp_avg"] = change(moments["exp_avg"], 1)
        moments["exp_avg_sq"] = change(moments["exp_avg_sq"], 2)

    def load_moments(self, state: Mapping[Any, Any]) -> None:
        """Возьми моменты из `state_dict()["state"]`; пустое - обучение ещё не сделало ни шага.

        Raises:
            ValueError: моменты не от этих параметров.
        """
        if state and set(state) != set(range(len(self._parameters))):
            raise ValueError(f"{len(state)} moments for {len(self._parameters)} parameters")
        fresh = [_zeros(parameter) for parameter in self._parameters]
        for number, saved in state.items():
            for name, own in fresh[number].items():
                value = torch.as_tensor(saved[name]) if name in saved else None
                if value is None or value.shape != own.shape:
                    raise ValueError(f"{name} of parameter {number} has another shape")
                own.copy_(value)
        self._moments = fresh


def _zeros(parameter: nn.Parameter) -> dict[str, Tensor]:
    return {
        "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
        "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
        "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
    }
