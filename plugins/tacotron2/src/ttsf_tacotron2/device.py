"""Где и с какой точностью считать."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

from tts_framework.errors import ConfigError


def resolve(name: str) -> torch.device:
    """Верни устройство по имени из `trainer.device`.

    Raises:
        ConfigError: такого устройства нет.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError([f"trainer.device: {name!r}; use auto, cpu, cuda or cuda:N"]) from None
    if device.type not in ("cpu", "cuda") or device.index is not None and device.type == "cpu":
        raise ConfigError([f"trainer.device: {name!r}; use auto, cpu, cuda or cuda:N"])
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(
            [
                f"trainer.device: {name!r}, but {torch.cuda.device_count()} CUDA devices are"
                " visible; use auto or cpu"
            ]
        )
    return device


def pays_bf16(device: torch.device) -> bool:
    """Скажи, есть ли у устройства матричные блоки bf16 (тензорные ядра или AMX)."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_amx_tile_supported()


def precision(device: torch.device, wanted: str) -> AbstractContextManager[None]:
    """Верни контекст вычислений: bf16 для произведений или fp32 для всего."""
    bf16 = pays_bf16(device) if wanted == "auto" else wanted == "bf16"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16)
