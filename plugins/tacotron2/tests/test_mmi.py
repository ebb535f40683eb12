"""MMI: CTC над декодером, множитель градиента, средние кадры вместо подсказки."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import CheckpointError
from tts_framework.training import checkpoint
from ttsf_tacotron2.batches import Clips
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.mmi import ctc_loss, drop_frames, gradient_factor, is_spoken, steps_needed
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.objective import Balance, Terms
from ttsf_tacotron2.sizes import PRESETS

StartSession = Callable[..., Session]


def train(session: Session, steps: int) -> Session:
    for _ in range(steps):
        session.step()
    return session


@pytest.mark.parametrize(("preset", "width"), [("full", 1024), ("small", 256), ("tiny", 128)])
def test_the_head_follows_the_sizes_and_the_rest_keeps_its_names(preset: str, width: int) -> None:
    with torch.device("meta"):
        plain = Tacotron2(PRESETS[preset], 148).state_dict()
        whole = Tacotron2(PRESETS[preset], 148, mmi=True).state_dict()
    assert len(plain) == 84
    assert list(whole)[:84] == list(plain)
    extra = {name: tuple(tensor.shape) for name, tensor in list(whole.items())[84:]}
    assert extra == {
        "mmi.hidden.linear_layer.weight": (width, width),
        "mmi.hidden.linear_layer.bias": (width,),
        "mmi.classes.linear_layer.weight": (149, width),
        "mmi.classes.linear_layer.bias": (149,),
    }


def test_ctc_gradients_agree_with_finite_differences() -> None:
    torch.manual_seed(1)
    logits = torch.randn(7, 2, 4, dtype=torch.float64, requires_grad=True)
    spoken = torch.tensor([[0, 1, 1], [2, 0, 0]])

    def run(x: torch.Tensor) -> torch.Tensor:
        losses = torch.nn.functional.ctc_loss(
            x.log_softmax(2),
            spoken,
            torch.tensor([7, 5]),
            torch.tensor([3, 1]),
            blank=3,
            reduction="none",
        )
        return (losses / torch.tensor([7, 5])).mean()

    value = ctc_loss(logits, torch.tensor([7, 5]), spoken, torch.tensor([3, 1]))
    assert value.item() == pytest.approx(run(logits).item(), rel=1e-5)
    (gradient,) = torch.autograd.grad(value, logits)
    for place in ((0, 0, 0), (3, 0, 1), (4, 1, 2), (6, 0, 3), (6, 1, 1)):
        bump = torch.zeros_like(logits)
        bump[place] = 1e-5
        slope = (run(logits + bump) - run(logits - bump)) / 2e-5
        assert gradient[place].item() == pytest.approx(slope.item(), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.lists(st.integers(0, 4), max_size=14), st.integers(0, 10**6))
def test_ctc_is_finite_for_any_text_and_any_number_of_steps(
    steps: int, spoken: list[int], seed: int
) -> None:
    torch.manual_seed(seed)
    logits = (torch.randn(12, 2, 6) * 50).requires_grad_()
    text = torch.zeros(2, 14, dtype=torch.int64)
    text[0, : len(spoken)] = torch.tensor(spoken, dtype=torch.int64)
    lengths = torch.tensor([len(spoken), 0])
    loss = ctc_loss(logits, torch.tensor([steps, 12]), text, lengths)
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()
    if steps < steps_needed(spoken):
        assert (logits.grad[:, 0] == 0).all()


def test_ctc_never_looks_at_padding() -> None:
    torch.manual_seed(2)
    logits, text = torch.randn(9, 2, 5), torch.randint(0, 4, (2, 4))
    together = ctc_loss(logits, torch.tensor([9, 6]), text, torch.tensor([4, 2]))
    alone = [
        ctc_loss(logits[:9, :1], torch.tensor([9]), text[:1], torch.tensor([4])),
        ctc_loss(logits[:6, 1:], torch.tensor([6]), text[1:, :2], torch.tensor([2])),
    ]
    assert together.item() == pytest.approx((alone[0] + alone[1]).item() / 2, abs=1e-6)


@pytest.mark.parametrize("symbol", [" ", ",", "…", "—", "_", "~", "'", '"'])
def test_punctuation_and_service_symbols_are_not_spoken(symbol: str) -> None:
    assert not is_spoken(symbol)


@pytest.mark.parametrize("symbol", ["а", "а\u0301", "ь", "·aa", "z", "ə"])
def test_letters_and_phonemes_are_spoken(symbol: str) -> None:
    assert is_spoken(symbol)


def test_a_batch_names_its_spoken_symbols(context: TrainingContext) -> None:
    batch = Clips(context.train, context).batch([0, 1, 2])
    table = context.frontend.symbols
    for row in range(3):
        text = [table[n] for n in batch.text[row, : batch.text_lengths[row]]]
        spoken = [table[n] for n in batch.spoken[row, : batch.spoken_lengths[row]]]
        assert spoken == [symbol for symbol in text if is_spoken(symbol)]
        assert len(spoken) < len(text)


def test_repeated_symbols_need_a_blank_between_them() -> None:
    assert [steps_needed(text) for text in ([], [1], [1, 1], [1, 2, 2, 2])] == [0, 1, 3, 6]


def test_the_factor_is_the_smallest_ratio_of_largest_gradients() -> None:
    main = [torch.tensor([1.0, -4.0]), torch.tensor([0.5]), None, torch.tensor([9.0])]
    extra = [torch.tensor([10.0, 0.0]), torch.tensor([-5.0]), torch.tensor([7.0]), None]
    assert gradient_factor(main, extra, 0.5).item() == pytest.approx(0.1)
    assert gradient_factor(main, [None if g is None else g / 1e3 for g in extra], 0.5) == 0.5
    assert gradient_factor(main, [torch.zeros(2), torch.zeros(1), None, None], 0.5) == 0.5


@pytest.mark.parametrize("iteration", [0, 3])
def test_gradients_are_those_of_the_weighted_sum(iteration: int) -> None:
    torch.manual_seed(3)
    net = Tacotron2(PRESETS["tiny"], 30, 2, mmi=True, dropout_prenet=0.0).eval()
    net.mmi.train()
    text, mels = torch.randint(1, 30, (2, 6)), torch.randn(2, 80, 24)
    lengths = torch.tensor([6, 5]), torch.tensor([24, 20])

    def found() -> Terms:
        torch.manual_seed(4)
        outputs = net(text, lengths[0], mels, lengths[1])
        memory = net.encoder(net.embedding(text), lengths[0])
        decoded = net.decoder(memory, lengths[0], mels, net._dropouts())
        steps = (lengths[1] + 1) // 2
        ctc = ctc_loss(net.mmi(decoded.hidden), steps, text, torch.tensor([5, 3]))
        return Terms(tacotron_loss(outputs, mels, lengths[1]).total, torch.zeros(()), ctc)

    balance = Balance(net, 0.5)
    balance.backward(found(), 0)
    assert 0 < balance.factor <= 0.5
    net.zero_grad()
    terms = found()
    total = balance.backward(terms, iteration)
    mine = [parameter.grad.clone() for parameter in net.parameters()]
    assert total.item() == pytest.approx((terms.main + balance.factor * terms.ctc).item())
    net.zero_grad()
    terms = found()
    (terms.main + balance.factor * terms.ctc).backward()
    for (name, parameter), gradient in zip(net.named_parameters(), mine, strict=True):
        torch.testing.assert_close(gradient, parameter.grad, atol=1e-5, rtol=1e-4, msg=name)


def test_dropped_frames_become_the_mean_and_padding_stays() -> None:
    torch.manual_seed(5)
    mels, mean = torch.randn(3, 4, 400), torch.tensor([9.0, 8.0, 7.0, 6.0])
    dropped = drop_frames(mels, torch.tensor([400, 300, 200]), mean, 0.25)
    changed = (dropped != mels).all(1)
    assert (dropped.transpose(1, 2)[changed] == mean).all()
    assert torch.equal(dropped.transpose(1, 2)[~changed], mels.transpose(1, 2)[~changed])
    assert changed[0].float().mean() == pytest.approx(0.25, abs=0.07)
    assert not changed[1, 300:].any() and not changed[2, 200:].any()


def test_the_mean_mel_is_that_of_all_frames_and_is_counted_once(
    context: TrainingContext, tmp_path: Path
) -> None:
    clips = Clips(context.train, replace(context, cache=tmp_path))
    everything = torch.cat([clips.batch([n]).mels[0] for n in range(len(clips))], 1).mean(1)
    torch.testing.assert_close(torch.from_numpy(clips.mean_mel()), everything)
    (kept,) = tmp_path.rglob("mean_*.npy")
    written = kept.stat().st_mtime_ns
    assert (clips.mean_mel() == clips.mean_mel()).all()
    assert kept.stat().st_mtime_ns == written
    kept.write_bytes(b"not an array")
    torch.testing.assert_close(torch.from_numpy(clips.mean_mel()), everything)


def test_training_with_mmi_continues_exactly_between_refreshes(
    start: StartSession, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"mmi": True, "drop_frame_rate": 0.2, "reduction_factor": 1}
    straight = train(start(**options), 13)
    first = train(start(**options), 4)
    first.save(tmp_path / "checkpoint_4")
    resumed = start(**options)
    resumed.load(tmp_path / "checkpoint_4")
    train(resumed, 9)
    assert resumed.evaluate() == straight.evaluate()
    progress = resumed.progress()
    assert progress == straight.progress()
    assert progress["training.ctc"] > 0 and 0 < progress["training.gaf"] <= 0.5


def test_the_reader_learns_to_read(start: StartSession) -> None:
    session = start(mmi=True, learning_rate=1e-2, reduction_factor=1)
    train(session, 1)
    before = session.progress()["training.ctc"]
    train(session, 30)
    session.progress()
    train(session, 1)
    assert session.progress()["training.ctc"] < 0.7 * before


def test_clips_with_too_few_steps_are_counted_in_a_warning(
    start: StartSession, context: TrainingContext
) -> None:
    warnings: list[str] = []
    session = start(
        replace(context, warn=warnings.append),
        mmi=True,
        reduction_factor=20,
        guided_attention_end=0,
        guided_attention_hold=0,
    )
    assert "mmi: 7 of 7 clips have fewer decoder steps than symbols" in warnings[0]
    assert "reduction_factor 20" in warnings[0]
    progress = train(session, 3).progress()
    assert progress["training.ctc"] == 0 and math.isfinite(progress["training.loss"])


@pytest.mark.parametrize(
    "changes",
    [
        {"mean_mel": torch.zeros(3)},
        {"mean_mel": torch.full((20,), math.nan)},
        {"mean_mel": "loud"},
        {"mmi_factor": torch.zeros(2)},
        {"mmi_factor": torch.tensor(math.inf)},
    ],
)
def test_damaged_extras_are_named(
    start: StartSession, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "written"
    train(start(mmi=True, drop_frame_rate=0.1), 1).save(path)
    checkpoint.write(path, {**checkpoint.read(path), **changes})
    with pytest.raises(CheckpointError, match=f"{next(iter(changes))} is damaged"):
        start(mmi=True).load(path)
