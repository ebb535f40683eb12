"""С какой точностью считать свёртки."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def pays_bf16(device: torch.device) -> bool:
    """Скажи, быстрее ли bf16: тензорным ядрам всегда, процессору - только с AMX."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())


def precision(device: torch.device, wanted: str) -> AbstractContextManager[None]:
    """Верни контекст вычислений: bf16 для свёрток или fp32 для всего."""
    bf16 = pays_bf16(device) if wanted == "auto" else wanted == "bf16"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16)
