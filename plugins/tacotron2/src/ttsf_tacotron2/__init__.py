"""Плагин `tacotron2`: настройки и хук; всё, что импортирует torch, загружается при запуске."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tts_framework.components import (
    Exported,
    Foreign,
    Model,
    Session,
    Teacher,
    TrainingContext,
    Voice,
)
from tts_framework.hookspecs import hookimpl
from ttsf_tacotron2.metrics import FREE_RUNNING, PROMPTED, STYLE, measured
from ttsf_tacotron2.options import Tacotron2Options

__all__ = ["Tacotron2", "ttsf_model"]


class Tacotron2(Model):
    """Tacotron 2 (Shen и др., 2018): текст -> мел-спектрограмма."""

    metrics = PROMPTED + STYLE + FREE_RUNNING
    maps = ("text", "mel")
    formats = ("onnx", "reference")

    class Config(Tacotron2Options):
        """Настройки модели в `run.yaml`."""

    @classmethod
    def measures(cls, config: Config) -> tuple[str, ...]:
        return measured(config)

    @classmethod
    def start(cls, config: Config, context: TrainingContext) -> Session:
        from ttsf_tacotron2.session import Tacotron2Session

        return Tacotron2Session(config, context)

    @classmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        if checkpoint.is_dir():
            from ttsf_tacotron2.onnx_voice import OnnxVoice

            return OnnxVoice(checkpoint, device)
        from ttsf_tacotron2.voice import Tacotron2Voice

        return Tacotron2Voice(checkpoint, device)

    @classmethod
    def teacher(cls, checkpoint: Path, device: str = "cpu") -> Teacher:
        from ttsf_tacotron2.teacher import Tacotron2Teacher

        return Tacotron2Teacher(checkpoint, device)

    @classmethod
    def recognises(cls, foreign: Foreign) -> bool:
        from ttsf_tacotron2.exchange import recognises

        return recognises(foreign.contents)

    @classmethod
    def adopt(cls, foreign: Foreign) -> dict[str, Any]:
        from ttsf_tacotron2.exchange import adopt

        return adopt(foreign)

    @classmethod
    def export(cls, checkpoint: Path, form: str, folder: Path) -> Exported:
        if form == "onnx":
            from ttsf_tacotron2.onnx_export import export

            return export(checkpoint, folder)
        from ttsf_tacotron2.exchange import write_reference

        return write_reference(checkpoint, folder)


@hookimpl
def ttsf_model() -> type[Model]:
    """Верни модель `tacotron2`."""
    return Tacotron2
