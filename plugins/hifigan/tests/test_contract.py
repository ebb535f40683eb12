"""hifigan выполняет контракт модели."""

from __future__ import annotations

import pytest

from tts_framework.components import Frontend
from tts_framework.testing import ModelContract
from ttsf_hifigan.clips import AnyText

NARROW = {
    "upsample_rates": [8, 4, 4],
    "upsample_kernel_sizes": [16, 8, 8],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [2, 6]],
}


class TestHifigan(ModelContract):
    plugin = "hifigan"
    options = {
        "preset": "v3",
        "sizes": NARROW,
        "mpd_periods": [2, 3],
        "discriminator_width": 1 / 16,
        "segment_size": 1024,
        "validation_clips": 1,
        "validation_seconds": 1.0,
    }

    @pytest.fixture
    def frontend(self) -> Frontend:
        return AnyText(AnyText.Config())
