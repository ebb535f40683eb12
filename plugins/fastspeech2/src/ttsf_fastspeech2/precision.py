"""С какой точностью считать."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

_AMX_WIDTH = 256


def pays_bf16(device: torch.device, width: int) -> bool:
    """Скажи, быстрее ли bf16: тензорным ядрам всегда, процессору - с AMX и широкой сетью."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has_amx = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return width >= _AMX_WIDTH and bool(has_amx())


def precision(device: torch.device, wanted: str, width: int) -> AbstractContextManager[None]:
    """Верни контекст вычислений: bf16 для произведений или fp32 для всего."""
    bf16 = pays_bf16(device, width) if wanted == "auto" else wanted == "bf16"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16)
