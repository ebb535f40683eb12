"""Быстрый декодер равен простому: шаг за шагом, как в описании сети, и на тех же масках."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ttsf_tacotron2 import decoder as decoder_module
from ttsf_tacotron2.attention import Attend, energy_mask
from ttsf_tacotron2.attention_loop import Weights, attention_lstm
from ttsf_tacotron2.decoder import Decoder, Dropouts
from ttsf_tacotron2.dropping import keep_mask
from ttsf_tacotron2.lstm_loop import lstm
from ttsf_tacotron2.sizes import Sizes

SIZES = Sizes(
    n_mels=5,
    symbols_embedding_dim=12,
    encoder_embedding_dim=12,
    attention_rnn_dim=16,
    decoder_rnn_dim=18,
    prenet_dim=6,
    attention_dim=8,
    attention_location_n_filters=3,
    attention_location_kernel_size=5,
    postnet_embedding_dim=8,
)
LENGTHS = torch.tensor([7, 4, 6])
NO_DROPOUT = Dropouts()


def plain_decoder(
    net: Decoder, memory: Tensor, lengths: Tensor, mels: Tensor, keeps: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Эталон: обычный autograd, шаг за шагом; `keeps` - маски обеих рекурсий `[T, B, H]`."""
    layer = net.attention_layer
    padding = torch.arange(memory.shape[1]) >= lengths.unsqueeze(1)
    frames = net.prenet(net.previous_frames(mels), 0.0)
    batch, size = memory.shape[:2]
    h1, c1 = (memory.new_zeros(batch, net.attention_rnn.hidden_size) for _ in range(2))
    h2, c2 = (memory.new_zeros(batch, net.decoder_rnn.hidden_size) for _ in range(2))
    context, last, total = memory.new_zeros(batch, memory.shape[2]), *memory.new_zeros(
        2, batch, size
    )
    steps = []
    for frame, keep1, keep2 in zip(frames, *keeps):
        h1, c1 = net.attention_rnn(torch.cat([frame, context], 1), (h1, c1))
        h1 = h1 * keep1
        place = layer.location_layer.location_conv(torch.stack([last, total], 1))
        place = layer.location_layer.location_dense(place.transpose(1, 2))
        energies = layer.v(
            torch.tanh(layer.query_layer(h1).unsqueeze(1) + place + layer.memory_layer(memory))
        ).squeeze(2)
        last = energies.masked_fill(padding, -float("inf")).softmax(1)
        total = total + last
        context = (last.unsqueeze(2) * memory).sum(1)
        h2, c2 = net.decoder_rnn(torch.cat([h1, context], 1), (h2, c2))
        h2 = h2 * keep2
        seen = torch.cat([h2, context], 1)
        steps.append((net.linear_projection(seen), net.gate_layer(seen).squeeze(1), last))
    mel, gate, alignments = (torch.stack(parts, 1) for parts in zip(*steps))
    return mel.reshape(batch, -1, net.n_mels).transpose(1, 2), gate, alignments


def build(reduction_factor: int = 1, dtype: torch.dtype = torch.float32) -> Decoder:
    torch.manual_seed(3)
    return Decoder(SIZES, reduction_factor).to(dtype)


