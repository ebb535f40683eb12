"""Что лежит в чекпоинте помимо весов и подходит ли чужой чекпоинт к этому обучению."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tts_framework.errors import CheckpointError
from tts_framework.training.saved import require_equal, require_symbols
from ttsf_tacotron2.description import NAME, description, reduction_factor, saved_options
from ttsf_tacotron2.network import HEADS
from ttsf_tacotron2.options import Tacotron2Options

__all__ = ["NAME", "description", "reduction_factor", "saved_options"]

SCALARS, OLD_SCALARS = 5, 3
"""Скаляры обучения: потери, норма градиента, штраф внимания, CTC и множитель MMI (их не было)."""


def require_same(
    path: Path, saved: Mapping[str, Any], own: Mapping[str, Any], *, warm: bool = False
) -> None:
    """Сверь описания; разделы, которых в чекпоинте нет (формат эталона), не сверяются.

    При расписании reduction factor годится любой, при тёплом старте - и другие символы.

    Raises:
        CheckpointError: названо первое расхождение.
    """
    if "model" in saved:
        here = Tacotron2Options.model_validate(
            {key: value for key, value in own["model"].items() if key != "use"}
        )
        there, wanted = _shape(saved_options(path, saved)), _shape(here)
        there["reduction_factor"] = reduction_factor(path, saved)
        if here.reduction_schedule:
            del wanted["reduction_factor"]
        require_equal(path, "model", there, wanted)
    if "symbols" in saved and not warm:
        require_symbols(path, saved["symbols"], own["symbols"])
    if "audio" in saved:
        require_equal(path, "data.audio", saved["audio"], own["audio"])


def load_weights(path: Path, network: nn.Module, weights: Any) -> None:
    """Загрузи веса, сначала сверив имена и формы.

    Raises:
        CheckpointError: тензора не хватает, он лишний или другой формы.
    """
    if not isinstance(weights, Mapping):
        raise CheckpointError(f"{path}: state_dict is missing; choose another checkpoint")
    own = network.state_dict()
    for name, tensor in own.items():
        found = weights.get(name)
        if not isinstance(found, torch.Tensor):
            head = name.split(".")[0]
            advice = f"use --warm_start to add {head}" if head in HEADS else "it is another model"
            raise CheckpointError(f"{path}: tensor {name} is missing; {advice}")
        if found.shape != tensor.shape:
            raise CheckpointError(
                f"{path}: tensor {name} is {list(found.shape)} in the checkpoint and"
                f" {list(tensor.shape)} here; use the preset, reduction_factor and symbols"
                " it was trained with"
            )
    extra = sorted(str(name) for name in weights if name not in own)
    if extra:
        head = extra[0].split(".")[0]
        advice = f"set model.{head} or use --warm_start" if head in HEADS else "it is another model"
        raise CheckpointError(f"{path}: tensor {extra[0]} is unknown here; {advice}")
    network.load_state_dict(weights)


def tensor(
    path: Path, saved: Mapping[str, Any], key: str, shape: tuple[int, ...]
) -> torch.Tensor | None:
    """Верни необязательный тензор fp32 чекпоинта или None.

    Raises:
        CheckpointError: он другой формы или в нём не числа.
    """
    if key not in saved:
        return None
    value = saved[key]
    if not isinstance(value, torch.Tensor) or value.shape != shape or not value.isfinite().all():
        raise CheckpointError(f"{path}: {key} is damaged; use another checkpoint")
    return value.float().clone()


def _shape(config: Tacotron2Options) -> dict[str, Any]:
    sizes = asdict(config.network_sizes(n_mels=1))
    shape = {"reduction_factor": config.reduction_factor, "attention": config.attention}
    return {**shape, **sizes}
