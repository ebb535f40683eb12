"""Фронтенд, которому для прописных букв нужна «модель»: она оставляет след о том, где загружена."""

from __future__ import annotations

import os
import time

from tts_framework.components import Frontend, Options
from tts_framework.speech.text import SymbolTable


class Heavy(Frontend):
    """Переводит в строчные буквы; на каждый текст уходит `seconds`."""

    class Config(Options):
        """Настройки."""

        seconds: float = 0.0
        trace: str = ""

    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:
        return SymbolTable("абвгд |").symbols

    def is_light(self, text: str) -> bool:
        return text == text.lower()

    def normalize(self, text: str) -> str:
        if not self.is_light(text):
            print("a library talks to stdout")
            time.sleep(self.config.seconds)
            if self.config.trace:
                with open(self.config.trace, "a", encoding="utf-8") as file:
                    file.write(f"{os.getpid()} {text}\n")
        return "".join(SymbolTable("абвгд |").split(text.lower()))

    def encode(self, text: str) -> list[int]:
        return SymbolTable("абвгд |").encode(self.normalize(text))
