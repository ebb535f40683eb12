"""Options раскладок (без тяжёлых импортов: их читают лёгкие модули плагинов)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tts_framework.options import Options


class LJSpeechLayoutOptions(Options):
    """Чей голос и какой из двух текстов брать."""

    speaker: str = Field("lj", description="Имя диктора.")
    normalized: bool = Field(True, description="Брать третий столбец, если он есть.")


class VctkOptions(Options):
    """Микрофон и дикторы без текстов."""

    mic: Literal["mic1", "mic2"] = Field("mic1", description="Микрофон VCTK 0.92.")
    skip: str = Field("p315", description="Дикторы через запятую, которых не брать.")


class CommonVoiceOptions(Options):
    """Таблица и голоса слушателей."""

    table: str = Field("validated", pattern=r"^[a-z_]+$", description="Имя TSV без расширения.")
    min_up_votes: int = Field(0, ge=0, description="Не меньше стольких голосов «за».")
    max_down_votes: int | None = Field(
        None, ge=0, description="Не больше стольких голосов «против»."
    )


class KaldiOptions(Options):
    """Откуда отсчитаны пути wav.scp."""

    root: Path | None = Field(
        None, description="Папка, внутри которой лежат файлы wav.scp; по умолчанию — SOURCE."
    )


class TextGridOptions(Options):
    """Слои и правила нарезки."""

    utterances: str | None = Field(
        None, description="Слой, каждый интервал которого — клип; иначе слова режутся по паузам."
    )
    words: str = Field("words", description="Слой слов.")
    phones: str = Field("phones", description="Слой фонов.")
    pause: float = Field(0.5, gt=0, description="Резать в паузах не короче, с.")
    margin: float = Field(0.15, ge=0, description="Сколько паузы оставить по краям, с.")
    max_seconds: float = Field(12.0, gt=0, description="Более короткий файл не режется, с.")


class FestvoxOptions(Options):
    """Чей голос."""

    speaker: str | None = Field(None, description="Имя диктора; по умолчанию — имя папки.")


class MailabsOptions(Options):
    """Какой из двух текстов брать."""

    normalized: bool = Field(True, description="Брать очищенный текст, если он есть.")
