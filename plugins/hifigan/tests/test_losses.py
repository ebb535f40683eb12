"""Потери: значения по формулам статьи, производные - по конечным разностям."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tts_framework.components import AudioSettings
from tts_framework.speech import mels
from tts_framework.speech.audio import read_wav
from ttsf_hifigan.discriminators import MultiPeriodDiscriminator, MultiScaleDiscriminator
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.log_mel import LogMel
from ttsf_hifigan.losses import adversarial_loss, discriminator_loss, feature_loss, mel_loss
from ttsf_hifigan.sizes import Sizes

SMALL = AudioSettings(
    sampling_rate=8000,
    filter_length=64,
    win_length=64,
    hop_length=16,
    n_mel_channels=8,
    mel_fmax=4000,
)
TINY = Sizes(1, (4, 4), (8, 8), 8, (3,), ((1, 2),), n_mels=8)


def scores() -> list[torch.Tensor]:
    torch.manual_seed(1)
    return [torch.randn(2, 5), torch.randn(2, 3)]


def test_the_values_are_those_of_the_paper() -> None:
    real, made = scores(), [score + 0.3 for score in scores()]
    by_hand = sum(
        ((1 - r.numpy()) ** 2).mean() + (m.numpy() ** 2).mean()
        for r, m in zip(real, made, strict=True)
    )
    assert discriminator_loss(real, made).item() == pytest.approx(float(by_hand), rel=1e-5)
    by_hand = sum(((1 - m.numpy()) ** 2).mean() for m in made)
    assert adversarial_loss(made).item() == pytest.approx(float(by_hand), rel=1e-5)
    assert feature_loss([real], [made]).item() == pytest.approx(2 * 0.3, rel=1e-5)
    assert mel_loss(real[0], made[0]).item() == pytest.approx(0.3, rel=1e-5)


def test_the_mel_of_torch_is_that_of_the_framework(corpus: Path) -> None:
    name = (corpus / "train.csv").read_text().split("|")[0]
    samples = read_wav(corpus / name, 8000)
    for audio in (
        AudioSettings(sampling_rate=8000, mel_fmax=4000),
        AudioSettings(sampling_rate=8000, mel_fmax=3000, hop_length=200, win_length=800),
    ):
        ours = LogMel(audio)(torch.from_numpy(samples)[None])[0].numpy()
        theirs = mels.mel_spectrogram(samples, audio)
        assert ours.shape == theirs.shape == (80, mels.frames_of(len(samples), audio))
        assert np.abs(ours - theirs).max() < 1e-4


def test_the_loss_mel_reaches_nyquist() -> None:
    audio = AudioSettings(sampling_rate=16000, mel_fmax=4000)
    tone = 0.3 * torch.sin(2 * torch.pi * 6000 / 16000 * torch.arange(4096))[None]
    assert LogMel.full_band(audio)(tone).max() > -1 > -6 > LogMel(audio)(tone)[..., 3:-3].max()


def test_silence_has_a_finite_gradient() -> None:
    silence = torch.zeros(1, 256, requires_grad=True)
    LogMel(SMALL)(silence).sum().backward()
    assert silence.grad is not None and torch.isfinite(silence.grad).all()


def parts() -> dict[str, torch.nn.Module]:
    torch.manual_seed(3)
    return {
        "mpd": MultiPeriodDiscriminator((2, 3), 1 / 64).double(),
        "msd": MultiScaleDiscriminator(1 / 64).double().eval(),
    }


@pytest.mark.parametrize("kind", ["mpd", "msd"])
def test_the_adversarial_gradients_are_right(kind: str) -> None:
    network = parts()[kind]
    real = torch.randn(1, 1, 96, dtype=torch.float64)
    made = torch.randn(1, 1, 96, dtype=torch.float64, requires_grad=True)

    def judged(sound: torch.Tensor) -> torch.Tensor:
        (real_scores, real_features), (made_scores, made_features) = network(real), network(sound)
        return (
            _double(adversarial_loss, made_scores)
            + _double(discriminator_loss, real_scores, made_scores)
            + _double(feature_loss, real_features, made_features)
        )

    assert _matches(judged, made)


def test_the_mel_gradient_is_right() -> None:
    torch.manual_seed(5)
    log_mel = LogMel(SMALL)
    target = log_mel(torch.randn(1, 128))
    made = torch.randn(1, 128, requires_grad=True)
    assert _matches(lambda sound: mel_loss(target, log_mel(sound)), made, step=1e-2, bound=2e-2)


def test_the_gradient_of_every_generator_tensor_is_right() -> None:
    torch.manual_seed(2)
    generator = Generator(TINY).double()
    mel = torch.randn(1, 8, 4, dtype=torch.float64)
    weight = torch.randn(1, 1, 64, dtype=torch.float64)
    for parameter in generator.parameters():
        assert _matches(lambda _: (generator(mel) * weight).sum(), parameter)


def _double(loss: object, *arguments: object) -> torch.Tensor:
    """Посчитай потери в float64: сами они округляют до float32."""
    original = torch.Tensor.float
    try:
        torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign,assignment]
        result: torch.Tensor = loss(*arguments)  # type: ignore[operator]
        return result
    finally:
        torch.Tensor.float = original  # type: ignore[method-assign]


def _matches(function: object, x: torch.Tensor, step: float = 1e-6, bound: float = 1e-4) -> bool:
    """Сравни производную по случайному направлению с центральной разностью."""
    value = function(x)  # type: ignore[operator]
    (gradient,) = torch.autograd.grad(value, x)
    direction = torch.randn_like(x)
    direction /= direction.norm()
    with torch.no_grad():
        start = x.clone()
        x.copy_(start + step * direction)
        above = function(x)  # type: ignore[operator]
        x.copy_(start - step * direction)
        below = function(x)  # type: ignore[operator]
        x.copy_(start)
    expected = float((above - below) / (2 * step))
    return float((gradient * direction).sum()) == pytest.approx(expected, rel=bound, abs=bound)
