"""Состояния генераторов случайных чисел в виде, пригодном для чекпоинта."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from tts_framework.errors import CheckpointError


def capture() -> dict[str, Any]:
    """Верни состояния общих генераторов python, numpy и torch (тензоры и JSON-типы)."""
    import numpy as np
    import torch

    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "python": [version, list(words), gauss],
        "numpy": [str(name), [int(k) for k in keys], int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
    }


def restore(state: Mapping[str, Any]) -> None:
    """Верни генераторы в состояние из `capture`; состояния лишних GPU пропускаются.

    Raises:
        CheckpointError: состояния повреждены.
    """
    import numpy as np
    import torch

    try:
        version, words, gauss = state["python"]
        random.setstate((version, tuple(words), gauss))
        name, keys, position, has_gauss, cached = state["numpy"]
        np.random.set_state((name, np.array(keys, np.uint32), position, has_gauss, cached))
        torch.set_rng_state(state["torch"])
        if state["cuda"] and torch.cuda.is_available():
            for device, saved in enumerate(state["cuda"][: torch.cuda.device_count()]):
                torch.cuda.set_rng_state(saved, device)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"rng: the saved state is damaged ({type(error).__name__}); use another checkpoint"
        ) from error
