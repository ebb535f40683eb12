"""Плагин `hifigan`: настройки и хук; всё, что импортирует torch, загружается при запуске."""

from __future__ import annotations

from pathlib import Path

from tts_framework.components import Model, Session, TrainingContext, Voice
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

    class Config(HifiganOptions):
        """Настройки модели в `run.yaml`."""

    @classmethod
    def start(cls, config: Config, context: TrainingContext) -> Session:
        from ttsf_hifigan.session import HifiganSession

        return HifiganSession(config, context)

    @classmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        from ttsf_hifigan.voice import HifiganVoice

        return HifiganVoice(checkpoint, device)


@hookimpl
def ttsf_model() -> type[Model]:
    """Верни модель `hifigan`."""
    return Hifigan
