"""Что минимизирует шаг: потери Tacotron 2, направляющий штраф и MMI."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ttsf_tacotron2.batches import Batch
from ttsf_tacotron2.guidance import diagonal_penalty, guided_attention_loss, labels_penalty
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.masking import step_lengths
from ttsf_tacotron2.mmi import REFRESH, ctc_loss, gradient_factor
from ttsf_tacotron2.network import Outputs, Tacotron2
from ttsf_tacotron2.options import Tacotron2Options


class Terms(NamedTuple):
    """Слагаемые одного шага, скаляры fp32."""

    main: Tensor  # потери Tacotron 2 и взвешенный направляющий штраф
    guided: Tensor  # штраф без веса; 0, если он уже не действует
    ctc: Tensor  # потери MMI без множителя; 0 без MMI


def terms(
    config: Tacotron2Options, iteration: int, outputs: Outputs, batch: Batch, frame_rate: float
) -> Terms:
    """Верни слагаемые шага с этим номером; `frame_rate` - кадров в секунду."""
    main = tacotron_loss(
        outputs,
        batch.mels,
        batch.mel_lengths,
        gate_positive_weight=config.gate_positive_weight,
    ).total
    guided = ctc = torch.zeros_like(main)
    steps = step_lengths(batch.mel_lengths, outputs.reduction_factor)
    weight = config.guidance_weight(iteration)
    if weight > 0:
        penalty = diagonal_penalty(
            batch.text_lengths, steps, outputs.alignments, sigma=config.guided_attention_sigma
        )
        if batch.spans is not None:
            width = config.guided_attention_tolerance * frame_rate
            penalty = labels_penalty(batch.spans, penalty, outputs.reduction_factor, width)
        guided = guided_attention_loss(outputs.alignments, batch.text_lengths, steps, penalty)
        main = main + weight * guided
    if outputs.read is not None:
        ctc = ctc_loss(outputs.read, steps, batch.spoken, batch.spoken_lengths)
    return Terms(main, guided, ctc)


class Balance:
    """Складывает градиенты основных потерь и MMI; множитель второго - часть чекпоинта."""

    def __init__(self, network: Tacotron2, limit: float) -> None:
        self._network, self._limit = network, limit
        self.factor: Tensor | None = None

    def backward(self, found: Terms, iteration: int) -> Tensor:
        """Посчитай `grad` всех параметров; верни минимизируемую сумму."""
        if self._network.mmi is None:
            found.main.backward()
            return found.main.detach()
        factor = self.factor
        if factor is None or iteration % REFRESH == 0:
            self.factor = factor = self._separately(found)
        else:
            (found.main + factor * found.ctc).backward()
        return found.main.detach() + factor * found.ctc.detach()

    def _separately(self, found: Terms) -> Tensor:
        """Возьми оба градиента врозь: по их отношению считается множитель."""
        parameters = list(self._network.parameters())
        found.main.backward(retain_graph=True)
        extra = torch.autograd.grad(found.ctc, parameters, allow_unused=True)
        factor = gradient_factor((p.grad for p in parameters), extra, self._limit)
        for parameter, gradient in zip(parameters, extra, strict=True):
            own: Tensor | None = parameter.grad
            if gradient is not None and own is not None:
                own.addcmul_(gradient, factor)
            elif gradient is not None:
                parameter.grad = gradient * factor
        return factor
