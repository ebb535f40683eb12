"""ParamScheduler: значения гиперпараметров -> текст `--hparams` на диалекте тренера."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from tts_framework.errors import TTSFError
from tts_framework.events import HParams, Value


class ParamScheduler:
    """Пишет значения так, чтобы тренер прочёл ровно их: `learning_rate=1e-05,batch_size=16`."""

    def __init__(self, dialect: str = "comma") -> None:
        if dialect not in _DIALECTS:
            known = ", ".join(_DIALECTS)
            raise TTSFError(f"trainer.hparams_format: {dialect!r} is not one of {known}")
        self._write = _DIALECTS[dialect]

    def render(self, hparams: HParams) -> str:
        """Собери текст.

        Raises:
            TTSFError: значение не выразить на этом диалекте.
        """
        return self._write(hparams)


def _comma(hparams: HParams) -> str:
    return ",".join(f"{_name(name)}={_comma_value(name, v)}" for name, v in hparams.items())


def _name(name: str) -> str:
    if not name.isidentifier():
        raise TTSFError(f"{name!r}: is not a hyperparameter name; use letters, digits and _")
    return name


def _comma_value(name: str, value: Value) -> str:
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return _float(name, value)
    bad = sorted({c for c in value if c in ",=[]" or not c.isprintable()})
    if bad or not value or value != value.strip():
        why = f"holds {', '.join(map(repr, bad))}" if bad else "is empty or padded with spaces"
        raise TTSFError(
            f"{name}: {value!r} {why}, which the comma dialect cannot express; rename the choice"
        )
    return value


def _float(name: str, value: float) -> str:
    if not math.isfinite(value):
        raise TTSFError(f"{name}: {value} is not a finite number; check the optimizer")
    return repr(float(value))


_DIALECTS: Mapping[str, Callable[[HParams], str]] = {"comma": _comma}
