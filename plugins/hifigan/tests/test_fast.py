"""Быстрый путь: те же числа, что у прямой записи."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from ttsf_hifigan.fast import FastGenerator, tile_for
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.normed import fold
from ttsf_hifigan.sizes import PRESETS, Sizes
from ttsf_hifigan.toom_cook import ToomCookConv


@pytest.mark.parametrize("tile", [2, 3, 4, 5])
@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 11])
@pytest.mark.parametrize("dilation", [1, 3, 12])
def test_fewer_products_give_the_same_convolution(tile: int, kernel: int, dilation: int) -> None:
    torch.manual_seed(kernel)
    conv = nn.Conv1d(6, 5, kernel, padding=dilation * (kernel // 2), dilation=dilation)
    fast = ToomCookConv(conv, tile)
    for length in (1, 7, 40, 121):
        x = torch.randn(1, 6, length)
        with torch.no_grad():
            expected, found = conv(x)[0].T, fast(x[0].T)
        assert found.shape == expected.shape
        assert (found - expected).abs().max() < 2e-4 * expected.abs().max()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_published_networks_sound_the_same(preset: str) -> None:
    torch.manual_seed(0)
    plain = Generator(PRESETS[preset]).eval().requires_grad_(False)
    for name, parameter in plain.named_parameters():
        if name.endswith("weight_g"):
            parameter.mul_(1.7)
    fold(plain)
    fast, mel = FastGenerator(copy.deepcopy(plain)), 2 * torch.randn(1, 80, 9) - 5
    with torch.no_grad():
        expected, found = plain(mel).numpy(), fast(mel).numpy()
    error = float(np.square(expected - found).sum())
    assert expected.std() > 0.1 and found.shape == expected.shape
    assert 10 * np.log10(float(np.square(expected).sum()) / error) > 80  # нужно 35 дБ


def test_every_rule_of_the_choice_is_used_by_a_published_network() -> None:
    chosen = set()
    for sizes in PRESETS.values():
        for stage in range(len(sizes.upsample_rates)):
            for kernel in sizes.resblock_kernel_sizes:
                chosen.add(tile_for(sizes.channels(stage + 1), kernel))
    assert chosen == {None, 4, 5}


def test_a_layer_without_bias_is_served() -> None:
    conv = nn.Conv1d(3, 3, 3, padding=1, bias=False)
    x = torch.randn(1, 3, 10)
    with torch.no_grad():
        assert torch.allclose(ToomCookConv(conv)(x[0].T), conv(x)[0].T, atol=1e-5)


def test_averaging_by_the_weights_fits_any_number_of_kernels() -> None:
    torch.manual_seed(1)
    sizes = Sizes(2, (4, 4), (8, 8), 16, (3,), ((1, 2),), n_mels=5)
    plain = Generator(sizes).eval()
    fold(plain)
    fast, mel = FastGenerator(copy.deepcopy(plain)), torch.randn(1, 5, 7)
    with torch.no_grad():
        assert torch.allclose(fast(mel), plain(mel), atol=1e-6)
