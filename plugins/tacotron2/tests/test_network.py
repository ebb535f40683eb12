"""Сеть: размеры и имена эталона, пакет равен клипам по одному, синтез равен подсказке."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ttsf_tacotron2.guidance import diagonal_penalty, guided_attention_loss
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.network import Outputs, Tacotron2
from ttsf_tacotron2.sizes import PRESETS, Sizes

TEXT_LENGTHS = torch.tensor([5, 9, 7])
MEL_LENGTHS = torch.tensor([23, 14, 19])


def build(reduction_factor: int = 1, **options: float) -> Tacotron2:
    torch.manual_seed(1)
    net = Tacotron2(PRESETS["tiny"], 30, reduction_factor, **options)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.normal_(module.bias, std=0.1)
    return net


def batch() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(2)
    return torch.randint(1, 30, (3, 9)), TEXT_LENGTHS, torch.randn(3, 80, 23), MEL_LENGTHS


def loss(net: Tacotron2) -> Tensor:
    _, text_lengths, mels, mel_lengths = inputs = batch()
    outputs = net(*inputs)
    steps = -(-mel_lengths // net.reduction_factor)
    penalty = diagonal_penalty(text_lengths, steps, outputs.alignments)
    guide = guided_attention_loss(outputs.alignments, text_lengths, steps, penalty)
    return tacotron_loss(outputs, mels, mel_lengths).total + guide


@pytest.mark.parametrize(
    ("reduction_factor", "count"),
    [(1, 28_193_153), (2, 28_336_593), (3, 28_480_033), (5, 28_766_913)],
)
def test_the_full_preset_has_the_published_number_of_parameters(
    reduction_factor: int, count: int
) -> None:
    with torch.device("meta"):
        net = Tacotron2(PRESETS["full"], 148, reduction_factor)
    assert sum(p.numel() for p in net.parameters()) == count


def test_tensors_have_the_names_shapes_and_order_of_the_reference() -> None:
    table = Path(__file__).with_name("test_network_tensors.tsv").read_text().splitlines()
    with torch.device("meta"):
        net = Tacotron2(PRESETS["full"], 148)
    ours = [f"{name}\t{list(tensor.shape)}" for name, tensor in net.state_dict().items()]
    assert len(ours) == 84
    assert ours == table


@pytest.mark.parametrize(("preset", "count"), [("small", 1_929_089), ("tiny", 523_873)])
def test_smaller_presets_are_small(preset: str, count: int) -> None:
    assert sum(p.numel() for p in Tacotron2(PRESETS[preset], 148).parameters()) == count


def test_sizes_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValueError, match="attention_location_kernel_size must be odd, got 30"):
        Sizes(attention_location_kernel_size=30)
    with pytest.raises(ValueError, match="must equal encoder_embedding_dim, got 512 and 256"):
        Sizes(encoder_embedding_dim=256)
    with pytest.raises(ValueError, match="reduction_factor must be at least 1, got 0"):
        Tacotron2(PRESETS["tiny"], 30, 0)


@pytest.mark.parametrize("reduction_factor", range(1, 7))
def test_lengths_of_the_outputs(reduction_factor: int) -> None:
    outputs = build(reduction_factor)(*batch())
    steps = -(-23 // reduction_factor)
    assert outputs.mel.shape == outputs.mel_post.shape == (3, 80, steps * reduction_factor)
    assert outputs.gate.shape == (3, steps)
    assert outputs.alignments.shape == (3, steps, 9)
    assert torch.equal(outputs.mel_lengths, MEL_LENGTHS)


@pytest.mark.parametrize("reduction_factor", [1, 3])
def test_a_batch_equals_its_clips_one_by_one(reduction_factor: int) -> None:
    net = build(reduction_factor, dropout_prenet=0.0).eval()
    text, text_lengths, mels, mel_lengths = batch()
    together = net(text, text_lengths, mels, mel_lengths)
    for i, (symbols, frames) in enumerate(zip(text_lengths.tolist(), mel_lengths.tolist())):
        alone = net(
            text[i : i + 1, :symbols],
            text_lengths[i : i + 1],
            mels[i : i + 1, :, :frames],
            mel_lengths[i : i + 1],
        )
        steps = alone.gate.shape[1]
        close = {"atol": 1e-5, "rtol": 0}
        torch.testing.assert_close(together.mel[i, :, :frames], alone.mel[0, :, :frames], **close)
        torch.testing.assert_close(
            together.mel_post[i, :, :frames], alone.mel_post[0, :, :frames], **close
        )
        torch.testing.assert_close(together.gate[i, :steps], alone.gate[0], **close)
        torch.testing.assert_close(
            together.alignments[i, :steps, :symbols], alone.alignments[0], **close
        )


def test_what_is_in_the_padding_changes_neither_outputs_nor_gradients() -> None:
    options = {"dropout_prenet": 0.0, "dropout_attention": 0.0, "dropout_decoder": 0.0}
    net, spoilt = build(**options), build(**options)
    text, text_lengths, mels, mel_lengths = batch()
    text2, mels2 = text.clone(), mels.clone()
    for i in range(3):
        text2[i, text_lengths[i] :] = 7
        mels2[i, :, mel_lengths[i] :] = 9.0
    results = []
    for model, words, frames in ((net, text, mels), (spoilt, text2, mels2)):
        torch.manual_seed(3)
        outputs = model(words, text_lengths, frames, mel_lengths)
        tacotron_loss(outputs, frames, mel_lengths).total.backward()
        results.append(outputs)
    torch.testing.assert_close(results[0].mel_post, results[1].mel_post)
    for (name, a), (_, b) in zip(net.named_parameters(), spoilt.named_parameters()):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    torch.testing.assert_close(net.state_dict(), spoilt.state_dict())


def test_batch_norm_counts_real_positions_only() -> None:
    net = build(dropout_prenet=0.0, dropout_attention=0.0, dropout_decoder=0.0)
    twin = copy.deepcopy(net)
    text, _, mels, _ = batch()
    lengths = torch.full((3,), 9)
    torch.manual_seed(4)
    net(text, lengths, mels, torch.full((3,), 23))
    torch.manual_seed(4)
    twin(torch.nn.functional.pad(text, (0, 4)), lengths, mels, torch.full((3,), 23))
    first = net.encoder.convolutions[0][1], twin.encoder.convolutions[0][1]
    torch.testing.assert_close(first[0].running_mean, first[1].running_mean)
    torch.testing.assert_close(first[0].running_var, first[1].running_var)


def test_dropout_probabilities_may_change_between_steps() -> None:
    net = build(dropout_prenet=0.0, dropout_attention=0.0, dropout_decoder=0.0)
    inputs = batch()
    for module in (net.encoder, net.postnet):
        module.eval()
    steady = net(*inputs).mel
    assert torch.equal(steady, net(*inputs).mel)
    net.dropout_decoder = 0.5
    assert not torch.equal(steady, net(*inputs).mel)
    net.dropout_decoder, net.dropout_attention = 0.0, 0.5
    assert not torch.equal(steady, net(*inputs).mel)


def test_every_parameter_learns() -> None:
    net = build()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    losses = []
    for _ in range(8):
        torch.manual_seed(5)
        optimizer.zero_grad()
        value = loss(net)
        value.backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < losses[0]


def test_bf16_stays_close_to_fp32_with_fp32_gradients_and_alignments() -> None:
    wide, narrow = build(dropout_prenet=0.0).eval(), build(dropout_prenet=0.0).eval()
    expected = wide(*batch())
    with torch.autocast("cpu", torch.bfloat16):
        outputs = narrow(*batch())
    assert outputs.alignments.dtype == torch.float32
    assert (outputs.mel_post.float() - expected.mel_post).abs().max() < 0.1
    mels, lengths = batch()[2:]
    tacotron_loss(expected, mels, lengths).total.backward()
    value = tacotron_loss(outputs, mels, lengths).total
    value.backward()
    a, b = wide.decoder.attention_rnn.weight_hh.grad, narrow.decoder.attention_rnn.weight_hh.grad
    assert b.dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), 0) > 0.99


@pytest.mark.parametrize("reduction_factor", [1, 2, 5])
def test_synthesis_equals_teacher_forcing_on_its_own_frames(reduction_factor: int) -> None:
    net = build(reduction_factor, dropout_prenet=0.0).eval()
    text, text_lengths = batch()[:2]
    with torch.no_grad():
        spoken = net.infer(text, text_lengths, max_decoder_steps=8, gate_threshold=1.0)
        forced = net(text, text_lengths, spoken.mel, spoken.mel_lengths)
    assert spoken.mel_lengths.tolist() == [8 * reduction_factor] * 3
    for a, b in zip(spoken[:5], forced[:5]):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


def spoken_until(net: Tacotron2, threshold: float) -> Outputs:
    return net.infer(
        *batch()[:2],
        max_decoder_steps=40,
        gate_threshold=threshold,
        generator=torch.Generator().manual_seed(6),
    )


def test_each_phrase_stops_by_itself_and_is_silent_after() -> None:
    net = build(2)
    free = spoken_until(net, 1.0)
    threshold = torch.sigmoid(free.gate[:, 3:20]).amax(1).min().item() - 1e-6
    spoken = spoken_until(net, threshold)
    expected = [
        2 * (1 + next(iter((row > threshold).nonzero().flatten().tolist()), 39))
        for row in torch.sigmoid(free.gate)
    ]
    assert spoken.mel_lengths.tolist() == expected
    assert spoken.mel.shape[2] == max(expected)
    for i, length in enumerate(expected):
        assert (spoken.mel[i, :, length:] == 0).all()
        assert (spoken.mel_post[i, :, length:] == 0).all()
        assert (spoken.alignments[i, length // 2 :] == 0).all()


def test_the_generator_alone_decides_what_is_spoken() -> None:
    net = build()
    torch.manual_seed(1)
    first = spoken_until(net, 1.0)
    torch.manual_seed(2)
    assert torch.equal(first.mel, spoken_until(net, 1.0).mel)
    assert net.training
    other = net.infer(*batch()[:2], max_decoder_steps=40, gate_threshold=1.0)
    assert not torch.equal(first.mel, other.mel)
