"""whisper: расшифровка моделями Whisper библиотеки faster-whisper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from tts_framework.components import Options, Transcriber, Transcript
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    import numpy as np

    from ttsf_whisper.listener import Listener

NOT_HEARD = {"model", "device", "compute_type", "cpu_threads", "batch_size"}


class Whisper(Transcriber):
    """Слышит речь почти сотни языков; времена и уверенность слов — из внимания модели."""

    trusted = 0.6

    class Config(Options):
        """Модель, язык и то, на чём её считать."""

        model: str = Field(
            "",
            description="Размер (`small`, `large-v3`, ...), имя на Hugging Face или папка модели"
            " CTranslate2. По умолчанию: `tiny.en` из пакета при `language: en`, иначе `small`.",
        )
        language: str = Field(
            "auto",
            pattern="^(auto|[a-z]{2,3})$",
            description="Код языка (`ru`, `en`, ...) или `auto` — узнавать у каждого клипа.",
        )
        beam_size: int = Field(5, ge=1, description="Ширина луча; 1 — быстрее и чуть хуже.")
        prompt: str = Field("", description="Подсказка: имена и слова, которые встретятся.")
        spell_numbers: bool = Field(
            True, description="Числа словами, как произнесены: знаков цифр модель не пишет."
        )
        batch_size: int = Field(8, ge=1, description="Клипов за один проход модели.")
        device: Literal["auto", "cpu", "cuda"] = Field(
            "auto", description="Где считать; auto — на GPU, если он есть."
        )
        compute_type: str = Field(
            "auto", description="Тип чисел CTranslate2; auto — float16 на GPU, int8 на CPU."
        )
        cpu_threads: int = Field(0, ge=0, description="Потоков на CPU; 0 — по числу ядер.")

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.batch = config.batch_size

    @property
    def recipe(self) -> dict[str, Any]:
        from ttsf_whisper.model import identity

        options = self.config.model_dump(mode="json", exclude=NOT_HEARD)
        return {**super().recipe, "options": options, **identity(self.config)}

    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        return self._listener.transcribe(clips)

    @cached_property
    def _listener(self) -> Listener:
        from ttsf_whisper.listener import Listener

        return Listener(self.config)


@hookimpl
def ttsf_transcriber() -> type[Transcriber]:
    return Whisper
