"""Плагин `hifigan`: настройки и хук; всё, что импортирует torch, загружается при запуске."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tts_framework.components import (
    Exported,
    Foreign,
    Model,
    Session,
    TrainingContext,
    Voice,
)
from tts_framework.hookspecs import hookimpl
from ttsf_hifigan.options import HifiganOptions

__all__ = ["Hifigan", "ttsf_model"]


class Hifigan(Model):
    """HiFi-GAN (Kong и др., 2020): мел-спектрограмма -> звук."""

    metrics = (
        "val_loss",
        "val_sound_v1",
        "val_mrstft_v1",
        "val_periodicity_v1",
        "val_ffe_v1",
        "val_mel_l1",
    )
    maps = ("mel", "audio")
    formats = ("onnx", "reference")

    class Config(HifiganOptions):
        """Настройки модели в `run.yaml`."""

    @classmethod
    def start(cls, config: Config, context: TrainingContext) -> Session:
        from ttsf_hifigan.session import HifiganSession

        return HifiganSession(config, context)

    @classmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        if checkpoint.is_dir():
            from ttsf_hifigan.onnx_voice import OnnxVoice

            return OnnxVoice(checkpoint, device)
        from ttsf_hifigan.voice import HifiganVoice

        return HifiganVoice(checkpoint, device)

    @classmethod
    def recognises(cls, foreign: Foreign) -> bool:
        from ttsf_hifigan.exchange import recognises

        return recognises(foreign.contents)

    @classmethod
    def adopt(cls, foreign: Foreign) -> dict[str, Any]:
        from ttsf_hifigan.exchange import adopt

        return adopt(foreign)

    @classmethod
    def export(cls, checkpoint: Path, form: str, folder: Path) -> Exported:
        if form == "onnx":
            from ttsf_hifigan.onnx_export import export

            return export(checkpoint, folder)
        from ttsf_hifigan.exchange import write_reference

        return write_reference(checkpoint, folder)


@hookimpl
def ttsf_model() -> type[Model]:
    """Верни модель `hifigan`."""
    return Hifigan
