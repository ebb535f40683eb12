"""Что лежит в чекпоинте помимо весов и подходит ли чужой чекпоинт к этому обучению."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tts_framework.components import AudioSettings
from tts_framework.errors import CheckpointError
from tts_framework.training.adam import Adam
from tts_framework.training.weights import load_weights
from ttsf_hifigan.description import (
    NAME,
    description,
    saved_audio,
    saved_options,
    saved_sizes,
)
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import Sizes

__all__ = ["NAME", "description", "saved_audio", "saved_options", "saved_sizes"]

ADVICE = "use the preset, sizes and audio settings it was trained with"


def require_same(
    path: Path, saved: Mapping[str, Any], config: HifiganOptions, audio: AudioSettings
) -> None:
    """Сверь форму сетей и настройки звука с действующими.

    Raises:
        CheckpointError: названо первое расхождение.
    """
    theirs, their_audio = saved_options(path, saved), saved_audio(path, saved)
    _require_equal(path, "data.audio", their_audio.model_dump(), audio.model_dump())
    shape = saved_sizes(path, theirs, their_audio)
    _require_equal(
        path, "model", _shape(theirs, shape), _shape(config, config.network_sizes(audio))
    )


def load_network(path: Path, network: nn.Module, saved: Mapping[str, Any], key: str) -> None:
    """Загрузи веса раздела `key`, сверив имена и формы."""
    load_weights(path, network, saved.get(key), key=key, advice=ADVICE)


def load_generator(path: Path, sizes: Sizes, saved: Mapping[str, Any], key: str) -> Generator:
    """Подними генератор для синтеза, не выделяя памяти под размеры, которых нет в весах.

    Raises:
        CheckpointError: веса не от сети таких размеров.
    """
    try:
        with torch.device("meta"):
            generator = Generator(sizes)
    except RuntimeError as error:  # размеры не помещаются даже в число
        raise CheckpointError(f"{path}: model.sizes are absurd ({error}); use another") from error
    load_weights(path, generator, saved.get(key), key=key, advice=ADVICE, assign=True)
    return generator


def load_optimizer(path: Path, optimizer: Adam, saved: Any, key: str) -> None:
    """Загрузи моменты AdamW; шаг и прочие настройки остаются действующими.

    Raises:
        CheckpointError: моменты не от этих параметров.
    """
    try:
        optimizer.load_moments(saved["state"])
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: {key} does not fit these networks ({error}); use --warm_start to take the"
            " weights alone"
        ) from error


def iteration(path: Path, saved: Mapping[str, Any]) -> int:
    """Верни итерацию чекпоинта.

    Raises:
        CheckpointError: её нет или она не целое неотрицательное число.
    """
    value = saved.get("iteration")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise CheckpointError(f"{path}: iteration is {value!r}; use another checkpoint")
    return value


def progress(path: Path, saved: Any, count: int) -> tuple[torch.Tensor, int]:
    """Верни накопленные суммы скаляров `[count]` и число шагов в них.

    Raises:
        CheckpointError: раздел повреждён.
    """
    sums = saved.get("sums") if isinstance(saved, Mapping) else None
    steps = saved.get("count") if isinstance(saved, Mapping) else None
    if not isinstance(sums, torch.Tensor) or sums.shape != (count,) or not isinstance(steps, int):
        raise CheckpointError(f"{path}: progress is {saved!r}; use another checkpoint")
    return sums.float().clone(), steps


def _shape(config: HifiganOptions, sizes: Sizes) -> dict[str, Any]:
    return {
        **asdict(sizes),
        "mpd_periods": config.mpd_periods,
        "discriminator_width": config.discriminator_width,
    }


def _require_equal(
    path: Path, section: str, saved: Mapping[str, Any], own: Mapping[str, Any]
) -> None:
    for key, value in own.items():
        if saved.get(key) != value:
            raise CheckpointError(
                f"{path}: {section}.{key} is {saved.get(key)!r} in the checkpoint and {value!r}"
                " here; use the same value or another checkpoint"
            )
