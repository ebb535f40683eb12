"""pocketsphinx: маленький расшифровщик без нейросети; модель английского — в его пакете."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from tts_framework.components import Options, Transcriber, Transcript
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    import numpy as np

    from ttsf_pocketsphinx.decoding import Decoding


class PocketSphinx(Transcriber):
    """Слышит слова словаря; времена и апостериорная уверенность — у каждого слова."""

    trusted = 0.8

    class Config(Options):
        """Модель: своя целиком или английская из пакета."""

        language: str = Field("en", description="Код языка модели; пакетная знает только `en`.")
        hmm: Path | None = Field(None, description="Папка акустической модели.")
        lm: Path | None = Field(None, description="Файл языковой модели.")
        dictionary: Path | None = Field(None, description="Файл словаря произношений.")

        @model_validator(mode="after")
        def _whole(self) -> PocketSphinx.Config:
            given = [
                name for name in ("hmm", "lm", "dictionary") if getattr(self, name) is not None
            ]
            missing = sorted({"hmm", "lm", "dictionary"} - set(given))
            if given and missing:
                raise ValueError(f"{' and '.join(missing)} must be named together with {given[0]}")
            if not given and self.language != "en":
                raise ValueError(
                    f"language {self.language!r} is not known to the packaged English-only model;"
                    " name another with hmm, lm and dictionary"
                )
            return self

    config: Config

    @property
    def recipe(self) -> dict[str, Any]:
        from importlib.metadata import version

        return {**super().recipe, "version": version("pocketsphinx")}

    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        return [self._decoding.transcribe(clip) for clip in clips]

    @cached_property
    def _decoding(self) -> Decoding:
        from ttsf_pocketsphinx.decoding import Decoding

        return Decoding(self.config)


@hookimpl
def ttsf_transcriber() -> type[Transcriber]:
    return PocketSphinx
