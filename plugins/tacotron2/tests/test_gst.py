"""GST: число параметров, дополнение, стиль из записи, весов и никакой, отчёт о токенах."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tts_framework.components import Session
from ttsf_tacotron2 import Tacotron2 as Plugin
from ttsf_tacotron2.evaluation import token_use
from ttsf_tacotron2.gst import HEADS, TOKENS, GlobalStyle, entropy
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS

StartSession = Callable[..., Session]
LENGTHS = torch.tensor([131, 64, 97])


def build(bands: int = 80) -> GlobalStyle:
    torch.manual_seed(1)
    return GlobalStyle(bands)


def test_it_has_the_published_number_of_parameters() -> None:
    assert sum(p.numel() for p in build().parameters()) == 485_024


def test_the_rest_of_the_network_keeps_its_tensors() -> None:
    with torch.device("meta"):
        plain = Tacotron2(PRESETS["full"], 148).state_dict()
        whole = Tacotron2(PRESETS["full"], 148, gst=True).state_dict()
    assert list(whole)[:84] == list(plain)
    assert all(whole[name].shape == tensor.shape for name, tensor in plain.items())
    assert {name.split(".")[0] for name in list(whole)[84:]} == {"gst", "style_projection"}


@pytest.mark.parametrize("bands", [20, 80])
def test_a_batch_equals_its_recordings_one_by_one(bands: int) -> None:
    net, mels = build(bands).eval(), torch.randn(3, bands, 131)
    for norm in net.reference.norms:
        torch.nn.init.normal_(norm.bias, std=0.3)
        torch.nn.init.normal_(norm.running_mean, std=0.3)
    together = net(mels, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = net(mels[row : row + 1, :, :length], LENGTHS[row : row + 1])
        torch.testing.assert_close(together.embedding[row], alone.embedding[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(together.weights[row], alone.weights[0], atol=1e-5, rtol=0)


def test_what_is_in_the_padding_changes_neither_styles_nor_gradients_nor_statistics() -> None:
    nets, mels = (build(), build()), torch.randn(3, 80, 131)
    spoilt = mels.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        spoilt[row, :, length:] = 7.0
    for net, frames in zip(nets, (mels, spoilt), strict=True):
        net(frames, LENGTHS).embedding.square().sum().backward()
    for (name, a), b in zip(nets[0].named_parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    torch.testing.assert_close(nets[0].state_dict(), nets[1].state_dict())


def test_gradients_agree_with_finite_differences() -> None:
    net = build(8).double().eval()
    mels = torch.randn(2, 8, 9, dtype=torch.float64, requires_grad=True)
    lengths = torch.tensor([9, 5])
    value = net(mels, lengths).embedding.sin().sum()
    inputs = [mels, net.attention.tokens, net.attention.query.weight]
    for tensor, gradient in zip(inputs, torch.autograd.grad(value, inputs), strict=True):
        place = (1,) * (tensor.ndim - 1) + (3,)
        with torch.no_grad():
            slopes = []
            for shift in (1e-5, -1e-5):
                tensor[place] += shift
                slopes.append(net(mels, lengths).embedding.sin().sum())
                tensor[place] -= shift
        slope = (slopes[0] - slopes[1]) / 2e-5
        assert gradient[place].item() == pytest.approx(slope.item(), abs=1e-5)


def test_a_style_comes_from_a_recording_from_weights_or_from_the_corpus() -> None:
    net = build().eval()
    heard = net(torch.randn(1, 80, 50), torch.tensor([50]))
    torch.testing.assert_close(net.attention.mixed(heard.weights), heard.embedding)
    one_hot = [0.0] * TOKENS
    one_hot[3] = 1.0
    only = net.chosen(one_hot)
    assert only.weights.shape == (1, HEADS, TOKENS) and (only.weights[..., 3] == 1).all()
    assert not torch.allclose(only.embedding, net.chosen(None).embedding)


def test_the_style_of_the_corpus_is_its_mean() -> None:
    net = build()
    mels, lengths = torch.randn(4, 80, 40), torch.full((4,), 40)
    for _ in range(600):
        style = net.attention(net.reference.gru.weight_hh_l0[:4])
    torch.testing.assert_close(
        net.chosen(None).weights[0], style.weights.mean(0), atol=1e-3, rtol=0
    )
    before = net.eval().attention.mean_weights.clone()
    net(mels, lengths)
    assert torch.equal(before, net.attention.mean_weights)


def test_every_new_parameter_learns_and_styles_change_speech() -> None:
    torch.manual_seed(2)
    net = Tacotron2(PRESETS["tiny"], 30, 2, gst=True, dropout_prenet=0.0)
    text, lengths = torch.randint(1, 30, (2, 6)), torch.tensor([6, 4])
    outputs = net(text, lengths, torch.randn(2, 80, 70), torch.tensor([70, 66]))
    outputs.mel_post.square().mean().backward()
    for name, parameter in net.named_parameters():
        if name.startswith(("gst", "style_projection")):
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name
    assert net.gst.attention.tokens.grad.abs().sum() > 0
    say = {"max_decoder_steps": 5, "gate_threshold": 1.0}
    mels = [
        net.infer(text, lengths, style=net.gst.chosen(weights), **say).mel
        for weights in (None, [1.0] + [0.0] * 9)
    ]
    assert not torch.equal(*mels)
    assert torch.equal(mels[0], net.infer(text, lengths, **say).mel)


def test_one_short_recording_is_enough() -> None:
    style = build(20).train()(torch.randn(1, 20, 3), torch.tensor([3]))
    assert style.embedding.isfinite().all()


def test_the_report_tells_used_tokens_from_idle_ones() -> None:
    same = torch.full((6, HEADS, TOKENS), 1.0 / TOKENS)
    assert token_use(same) == pytest.approx({"style_entropy": 1.0, "style_spread": 0.0}, abs=1e-6)
    one = torch.zeros(TOKENS, HEADS, TOKENS)
    one[torch.arange(TOKENS), :, torch.arange(TOKENS)] = 1.0
    assert token_use(one) == pytest.approx({"style_entropy": 0.0, "style_spread": 1.0}, abs=1e-6)
    assert entropy(torch.tensor([0.5, 0.5])).item() == pytest.approx(1.0)


def test_training_with_styles_continues_exactly_and_reports_their_use(
    start: StartSession, tmp_path: Path
) -> None:
    straight, first, resumed = (start(gst=True, mmi=True) for _ in range(3))
    for _ in range(2):
        first.step()
    first.save(tmp_path / "checkpoint_2")
    resumed.load(tmp_path / "checkpoint_2")
    for _ in range(3):
        resumed.step()
    for _ in range(5):
        straight.step()
    metrics = straight.evaluate()
    assert resumed.evaluate() == metrics
    assert tuple(metrics) == Plugin.metrics
    assert 0 <= metrics["style_entropy"] <= 1 and metrics["style_spread"] >= 0
