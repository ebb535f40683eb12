"""Что лежит в чекпоинте распознавателя, кроме весов, и годится ли чекпоинт."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from tts_framework.components import Frontend
from tts_framework.errors import CheckpointError
from tts_framework.evaluation.recognizer.alphabet import Alphabet
from tts_framework.evaluation.recognizer.options import RecognizerOptions
from tts_framework.options import AudioSettings
from tts_framework.plugins import Plugins
from tts_framework.training.weights import load_weights

FORMAT = "ttsf-recognizer"
_FREE = {"epochs", "evaluations"}
"""Эти options при продолжении вправе измениться."""
_AGAIN = "give it the same or choose another --out"


def description(
    options: RecognizerOptions, frontend: Frontend, alphabet: Alphabet, audio: AudioSettings
) -> dict[str, Any]:
    """Опиши распознаватель JSON-типами: его поднимают из одного файла."""
    use = Plugins().name_of("frontend", type(frontend))
    return {
        "format": FORMAT,
        "options": options.model_dump(mode="json"),
        "frontend": {"use": use, **frontend.config.model_dump(mode="json")},
        "labels": list(alphabet.labels),
        "audio": audio.model_dump(mode="json"),
    }


def require_format(path: Path, saved: Mapping[str, Any]) -> None:
    """Потребуй, чтобы чекпоинт был распознавателя.

    Raises:
        CheckpointError: это чекпоинт чего-то другого.
    """
    if saved.get("format") != FORMAT:
        raise CheckpointError(
            f"{path}: is not a recognizer; 'ttsf evaluate train-recognizer' makes one"
        )


def require_same(path: Path, saved: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Сверь обучение, которое продолжают, с записанным.

    Raises:
        CheckpointError: названо первое различие.
    """
    require_format(path, saved)
    for section, value in own.items():
        theirs = saved.get(section)
        if not isinstance(value, Mapping) or not isinstance(theirs, Mapping):
            if theirs != value:
                raise CheckpointError(f"{path}: {section} is not that of this training; {_AGAIN}")
            continue
        for key in {**theirs, **value}:
            if key not in _FREE and theirs.get(key) != value.get(key):
                raise CheckpointError(
                    f"{path}: {section}.{key} was {theirs.get(key)!r} and is {value.get(key)!r}"
                    f" now; {_AGAIN}"
                )


def load_network(path: Path, network: nn.Module, saved: Mapping[str, Any]) -> None:
    """Загрузи веса, сверив имена и формы."""
    load_weights(path, network, saved.get("state_dict"), advice=_AGAIN)


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Назови разделы чекпоинта, которых нет или которые не того вида, повреждением.

    Raises:
        CheckpointError: чекпоинт повреждён.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: is damaged ({type(error).__name__}: {str(error).splitlines()[0]});"
            " choose another one"
        ) from error
