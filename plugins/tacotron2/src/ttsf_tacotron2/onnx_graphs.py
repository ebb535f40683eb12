"""Три графа для ONNX: кодировщик, шаг декодера и postnet - над одной фразой, без дополнения."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2.dynamic_attention import DynamicAttention
from ttsf_tacotron2.network import Tacotron2


class EncoderGraph(nn.Module):
    """Символы -> память и её проекция для внимания; стиль GST - весами токенов."""

    def __init__(self, network: Tacotron2) -> None:
        super().__init__()
        self.network = network

    def forward(self, text: Tensor, style: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """`text [1, T]`, `style [1, головы, токены]` -> `[1, T, E]` и `[1, T, A]`."""
        memory = self.network.encoder(self.network.embedding(text), None)
        if style is not None:
            assert self.network.gst is not None and self.network.style_projection is not None
            embedding = self.network.gst.attention.mixed(style)
            memory = memory + self.network.style_projection(embedding).unsqueeze(1)
        attention = self.network.decoder.attention_layer
        if isinstance(attention, DynamicAttention):  # на содержание оно не смотрит
            return memory, memory[..., :1]
        return memory, attention.memory_layer(memory)


class StepGraph(nn.Module):
    """Один шаг декодера: всё, что он помнит, приходит и уходит тензорами."""

    def __init__(self, network: Tacotron2) -> None:
        super().__init__()
        self.decoder = network.decoder

    def forward(
        self,
        frame: Tensor,  # [1, n_mels * r], прошлые кадры
        keep: Tensor,  # [2, 1, P], множители dropout обоих слоёв prenet
        memory: Tensor,  # [1, T, E]
        processed: Tensor,  # [1, T, A]
        weights: Tensor,  # [1, T], прошлое внимание
        total: Tensor,  # [1, T], сумма внимания всех шагов
        context: Tensor,  # [1, E]
        hidden_one: Tensor,
        cell_one: Tensor,
        hidden_two: Tensor,
        cell_two: Tensor,
    ) -> tuple[Tensor, ...]:
        """Верни кадры, логит остановки `[1, 1]` и новое состояние в порядке входов."""
        decoder = self.decoder
        x = decoder.prenet.masked(frame, keep)
        hidden_one, cell_one = decoder.attention_rnn(
            torch.cat([x, context], 1), (hidden_one, cell_one)
        )
        weights = self._attend(hidden_one, processed, weights, total)
        context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
        hidden_two, cell_two = decoder.decoder_rnn(
            torch.cat([hidden_one, context], 1), (hidden_two, cell_two)
        )
        seen = torch.cat([hidden_two, context], 1)
        frames, gate = decoder.linear_projection(seen), decoder.gate_layer(seen)
        state = weights, total + weights, context, hidden_one, cell_one, hidden_two, cell_two
        return frames, gate, *state

    def _attend(self, hidden: Tensor, processed: Tensor, last: Tensor, total: Tensor) -> Tensor:
        attention = self.decoder.attention_layer
        if isinstance(attention, DynamicAttention):
            return attention(hidden, last, torch.zeros_like(last))
        place = attention.location_layer
        seen = place.location_conv(torch.stack([last, total], 1)).transpose(1, 2)
        query = attention.query_layer(hidden).unsqueeze(1)
        energies = attention.v(torch.tanh(query + processed + place.location_dense(seen)))
        return F.softmax(energies.squeeze(2), 1)


class PostnetGraph(nn.Module):
    """Мел декодера -> мел с поправкой."""

    def __init__(self, network: Tacotron2) -> None:
        super().__init__()
        self.postnet = network.postnet

    def forward(self, mel: Tensor) -> Tensor:
        """`[1, n_mels, T]` -> `[1, n_mels, T]`."""
        corrected: Tensor = mel + self.postnet(mel, None)
        return corrected
