"""Голос на torch: чекпоинт -> mel -> звук."""

from __future__ import annotations

from pathlib import Path

from tts_framework.components import AudioSettings
from tts_framework.training import checkpoint
from tts_framework.training.device import resolve
from ttsf_hifigan import state
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.speaker import Speaker
from ttsf_hifigan.synthesis import Synthesizer


class HifiganVoice(Speaker):
    """Поднимает генератор и настройки звука из одного файла."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        _, audio, generator = opened(path)
        super().__init__(audio, Synthesizer(generator, resolve(device, key="device")))


def opened(path: Path) -> tuple[HifiganOptions, AudioSettings, Generator]:
    """Прочти чекпоинт: настройки модели и звука и генератор с весовой нормировкой.

    Raises:
        CheckpointError: файл повреждён, несёт код или он другой модели.
    """
    saved = checkpoint.read(path)
    config = state.saved_options(path, saved)
    audio = state.saved_audio(path, saved)
    sizes = state.saved_sizes(path, config, audio)
    return config, audio, state.load_generator(path, sizes, saved, "state_dict")
