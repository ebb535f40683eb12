"""tacotron2 выполняет контракт модели."""

from __future__ import annotations

from tts_framework.testing import ModelContract

NARROW = {
    "symbols_embedding_dim": 16,
    "encoder_embedding_dim": 16,
    "encoder_n_convolutions": 1,
    "attention_rnn_dim": 16,
    "decoder_rnn_dim": 16,
    "prenet_dim": 8,
    "attention_dim": 8,
    "attention_location_n_filters": 4,
    "attention_location_kernel_size": 7,
    "postnet_embedding_dim": 8,
    "postnet_n_convolutions": 2,
}


class TestTacotron2(ModelContract):
    plugin = "tacotron2"
    options = {"preset": "tiny", "sizes": NARROW, "reduction_factor": 4}
    changes = {"grad_clip_thresh": 1e-6}
