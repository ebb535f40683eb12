"""Голос: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from tts_framework.components import AudioSettings, Frontend, Mel, Voice
from tts_framework.errors import CheckpointError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from ttsf_tacotron2 import state
from ttsf_tacotron2.device import resolve
from ttsf_tacotron2.network import Tacotron2

_SLACK = 1.5
_MARGIN = 10


class Tacotron2Voice(Voice):
    """Поднимает сеть, фронтенд и настройки звука из одного файла."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        saved = checkpoint.read(path)
        missing = [key for key in ("model", "symbols", "frontend", "audio") if key not in saved]
        if missing:
            raise CheckpointError(
                f"{path}: {', '.join(missing)} missing, so the text cannot be encoded; continue"
                " it with 'ttsf train --checkpoint_path' and use the checkpoint that writes"
            )
        self._config = state.saved_options(path, saved)
        self._frontend = _frontend(path, saved["frontend"], saved["symbols"])
        self._audio = _audio(path, saved["audio"])
        self._slowest_pace = _positive(path, saved.get("frames_per_symbol", math.inf))
        self._device = resolve(device, key="device")
        self._network = Tacotron2(
            self._config.network_sizes(self._audio.n_mel_channels),
            len(saved["symbols"]),
            state.reduction_factor(path, saved),
            dropout_prenet=self._config.dropout_prenet,
            mmi=self._config.mmi,
            gst=self._config.gst,
        ).eval()
        state.load_weights(path, self._network, saved.get("ema", saved.get("state_dict")))
        self._network.to(self._device)

    def __call__(self, source: str, *, seed: int = 0) -> Mel:
        """Произнеси текст; один и тот же `seed` даёт один и тот же результат.

        Raises:
            DataError: в тексте есть символ, которого модель не знает.
        """
        symbols = torch.tensor([self._frontend.encode(source)], device=self._device)
        limit = self._limit(symbols.shape[1])
        outputs = self._network.infer(
            symbols,
            torch.tensor([symbols.shape[1]], device=self._device),
            max_decoder_steps=limit,
            gate_threshold=self._config.gate_threshold,
            generator=torch.Generator(self._device).manual_seed(seed),
        )
        frames = int(outputs.mel_lengths[0])
        if frames >= limit * self._network.reduction_factor:
            warnings.warn(
                f"the model did not stop by itself within {frames} frames"
                f" ({frames * self._audio.hop_length / self._audio.sampling_rate:.1f} s);"
                " train it longer or give it a shorter text",
                stacklevel=2,
            )
        return Mel(outputs.mel_post[0, :, :frames].float().cpu().numpy(), self._audio)

    def _limit(self, symbols: int) -> int:
        """Верни предел шагов: сеть, не выучившая остановку, не должна шуметь минуту."""
        frames = _SLACK * self._slowest_pace * symbols
        steps = math.ceil(min(frames / self._network.reduction_factor, 1e6)) + _MARGIN
        return min(steps, self._config.max_decoder_steps)


def _frontend(path: Path, saved: Any, symbols: list[str]) -> Frontend:
    """Подними фронтенд, с которым модель учили."""
    if not isinstance(saved, Mapping) or not isinstance(saved.get("use"), str):
        raise CheckpointError(
            f"{path}: frontend is {saved!r}, not an installed plugin; train with a front end"
            " that is installed as a plugin"
        )
    options = {key: value for key, value in saved.items() if key != "use"}
    cls = Plugins().get("frontend", saved["use"])
    try:
        frontend: Frontend = cls(cls.Config.model_validate(options))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: frontend {saved['use']} does not accept {options}; install the version"
            " the model was trained with"
        ) from error
    state.require_symbols(path, list(symbols), list(frontend.symbols))
    return frontend


def _positive(path: Path, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise CheckpointError(f"{path}: frames_per_symbol is {value!r}; use another checkpoint")
    return float(value)


def _audio(path: Path, saved: Any) -> AudioSettings:
    try:
        return AudioSettings.model_validate(saved)
    except ValidationError as error:
        raise CheckpointError(f"{path}: audio {saved!r} is damaged; use another one") from error
