"""Где считать: имя устройства из настроек -> устройство torch."""

from __future__ import annotations

import torch

from tts_framework.errors import ConfigError


def resolve(name: str, key: str = "trainer.device") -> torch.device:
    """Верни устройство по имени; `key` - как эта настройка называется у пользователя.

    Raises:
        ConfigError: такого устройства нет.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type != "cuda" and name != "cpu":
        raise ConfigError([f"{key}: {name!r}; use auto, cpu, cuda or cuda:N"])
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(
            [f"{key}: {name!r}: {torch.cuda.device_count()} CUDA devices are visible; use auto"]
        )
    return device
