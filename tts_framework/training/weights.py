"""Веса сети из чекпоинта: сначала сверка имён и форм, потом загрузка."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tts_framework.errors import CheckpointError


def load_weights(
    path: Path,
    network: nn.Module,
    weights: Any,
    *,
    key: str = "state_dict",
    advice: str,
    assign: bool = False,
) -> None:
    """Загрузи веса раздела `key`; `advice` - что делать, если формы другие.

    `assign` - не копируй, а возьми сами тензоры: сеть может быть построена на `meta`.

    Raises:
        CheckpointError: раздела или тензора нет, тензор лишний, другой формы или не из чисел.
    """
    if not isinstance(weights, Mapping):
        raise CheckpointError(f"{path}: {key} is missing; choose another checkpoint")
    own = network.state_dict()
    for name, tensor in own.items():
        found = weights.get(name)
        if not isinstance(found, torch.Tensor):
            raise CheckpointError(f"{path}: tensor {name} is missing in {key}; it is another model")
        if found.shape != tensor.shape:
            raise CheckpointError(
                f"{path}: tensor {name} is {list(found.shape)} in the checkpoint and"
                f" {list(tensor.shape)} here; {advice}"
            )
        if found.is_floating_point() and not torch.isfinite(found).all():
            raise CheckpointError(f"{path}: tensor {name} holds NaN or infinity; choose another")
    extra = sorted(str(name) for name in weights if name not in own)
    if extra:
        raise CheckpointError(f"{path}: tensor {extra[0]} is unknown here; it is another model")
    network.load_state_dict(weights, assign=assign)
