"""Синтез: декодер слышит сам себя, шаг за шагом, пока не остановится каждая фраза пакета."""

from __future__ import annotations

import torch
from torch import Tensor

from ttsf_tacotron2.attention import Attend, energy_mask
from ttsf_tacotron2.decoder import Decoded, Decoder, compute_type


def decode(
    decoder: Decoder,
    memory: Tensor,
    lengths: Tensor,
    *,
    max_decoder_steps: int,
    gate_threshold: float,
    dropout_prenet: float,
    generator: torch.Generator | None,
) -> tuple[Decoded, Tensor]:
    """`memory [B, T_in, E]` -> выход декодера и число шагов каждой фразы `[B]`."""
    stepper = Stepper(decoder, memory, lengths)
    frame = memory.new_zeros(len(memory), decoder.n_mels * decoder.reduction_factor)
    steps = torch.full_like(lengths, max_decoder_steps)
    running = torch.ones_like(lengths, dtype=torch.bool)
    outputs, alignments = [], []
    for step in range(1, max_decoder_steps + 1):
        out, weights = stepper.step(decoder.prenet(frame, dropout_prenet, generator))
        outputs.append(out)
        alignments.append(weights * running.unsqueeze(1))
        frame = out[:, :-1]
        stopped = running & (torch.sigmoid(out[:, -1].float()) > gate_threshold)
        steps = torch.where(stopped, step, steps)
        running = running & ~stopped
        if not running.any():
            break
    return decoder.collect(torch.stack(outputs), torch.stack(alignments)), steps


class Stepper:
    """Состояние обеих рекурсий между шагами синтеза."""

    def __init__(self, decoder: Decoder, memory: Tensor, lengths: Tensor) -> None:
        self.decoder = decoder
        attention, rnn = decoder.attention_layer, decoder.attention_rnn
        weights = decoder.attention_weights()
        self._attend = Attend(
            memory,
            attention.memory_layer(memory),
            weights.w_query,
            weights.location,
            weights.v,
            energy_mask(lengths, memory.shape[1]),
            compute_type(memory),
        )
        batch = len(memory)
        self._attention = (memory.new_zeros(batch, rnn.hidden_size),) * 2
        self._decoder = (memory.new_zeros(batch, decoder.decoder_rnn.hidden_size),) * 2
        self._context = self._attend.memory.new_zeros(memory.shape[2], batch)
        self._query = self._attend.memory.new_empty(batch, len(weights.v))

    def step(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`x [B, P]` -> кадры с логитом остановки `[B, n_mels * r + 1]` и внимание `[B, T_in]`."""
        decoder, attend = self.decoder, self._attend
        seen = torch.cat([x, self._context.t().to(x.dtype)], 1)
        self._attention = decoder.attention_rnn(seen, self._attention)
        hidden = self._attention[0]
        weights = attend.memory.new_empty(attend.memory.shape[:2])
        with torch.autocast(x.device.type, enabled=False):
            query = hidden.t().to(attend.w_query.dtype)
            attend.step(query, weights, self._context, self._query)
        context = self._context.t().to(hidden.dtype)
        self._decoder = decoder.decoder_rnn(torch.cat([hidden, context], 1), self._decoder)
        return decoder.project(torch.cat([self._decoder[0], context], 1)), weights
