"""Обмен с эталонной реализацией: её чекпоинт - `state_dict`, а рядом бывают ещё три ключа.

    ttsf models import tacotron2_statedict.pt --name lj
    ttsf models export lj --format reference --out reference

Ни символов, ни настроек звука в нём нет: их называют при импорте, а размеры сети видны по весам.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tts_framework.components import AudioSettings, Exported, Foreign, Frontend
from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from tts_framework.training.saved import count
from ttsf_tacotron2.description import description, reduction_factor, saved_options
from ttsf_tacotron2.network import HEADS, Tacotron2
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.sizes import PRESETS, Sizes
from ttsf_tacotron2.state import load_weights

KEYS = ("iteration", "optimizer", "learning_rate")
REFERENCE_SYMBOLS = 148
REFERENCE_FRONTEND = "reference_letters"
_PREFIX = "module."


def recognises(contents: Mapping[str, Any]) -> bool:
    """Скажи, чекпоинт ли это эталонной Tacotron 2: по именам тензоров."""
    weights = contents.get("state_dict")
    if "model" in contents or not isinstance(weights, Mapping):
        return False
    names = {str(name).removeprefix(_PREFIX) for name in weights}
    return {"embedding.weight", "decoder.attention_rnn.weight_ih"} <= names


def adopt(foreign: Foreign) -> dict[str, Any]:
    """Собери наш чекпоинт из эталонного.

    Raises:
        CheckpointError: веса не те; ConfigError: не назван фронтенд с тем же числом символов.
    """
    weights = {
        str(name).removeprefix(_PREFIX): tensor
        for name, tensor in foreign.contents["state_dict"].items()
    }
    sizes, reduction = _sizes(foreign.path, weights)
    symbols = int(weights["embedding.weight"].shape[0])
    frontend = _frontend(foreign, symbols)
    audio = _audio(foreign, sizes.n_mels)
    different = {
        field.name: getattr(sizes, field.name)
        for field in fields(Sizes)
        if field.name != "n_mels"
        and getattr(sizes, field.name) != getattr(PRESETS["full"], field.name)
    }
    config = Tacotron2Options(sizes=different, reduction_factor=reduction)
    network = Tacotron2(sizes, symbols, reduction)
    load_weights(foreign.path, network, weights)
    kept = {key: foreign.contents[key] for key in KEYS if key in foreign.contents}
    return {
        "iteration": 0,
        "learning_rate": config.learning_rate,
        **kept,
        "state_dict": network.state_dict(),
        **description(config, frontend, audio),
    }


def write_reference(path: Path, folder: Path) -> Exported:
    """Запиши чекпоинт с четырьмя ключами эталона и его 84 тензорами.

    Raises:
        CheckpointError: у сети есть то, чего нет в эталоне (GST, динамическое внимание).
    """
    saved = checkpoint.read(path)
    config = saved_options(path, saved)
    if config.gst or config.attention != "location":
        extra = "gst" if config.gst else "attention: dynamic"
        raise CheckpointError(f"{path}: the reference has no {extra}; export it as onnx")
    weights = saved.get("ema", saved.get("state_dict"))
    if not isinstance(weights, Mapping):
        raise CheckpointError(f"{path}: state_dict is missing; choose another checkpoint")
    own = {name: tensor for name, tensor in weights.items() if name.split(".")[0] not in HEADS}
    written: dict[str, Any] = {"iteration": count(path, saved, "iteration"), "state_dict": own}
    notes = [f"n_frames_per_step={reduction_factor(path, saved)}"]
    written["learning_rate"] = saved.get("learning_rate", config.learning_rate)
    whole = "ema" not in saved and len(own) == len(weights)
    if whole and "optimizer" in saved:
        written["optimizer"] = saved["optimizer"]
    else:
        notes.append("without the optimizer: its moments are of other weights")
    target = folder / f"checkpoint_{written['iteration']}"
    checkpoint.write(target, written)
    notes.append(f"n_symbols={len(saved.get('symbols', ()))}, in the order of the checkpoint's own")
    return Exported((target,), tuple(notes))


def _sizes(path: Path, weights: Mapping[str, Any]) -> tuple[Sizes, int]:
    """Прочти размеры сети и число кадров на шаг по формам тензоров."""
    try:
        shapes = {name: tuple(map(int, tensor.shape)) for name, tensor in weights.items()}
        depth = _depth(shapes, "postnet.convolutions")
        n_mels = shapes[f"postnet.convolutions.{depth - 1}.0.conv.weight"][0]
        location = shapes["decoder.attention_layer.location_layer.location_conv.conv.weight"]
        encoder = shapes["encoder.convolutions.0.0.conv.weight"]
        postnet = shapes["postnet.convolutions.0.0.conv.weight"]
        sizes = Sizes(
            n_mels=n_mels,
            symbols_embedding_dim=shapes["embedding.weight"][1],
            encoder_embedding_dim=encoder[0],
            encoder_n_convolutions=_depth(shapes, "encoder.convolutions"),
            encoder_kernel_size=encoder[2],
            attention_rnn_dim=shapes["decoder.attention_rnn.weight_hh"][1],
            decoder_rnn_dim=shapes["decoder.decoder_rnn.weight_hh"][1],
            prenet_dim=shapes["decoder.prenet.layers.0.linear_layer.weight"][0],
            attention_dim=shapes["decoder.attention_layer.query_layer.linear_layer.weight"][0],
            attention_location_n_filters=location[0],
            attention_location_kernel_size=location[2],
            postnet_embedding_dim=postnet[0],
            postnet_kernel_size=postnet[2],
            postnet_n_convolutions=depth,
        )
        reduction = shapes["decoder.linear_projection.linear_layer.weight"][0] // n_mels
        if not 1 <= reduction <= 20 or min(asdict(sizes).values()) < 1:
            raise ValueError(f"{reduction} frames per step of {n_mels} mels")
    except (KeyError, IndexError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise CheckpointError(
            f"{path}: the tensors are not those of a Tacotron 2 ({error}); choose another one"
        ) from error
    return sizes, reduction


def _depth(shapes: Mapping[str, Any], prefix: str) -> int:
    return len(
        [name for name in shapes if name.startswith(prefix) and name.endswith("conv.weight")]
    )


def _frontend(foreign: Foreign, symbols: int) -> Frontend:
    """Верни названный фронтенд, а без него - буквы эталона, если символов столько же."""
    frontend = foreign.frontend
    if frontend is None and symbols == REFERENCE_SYMBOLS:
        plugin = Plugins().get("frontend", REFERENCE_FRONTEND)
        frontend = plugin(plugin.Config())
    if frontend is None or len(frontend.symbols) != symbols:
        has = "" if frontend is None else f", this one has {len(frontend.symbols)}"
        raise ConfigError(
            [
                f"{foreign.path}: the network reads {symbols} symbols and does not say which{has};"
                " give the front end it was trained with: --frontend NAME --set KEY=VALUE"
            ]
        )
    return frontend


def _audio(foreign: Foreign, n_mels: int) -> AudioSettings:
    try:
        return AudioSettings.model_validate({"n_mel_channels": n_mels, **foreign.audio})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError([f"--audio {where}: {first['msg']}; give KEY=VALUE"]) from error
