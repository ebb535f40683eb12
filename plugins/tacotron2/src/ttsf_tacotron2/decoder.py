"""Декодер: prenet, рекурсия внимания, рекурсия декодера, проекции кадров и признака остановки.

При обучении с подсказкой рекурсия декодера не возвращается в рекурсию внимания, поэтому это два
прохода подряд, а prenet и проекции считаются для всех шагов сразу.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2 import dynamic_attention
from ttsf_tacotron2.attention import Attend, Attention, energy_mask
from ttsf_tacotron2.attention_loop import Weights, attention_lstm
from ttsf_tacotron2.dropping import keep_mask
from ttsf_tacotron2.dynamic_attention import DynamicAttend, DynamicAttention
from ttsf_tacotron2.layers import NamedLinear
from ttsf_tacotron2.lstm_loop import lstm
from ttsf_tacotron2.sizes import Sizes


class Prenet(nn.Module):
    """Узкое место перед рекурсией; его dropout работает и при синтезе."""

    def __init__(self, sizes: Sizes, reduction_factor: int) -> None:
        super().__init__()
        size_in, size = sizes.n_mels * reduction_factor, sizes.prenet_dim
        self.width = size
        self.layers = nn.ModuleList(
            [NamedLinear(size_in, size, bias=False), NamedLinear(size, size, bias=False)]
        )

    def forward(self, x: Tensor, probability: float) -> Tensor:
        """`[..., n_mels * r]` -> `[..., P]`."""
        for layer in self.layers:
            x = torch.relu(layer(x))
            if probability > 0:
                x = x * keep_mask(x.shape, probability, x)
        return x

    def masked(self, x: Tensor, keep: Tensor | None) -> Tensor:
        """То же с готовыми масками слоёв `[2, ..., P]`; None - без dropout."""
        for number, layer in enumerate(self.layers):
            x = torch.relu(layer(x))
            if keep is not None:
                x = x * keep[number]
        return x


class Dropouts(NamedTuple):
    """Вероятности dropout декодера на один проход."""

    prenet: float = 0.0
    attention: float = 0.0
    decoder: float = 0.0


class Decoded(NamedTuple):
    """Выход декодера до postnet."""

    mel: Tensor  # [B, n_mels, S * r]
    gate: Tensor  # [B, S]
    alignments: Tensor  # [B, S, T_in]
    hidden: Tensor | None = None  # [S, B, H], состояния декодерной LSTM при подсказке


class Decoder(nn.Module):
    """Параметры декодера под именами эталона и проход с подсказкой."""

    def __init__(self, sizes: Sizes, reduction_factor: int, *, dynamic: bool = False) -> None:
        super().__init__()
        self.n_mels, self.reduction_factor = sizes.n_mels, reduction_factor
        self.attention_dim = sizes.attention_dim
        encoder, wide = sizes.encoder_embedding_dim, sizes.attention_rnn_dim
        self.prenet = Prenet(sizes, reduction_factor)
        self.attention_rnn = nn.LSTMCell(sizes.prenet_dim + encoder, wide)
        self.attention_layer = DynamicAttention(sizes) if dynamic else Attention(sizes)
        self.decoder_rnn = nn.LSTMCell(wide + encoder, sizes.decoder_rnn_dim)
        seen = sizes.decoder_rnn_dim + encoder
        self.linear_projection = NamedLinear(seen, sizes.n_mels * reduction_factor)
        self.gate_layer = NamedLinear(seen, 1, gain="sigmoid")

    def forward(self, memory: Tensor, lengths: Tensor, mels: Tensor, dropouts: Dropouts) -> Decoded:
        """`memory [B, T_in, E]`, `mels [B, n_mels, S * r]` - подсказка, сдвинутая на шаг здесь."""
        x = self.prenet(self.previous_frames(mels), dropouts.prenet)
        dtype = compute_type(x)
        x = x.to(dtype)
        keep = self._keep(x, self.attention_rnn.hidden_size, dropouts.attention)
        states, alignments = self._attended(x, memory, lengths, keep)
        rnn = self.decoder_rnn
        hidden = lstm(
            states,
            rnn.weight_ih,
            rnn.weight_hh,
            rnn.bias_ih + rnn.bias_hh,
            self._keep(x, rnn.hidden_size, dropouts.decoder),
        )
        context = states[..., self.attention_rnn.hidden_size :]
        frames = self.project(torch.cat([hidden, context], 2))
        return self.collect(frames, alignments)._replace(hidden=hidden)

    def previous_frames(self, mels: Tensor) -> Tensor:
        """`[B, n_mels, S * r]` -> вход каждого шага `[S, B, n_mels * r]`, первый - нули."""
        batch, width = mels.shape[0], self.n_mels * self.reduction_factor
        steps = mels.transpose(1, 2).reshape(batch, -1, width).transpose(0, 1)
        return F.pad(steps[:-1], (0, 0, 0, 0, 1, 0))

    def _attended(
        self, x: Tensor, memory: Tensor, lengths: Tensor, keep: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        attention = self.attention_layer
        if isinstance(attention, DynamicAttention):
            return dynamic_attention.attention_lstm(
                x, memory, lengths, self.attention_rnn, attention, keep
            )
        return attention_lstm(
            x,
            memory,
            attention.memory_layer(memory),
            energy_mask(lengths, memory.shape[1]),
            self.attention_weights(),
            keep,
        )

    def attend(self, memory: Tensor, lengths: Tensor) -> Attend | DynamicAttend:
        """Верни шаги внимания над этой памятью для синтеза."""
        attention = self.attention_layer
        if isinstance(attention, DynamicAttention):
            return DynamicAttend(attention, memory, lengths)
        weights = self.attention_weights()
        return Attend(
            memory,
            attention.memory_layer(memory),
            weights.w_query,
            weights.location,
            weights.v,
            energy_mask(lengths, memory.shape[1]),
            memory.dtype,
        )

    def attention_weights(self) -> Weights:
        """Параметры быстрой рекурсии внимания."""
        rnn, attention = self.attention_rnn, self.attention_layer
        assert isinstance(attention, Attention)
        return Weights(
            rnn.weight_ih,
            rnn.weight_hh,
            rnn.bias_ih + rnn.bias_hh,
            attention.query_layer.linear_layer.weight,
            attention.location_layer.composed(),
            attention.v.linear_layer.weight.squeeze(0),
        )

    def project(self, seen: Tensor) -> Tensor:
        """`[..., H + E]` -> кадры и логит остановки вместе: `[..., n_mels * r + 1]`."""
        return F.linear(seen, *self.output_weights())

    def output_weights(self) -> tuple[Tensor, Tensor]:
        """Веса и смещения кадров и остановки одной матрицей `[n_mels * r + 1, H + E]`."""
        mel, gate = self.linear_projection.linear_layer, self.gate_layer.linear_layer
        return torch.cat([mel.weight, gate.weight]), torch.cat([mel.bias, gate.bias])

    def collect(self, frames: Tensor, alignments: Tensor) -> Decoded:
        """Шаги `[S, B, ...]` -> пакет: мел `[B, n_mels, S * r]`, остановка `[B, S]`, внимание."""
        steps, batch, _ = frames.shape
        mel = frames[..., :-1].transpose(0, 1).reshape(batch, -1, self.n_mels)
        gate = frames[..., -1].t()
        return Decoded(mel.transpose(1, 2).contiguous(), gate, alignments.transpose(0, 1))

    def _keep(self, like: Tensor, size: int, probability: float) -> Tensor | None:
        """Маски всех шагов заранее: `[T, H, B]`."""
        if probability <= 0:
            return None
        return keep_mask((like.shape[0], size, like.shape[1]), probability, like)


def compute_type(x: Tensor) -> torch.dtype:
    """Тип вычислений рекурсии: тип autocast, если он включён, иначе тип данных."""
    if torch.is_autocast_enabled(x.device.type):
        return torch.get_autocast_dtype(x.device.type)
    return x.dtype
