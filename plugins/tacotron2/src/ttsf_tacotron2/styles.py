"""Стиль по просьбе: запись, веса токенов или никакой."""

from __future__ import annotations

from pathlib import Path

import torch

from tts_framework.components import AudioSettings, Mel
from tts_framework.errors import ConfigError
from tts_framework.speech import mels
from tts_framework.speech.audio import read_wav
from ttsf_tacotron2.gst import Style
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.style_source import StyleSource, no_style, token_weights


@torch.no_grad()
def chosen(
    network: Tacotron2, audio: AudioSettings, source: StyleSource, device: torch.device
) -> Style | None:
    """Верни стиль: путь к WAV, готовая Mel, веса токенов; None - средний стиль корпуса.

    Raises:
        ConfigError: модель без GST или веса не те; DataError: запись не читается.
    """
    if source is None:
        return None
    if network.gst is None:
        raise no_style()
    if isinstance(source, Path | str):
        source = Mel(
            mels.mel_spectrogram(read_wav(Path(source), audio.sampling_rate), audio), audio
        )
    if isinstance(source, Mel):
        if source.audio != audio:
            raise ConfigError(["style: the recording has other audio settings than the model"])
        frames = torch.from_numpy(source.frames).unsqueeze(0).to(device)
        style: Style = network.gst(frames, torch.tensor([frames.shape[2]], device=device))
        return style
    return network.gst.chosen(token_weights(source))
