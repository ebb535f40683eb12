"""Гиперпараметры, меняемые на ходу: проверка новых значений."""

from __future__ import annotations

from tts_framework.events import HParams
from tts_framework.training import hparams
from tts_framework.training.hparams import batch_size
from ttsf_tacotron2.options import Tacotron2Options

__all__ = ["batch_size", "updated"]


def updated(config: Tacotron2Options, values: HParams) -> Tacotron2Options:
    """Верни настройки с новыми значениями, проверенные заново.

    Raises:
        ConfigError: имени нет среди меняемых на ходу или значение недопустимо.
    """
    changed: Tacotron2Options = hparams.updated(config, values, "tacotron2")
    return changed
