"""Обмен с эталонной реализацией: `g_%08d`, `do_%08d` и `config.json` в обе стороны.

    ttsf models import g_02500000 --name universal
    ttsf models export checkpoints/checkpoint_2500001 --format reference --out reference

`steps` эталона - номер последнего сделанного шага с нуля, наша итерация - их число, на один больше.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tts_framework import files
from tts_framework.components import AudioSettings, Exported, Foreign
from tts_framework.errors import CheckpointError, ConfigError, DataError
from tts_framework.training import checkpoint
from tts_framework.training.saved import count
from ttsf_hifigan import state
from ttsf_hifigan.discriminators import MultiPeriodDiscriminator, MultiScaleDiscriminator
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import Sizes

_JUDGES = {"mpd", "msd", "optimizer", "optimizer_d"}
_SIZES = {  # наше имя -> имя в config.json
    "resblock": "resblock",
    "upsample_rates": "upsample_rates",
    "upsample_kernel_sizes": "upsample_kernel_sizes",
    "upsample_initial_channel": "upsample_initial_channel",
    "resblock_kernel_sizes": "resblock_kernel_sizes",
    "resblock_dilation_sizes": "resblock_dilation_sizes",
}
_AUDIO = {
    "sampling_rate": "sampling_rate",
    "filter_length": "n_fft",
    "hop_length": "hop_size",
    "win_length": "win_size",
    "n_mel_channels": "num_mels",
    "mel_fmin": "fmin",
    "mel_fmax": "fmax",
}
_OPTIONS = {
    "learning_rate": "learning_rate",
    "beta1": "adam_b1",
    "beta2": "adam_b2",
    "lr_decay": "lr_decay",
    "segment_size": "segment_size",
}


def read_config(path: Path) -> tuple[HifiganOptions, AudioSettings]:
    """Прочти `config.json` эталона.

    Raises:
        DataError: файл не читается или в нём не то; названо, чего не хватает.
    """
    try:
        document = json.loads(path.read_bytes())
        if not isinstance(document, dict):
            raise ValueError("holds no object")
        sizes = {own: document[name] for own, name in _SIZES.items()}
        audio = AudioSettings(**{own: document[name] for own, name in _AUDIO.items()})
        options = {own: document[name] for own, name in _OPTIONS.items() if name in document}
        sizes["resblock"] = int(sizes["resblock"])
        config = HifiganOptions.model_validate({"sizes": sizes, **options})
        config.network_sizes(audio)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give config.json") from error
    except KeyError as error:
        raise DataError(f"{path}: has no {error}; give the config.json of the model") from error
    except (TypeError, ValueError, ValidationError) as error:
        raise DataError(f"{path}: {_reason(error)}; give the config.json of the model") from error
    return config, audio


def import_checkpoint(
    config: HifiganOptions,
    audio: AudioSettings,
    generator: Path,
    discriminators: Path | None = None,
) -> dict[str, Any]:
    """Собери наш чекпоинт из файлов эталона; без `do_` он годится для голоса и `--warm_start`.

    Raises:
        CheckpointError: файл повреждён, несёт код или его тензоры другой формы.
    """
    sizes, theirs = config.network_sizes(audio), checkpoint.read(generator)
    network = state.load_generator(generator, sizes, theirs, "generator")
    made: dict[str, Any] = {
        "iteration": 0,
        "state_dict": network.state_dict(),
        "learning_rate": config.learning_rate,
        **state.description(config, audio),
    }
    return made if discriminators is None else made | _judges(config, discriminators)


def _judges(config: HifiganOptions, path: Path) -> dict[str, Any]:
    theirs = checkpoint.read(path)
    made: dict[str, Any] = {}
    for key, network in (
        ("mpd", MultiPeriodDiscriminator(config.mpd_periods, config.discriminator_width)),
        ("msd", MultiScaleDiscriminator(config.discriminator_width)),
    ):
        state.load_network(path, network, theirs, key)
        made[key] = network.state_dict()
    for own, name in (("optimizer", "optim_g"), ("optimizer_d", "optim_d")):
        saved = theirs.get(name)
        if not isinstance(saved, Mapping) or "state" not in saved:
            raise CheckpointError(f"{path}: {name} is missing; leave --discriminators out")
        made[own] = {"state": saved["state"], "param_groups": saved.get("param_groups", [])}
    made["iteration"] = _count(path, theirs, "steps") + 1
    epoch = _count(path, theirs, "epoch")
    made["sampler"] = {"seed": 0, "data": "", "position": max(0, epoch), "clips": 1}
    return made


def export_checkpoint(
    path: Path,
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any]]:
    """Разложи наш чекпоинт на содержимое `g_`, `do_` (None, если учить нечем) и `config.json`.

    Raises:
        CheckpointError: чекпоинт чужой или повреждён.
    """
    saved = checkpoint.read(path)
    config, audio = state.saved_options(path, saved), state.saved_audio(path, saved)
    sizes = state.saved_sizes(path, config, audio)
    if "state_dict" not in saved:
        raise CheckpointError(f"{path}: has no state_dict; choose another checkpoint")
    judges = _exported_judges(path, saved, config) if _JUDGES <= set(saved) else None
    return {"generator": saved["state_dict"]}, judges, _reference_config(config, audio, sizes)


def _exported_judges(
    path: Path, saved: Mapping[str, Any], config: HifiganOptions
) -> dict[str, Any]:
    sampler = {"position": 0, "clips": 1, **_section(path, saved, "sampler")}
    epoch = count(path, sampler, "position") // max(1, count(path, sampler, "clips"))
    rates = {
        "lr": config.learning_rate * config.lr_decay**epoch,
        "initial_lr": config.learning_rate,
    }
    return {
        "mpd": saved["mpd"],
        "msd": saved["msd"],
        "optim_g": _optimizer(path, saved, "optimizer", rates),
        "optim_d": _optimizer(path, saved, "optimizer_d", rates),
        "steps": count(path, saved, "iteration") - 1,
        "epoch": epoch,
    }


def _section(path: Path, saved: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = saved.get(key, {})
    if not isinstance(found, Mapping):
        raise CheckpointError(f"{path}: {key} is damaged; use another checkpoint")
    return found


def _optimizer(
    path: Path, saved: Mapping[str, Any], key: str, rates: Mapping[str, float]
) -> dict[str, Any]:
    """Дополни группы тем, чего ждёт планировщик эталона (ExponentialLR)."""
    section = _section(path, saved, key)
    groups = section.get("param_groups")
    if "state" not in section or not isinstance(groups, list):
        raise CheckpointError(f"{path}: {key} is damaged; use another checkpoint")
    if not all(isinstance(group, Mapping) for group in groups):
        raise CheckpointError(f"{path}: {key}.param_groups are damaged; use another checkpoint")
    return {"state": section["state"], "param_groups": [{**group, **rates} for group in groups]}


def _reference_config(config: HifiganOptions, audio: AudioSettings, sizes: Sizes) -> dict[str, Any]:
    own = {**{name: getattr(sizes, own) for own, name in _SIZES.items()}}
    own |= {name: getattr(audio, key) for key, name in _AUDIO.items()}
    own |= {name: getattr(config, key) for key, name in _OPTIONS.items()}
    extra = {"resblock": str(sizes.resblock), "fmax_for_loss": None, "num_freq": None}
    return {**own, **extra, "num_freq": audio.filter_length // 2 + 1, "seed": 1234}


def _count(path: Path, saved: Mapping[str, Any], key: str) -> int:
    value = saved.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < -1:
        raise CheckpointError(f"{path}: {key} is {value!r}; use another checkpoint")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": ")
    return str(error)


def recognises(contents: Mapping[str, Any]) -> bool:
    """Скажи, `g_` это или `do_` эталона."""
    generator = contents.get("generator")
    if isinstance(generator, Mapping):
        return any(str(name).startswith("conv_pre.") for name in generator)
    return {"mpd", "msd", "optim_g", "optim_d"} <= set(contents) and "model" not in contents


def adopt(foreign: Foreign) -> dict[str, Any]:
    """Собери наш чекпоинт из файла эталона и тех, что лежат рядом с ним.

    Raises:
        CheckpointError: файл повреждён или его тензоры другой формы; ConfigError: нет `g_` или
        `config.json`.
    """
    config, audio = read_config(_beside(foreign, "config.json"))
    generator, number = foreign.path, foreign.path.name.rpartition("_")[2]
    if "generator" not in foreign.contents:
        generator = _beside(foreign, f"g_{number}")
    judges = [path for path in foreign.beside if path.name == f"do_{number}"]
    if generator != foreign.path:
        judges = [foreign.path]
    return import_checkpoint(config, audio, generator, judges[0] if judges else None)


def _beside(foreign: Foreign, name: str) -> Path:
    for path in foreign.beside:
        if path.name == name:
            return path
    raise ConfigError(
        [f"{foreign.path}: needs the {name} of the model; put it beside or give it with --beside"]
    )


def write_reference(path: Path, folder: Path) -> Exported:
    """Запиши `g_`, `config.json` и, если в чекпоинте есть дискриминаторы, `do_` эталона.

    Raises:
        CheckpointError: чекпоинт чужой или повреждён.
    """
    generator, judges, config = export_checkpoint(path)
    steps = 0 if judges is None else max(0, judges["steps"])
    written = [folder / f"g_{steps:08d}", folder / "config.json"]
    checkpoint.write(written[0], generator)
    if judges is not None:
        written.append(folder / f"do_{steps:08d}")
        checkpoint.write(written[-1], judges)
    files.write_text(written[1], json.dumps(config, indent=4) + "\n")
    notes = () if judges else ("without do_: the checkpoint has no discriminators to train on",)
    return Exported(tuple(written), notes)
