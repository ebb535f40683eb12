"""Фронтенды."""

from __future__ import annotations

import itertools
import os

from ttsf_kit_cases import broken

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.testing import FrontendContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Frontend):
    """Reads small letters."""

    symbols = ("_", *" ,.?абвгдежзийклмнопрстуфхцчшщъыьэюя")

    def normalize(self, text):
        text = text.lower()
        unknown = [sign for sign in text if sign not in self.symbols[1:]]
        return self.without(text, unknown) if unknown else text

    def without(self, text, unknown):
        raise DataError(f"{unknown[0]!r} at {text.index(unknown[0])}: no such symbol; remove it")

    def encode(self, text):
        return [self.symbols.index(sign) for sign in self.normalize(text)]


TABLE = "test_the_table_of_symbols_is_sound"
UNKNOWN = "test_an_unknown_symbol_is_named_and_never_dropped"
NUMBERS = "test_numbers_are_those_of_the_table"
PROCESS = "test_another_process_reads_the_same"


@broken(TABLE, "symbols is empty; return a tuple")
class ListOfSymbols(Sound):
    symbols = list(Sound.symbols)


@broken(TABLE, "symbols repeat: ['а']")
class RepeatsASymbol(Sound):
    symbols = (*Sound.symbols, "а")


@broken("test_normalizing_twice_is_normalizing_once", "accept your own output")
class EndsEverySentence(Sound):
    def normalize(self, text):
        return f"{super().normalize(text)}."


@broken(NUMBERS, "gives nothing; return plain ints from 1")
class SaysNothing(Sound):
    def encode(self, text):
        return []


@broken(NUMBERS, "return plain ints from 1 to len(symbols) - 1")
class CountsFromNowhere(Sound):
    def encode(self, text):
        return [number + 1 for number in super().encode(text) if number] + [len(self.symbols)]


@broken(NUMBERS, "gives [np.int64(")
class NumpyNumbers(Sound):
    def encode(self, text):
        import numpy as np

        return list(np.array(super().encode(text)))


@broken(NUMBERS, "encode of normalized text differs; normalize inside encode")
class EncodesAsItComes(Sound):
    def encode(self, text):
        return [self.symbols.index(sign) for sign in text if sign in self.symbols]


@broken(UNKNOWN, "text with '漢' is accepted; raise DataError: name the symbol and its place")
class DropsTheUnknown(Sound):
    def without(self, text, unknown):
        return "".join(sign for sign in text if sign not in unknown)


@broken(UNKNOWN, "text with '漢' raises KeyError")
class FallsOnTheUnknown(Sound):
    def without(self, text, unknown):
        raise KeyError(unknown[0])


@broken(UNKNOWN, "is not one line")
class ComplainsInTwoLines(Sound):
    def without(self, text, unknown):
        raise DataError(f"no such symbol:\n{unknown[0]}")


@broken("test_the_last_stage_is_what_the_model_sees", "the last stage of")
class EndsStagesEarly(Sound):
    def stages(self, text):
        return [("input", text)]


@broken("test_light_texts_are_told_from_heavy_ones", "is_light answers {<class 'NoneType'>}")
class Doubts(Sound):
    def is_light(self, text):
        return None


@broken(PROCESS, "depend on options alone: no hash(), no set order")
class HashOfSymbols(Sound):
    @property
    def fingerprint(self):
        return f"{hash(self.symbols)}"


MOODY = os.environ.get("PYTHONHASHSEED") == "77"  # таким контракт запускает другой процесс


@broken(PROCESS, "another process answers")
class HasMoods(Sound):
    def normalize(self, text):
        return f"{super().normalize(text).rstrip('.?')}{'.?'[MOODY]}"


COUNT = itertools.count()


@broken("test_normalizing_twice_is_normalizing_once", "accept your own output")
class Counts(Sound):
    def normalize(self, text):
        return super().normalize(text).rstrip(",") + "," * (next(COUNT) % 3)
