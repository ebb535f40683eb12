"""Тёплый старт: взять из чужого чекпоинта всё, что подходит, и сказать, что не подошло."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ttsf_tacotron2.network import HEADS, Tacotron2

_SHOWN = 8
_BY_SYMBOL = (
    "embedding.weight",
    "mmi.classes.linear_layer.weight",
    "mmi.classes.linear_layer.bias",
)


def adapted(
    path: Path,
    weights: Mapping[str, Any],
    network: Tacotron2,
    saved_symbols: Sequence[str] | None,
    symbols: Sequence[str],
) -> tuple[dict[str, Any], str | None]:
    """Верни веса под эту сеть и одну строку о том, что началось заново или не пригодилось.

    Строки по символам переносятся по имени символа, головы MMI и GST - если они есть там и здесь.
    """
    own, found, notes = network.state_dict(), dict(weights), []
    missing = {head for head in HEADS if _has(own, head) and not _has(found, head)}
    surplus = {head for head in HEADS if _has(found, head) and not _has(own, head)}
    found = {name: x for name, x in found.items() if name.split(".")[0] not in surplus}
    found |= {name: x for name, x in own.items() if name.split(".")[0] in missing}
    if saved_symbols is not None and list(saved_symbols) != list(symbols):
        notes.append(_compared(saved_symbols, symbols))
        for name in _BY_SYMBOL:
            if isinstance(found.get(name), Tensor) and name in own and name not in missing:
                found[name] = _by_symbol(own[name], found[name], saved_symbols, symbols)
    if missing:
        notes.append(f"new here: {', '.join(sorted(missing))}")
    if surplus:
        notes.append(f"not used here: {', '.join(sorted(surplus))}")
    return found, f"{path}: warm start: {'; '.join(notes)}" if notes else None


def _has(weights: Mapping[str, Any], head: str) -> bool:
    return any(name.split(".")[0] == head for name in weights)


def _by_symbol(
    own: Tensor, saved: Tensor, saved_symbols: Sequence[str], symbols: Sequence[str]
) -> Tensor:
    """Перенеси строки общих символов; последняя строка CTC (пропуск) переносится тоже."""
    extra = len(own) - len(symbols)
    if len(saved) != len(saved_symbols) + extra or saved.shape[1:] != own.shape[1:]:
        return saved  # форма не та: об этом скажет загрузка
    rows = own.clone()
    places = {symbol: n for n, symbol in enumerate(saved_symbols)}
    with torch.no_grad():
        for n, symbol in enumerate(symbols):
            if symbol in places:
                rows[n] = saved[places[symbol]]
        if extra:
            rows[-extra:] = saved[-extra:]
    return rows


def _compared(saved: Sequence[str], own: Sequence[str]) -> str:
    known, mine = set(saved), set(own)
    fresh = [symbol for symbol in own if symbol not in known]
    text = f"{len(own) - len(fresh)} of {len(own)} symbols kept"
    if fresh:
        text += f", start anew: {_listed(fresh)}"
    if dropped := [symbol for symbol in saved if symbol not in mine]:
        text += f", dropped: {_listed(dropped)}"
    return text


def _listed(symbols: Sequence[str]) -> str:
    shown = " ".join(map(repr, symbols[:_SHOWN]))
    return shown if len(symbols) <= _SHOWN else f"{shown} and {len(symbols) - _SHOWN} more"
