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
from tts_framework.training.saved import require_equal
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
    require_equal(path, "data.audio", their_audio.model_dump(), audio.model_dump())
    shape = saved_sizes(path, theirs, their_audio)
    own = _shape(config, config.network_sizes(audio))
    require_equal(path, "model", _shape(theirs, shape), own)


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


def _shape(config: HifiganOptions, sizes: Sizes) -> dict[str, Any]:
    return {
        **asdict(sizes),
        "mpd_periods": config.mpd_periods,
        "discriminator_width": config.discriminator_width,
    }
