"""Динамическое свёрточное внимание: движется только вперёд, учится, говорит то же, что учит."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tts_framework.components import Session
from tts_framework.errors import CheckpointError
from ttsf_tacotron2.dynamic_attention import DynamicAttention, _forward_moves, at_the_start
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS, Sizes

StartSession = Callable[..., Session]
TEXT_LENGTHS, MEL_LENGTHS = torch.tensor([9, 5]), torch.tensor([14, 10])


def build(**options: float) -> Tacotron2:
    torch.manual_seed(1)
    return Tacotron2(PRESETS["tiny"], 30, 2, attention="dynamic", dropout_prenet=0.0, **options)


def batch() -> tuple[torch.Tensor, ...]:
    torch.manual_seed(2)
    return torch.randint(1, 30, (2, 9)), TEXT_LENGTHS, torch.randn(2, 80, 14), MEL_LENGTHS


def test_moves_forward_are_a_distribution_with_the_mean_of_the_paper() -> None:
    moves = _forward_moves()
    assert moves.sum().item() == pytest.approx(1.0, abs=1e-5)
    assert (moves * torch.arange(11)).sum().item() == pytest.approx(1.0, abs=1e-4)


def test_attention_never_goes_back_nor_leaps_nor_looks_at_padding() -> None:
    torch.manual_seed(3)
    attention, last = DynamicAttention(Sizes()), torch.zeros(1, 40)
    last[0, 12] = 1.0
    weights = attention(torch.randn(1, 1024), last, torch.zeros(1, 40))
    assert weights[0, 12:23].sum() > 0.99
    outputs = build().eval()(*batch())
    assert (outputs.alignments[1, :, 5:] == 0).all()
    assert at_the_start(torch.zeros(2, 3, 4)).tolist() == [[1, 0, 0]] * 2


def test_a_batch_equals_its_clips_one_by_one() -> None:
    net, (text, _, mels, _) = build().eval(), batch()
    together = net(*batch())
    for row, (symbols, frames) in enumerate(zip(TEXT_LENGTHS.tolist(), MEL_LENGTHS.tolist())):
        alone = net(
            text[row : row + 1, :symbols],
            TEXT_LENGTHS[row : row + 1],
            mels[row : row + 1, :, :frames],
            MEL_LENGTHS[row : row + 1],
        )
        close = {"atol": 1e-5, "rtol": 0}
        torch.testing.assert_close(together.mel_post[row, :, :frames], alone.mel_post[0], **close)


def test_synthesis_equals_teacher_forcing_on_its_own_frames() -> None:
    net, (text, lengths, _, _) = build().eval(), batch()
    with torch.no_grad():
        spoken = net.infer(text, lengths, max_decoder_steps=6, gate_threshold=1.0)
        forced = net(text, lengths, spoken.mel, spoken.mel_lengths)
    for a, b in zip(spoken[:4], forced[:4], strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


def test_gradients_agree_with_finite_differences() -> None:
    torch.manual_seed(4)
    sizes = Sizes(attention_rnn_dim=3, attention_dim=4)
    attention = DynamicAttention(sizes).double()
    hidden = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    last = torch.rand(2, 6, dtype=torch.float64, requires_grad=True)
    mask = torch.zeros(2, 6, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda h, w: attention(h, w, mask), (hidden, last))


def test_training_continues_exactly_and_another_attention_is_refused(
    start: StartSession, tmp_path: Path
) -> None:
    straight, resumed = start(attention="dynamic"), start(attention="dynamic")
    for _ in range(3):
        straight.step()
    straight.save(tmp_path / "three")
    resumed.load(tmp_path / "three")
    for session in (straight, resumed):
        session.step()
    assert straight.evaluate() == resumed.evaluate()
    with pytest.raises(CheckpointError, match="model.attention is 'dynamic' in the checkpoint"):
        start().load(tmp_path / "three")
