"""Оценка на проверочной выборке с подсказкой; одинакова при любых гиперпараметрах."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ttsf_tacotron2.alignment import coverage, diagonality
from ttsf_tacotron2.batches import Batch, Clips
from ttsf_tacotron2.gst import entropy
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.masking import step_lengths
from ttsf_tacotron2.network import Outputs

BATCH = 16
NAMES = ("val_mel", "val_mel_post", "val_gate", "attention_diagonality", "attention_coverage")


def evaluate(
    clips: Clips, forward: Callable[[Batch], Outputs], device: torch.device
) -> dict[str, float]:
    """Верни `NAMES` и их сумму потерь `val_loss`; у сети с GST - и использование токенов.

    Пачки и веса слагаемых постоянны (не `batch_size` и не `gate_positive_weight`): иначе trial-ы с
    разными значениями не сравнить. Среднее - по всем кадрам, шагам или клипам выборки.
    """
    sums, weights = torch.zeros(2, len(NAMES), device=device).unbind()
    styles = []
    for batch in clips.in_order(BATCH):
        placed = batch.to(device)
        outputs = forward(placed)
        values, counts = _measure(placed, outputs)
        sums += values * counts
        weights += counts
        if outputs.style is not None:
            styles.append(outputs.style)
    metrics = dict(zip(NAMES, (sums / weights).tolist(), strict=True))
    total = metrics["val_mel"] + metrics["val_mel_post"] + metrics["val_gate"]
    return {"val_loss": total, **metrics, **(token_use(torch.cat(styles)) if styles else {})}


def token_use(weights: Tensor) -> dict[str, float]:
    """Верни, как выборка пользуется токенами: `weights [N, головы, токены]`.

    `style_entropy` - средняя энтропия весов клипа (1 - токены всегда поровну); `style_spread` -
    на сколько энтропия средних весов больше неё (0 - веса у всех клипов одни, токены не выучили
    ничего).
    """
    own, common = entropy(weights).mean(), entropy(weights.mean(0)).mean()
    return {"style_entropy": own.item(), "style_spread": max(0.0, (common - own).item())}


def _measure(batch: Batch, outputs: Outputs) -> tuple[Tensor, Tensor]:
    """Верни значения одной пачки и вес каждого: кадры, шаги или клипы."""
    steps = step_lengths(batch.mel_lengths, outputs.reduction_factor)
    losses = tacotron_loss(outputs, batch.mels, batch.mel_lengths)
    measured = (outputs.alignments.float(), batch.text_lengths, steps)
    values = [*losses, diagonality(*measured).mean(), coverage(*measured).mean()]
    frames, clips = batch.mel_lengths.sum(), torch.full_like(steps[0], len(steps))
    return torch.stack(values), torch.stack([frames, frames, steps.sum(), clips, clips])
