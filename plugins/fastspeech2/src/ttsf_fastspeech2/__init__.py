"""Плагин `fastspeech2`: настройки и хук; всё, что импортирует torch, загружается при запуске."""

from __future__ import annotations

from pathlib import Path

from tts_framework.components import Model, Session, TrainingContext, Voice
from tts_framework.hookspecs import hookimpl
from ttsf_fastspeech2.options import FastSpeech2Options

__all__ = ["FastSpeech2", "ttsf_model"]


class FastSpeech2(Model):
    """FastSpeech 2 (Ren и др., 2021): текст -> мел-спектрограмма за один проход."""

    metrics = (
        "val_loss",
        "val_mel_loss",
        "val_duration_loss",
        "val_pitch_loss",
        "val_energy_loss",
        "val_duration_error",
        "val_mcd",
    )
    maps = ("text", "mel")

    class Config(FastSpeech2Options):
        """Настройки модели в `run.yaml`."""

    @classmethod
    def start(cls, config: Config, context: TrainingContext) -> Session:
        from ttsf_fastspeech2.session import FastSpeech2Session

        return FastSpeech2Session(config, context)

    @classmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        from ttsf_fastspeech2.voice import FastSpeech2Voice

        return FastSpeech2Voice(checkpoint, device)


@hookimpl
def ttsf_model() -> type[Model]:
    """Верни модель `fastspeech2`."""
    return FastSpeech2
