"""Диалекты гиперпараметров: как записать значения, чтобы чужая программа прочла ровно их.

comma  `learning_rate=1e-05,batch_size=16`     (одно слово; так читает эталонный Tacotron 2)
flags  `--learning-rate 1.0e-05 --batch-size 16`   (argparse, click, typer, jsonargparse)
hydra  `optim.lr=1.0e-05 data.batch=16`             (Hydra, OmegaConf)
json   `{"optim": {"lr": 1.0e-05}}`                 (строкой или файлом)

Числа с плавающей точкой (кроме comma) пишутся с точкой: PyYAML читает `1e-05` строкой.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tts_framework.config import TrainerSettings
from tts_framework.errors import TTSFError
from tts_framework.events import HParams, Value

Words = str | tuple[str, ...]

_DOTTED = re.compile(r"[A-Za-z_]\w*([.-]\w+)*", re.ASCII)
_HYDRA_NAME = re.compile(r"\+{0,2}[A-Za-z_][\w-]*([./@:][\w-]+)*", re.ASCII)
_HYDRA_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_HYDRA_WORDS = ("true", "false", "null", "nan", "inf")


@dataclass(frozen=True)
class Dialect:
    """Способ записи: имя диалекта и то, чем он настраивается.

    `names` переводит имя оси в имя у программы; `flag` — вид одного флага (`{name}` — имя как есть,
    `{dashed}` — с дефисами вместо подчёркиваний); `booleans`: `value` (`--amp true`), `switch`
    (`--amp` или ничего), `no` (`--amp` или `--no-amp`).
    """

    name: str = "comma"
    names: Mapping[str, str] = field(default_factory=dict)
    flag: str = "--{name} {value}"
    booleans: str = "value"

    @property
    def many_words(self) -> bool:
        """Скажи, занимает ли запись несколько слов командной строки."""
        return self.name in ("flags", "hydra")

    def write(self, hparams: HParams) -> Words:
        """Запиши значения: одно слово или кортеж слов.

        Raises:
            TTSFError: имя или значение на этом диалекте не выразить; назван ключ и что делать.
        """
        writer = _WRITERS.get(self.name)
        if writer is None:
            known = ", ".join(_WRITERS)
            raise TTSFError(f"trainer.hparams_format: {self.name!r} is not one of {known}")
        return writer({self.names.get(name, name): v for name, v in hparams.items()}, self)


def dialect_of(settings: TrainerSettings) -> Dialect:
    """Собери диалект по разделу `trainer`."""
    return Dialect(
        settings.hparams_format,
        settings.hparams_names,
        settings.hparams_flag,
        settings.hparams_booleans,
    )


# --- comma ----------------------------------------------------------------------------------------


def _comma(hparams: HParams, dialect: Dialect) -> Words:
    for name in hparams:
        if not name.isidentifier():
            raise TTSFError(f"{name!r}: is not a hyperparameter name; use letters, digits and _")
    return ",".join(f"{name}={_comma_value(name, v)}" for name, v in hparams.items())


def _comma_value(name: str, value: Value) -> str:
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return _finite(name, value)
    bad = sorted({c for c in value if c in ",=[]" or not c.isprintable()})
    if bad or not value or value != value.strip():
        why = f"holds {', '.join(map(repr, bad))}" if bad else "is empty or padded with spaces"
        raise TTSFError(
            f"{name}: {value!r} {why}, which the comma dialect cannot express; rename the choice"
        )
    return value


# --- flags ----------------------------------------------------------------------------------------


def _flags(hparams: HParams, dialect: Dialect) -> Words:
    words: list[str] = []
    for name, value in hparams.items():
        _check_name(name, _DOTTED, "letters, digits, _ . and -")
        words += _flag(name, value, dialect)
    return tuple(words)


def _flag(name: str, value: Value, dialect: Dialect) -> list[str]:
    if isinstance(value, bool) and dialect.booleans != "value":
        return _switch(name, value, dialect)
    text = _plain(name, value)
    words = [_named(word, name) for word in shlex.split(dialect.flag)]
    if words[-1] == "{value}" and text.startswith("-"):  # иначе argparse примет его за флаг
        if len(words) < 2 or not words[-2].startswith("--"):
            raise TTSFError(
                f"{name}: {text!r} starts with a dash; write trainer.hparams_flag as"
                f" '--{{name}}={{value}}'"
            )
        words[-2:] = [f"{words[-2]}={{value}}"]
    return [word.replace("{value}", text) for word in words]


def _switch(name: str, value: bool, dialect: Dialect) -> list[str]:
    word = re.split(r"[ =]", _named(dialect.flag, name), maxsplit=1)[0]
    if value:
        return [word]
    if dialect.booleans == "switch":
        return []
    dashes = word[: len(word) - len(word.lstrip("-"))]
    return [f"{dashes}no-{word.lstrip('-')}"]


def _named(text: str, name: str) -> str:
    return text.replace("{name}", name).replace("{dashed}", name.replace("_", "-"))


# --- hydra ----------------------------------------------------------------------------------------


def _hydra(hparams: HParams, dialect: Dialect) -> Words:
    for name in hparams:
        _check_name(name, _HYDRA_NAME, "a path like optim.lr")
    return tuple(f"{name}={_hydra_value(name, value)}" for name, value in hparams.items())


def _hydra_value(name: str, value: Value) -> str:
    text = _plain(name, value)
    if not isinstance(value, str):
        return text
    if _HYDRA_PLAIN.fullmatch(text) and text.lower() not in _HYDRA_WORDS:
        return text
    # OmegaConf подставляет ${...} и в кавычках; косые перед кавычкой и ${ Hydra считает парами
    escaped = re.sub(r"(\\*)\$\{", lambda m: f"{m[1] * 2}\\${{", text)
    escaped = re.sub(r"(\\*)('|$)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), escaped)
    return f"'{escaped}'"


# --- json -----------------------------------------------------------------------------------------


def _json(hparams: HParams, dialect: Dialect) -> Words:
    root: dict[str, Any] = {}
    for name, value in hparams.items():
        _check_name(name, _DOTTED, "letters, digits, _ . and -")
        *folders, last = name.split(".")
        place: Any = root
        for folder in folders:
            place = place.setdefault(folder, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last in place:
            raise TTSFError(f"{name}: is inside another hyperparameter; rename one of them")
        place[last] = value
    return _json_text(root, "")


def _json_text(value: Any, name: str) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}: {_json_text(v, key)}" for key, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, float):
        return _pointed(name, value)
    return json.dumps(value)


# --- общее ----------------------------------------------------------------------------------------


def _plain(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _pointed(name, value)
    text = str(value)
    if not text.isprintable():
        raise TTSFError(f"{name}: {text!r} holds control characters; rename the choice")
    return text


def _check_name(name: str, pattern: re.Pattern[str], rule: str) -> None:
    if not pattern.fullmatch(name):
        raise TTSFError(f"{name!r}: is not a hyperparameter name; use {rule}")


def _finite(name: str, value: float) -> str:
    if not math.isfinite(value):
        raise TTSFError(f"{name}: {value} is not a finite number; check the optimizer")
    return repr(float(value))


def _pointed(name: str, value: float) -> str:
    text = _finite(name, value)
    return text if "." in text else text.replace("e", ".0e")


_WRITERS: Mapping[str, Callable[[HParams, Dialect], Words]] = {
    "comma": _comma,
    "flags": _flags,
    "hydra": _hydra,
    "json": _json,
}
