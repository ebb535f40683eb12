"""Фронтенд `russian`: числа и сокращения словами, ё и ударения, буквы или фонемы."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from tts_framework.components import Frontend, Options
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.text import RUSSIAN_SYMBOLS, SymbolTable, russian_advice

if TYPE_CHECKING:
    from ttsf_russian.pipeline import Pipeline


class Russian(Frontend):
    """Читает русский текст; старшинство ударений: знак в тексте, словарь, правила, модель."""

    class Config(Options):
        """Настройки фронтенда."""

        output: Literal["letters", "phonemes"] = Field(
            "letters", description="Буквы с ударением или фонемы (имена festvox)."
        )
        expand: bool = Field(
            True, description="Числа, даты, сокращения и латиницу писать русскими словами."
        )
        stress: Literal["model", "marks"] = Field(
            "model", description="`marks` — только знаки в тексте и словарь, без модели."
        )
        dictionary: dict[str, str] = Field(
            default_factory=dict,
            description="Файл (или отображение) «слово или выражение -> оно же с ударением».",
        )

        @field_validator("dictionary", mode="before")
        @classmethod
        def _entries(cls, value: Any) -> Any:
            from ttsf_russian.dictionary import checked

            return checked(value)

    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._table.symbols

    def normalize(self, text: str) -> str:
        if self._speaks_phonemes(text) or self._is_done(text):
            return text
        return self._pipeline.normalize(text)

    def encode(self, text: str) -> list[int]:
        return self._table.encode(self.normalize(text))

    def is_light(self, text: str) -> bool:
        return self._speaks_phonemes(text) or not self._pipeline.needs_models(text)

    @property
    def is_loaded(self) -> bool:
        return self._pipeline.is_loaded

    def stages(self, text: str) -> list[tuple[str, str]]:
        return self._pipeline.stages(text)

    @property
    def versions(self) -> dict[str, str]:
        from importlib.metadata import version

        from ttsf_russian.pipeline import RULES

        libraries = {"ru-normalizr": self.config.expand}
        libraries["silero-stress"] = self.config.stress == "model"
        return {"rules": RULES, **{name: version(name) for name, used in libraries.items() if used}}

    @cached_property
    def _table(self) -> SymbolTable:
        if self.config.output == "phonemes":
            from ttsf_russian.phone_set import SYMBOLS

            return SymbolTable(SYMBOLS, russian_advice)
        return SymbolTable(RUSSIAN_SYMBOLS, russian_advice)

    @cached_property
    def _pipeline(self) -> Pipeline:
        from ttsf_russian.pipeline import Pipeline

        return Pipeline(self.config, self._table)

    def _speaks_phonemes(self, text: str) -> bool:
        """Узнай уже нормализованный текст из фонем: знак `·` перед каждой."""
        return self.config.output == "phonemes" and "·" in text and self._table.covers(text)

    def _is_done(self, text: str) -> bool:
        return self.config.output == "letters" and self._pipeline.is_done(text)


@hookimpl
def ttsf_frontend() -> type[Frontend]:
    """Верни фронтенд русского текста."""
    return Russian
