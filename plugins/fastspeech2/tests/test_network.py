"""Сеть: размеры, заполнитель, градиенты, управление голосом."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from ttsf_fastspeech2.layers import Convolution
from ttsf_fastspeech2.losses import measure
from ttsf_fastspeech2.network import Batch, FastSpeech2
from ttsf_fastspeech2.options import FastSpeech2Options
from ttsf_fastspeech2.sizes import PRESETS, Sizes

SMALL = Sizes(
    hidden_dim=16,
    encoder_layers=2,
    decoder_layers=2,
    filter_dim=24,
    encoder_kernel=3,
    decoder_kernel=5,
    predictor_dim=12,
    aligner_dim=6,
    postnet_dim=8,
    n_mels=7,
)


def network(*, aligner: bool = False, postnet: bool = False) -> FastSpeech2:
    torch.manual_seed(0)
    made = FastSpeech2(SMALL, 11, aligner=aligner, postnet=postnet).eval()
    made.variance.copy_(torch.tensor([[5.0, 0.3], [2.0, 0.8]]))
    made.mel_mean.fill_(-4.0)
    if made.postnet is not None:  # нулевая поправка ничего бы не проверила
        torch.nn.init.normal_(made.postnet.output.weight, std=0.1)
    return made


def batch(*, durations: bool = True) -> Batch:
    rng = torch.Generator().manual_seed(1)
    counts = torch.tensor([[2, 0, 3, 1, 4], [3, 2, 2, 0, 0]])
    frames = counts.sum(1)
    longest = int(frames.max())
    real = torch.arange(longest) < frames.unsqueeze(1)
    text = torch.randint(2, 11, (2, 5), generator=rng)
    text[1, 3:] = 0
    return Batch(
        text,
        torch.tensor([5, 3]),
        torch.randn(2, longest, 7, generator=rng) * real.unsqueeze(2),
        frames,
        (torch.randn(2, longest, generator=rng) * 0.3 + 5) * real,
        real.float(),
        torch.randn(2, longest, generator=rng) * real,
        counts if durations else None,
    )


def alone(whole: Batch, row: int) -> Batch:
    """Тот же клип без заполнителя."""
    symbols, frames = int(whole.text_lengths[row]), int(whole.mel_lengths[row])
    part = slice(row, row + 1)
    return Batch(
        whole.text[part, :symbols],
        whole.text_lengths[part],
        whole.mels[part, :frames],
        whole.mel_lengths[part],
        whole.log_f0[part, :frames],
        whole.voiced[part, :frames],
        whole.energy[part, :frames],
        None if whole.durations is None else whole.durations[part, :symbols],
    )


@pytest.mark.parametrize("aligner", [False, True])
@pytest.mark.parametrize("own_variance", [False, True])
def test_a_batch_says_what_its_clips_say_alone(aligner: bool, own_variance: bool) -> None:
    model, whole = network(aligner=aligner, postnet=True), batch(durations=not aligner)
    with torch.no_grad():
        together = model(whole, own_variance=own_variance)
        for row in range(2):
            clip = alone(whole, row)
            apart = model(clip, own_variance=own_variance)
            frames, symbols = int(clip.mel_lengths), int(clip.text_lengths)
            assert torch.allclose(together.mel[row, :frames], apart.mel[0], atol=1e-5)
            assert torch.allclose(together.mel_post[row, :frames], apart.mel_post[0], atol=1e-5)
            for one, other in zip(together.predicted, apart.predicted, strict=True):
                assert torch.allclose(one[row, :symbols], other[0], atol=1e-5)
            assert torch.equal(together.durations[row, :symbols], apart.durations[0])


def test_what_lies_in_the_padding_changes_no_loss() -> None:
    model, whole = network(postnet=True), batch()
    rubbish = replace(
        whole,
        mels=torch.where(whole.mels == 0, torch.tensor(9.0), whole.mels),
        energy=torch.where(whole.energy == 0, torch.tensor(7.0), whole.energy),
    )
    with torch.no_grad():
        clean, dirty = measure(model(whole), whole), measure(model(rubbish), rubbish)
    assert torch.allclose(torch.stack(clean[:]), torch.stack(dirty[:]), atol=1e-5)


def test_spoken_together_is_spoken_apart() -> None:
    model, whole = network(), batch()
    model.duration_predictor.output.bias.data.fill_(1.5)
    together = model.infer(whole.text, whole.text_lengths)
    for row in range(2):
        clip = alone(whole, row)
        apart = model.infer(clip.text, clip.text_lengths)
        frames = int(apart.mel_lengths)
        assert frames == int(together.mel_lengths[row]) > 0
        assert torch.allclose(together.mel[row, :frames], apart.mel[0], atol=1e-5)


def test_the_losses_have_the_gradients_of_finite_differences() -> None:
    model, whole = network(aligner=True, postnet=True).double(), batch(durations=False)
    whole = replace(
        whole,
        mels=whole.mels.double(),
        log_f0=whole.log_f0.double(),
        voiced=whole.voiced.double(),
        energy=whole.energy.double(),
    )
    config = FastSpeech2Options(binarization_start=1, pitch_weight=1.0, energy_weight=1.0)
    outputs = model(whole)
    whole = replace(whole, durations=outputs.durations)  # путь не перескочит от шага разности

    def loss() -> torch.Tensor:
        return measure(model(whole), whole).total(config, 10)

    model.zero_grad()
    loss().backward()
    rng = torch.Generator().manual_seed(2)
    for name, weight in model.named_parameters():
        place = int(torch.randint(weight.numel(), (1,), generator=rng))
        flat, step = weight.data.view(-1), 1e-5
        before = flat[place].item()
        sides = []
        for sign in (1, -1):
            flat[place] = before + sign * step
            with torch.no_grad():
                sides.append(loss().item())
        flat[place] = before
        assert weight.grad is not None, name
        numeric = (sides[0] - sides[1]) / (2 * step)
        analytic = weight.grad.view(-1)[place].item()
        assert analytic == pytest.approx(numeric, rel=2e-2, abs=2e-4), name


def test_the_convolution_is_that_of_torch() -> None:
    torch.manual_seed(3)
    layer, values = Convolution(4, 6, 5), torch.randn(2, 9, 4, requires_grad=True)
    expected = F.conv1d(values.mT, layer.weight, layer.bias, padding=2).mT
    assert torch.allclose(layer(values), expected, atol=1e-5)
    upstream = torch.randn(2, 9, 6)
    ours = torch.autograd.grad(layer(values), (values, layer.weight), upstream)
    theirs = torch.autograd.grad(expected, (values, layer.weight), upstream)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_presets_have_their_parameters(preset: str) -> None:
    with torch.device("meta"):
        made = FastSpeech2(PRESETS[preset], 50)
    s, norm = PRESETS[preset], lambda width: 2 * width
    d, f, p = s.hidden_dim, s.filter_dim, s.predictor_dim

    def stack(layers: int, kernel: int) -> int:
        attention = 4 * (d * d + d)
        filters = d * f * kernel + f + f * d + d
        return layers * (attention + filters + 2 * norm(d)) + norm(d)

    predictor = d * p * 3 + p * p * 3 + 2 * p + 2 * norm(p) + p + 1
    inputs = 2 * (3 * d + d) + 4 * d + d
    expected = 50 * d + stack(s.encoder_layers, s.encoder_kernel)
    expected += stack(s.decoder_layers, s.decoder_kernel)
    expected += 3 * predictor + inputs + d * 80 + 80
    assert sum(weight.numel() for weight in made.parameters()) == expected


def test_the_published_sizes_are_the_defaults() -> None:
    s = PRESETS["base"]
    assert (s.hidden_dim, s.heads, s.encoder_layers, s.decoder_layers) == (256, 2, 4, 4)
    assert (s.filter_dim, s.encoder_kernel, s.predictor_dim) == (1024, 9, 256)


def test_faster_is_shorter_and_the_shifts_are_heard() -> None:
    model, whole = network(), batch()
    model.duration_predictor.output.bias.data.fill_(2.0)
    plain = model.infer(whole.text, whole.text_lengths)
    fast = model.infer(whole.text, whole.text_lengths, rate=2.0)
    ratio = plain.mel_lengths.float() / fast.mel_lengths
    assert (ratio - 2).abs().max() < 0.1
    higher = model.infer(whole.text, whole.text_lengths, pitch=math.log(2) / 12)
    louder = model.infer(whole.text, whole.text_lengths, energy=0.5)
    for changed in (higher, louder):
        assert torch.equal(changed.durations, plain.durations)
        assert not torch.allclose(changed.mel, plain.mel, atol=1e-4)


def test_an_untrained_network_still_says_a_frame() -> None:
    model = network()
    model.duration_predictor.output.bias.data.fill_(-9.0)
    assert model.infer(torch.tensor([[3, 4]]), torch.tensor([2])).mel.shape == (1, 1, 7)
