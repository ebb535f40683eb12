"""Имена метрик оценки: что измеряется с подсказкой, без неё и у сети с GST."""

from __future__ import annotations

from ttsf_tacotron2.options import Tacotron2Options

PROMPTED = (
    "val_loss",
    "val_mel",
    "val_mel_post",
    "val_gate",
    "attention_diagonality",
    "attention_coverage",
)
FREE_RUNNING = (
    "val_free_failures",
    "val_diagonality",
    "val_coverage",
    "val_attention_entropy",
    "val_mcd",
)
STYLE = ("style_entropy", "style_spread")


def measured(config: Tacotron2Options) -> tuple[str, ...]:
    """Верни имена, которые будут в оценке при этих настройках."""
    free = FREE_RUNNING if config.validation_sentences else ()
    return PROMPTED + (STYLE if config.gst else ()) + free
