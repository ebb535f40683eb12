"""Потери: только настоящие кадры, шаги и символы, всегда в fp32."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from ttsf_tacotron2.guidance import diagonal_penalty, guided_attention_loss
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.network import Outputs

LENGTHS = torch.tensor([6, 3])


def outputs(reduction_factor: int = 1, frames: int = 6) -> Outputs:
    torch.manual_seed(1)
    steps = frames // reduction_factor
    mel, post = torch.randn(2, 2, 4, frames, requires_grad=True).unbind(0)
    gate = torch.randn(2, steps, requires_grad=True)
    return Outputs(mel, post, gate, torch.rand(2, steps, 5), LENGTHS)


def guided(
    alignments: torch.Tensor, text: torch.Tensor, steps: torch.Tensor, sigma: float = 0.4
) -> torch.Tensor:
    penalty = diagonal_penalty(text, steps, alignments, sigma=sigma)
    return guided_attention_loss(alignments, text, steps, penalty)


def test_mel_losses_are_means_over_real_frames() -> None:
    out, mels = outputs(), torch.randn(2, 4, 6)
    losses = tacotron_loss(out, mels, LENGTHS)
    real = torch.cat([(out.mel - mels)[0], (out.mel - mels)[1, :, :3]], 1)
    assert losses.mel.item() == pytest.approx(real.square().mean().item(), rel=1e-6)
    real = torch.cat([(out.mel_post - mels)[0], (out.mel_post - mels)[1, :, :3]], 1)
    assert losses.mel_post.item() == pytest.approx(real.square().mean().item(), rel=1e-6)


def test_gate_is_one_on_the_last_real_step_only() -> None:
    out = outputs()
    losses = tacotron_loss(out, torch.randn(2, 4, 6), LENGTHS, gate_positive_weight=5.0)
    logits = torch.cat([out.gate[0], out.gate[1, :3]])
    target = torch.tensor([0.0, 0, 0, 0, 0, 1, 0, 0, 1])
    expected = F.binary_cross_entropy_with_logits(logits, target, pos_weight=torch.tensor(5.0))
    assert losses.gate.item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_step_that_ends_a_clip_is_real_even_if_not_full() -> None:
    out = outputs(reduction_factor=2)
    losses = tacotron_loss(out, torch.randn(2, 4, 6), LENGTHS)
    logits = torch.cat([out.gate[0], out.gate[1, :2]])
    expected = F.binary_cross_entropy_with_logits(logits, torch.tensor([0.0, 0, 1, 0, 1]))
    assert losses.gate.item() == pytest.approx(expected.item(), rel=1e-6)


def test_targets_shorter_than_the_padded_outputs_are_accepted() -> None:
    mels = torch.randn(2, 4, 5)
    lengths = torch.tensor([5, 3])
    losses = tacotron_loss(outputs(reduction_factor=2), mels, lengths)
    assert torch.isfinite(losses.total)


def test_padding_contributes_nothing() -> None:
    out, mels = outputs(), torch.randn(2, 4, 6)
    spoilt = mels.clone()
    spoilt[1, :, 3:] = 1e3
    assert tacotron_loss(out, mels, LENGTHS) == tacotron_loss(out, spoilt, LENGTHS)
    grad = torch.autograd.grad(tacotron_loss(out, mels, LENGTHS).total, out.mel)[0]
    assert (grad[1, :, 3:] == 0).all() and (grad[1, :, :3] != 0).all()


def test_losses_are_fp32_even_for_bf16_outputs_under_autocast() -> None:
    out = outputs()
    narrow = Outputs(*(x.bfloat16() for x in out[:4]), LENGTHS)
    with torch.autocast("cpu", torch.bfloat16):
        losses = tacotron_loss(narrow, torch.randn(2, 4, 6), LENGTHS)
        guide = guided(narrow.alignments, torch.tensor([5, 4]), LENGTHS)
    assert {loss.dtype for loss in (*losses, losses.total, guide)} == {torch.float32}


def test_guided_attention_costs_nothing_on_the_diagonal_and_grows_away_from_it() -> None:
    lengths = torch.tensor([8])
    diagonal = torch.eye(8).unsqueeze(0)
    losses = [guided(diagonal.roll(shift, 2), lengths, lengths) for shift in (0, 1, 3)]
    assert losses[0] == 0
    assert losses[0] < losses[1] < losses[2]


def test_guided_attention_follows_its_formula_and_ignores_padding() -> None:
    torch.manual_seed(2)
    alignments = torch.rand(2, 6, 5)
    loss = guided(alignments, torch.tensor([5, 3]), LENGTHS, sigma=0.3)
    terms = [
        (1 - torch.tensor(n / symbols - s / steps).square().mul(-1 / (2 * 0.3**2)).exp()).item()
        * alignments[b, s, n].item()
        for b, (steps, symbols) in enumerate([(6, 5), (3, 3)])
        for s in range(steps)
        for n in range(symbols)
    ]
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)
