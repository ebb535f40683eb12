"""Контракт фронтенда.

class TestMine(FrontendContract):
    plugin = "mine"
    texts = ("Hello, world.", "A cat!")
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, ClassVar

import pytest

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand, refused

_FINGERPRINT = """
import json, sys
from tts_framework.plugins import Plugins
cls = Plugins().get("frontend", sys.argv[1])
frontend = cls(cls.Config(**json.loads(sys.argv[2])))
print(json.dumps([frontend.fingerprint, frontend.normalize(sys.argv[3])]))
"""


class FrontendContract(Contract):
    """Ничего молча не теряется, повторная нормализация ничего не меняет, отпечаток устойчив.

    `texts` — тексты, которые фронтенд читает; `foreign` — знак, которого он прочесть не может.
    """

    kind: ClassVar[str] = "frontend"
    texts: ClassVar[tuple[str, ...]] = ("Мама мыла раму.", "Шла Саша, и что?")
    foreign: ClassVar[str] = "漢"

    @pytest.fixture
    def frontend(self, cls: type[Any], config: Any) -> Frontend:
        """Фронтенд с проверяемыми options."""
        made: Frontend = cls(config)
        return made

    def test_the_table_of_symbols_is_sound(self, frontend: Frontend) -> None:
        symbols = frontend.symbols
        demand(isinstance(symbols, tuple) and symbols, "symbols is empty", "return a tuple")
        repeated = sorted({s for s in symbols if symbols.count(s) > 1})
        demand(not repeated, f"symbols repeat: {repeated}", "list each once; number 0 is padding")

    def test_normalizing_twice_is_normalizing_once(self, frontend: Frontend) -> None:
        for text in self.texts:
            once = frontend.normalize(text)
            twice = frontend.normalize(once)
            demand(once == twice, f"{text!r} -> {once!r} -> {twice!r}", "accept your own output")

    def test_numbers_are_those_of_the_table(self, frontend: Frontend) -> None:
        for text in self.texts:
            numbers = frontend.encode(text)
            wrong = [n for n in numbers if type(n) is not int or not 0 < n < len(frontend.symbols)]
            demand(
                numbers and not wrong,
                f"encode({text!r}) gives {wrong or 'nothing'}",
                "return plain ints from 1 to len(symbols) - 1",
            )
            again = frontend.encode(frontend.normalize(text))
            demand(numbers == again, "encode of normalized text differs", "normalize inside encode")

    def test_an_unknown_symbol_is_named_and_never_dropped(self, frontend: Frontend) -> None:
        text = f"{self.texts[0]} {self.foreign}"
        with refused(DataError, f"text with {self.foreign!r}", "name the symbol and its place"):
            frontend.normalize(text)

    def test_the_last_stage_is_what_the_model_sees(self, frontend: Frontend) -> None:
        for text in self.texts:
            stages = frontend.stages(text)
            demand(
                stages and stages[-1][1] == frontend.normalize(text),
                f"the last stage of {text!r} is {stages[-1:]}",
                "end stages with normalize(text)",
            )

    def test_light_texts_are_told_from_heavy_ones(self, frontend: Frontend) -> None:
        answers = {type(frontend.is_light(text)) for text in self.texts}
        demand(answers == {bool}, f"is_light answers {answers}", "return True or False")

    def test_another_process_reads_the_same(self, frontend: Frontend) -> None:
        options = json.dumps(frontend.config.model_dump(mode="json"))
        command = [sys.executable, "-c", _FINGERPRINT, self.plugin, options, self.texts[0]]
        environment = {**os.environ, "PYTHONHASHSEED": "77"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        demand(done.returncode == 0, done.stderr.strip()[-200:], "options are the whole state")
        here = [frontend.fingerprint, frontend.normalize(self.texts[0])]
        demand(
            json.loads(done.stdout.splitlines()[-1]) == here,
            f"another process answers {done.stdout.strip()!r}, this one {here}",
            "depend on options alone: no hash(), no set order",
        )
