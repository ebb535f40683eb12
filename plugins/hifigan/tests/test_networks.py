"""Сети: имена, формы и числа параметров эталона; свёртывание нормировки ничего не меняет."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from tts_framework.components import AudioSettings
from ttsf_hifigan.discriminators import (
    MultiPeriodDiscriminator,
    MultiScaleDiscriminator,
    judge_pair,
)
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.normed import NormedConv1d, NormedConvTranspose1d, fold, folded
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import PRESETS, Sizes, preset_for, require_hop

TABLE = Path(__file__).with_name("test_tensors.tsv")


def listed(network: str) -> dict[str, tuple[int, ...]]:
    """Верни имена и формы эталона."""
    rows = [line.split("\t") for line in TABLE.read_text().splitlines()]
    return {
        name: tuple(map(int, shape.split("x"))) for kind, name, shape in rows if kind == network
    }


def own(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("preset", "parameters"), [("v1", 13_926_017), ("v2", 925_985), ("v3", 1_462_273)]
)
def test_the_generator_is_the_published_one(preset: str, parameters: int) -> None:
    generator = Generator(PRESETS[preset])
    assert list(own(generator).items()) == list(listed(preset).items())
    fold(generator)
    assert count(generator) == parameters
    assert not any(name.endswith(("_g", "_v")) for name in own(generator))


def test_the_discriminators_are_the_published_ones() -> None:
    for kind, network, parameters in (
        ("mpd", MultiPeriodDiscriminator(), 41_105_770),
        ("msd", MultiScaleDiscriminator(), 29_618_821),
    ):
        assert list(own(network).items()) == list(listed(kind).items())
        assert count(network) == parameters


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("hop", [200, 256, 300])
def test_a_frame_becomes_a_hop_of_samples(preset: str, hop: int) -> None:
    sizes = preset_for(preset, hop, n_mels=80)
    require_hop(sizes, hop)
    narrow = Generator(Sizes(**{**vars(sizes), "upsample_initial_channel": 16}))
    assert narrow(torch.randn(2, 80, 5)).shape == (2, 1, 5 * hop)


def test_16_khz_has_both_hops() -> None:
    for hop in (200, 256):
        audio = AudioSettings(sampling_rate=16000, hop_length=hop)
        assert HifiganOptions().network_sizes(audio).hop_length == hop


def test_another_hop_needs_its_own_rates() -> None:
    audio = AudioSettings(hop_length=220)
    with pytest.raises(ValueError, match=r"8 x 8 x 2 x 2 = 256, but .*hop_length is 220; set"):
        HifiganOptions().network_sizes(audio)
    own_rates = {"upsample_rates": [11, 5, 2, 2], "upsample_kernel_sizes": [21, 11, 4, 4]}
    assert HifiganOptions(sizes=own_rates).network_sizes(audio).hop_length == 220


@pytest.mark.parametrize("preset", ["v1", "v3"])
def test_folding_changes_nothing(preset: str) -> None:
    torch.manual_seed(0)
    sizes = Sizes(**{**vars(PRESETS[preset]), "upsample_initial_channel": 16})
    generator, mel = Generator(sizes).eval(), torch.randn(1, 80, 6)
    with torch.no_grad():
        for name, parameter in generator.named_parameters():
            if name.endswith("weight_g"):
                parameter.mul_(1.5)
        before = generator(mel)
        fold(generator)
        assert (generator(mel) - before).abs().max() < 1e-6


@pytest.mark.parametrize("kind", [NormedConv1d, NormedConvTranspose1d])
def test_the_norm_is_that_of_torch(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    layer = kind(4, 6, 3)
    plain = folded(layer)
    theirs = nn.utils.parametrizations.weight_norm(
        nn.Conv1d(4, 6, 3) if kind is NormedConv1d else nn.ConvTranspose1d(4, 6, 3)
    )
    with torch.no_grad():
        layer.weight_g.mul_(2)
        theirs.parametrizations.weight.original0.copy_(layer.weight_g)
        theirs.parametrizations.weight.original1.copy_(layer.weight_v)
        theirs.bias.copy_(layer.bias)
        x = torch.randn(2, 4, 9)
        assert torch.allclose(layer(x), theirs(x), atol=1e-6)
        assert not torch.allclose(plain(x), theirs(x), atol=1e-2)
        assert torch.allclose(folded(layer)(x), theirs(x), atol=1e-6)


@pytest.mark.parametrize(
    "network", [MultiPeriodDiscriminator((2, 3), 1 / 16), MultiScaleDiscriminator(1 / 16)]
)
def test_a_pair_is_judged_as_each_alone(network: nn.Module) -> None:
    network.eval()
    real, made = torch.randn(2, 2, 1, 1001).unbind(0)
    with torch.no_grad():
        ours, theirs = judge_pair(network, real, made)
        for (scores, features), sound in ((ours, real), (theirs, made)):
            alone_scores, alone_features = network(sound)
            for one, other in zip(scores, alone_scores, strict=True):
                assert torch.allclose(one, other, atol=1e-6)
            for row, alone in zip(features, alone_features, strict=True):
                assert all(
                    torch.allclose(one, other, atol=1e-5)
                    for one, other in zip(row, alone, strict=True)
                )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_sample_depends_on_no_frame_beyond_the_reach(preset: str) -> None:
    torch.manual_seed(0)
    sizes = Sizes(**{**vars(PRESETS[preset]), "upsample_initial_channel": 16, "n_mels": 4})
    generator = Generator(sizes).double()
    reach, frames = sizes.receptive_frames, 2 * sizes.receptive_frames + 5
    mel = torch.randn(1, 4, frames, dtype=torch.float64, requires_grad=True)
    middle = frames // 2
    block = generator(mel)[0, 0, middle * 256 : (middle + 1) * 256]
    (gradient,) = torch.autograd.grad(block.square().sum(), mel)
    touched = gradient[0].abs().sum(0).nonzero().flatten()
    assert middle - reach <= int(touched.min()) and int(touched.max()) <= middle + reach
    assert reach - 2 <= middle - int(touched.min())  # и запас не раздут
