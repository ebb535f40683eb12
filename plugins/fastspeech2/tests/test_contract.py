"""fastspeech2 выполняет контракт модели."""

from __future__ import annotations

from tts_framework.testing import ModelContract


class TestFastSpeech2(ModelContract):
    plugin = "fastspeech2"
    options = {
        "preset": "tiny",
        "sizes": {"hidden_dim": 16, "encoder_layers": 1, "decoder_layers": 1, "filter_dim": 32},
        "warmup": 20,
        "binarization_start": 0,
    }
