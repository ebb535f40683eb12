"""Проверка `trainer.command` — шаблона чужой программы обучения."""

from __future__ import annotations

import re
import shlex
import shutil

from tts_framework.config import Settings
from tts_framework.configure import Problems
from tts_framework.problems import did_you_mean

PLACES = ("config", "output_dir", "log_directory", "checkpoint", "hparams", "until_iteration")
_WHERE = ("trainer", "command")


def check_command(settings: Settings, problems: Problems) -> None:
    """Проверь места, скобки и саму программу; запускать её не нужно."""
    command = settings.trainer.command or ""
    depths = _depths(command)
    if min(depths) < 0 or max(depths) > 1 or depths[-1]:
        problems.add(_WHERE, "brackets do not pair up; write optional parts as [-c {checkpoint}]")
    places = re.findall(r"\{(\w*)\}", command)
    for place in places:
        if place not in PLACES:
            problems.add(_WHERE, f"{{{place}}} is no placeholder; {did_you_mean(place, PLACES)}")
    needed = ["output_dir", "hparams"]
    if settings.tuner.resume_from_checkpoint:
        needed.append("checkpoint")
    for place in needed:
        if place not in places:
            problems.add(_WHERE, f"has no {{{place}}}; say where it goes")
    _check_program(command, problems)


def _depths(command: str) -> list[int]:
    depth, depths = 0, [0]
    for character in command:
        depth += {"[": 1, "]": -1}.get(character, 0)
        depths.append(depth)
    return depths


def _check_program(command: str, problems: Problems) -> None:
    try:
        words = shlex.split(command)
    except ValueError as error:
        problems.add(_WHERE, f"{str(error).lower()}; close the quotes")
        return
    if not words:
        problems.add(_WHERE, "is empty; give a program or remove the key")
    elif not shutil.which(words[0]):
        problems.add(_WHERE, f"{words[0]}: no such program; give its full path")
