"""Кодировщик: символы -> память, на которую смотрит внимание."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ttsf_tacotron2.dropping import dropout
from ttsf_tacotron2.layers import ConvBlock, Padding
from ttsf_tacotron2.sizes import Sizes

CONVOLUTION_DROPOUT = 0.5


class Encoder(nn.Module):
    """Свёртки и двунаправленная LSTM; дополнение пакета не влияет ни на что."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = sizes.encoder_embedding_dim
        self.convolutions = nn.ModuleList(
            ConvBlock(width, width, sizes.encoder_kernel_size, gain="relu")
            for _ in range(sizes.encoder_n_convolutions)
        )
        self.lstm = nn.LSTM(width, width // 2, batch_first=True, bidirectional=True)

    def forward(self, embedded: Tensor, lengths: Tensor | None) -> Tensor:
        """`embedded [B, T_in, E]`, `lengths [B]` -> память `[B, T_in, E]`, нули на дополнении.

        None вместо длин - «дополнения нет».
        """
        padding = None if lengths is None else Padding.of(lengths, embedded.shape[1])
        x = embedded.transpose(1, 2)
        for block in self.convolutions:
            assert isinstance(block, ConvBlock)
            x = dropout(
                torch.relu(block.normalized(x, padding)), CONVOLUTION_DROPOUT, self.training
            )
        return self._recur(x.transpose(1, 2), lengths)

    def _recur(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        if lengths is None:
            alone: Tensor = self.lstm(x)[0]
            return alone
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        memory, _ = pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=x.shape[1]
        )
        return memory
