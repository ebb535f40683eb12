"""Голоса для тестов: настоящие сети, необученные и узкие, и их чекпоинты."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tts_framework.components import AudioSettings
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint

pytest.importorskip("ttsf_tacotron2", reason="a voice is needed")
pytest.importorskip("ttsf_hifigan", reason="a vocoder is needed")

AUDIO = AudioSettings(
    sampling_rate=8000,
    filter_length=512,
    win_length=512,
    hop_length=128,
    n_mel_channels=40,
    mel_fmax=4000,
)
NARROW = {
    "upsample_rates": [8, 4, 4],
    "upsample_kernel_sizes": [16, 8, 8],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [2, 6]],
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Не дели ядра с соседними тестами: узкой сети потоки только мешают."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def audio() -> AudioSettings:
    return AUDIO


@pytest.fixture(scope="session")
def acoustic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Чекпоинт необученной сети, которая сама не останавливается: 30 шагов по 2 кадра."""
    import torch

    from ttsf_tacotron2 import state
    from ttsf_tacotron2.network import Tacotron2
    from ttsf_tacotron2.options import Tacotron2Options

    plugin = Plugins().get("frontend", "russian_letters")
    frontend = plugin(plugin.Config())
    config = Tacotron2Options(
        preset="tiny", reduction_factor=2, max_decoder_steps=30, attention_patience=0, gst=True
    )
    torch.manual_seed(0)
    sizes = config.network_sizes(AUDIO.n_mel_channels)
    network = Tacotron2(sizes, len(frontend.symbols), 2, gst=True)
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    path = tmp_path_factory.mktemp("voice") / "best_model.ckpt"
    checkpoint.write(
        path, {"state_dict": network.state_dict(), **state.description(config, frontend, AUDIO)}
    )
    return path


@pytest.fixture(scope="session")
def vocoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Чекпоинт необученного узкого генератора с теми же настройками звука."""
    return write_vocoder(tmp_path_factory.mktemp("vocoder") / "vocoder.ckpt", AUDIO)


def write_vocoder(path: Path, audio: AudioSettings) -> Path:
    """Запиши генератор; он почти немой, поэтому громче сделан последний слой."""
    import torch

    from ttsf_hifigan import state
    from ttsf_hifigan.generator import Generator
    from ttsf_hifigan.options import HifiganOptions

    config = HifiganOptions(preset="v3", sizes=NARROW)
    torch.manual_seed(1)
    generator = Generator(config.network_sizes(audio))
    with torch.no_grad():
        for name, parameter in generator.named_parameters():
            if name.endswith("weight_g"):
                parameter.mul_(1.6)
    checkpoint.write(
        path, {"state_dict": generator.state_dict(), **state.description(config, audio)}
    )
    return path


@pytest.fixture(scope="session")
def other_vocoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Вокодер, который понимает mel иначе: с другим верхом полос."""
    audio = AUDIO.model_copy(update={"mel_fmax": 3800.0})
    return write_vocoder(tmp_path_factory.mktemp("vocoder") / "other.ckpt", audio)
