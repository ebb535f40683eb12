"""Голос по графу ONNX: onnxruntime и numpy, torch не импортируется."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tts_framework.speech import voice_folder
from ttsf_hifigan import description
from ttsf_hifigan.chunks import Chunks
from ttsf_hifigan.speaker import Speaker

GRAPH = "generator"


class OnnxVoice(Speaker):
    """Поднимает голос из папки с `voice.json`, которую пишет `ttsf models export`."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        folder = voice_folder.read(path, description.NAME)
        source = path / voice_folder.NAME
        config = description.saved_options(source, folder.contents)
        audio = description.saved_audio(source, folder.contents)
        sizes = description.saved_sizes(source, config, audio)
        run = folder.graph(GRAPH, {"mel": (1, audio.n_mel_channels, None)}, device)

        def samples(mel: np.ndarray) -> np.ndarray:
            return run({"mel": np.ascontiguousarray(mel)[None]})["audio"][0, 0]

        super().__init__(audio, Chunks(sizes.hop_length, sizes.receptive_frames, samples))
