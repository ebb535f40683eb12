"""Фронтенд `espeak`: фонемы МФА сотни языков, библиотека espeak-ng."""

from __future__ import annotations

import unicodedata
from functools import cached_property

from pydantic import Field, field_validator

from tts_framework.components import Frontend, Options
from tts_framework.errors import DataError
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.text import SymbolTable
from ttsf_espeak.inventory import SYMBOLS


class EspeakPhonemes(Frontend):
    """Пишет текст фонемами между косыми чертами: `/həlˈoʊ, wˈɜːld!/`.

    Косые черты — признак уже нормализованного текста; в номера символов они не входят. Таблица
    символов одна на все языки, поэтому модель можно доучивать на другом языке.
    """

    class Config(Options):
        """Настройки фронтенда."""

        language: str = Field(
            "en-us", min_length=1, description="Язык espeak-ng: ru, en-us, de, fr-fr, cmn, ..."
        )

        @field_validator("language")
        @classmethod
        def _known(cls, language: str) -> str:
            from ttsf_espeak.languages import require

            return require(language)

    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._table.symbols

    def normalize(self, text: str) -> str:
        if self._is_phonemic(text):
            return text
        from ttsf_espeak.phonemes import phonemes

        spoken = phonemes(text, self.config.language)
        self._table.split(spoken)
        return f"/{spoken}/" if spoken else ""

    def encode(self, text: str) -> list[int]:
        return self._table.encode(self.normalize(text)[1:-1])

    def is_light(self, text: str) -> bool:
        return self._is_phonemic(text)

    def stages(self, text: str) -> list[tuple[str, str]]:
        return [("input", text), ("phonemes", self.normalize(text))]

    @property
    def versions(self) -> dict[str, str]:
        from importlib.metadata import version

        return {"espeakng-loader": version("espeakng-loader")}

    @cached_property
    def _table(self) -> SymbolTable:
        return SymbolTable(SYMBOLS, _advice)

    def _is_phonemic(self, text: str) -> bool:
        """Узнай запись фонемами; записанное руками с незнакомым знаком — ошибка.

        Raises:
            DataError: между косыми чертами есть знак МФА, которого нет в таблице.
        """
        inner = text[1:-1]
        if len(text) < 3 or text[0] + text[-1] != "//" or "/" in inner:
            return False
        if inner != " ".join(inner.split()) or unicodedata.normalize("NFD", inner) != inner:
            raise DataError(
                f"{text[:40]!r}: phonemes between slashes need single spaces and separate"
                " combining marks (NFD); write them so or drop the slashes"
            )
        self._table.split(inner)
        return True


def _advice(char: str) -> str:
    return "espeak-ng gave a phone outside the IPA table of ttsf-espeak; report it with the text"


@hookimpl
def ttsf_frontend() -> type[Frontend]:
    """Верни фронтенд espeak-ng."""
    return EspeakPhonemes
