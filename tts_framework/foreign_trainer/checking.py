"""Проверка раздела `trainer`, описывающего чужую программу; запускать её не нужно."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable

from tts_framework.config import ParameterSettings, Settings, TrainerSettings
from tts_framework.configure import Problems
from tts_framework.errors import TTSFError
from tts_framework.events import Value
from tts_framework.foreign_trainer.dialects import Dialect, dialect_of
from tts_framework.foreign_trainer.template import PLACES, CommandTemplate
from tts_framework.problems import did_you_mean

_COMMAND = ("trainer", "command")
_SPACE = ("tuner", "search_space")
FROM_LOG = "log"
"""`trainer.checkpoint_iteration`: итерацию спрашивают у журнала."""


def check_command(settings: Settings, problems: Problems) -> None:
    """Проверь места, скобки, программу, диалект и маску чекпоинтов."""
    trainer = settings.trainer
    dialect = dialect_of(trainer)
    with problems.collecting(_COMMAND):
        template = CommandTemplate(trainer.command or "")
        _check_places(template, settings, dialect, problems)
        _check_program(template.program, problems)
    _check_dialect(settings, dialect, problems)
    _check_checkpoints(trainer, problems)
    for tag, times in Counter(trainer.metrics.values()).items():
        if times > 1:
            problems.add(("trainer", "metrics"), f"{tag!r} stands for {times} names; keep one")


def _check_places(
    template: CommandTemplate, settings: Settings, dialect: Dialect, problems: Problems
) -> None:
    for place in template.places:
        if place not in PLACES:
            problems.add(_COMMAND, f"{{{place}}} is no placeholder; {did_you_mean(place, PLACES)}")
    needed = ["output_dir"]
    if settings.tuner.resume_from_checkpoint:
        needed.append("checkpoint")
    if "hparams_file" not in template.places:
        needed.append("hparams")
    elif dialect.name != "json":
        problems.add(_COMMAND, "{hparams_file} is JSON; set trainer.hparams_format: json")
    for place in needed:
        if place not in template.places:
            problems.add(_COMMAND, f"has no {{{place}}}; say where it goes")
    alone = template.standing_alone
    if dialect.many_words and "hparams" in template.places and "hparams" not in alone:
        problems.add(
            _COMMAND, f"{{hparams}} is several words in {dialect.name}; put spaces around it"
        )


def _check_program(program: str, problems: Problems) -> None:
    if not program:
        problems.add(_COMMAND, "is empty; give a program or remove the key")
    elif not shutil.which(program):
        problems.add(_COMMAND, f"{program}: no such program; give its full path")


# --- гиперпараметры -------------------------------------------------------------------------------


def _check_dialect(settings: Settings, dialect: Dialect, problems: Problems) -> None:
    space = settings.tuner.search_space
    for name in dialect.names:
        if name not in space:
            problems.add(
                ("trainer", "hparams_names", name),
                f"is not in tuner.search_space; {did_you_mean(name, tuple(space))}",
            )
    flag = dialect.flag
    if dialect.name == "flags" and (
        "{value}" not in flag or ("{name}" not in flag and "{dashed}" not in flag)
    ):
        problems.add(("trainer", "hparams_flag"), f"{flag!r} needs {{name}} and {{value}}")
        return
    written = _check_axes(space, dialect, problems)
    if written:
        with problems.collecting(_SPACE):
            dialect.write({name: next(iter(_ends(space[name]))) for name in written})
    for target, times in Counter(dialect.names.get(name, name) for name in space).items():
        if times > 1:
            problems.add(("trainer", "hparams_names"), f"{target!r} stands for {times} axes")


def _check_axes(
    space: dict[str, ParameterSettings], dialect: Dialect, problems: Problems
) -> list[str]:
    """Запиши каждое имя и каждое значение; верни оси, которые выразимы."""
    fine = []
    for name, axis in space.items():
        try:
            for value in _ends(axis):
                dialect.write({name: value})
        except TTSFError as error:
            problems.add((*_SPACE, name), str(error))
        else:
            fine.append(name)
    return fine


def _ends(axis: ParameterSettings) -> Iterable[Value]:
    parameter = axis.parameter("")
    return parameter.choices or (parameter.clip(parameter.low), parameter.clip(parameter.high))


# --- чекпоинты ------------------------------------------------------------------------------------


def _check_checkpoints(trainer: TrainerSettings, problems: Problems) -> None:
    mask, pattern = trainer.checkpoint, trainer.checkpoint_iteration
    if not mask or mask.startswith("/") or ".." in mask.split("/"):
        problems.add(
            ("trainer", "checkpoint"), f"{mask!r} leaves {{output_dir}}; use a mask inside it"
        )
    if pattern == FROM_LOG:
        return
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        problems.add(("trainer", "checkpoint_iteration"), f"{pattern!r}: {error}; fix the pattern")
        return
    if not groups:
        problems.add(
            ("trainer", "checkpoint_iteration"),
            f"{pattern!r} has no group; put the number in ( ), or write 'log'",
        )
