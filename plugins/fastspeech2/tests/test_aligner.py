"""Выученное соответствие: жёсткий путь, потери, заполнитель."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from ttsf_fastspeech2.aligner import (
    Aligner,
    Alignment,
    beta_binomial,
    binarization_loss,
    forward_sum_loss,
    hard,
)
from ttsf_fastspeech2.sizes import Sizes

SIZES = Sizes(hidden_dim=8, aligner_dim=6, n_mels=5)


def monotonic(frames: int, symbols: int) -> list[list[int]]:
    """Все пути, где каждому символу достаётся хотя бы кадр."""
    cuts = itertools.combinations(range(1, frames), symbols - 1)
    return [
        [
            n
            for n, (a, b) in enumerate(zip((0, *cut), (*cut, frames), strict=True))
            for _ in range(b - a)
        ]
        for cut in cuts
    ]


def aligner() -> Aligner:
    torch.manual_seed(0)
    return Aligner(SIZES)


def test_the_loss_is_the_probability_of_every_monotonic_path() -> None:
    torch.manual_seed(1)
    log_probs = torch.randn(1, 5, 3).double().log_softmax(2)
    loss = forward_sum_loss(log_probs, torch.tensor([5]), torch.tensor([3]))
    blank = torch.full((1, 5, 1), -1.0).double()
    classes = torch.cat([blank, log_probs], 2).log_softmax(2)[0]
    total = -np.inf
    for labels in itertools.product(range(4), repeat=5):  # 0 - пропуск
        said = [a for a, b in zip(labels, (-1, *labels), strict=False) if a != b and a]
        if said == [1, 2, 3]:
            total = np.logaddexp(total, sum(float(classes[t, c]) for t, c in enumerate(labels)))
    assert loss.item() == pytest.approx(-total / 5, rel=1e-9)


def test_gradients_of_the_losses_agree_with_finite_differences() -> None:
    torch.manual_seed(2)
    logits = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    frames, symbols = torch.tensor([6, 4]), torch.tensor([3, 2])
    owner = torch.tensor([[0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1]])

    def loss(values: torch.Tensor) -> torch.Tensor:
        found = values.log_softmax(2)
        alignment = Alignment(found, torch.zeros(2, 3))
        return forward_sum_loss(found, frames, symbols) + binarization_loss(
            alignment, owner, frames
        )

    assert torch.autograd.gradcheck(loss, (logits,), eps=1e-6, atol=1e-6)


def test_padding_changes_nothing() -> None:
    network = aligner()
    rng = torch.Generator().manual_seed(3)
    text, mels = torch.randn(2, 4, 8, generator=rng), torch.randn(2, 9, 5, generator=rng)
    lengths, frames = torch.tensor([4, 3]), torch.tensor([9, 7])
    both = network(text, lengths, mels, frames)
    alone = network(text[1:, :3], lengths[1:], mels[1:, :7], frames[1:])
    assert torch.allclose(both.log_probs[1, :7, :3], alone.log_probs[0], atol=1e-5)
    assert torch.equal(both.durations[1, :3], alone.durations[0])
    assert both.durations[1, 3] == 0
    joint = forward_sum_loss(both.log_probs, frames, lengths)
    apart = [
        forward_sum_loss(both.log_probs[n : n + 1, :t, :s], frames[n : n + 1], lengths[n : n + 1])
        for n, (t, s) in enumerate([(9, 4), (7, 3)])
    ]
    assert joint.item() == pytest.approx(sum(x.item() for x in apart) / 2, abs=1e-5)


def test_the_hard_path_is_the_most_probable_one() -> None:
    torch.manual_seed(4)
    log_probs = torch.randn(1, 7, 4).log_softmax(2)
    durations = hard(log_probs, torch.tensor([7]), torch.tensor([4]))[0]
    best = max(
        monotonic(7, 4), key=lambda path: sum(float(log_probs[0, t, n]) for t, n in enumerate(path))
    )
    assert durations.tolist() == [best.count(n) for n in range(4)]


def test_the_prior_is_a_distribution_along_the_diagonal() -> None:
    prior = beta_binomial(torch.tensor([12, 5]), torch.tensor([6, 3])).exp()
    assert torch.allclose(prior[0].sum(1), torch.ones(12), atol=1e-5)
    assert torch.allclose(prior[1, :5, :3].sum(1), torch.ones(5), atol=1e-5)
    places = (prior[0] * torch.arange(6)).sum(1)
    assert (places.diff() > 0).all() and places[0] < 1 and places[-1] > 4


def said(sounds: torch.Tensor, symbols: torch.Tensor, clips: int) -> tuple[torch.Tensor, ...]:
    """Фразы из семи символов в случайном порядке; у символа свой звук и случайная длина."""
    orders = torch.stack([torch.randperm(7) for _ in range(clips)])
    counts = torch.randint(2, 7, (clips, 7))
    frames = counts.sum(1)
    mels = torch.zeros(clips, int(frames.max()), 5)
    for row, order in enumerate(orders):
        mels[row, : frames[row]] = sounds[order].repeat_interleave(counts[row], 0)
    return symbols[orders], torch.full((clips,), 7), mels, frames, counts


@pytest.mark.parametrize("seed", [5, 6])
def test_it_learns_who_sounds_when_and_hears_it_in_new_clips(seed: int) -> None:
    """Фраз 32: восемь сеть заучивает по соседям символа, и общего правила ей не надо."""
    torch.manual_seed(seed)
    sounds, symbols = torch.randn(7, 5), torch.randn(7, 8)
    text, lengths, mels, frames, _ = said(sounds, symbols, 32)
    *new, counts = said(sounds, symbols, 16)
    network = Aligner(SIZES)

    def error() -> float:
        with torch.no_grad():
            return float((network(*new).durations - counts).abs().float().mean())

    before = error()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(100):
        found = network(text, lengths, mels, frames)
        loss = forward_sum_loss(found.log_probs, frames, lengths)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert error() < 0.7 * before
