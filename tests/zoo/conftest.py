"""Зоопарк в папке теста: ни одна модель и ни одна настройка пользователя не тронута."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.components import AudioSettings
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Уведи кэш, данные и настройки в папку теста."""
    for name in ("CACHE", "DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Наш чекпоинт узкой необученной Tacotron 2."""
    pytest.importorskip("ttsf_tacotron2", reason="a model is needed")
    import torch

    from ttsf_tacotron2 import description
    from ttsf_tacotron2.network import Tacotron2
    from ttsf_tacotron2.options import Tacotron2Options

    plugin = Plugins().get("frontend", "russian_letters")
    frontend = plugin(plugin.Config())
    audio = AudioSettings(sampling_rate=8000, mel_fmax=4000, n_mel_channels=20)
    config = Tacotron2Options(preset="tiny", reduction_factor=2, max_decoder_steps=10)
    torch.manual_seed(0)
    network = Tacotron2(config.network_sizes(20), len(frontend.symbols), 2)
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    described = description.description(config, frontend, audio)
    path = tmp_path_factory.mktemp("ours") / "best_model.ckpt"
    checkpoint.write(path, {"state_dict": network.state_dict(), **described})
    return path


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Файлы эталона HiFi-GAN: имя -> содержимое."""
    pytest.importorskip("ttsf_hifigan", reason="a vocoder is needed")
    import io
    import json

    import torch

    from ttsf_hifigan.generator import Generator
    from ttsf_hifigan.sizes import Sizes

    sizes = Sizes(2, (8, 4, 4), (16, 8, 8), 16, (3,), ((1, 2),), n_mels=20)
    torch.manual_seed(0)
    buffer = io.BytesIO()
    torch.save({"generator": Generator(sizes).state_dict()}, buffer)
    config = {
        "resblock": "2",
        "upsample_rates": [8, 4, 4],
        "upsample_kernel_sizes": [16, 8, 8],
        "upsample_initial_channel": 16,
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 2]],
        "num_mels": 20,
        "n_fft": 512,
        "hop_size": 128,
        "win_size": 512,
        "sampling_rate": 8000,
        "fmin": 0,
        "fmax": 4000,
    }
    return {"g_00000009": buffer.getvalue(), "config.json": json.dumps(config).encode()}