def inputs(reduction_factor: int = 1, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    torch.manual_seed(4)
    memory = torch.randn(3, 7, SIZES.encoder_embedding_dim, dtype=dtype)
    memory *= (torch.arange(7) < LENGTHS.unsqueeze(1)).unsqueeze(2)
    return memory.requires_grad_(), torch.randn(3, SIZES.n_mels, 9 * reduction_factor, dtype=dtype)


def ones(steps: int) -> tuple[Tensor, Tensor]:
    return (
        torch.ones(steps, 3, SIZES.attention_rnn_dim),
        torch.ones(steps, 3, SIZES.decoder_rnn_dim),
    )


def weigh(parts: tuple[Tensor, ...]) -> Tensor:
    """Скаляр, чувствительный к каждому выходу по-своему."""
    return sum(
        ((part * torch.linspace(-1, 2, part.numel()).view_as(part)).sum() for part in parts),
        torch.zeros(()),
    )


def assert_same_gradients(net: Decoder, memory: Tensor, mels: Tensor, keeps, dropouts) -> None:
    outputs = []
    for run in (
        lambda: tuple(net(memory, LENGTHS, mels, dropouts))[:3],
        lambda: plain_decoder(net, memory, LENGTHS, mels, keeps),
    ):
        net.zero_grad()
        memory.grad = None
        parts = run()
        weigh(parts).backward()
        gradients = [p.grad.clone() for p in net.parameters()] + [memory.grad.clone()]
        outputs.append((parts, gradients))
    (fast, fast_grads), (plain, plain_grads) = outputs
    for a, b in zip(fast, plain):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    for a, b in zip(fast_grads, plain_grads):
        assert (a - b).abs().max() <= 1e-4 * b.abs().max().clamp(min=1.0)


@pytest.mark.parametrize("reduction_factor", range(1, 7))
def test_equals_the_plain_decoder_without_dropout(reduction_factor: int) -> None:
    memory, mels = inputs(reduction_factor)
    assert_same_gradients(build(reduction_factor), memory, mels, ones(9), NO_DROPOUT)


def test_equals_the_plain_decoder_with_the_same_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(5)
    keeps = tuple(keep_mask(k.shape, 0.3, k) for k in ones(9))
    given = iter([k.transpose(1, 2) for k in keeps] * 2)
    monkeypatch.setattr(decoder_module, "keep_mask", lambda *_: next(given))
    memory, mels = inputs()
    assert_same_gradients(build(), memory, mels, keeps, Dropouts(attention=0.3, decoder=0.3))


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_gradients_do_not_depend_on_how_steps_are_grouped(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsf_tacotron2.attention_loop.chunk_size", lambda *_: chunk)
    monkeypatch.setattr("ttsf_tacotron2.lstm_loop.CHUNK", chunk)
    monkeypatch.setattr("ttsf_tacotron2.lstm_tape.PROJECT_COLUMNS", 3 * chunk)
    memory, mels = inputs()
    assert_same_gradients(build(), memory, mels, ones(9), NO_DROPOUT)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("steps", [1, 3])
def test_lstm_gradients_agree_with_finite_differences(batch: int, steps: int) -> None:
    torch.manual_seed(6)
    shapes = [(steps, batch, 3), (16, 3), (16, 4), (16,)]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    keep = keep_mask((steps, 4, batch), 0.4, arguments[0])
    assert torch.autograd.gradcheck(lambda *a: lstm(*a, keep), arguments)


@pytest.mark.parametrize("batch", [1, 2])
def test_attention_gradients_agree_with_finite_differences(batch: int) -> None:
    torch.manual_seed(7)
    hidden, symbols, width, taps, frame, size = 3, 5, 4, 3, 2, 3
    shapes = [
        (3, batch, frame),
        (batch, symbols, size),
        (batch, symbols, width),
        (4 * hidden, frame + size),
        (4 * hidden, hidden),
        (4 * hidden,),
        (width, hidden),
        (2 * taps, width),
        (width,),
    ]
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    mask = energy_mask(torch.tensor([5, 3])[:batch], symbols).double()
    keep = keep_mask((3, hidden, batch), 0.4, arguments[0])

    def run(x: Tensor, memory: Tensor, processed: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        return attention_lstm(x, memory, processed, mask, Weights(*weights), keep)

    assert torch.autograd.gradcheck(run, arguments)


def test_two_losses_can_be_differentiated_through_one_pass() -> None:
    net, (memory, mels) = build(), inputs()
    decoded = net(memory, LENGTHS, mels, NO_DROPOUT)
    weight = net.attention_rnn.weight_hh
    first = torch.autograd.grad(decoded.mel.sum(), weight, retain_graph=True)[0]
    second = torch.autograd.grad(decoded.gate.sum(), weight, retain_graph=True)[0]
    both = torch.autograd.grad(decoded.mel.sum() + decoded.gate.sum(), weight)[0]
    torch.testing.assert_close(first + second, both, atol=1e-4, rtol=1e-4)


def test_attention_never_looks_at_padding() -> None:
    memory, mels = inputs()
    alignments = build()(memory, LENGTHS, mels, NO_DROPOUT).alignments
    assert (alignments[1, :, 4:] == 0).all()
    torch.testing.assert_close(alignments.sum(2), torch.ones(3, 9))


def test_one_attention_step_is_a_convolution_a_query_and_a_softmax() -> None:
    net, (memory, _) = build(), inputs()
    w, processed = net.attention_weights(), net.attention_layer.memory_layer(memory)
    mask = energy_mask(LENGTHS, 7)
    with torch.no_grad():
        attend = Attend(memory, processed, w.w_query, w.location, w.v, mask, torch.float32)
        weights, context, query = torch.empty(3, 7), torch.empty(12, 3), torch.empty(3, 8)
        hidden = torch.randn(16, 3)
        attend.step(hidden, weights, context, query)
        energies = torch.tanh(processed + (hidden.t() @ w.w_query.t()).unsqueeze(1)) @ w.v
        torch.testing.assert_close(weights, (energies + mask).softmax(1))
        torch.testing.assert_close(context, torch.einsum("bn,bne->eb", weights, memory))


def test_the_first_step_hears_silence_and_each_next_one_the_frames_before_it() -> None:
    frames = build(2).previous_frames(torch.arange(3 * 5 * 6.0).view(3, 5, 6))
    assert frames.shape == (3, 3, 10)
    assert (frames[0] == 0).all()
    assert frames[1, 0].tolist() == [0.0, 6.0, 12.0, 18.0, 24.0, 1.0, 7.0, 13.0, 19.0, 25.0]


def test_masks_keep_the_mean_and_obey_the_generator() -> None:
    like = torch.empty(())
    masks = [keep_mask((500, 401), 0.1, like, torch.Generator().manual_seed(1)) for _ in range(2)]
    assert torch.equal(*masks)
    assert masks[0].mean() == pytest.approx(1.0, abs=0.01)
    assert (masks[0] == 0).float().mean() == pytest.approx(0.1, abs=0.01)
    assert (keep_mask((10,), 1.0, like) == 0).all()
    assert F.relu(keep_mask((3, 5), 1e-9, like)).sum() == pytest.approx(15.0, abs=1e-2)
