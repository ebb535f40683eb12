"""Метрики: ноль на равном, растут с порчей, F0 находится верно."""

from __future__ import annotations

import pytest
import torch

from ttsf_hifigan.distances import ffe_v1, mrstft_v1, periodicity_v1, voicing

RATE = 16000


def tone(hz: float, seconds: float = 1.0) -> torch.Tensor:
    """Пила из десяти гармоник: у голоса их тоже много."""
    time = torch.arange(int(seconds * RATE)) / RATE
    waves = [torch.sin(2 * torch.pi * hz * k * time) / k for k in range(1, 11)]
    return 0.2 * torch.stack(waves).sum(0)[None]


def noise(scale: float = 0.1) -> torch.Tensor:
    return scale * torch.randn(1, RATE, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("hz", [80.0, 123.0, 210.0, 350.0])
def test_the_pitch_of_a_tone_is_found(hz: float) -> None:
    found = voicing(tone(hz), RATE)
    assert found.voiced.all() and found.periodicity.min() > 0.98
    assert ((found.f0 / hz - 1).abs() < 0.03).all()


def test_noise_and_silence_are_not_voiced() -> None:
    assert not voicing(noise(), RATE).voiced.any()
    silent = voicing(torch.zeros(1, RATE), RATE)
    assert not silent.voiced.any() and silent.periodicity.max() == 0


def test_a_sound_is_at_no_distance_from_itself() -> None:
    sound = tone(120) + noise(0.01)
    same = voicing(sound, RATE)
    assert mrstft_v1(sound, sound) == periodicity_v1(same, same) == ffe_v1(same, same) == 0


def test_every_distance_grows_with_the_damage() -> None:
    sound, real = tone(120), voicing(tone(120), RATE)
    stft, periodic = [], []
    for scale in (0.01, 0.05, 0.2):
        spoilt = sound + noise(scale)
        stft.append(mrstft_v1(sound, spoilt).item())
        periodic.append(periodicity_v1(real, voicing(spoilt, RATE)).item())
    assert stft == sorted(stft) and periodic == sorted(periodic) and min(stft + periodic) > 0


def test_a_lost_voice_and_a_wrong_octave_are_errors() -> None:
    real = voicing(tone(120), RATE)
    assert ffe_v1(real, voicing(noise(), RATE)) == 1
    assert ffe_v1(real, voicing(tone(240), RATE)) == 1
    assert ffe_v1(real, voicing(tone(125), RATE)) == 0


def test_a_clip_shorter_than_a_frame_is_measured() -> None:
    short = torch.ones(1, 200)
    assert voicing(short, RATE).f0.shape[1] >= 1
