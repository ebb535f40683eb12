"""Веса эталона: грузятся строго и дают то же, что его простое вычисление.

Простое вычисление - действия torch.nn.functional над 84 тензорами, по одной фразе, без dropout.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS

CLOSE = {"atol": 1e-4, "rtol": 0}
TEXT = torch.tensor([5, 9, 2, 2, 17, 1])
Weights = Mapping[str, Tensor]


def teacher_forced(w: Weights, text: Tensor, mel: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`text [T_in]`, `mel [n_mels, T]` -> мел до и после postnet, остановка, внимание."""
    heard = F.pad(mel.t()[:-1], (0, 0, 1, 0))
    return _spoken(w, text, list(heard))


def free_running(w: Weights, text: Tensor, steps: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """То же, но декодер слышит сам себя."""
    return _spoken(w, text, [None] * steps)


def _spoken(
    w: Weights, text: Tensor, heard: list[Tensor | None]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    memory = _encoded(w, text)
    processed = memory @ w["decoder.attention_layer.memory_layer.linear_layer.weight"].t()
    sizes = [w[f"decoder.{name}.weight_hh"].shape[1] for name in ("attention_rnn", "decoder_rnn")]
    (h1, c1), (h2, c2) = ((torch.zeros(1, size), torch.zeros(1, size)) for size in sizes)
    context = torch.zeros(1, memory.shape[1])
    last = total = torch.zeros(len(text))
    frame = torch.zeros(w["decoder.linear_projection.linear_layer.bias"].shape[0])
    frames, gates, alignments = [], [], []
    for prompt in heard:
        x = frame if prompt is None else prompt
        for layer in range(2):
            x = torch.relu(w[f"decoder.prenet.layers.{layer}.linear_layer.weight"] @ x)
        h1, c1 = _cell(w, "attention_rnn", torch.cat([x.unsqueeze(0), context], 1), h1, c1)
        last = _attention(w, h1, processed, last, total)
        total = total + last
        context = (last @ memory).unsqueeze(0)
        h2, c2 = _cell(w, "decoder_rnn", torch.cat([h1, context], 1), h2, c2)
        seen = torch.cat([h2, context], 1)[0]
        frame = _linear(w, "decoder.linear_projection", seen)
        frames.append(frame)
        gates.append(_linear(w, "decoder.gate_layer", seen)[0])
        alignments.append(last)
    mel = torch.stack(frames, 1)
    return mel, mel + _postnet(w, mel), torch.stack(gates), torch.stack(alignments)


def _attention(w: Weights, h: Tensor, processed: Tensor, last: Tensor, total: Tensor) -> Tensor:
    name = "decoder.attention_layer"
    kernel = w[f"{name}.location_layer.location_conv.conv.weight"]
    place = F.conv1d(torch.stack([last, total]).unsqueeze(0), kernel, padding=kernel.shape[2] // 2)
    place = place[0].t() @ w[f"{name}.location_layer.location_dense.linear_layer.weight"].t()
    query = h @ w[f"{name}.query_layer.linear_layer.weight"].t()
    energies = torch.tanh(query + place + processed) @ w[f"{name}.v.linear_layer.weight"][0]
    return energies.softmax(0)


def _cell(w: Weights, name: str, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    p = f"decoder.{name}."
    gates = x @ w[p + "weight_ih"].t() + w[p + "bias_ih"] + h @ w[p + "weight_hh"].t()
    i, f, g, o = (gates + w[p + "bias_hh"]).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _encoded(w: Weights, text: Tensor) -> Tensor:
    x = w["embedding.weight"][text].t().unsqueeze(0)
    layer = 0
    while f"encoder.convolutions.{layer}.0.conv.weight" in w:
        x = torch.relu(_block(w, f"encoder.convolutions.{layer}", x))
        layer += 1
    steps = x[0].t()
    return torch.cat(
        [_direction(w, steps, ""), _direction(w, steps.flip(0), "_reverse").flip(0)], 1
    )


def _direction(w: Weights, steps: Tensor, suffix: str) -> Tensor:
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    w_ih, w_hh, b_ih, b_hh = (w[f"encoder.lstm.{name}{suffix}"] for name in names)
    h = c = torch.zeros(w_hh.shape[1])
    out = []
    for x in steps:
        i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        out.append(h)
    return torch.stack(out)


def _postnet(w: Weights, mel: Tensor) -> Tensor:
    x, layer = mel.unsqueeze(0), 0
    while f"postnet.convolutions.{layer}.0.conv.weight" in w:
        x = _block(w, f"postnet.convolutions.{layer}", x)
        layer += 1
        if f"postnet.convolutions.{layer}.0.conv.weight" in w:
            x = torch.tanh(x)
    return x[0]


def _block(w: Weights, name: str, x: Tensor) -> Tensor:
    kernel = w[f"{name}.0.conv.weight"]
    x = F.conv1d(x, kernel, w[f"{name}.0.conv.bias"], padding=kernel.shape[2] // 2)
    scale = w[f"{name}.1.weight"] / (w[f"{name}.1.running_var"] + 1e-5).sqrt()
    shift = w[f"{name}.1.bias"] - w[f"{name}.1.running_mean"] * scale
    return x * scale.view(1, -1, 1) + shift.view(1, -1, 1)


def _linear(w: Weights, name: str, x: Tensor) -> Tensor:
    return w[f"{name}.linear_layer.weight"] @ x + w[f"{name}.linear_layer.bias"]


def made(preset: str) -> dict[str, torch.Tensor]:
    """Веса с непустыми статистиками нормировок, какими они бывают после обучения."""
    torch.manual_seed(1)
    net = Tacotron2(PRESETS[preset], 148)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            for tensor in (module.running_mean, module.bias, module.weight):
                torch.nn.init.normal_(tensor, mean=0.1, std=0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def loaded(preset: str, weights: dict[str, torch.Tensor]) -> Tacotron2:
    net = Tacotron2(PRESETS[preset], 148, dropout_prenet=0.0).eval()
    net.load_state_dict(weights, strict=True)
    return net


@pytest.mark.parametrize("preset", ["full", "tiny"])
@torch.no_grad()
def test_teacher_forcing_equals_the_plain_computation(preset: str) -> None:
    weights, mel = made(preset), torch.randn(80, 12)
    expected = teacher_forced(weights, TEXT, mel)
    outputs = loaded(preset, weights)(
        TEXT.unsqueeze(0), torch.tensor([6]), mel.unsqueeze(0), torch.tensor([12])
    )
    for ours, theirs in zip(outputs[:4], expected, strict=True):
        torch.testing.assert_close(ours[0], theirs, **CLOSE)


@pytest.mark.parametrize("preset", ["full", "tiny"])
@torch.no_grad()
def test_synthesis_equals_the_plain_computation(preset: str) -> None:
    weights = made(preset)
    expected = free_running(weights, TEXT, 10)
    net = loaded(preset, weights)
    outputs = net.infer(
        TEXT.unsqueeze(0), torch.tensor([6]), max_decoder_steps=10, gate_threshold=1.0
    )
    for ours, theirs in zip(outputs[:4], expected, strict=True):
        torch.testing.assert_close(ours[0], theirs, **CLOSE)


def test_a_batch_of_phrases_equals_the_plain_computation_of_each() -> None:
    weights = made("tiny")
    text = torch.stack([TEXT, torch.tensor([3, 8, 4, 0, 0, 0])])
    with torch.no_grad():
        outputs = loaded("tiny", weights).infer(
            text, torch.tensor([6, 3]), max_decoder_steps=[8, 5], gate_threshold=1.0
        )
        for row, (symbols, steps) in enumerate(((6, 8), (3, 5))):
            mel, post, gate, attention = free_running(weights, text[row, :symbols], steps)
            torch.testing.assert_close(outputs.mel[row, :, :steps], mel, **CLOSE)
            torch.testing.assert_close(outputs.mel_post[row, :, :steps], post, **CLOSE)
            torch.testing.assert_close(outputs.gate[row, :steps], gate, **CLOSE)
            torch.testing.assert_close(
                outputs.alignments[row, :steps, :symbols], attention, **CLOSE
            )
