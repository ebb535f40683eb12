"""Смена reduction factor на ходу: слои, зависящие от него, и их моменты Adam.

Новый декодер слышит и говорит почти то же, что прежний: проекция первых кадров шага остаётся,
prenet слушает последние кадры, а вес кадров, которых он больше не услышит, прибавлен к самому
раннему из оставшихся (соседние кадры похожи).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tts_framework.training.adam import Adam
from ttsf_tacotron2.network import Tacotron2


def change_reduction_factor(network: Tacotron2, new: int, optimizer: Adam | None = None) -> None:
    """Переделай сеть и моменты на `new` кадров за шаг; при том же числе не меняется ничего."""
    old, decoder = network.reduction_factor, network.decoder
    if new == old:
        return
    device = decoder.linear_projection.linear_layer.weight.device
    spoken, heard = _spoken(old, new).to(device), _heard(old, new).to(device)
    projection, prenet = decoder.linear_projection.linear_layer, decoder.prenet.layers[0]
    assert isinstance(projection, nn.Linear)
    first = prenet.linear_layer
    assert isinstance(first, nn.Linear)
    for parameter in projection.parameters():
        _change(parameter, lambda x, power: _rows(x, spoken**power), optimizer)
    (weight,) = first.parameters()
    _change(weight, lambda x, power: _rows(x.t(), heard**power).t().contiguous(), optimizer)
    projection.out_features, first.in_features = len(projection.bias), first.weight.shape[1]
    network.reduction_factor = decoder.reduction_factor = new


def _change(
    parameter: nn.Parameter, change: Callable[[Tensor, int], Tensor], optimizer: Adam | None
) -> None:
    if optimizer is not None:
        optimizer.reshape(parameter, change)
    parameter.grad = None
    parameter.data = change(parameter.data, 1)


def _rows(x: Tensor, mixing: Tensor) -> Tensor:
    """Смешай кадры: `x [r * n_mels, ...]`, `mixing [new, r]` -> `[new * n_mels, ...]`."""
    frames = x.reshape(mixing.shape[1], -1)
    return (mixing.to(x.dtype) @ frames).reshape(-1, *x.shape[1:])


def _spoken(old: int, new: int) -> Tensor:
    """Новый кадр шага - прежний с тем же номером, лишние повторяют последний."""
    return torch.eye(old)[[min(frame, old - 1) for frame in range(new)]]


def _heard(old: int, new: int) -> Tensor:
    """Кадры слышны с конца; ранние сливаются в самый ранний или делят его поровну."""
    mixing = torch.zeros(new, old)
    common = min(old, new)
    for back in range(1, common + 1):
        mixing[new - back, old - back] = 1.0
    mixing[0, : old - common + 1] = 1.0
    mixing[: new - common + 1, 0] = 1.0 / (new - common + 1)
    return mixing
