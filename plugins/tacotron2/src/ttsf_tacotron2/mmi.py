"""Взаимная информация текста и речи (MMI, arXiv 1909.01145): CTC над состояниями декодера.

Голова читает текст по скрытым состояниям декодера; её потери складываются с основными с
множителем, который держит её градиент не больше основного.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tts_framework.speech.text import is_spoken
from ttsf_tacotron2.dropping import dropout
from ttsf_tacotron2.layers import NamedLinear
from ttsf_tacotron2.masking import lengths_mask
from ttsf_tacotron2.sizes import Sizes

__all__ = ["REFRESH", "TextReader", "ctc_loss", "is_spoken", "steps_needed"]

REFRESH = 10
"""Раз в столько итераций множитель градиента считается заново."""

_DROPOUT = 0.5


class TextReader(nn.Module):
    """Голова CTC: состояние декодера -> символ или пропуск (последний номер)."""

    def __init__(self, sizes: Sizes, n_symbols: int) -> None:
        super().__init__()
        self.hidden = NamedLinear(sizes.decoder_rnn_dim, sizes.decoder_rnn_dim, gain="relu")
        self.classes = NamedLinear(sizes.decoder_rnn_dim, n_symbols + 1)

    def forward(self, states: Tensor) -> Tensor:
        """`[S, B, H]` -> логиты `[S, B, V + 1]`."""
        hidden = torch.relu(self.hidden(states))
        return self.classes(dropout(hidden, _DROPOUT, self.training))


def ctc_loss(
    logits: Tensor, step_lengths: Tensor, spoken: Tensor, spoken_lengths: Tensor
) -> Tensor:
    """CTC на шаг декодера, средний по клипам; клип, где шагов не хватает, даёт ноль.

    `logits [S, B, V + 1]`, `spoken [B, U]` - номера произносимых символов.
    """
    with torch.autocast(logits.device.type, enabled=False):
        losses = F.ctc_loss(
            logits.float().log_softmax(2),
            spoken,
            step_lengths,
            spoken_lengths,
            blank=logits.shape[2] - 1,
            reduction="none",
            zero_infinity=True,
        )
        return (losses / step_lengths).mean()


def steps_needed(spoken: Sequence[int]) -> int:
    """Сколько шагов декодера нужно CTC: по шагу на символ и пропуск между одинаковыми."""
    return len(spoken) + sum(a == b for a, b in zip(spoken, spoken[1:]))


def gradient_factor(
    main: Iterable[Tensor | None], extra: Iterable[Tensor | None], limit: float
) -> Tensor:
    """`min(limit, min max|g_main| / max|g_extra|)` по параметрам, у которых есть оба градиента."""
    pairs = [(a, b) for a, b in zip(main, extra, strict=True) if a is not None and b is not None]
    if not pairs:
        raise ValueError("no parameter is shared by the two losses")
    ours, theirs = (
        torch.stack(torch._foreach_norm(list(side), ord=float("inf"))) for side in zip(*pairs)
    )
    ratios = torch.where(theirs > 0, ours / theirs, limit)
    return ratios.min().clamp(max=limit).nan_to_num(0.0)


def drop_frames(mels: Tensor, mel_lengths: Tensor, mean: Tensor, rate: float) -> Tensor:
    """Замени долю `rate` настоящих кадров подсказки средним кадром корпуса: `[B, n_mels, T]`."""
    batch, _, time = mels.shape
    dropped = torch.rand(batch, time, device=mels.device) < rate
    dropped &= lengths_mask(mel_lengths, time)
    return torch.where(dropped.unsqueeze(1), mean.to(mels.dtype).view(1, -1, 1), mels)
