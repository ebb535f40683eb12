"""FastSpeech 2: кодировщик, адаптор изменчивости, декодер."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ttsf_fastspeech2 import regulator
from ttsf_fastspeech2.aligner import Aligner, Alignment
from ttsf_fastspeech2.layers import Convolution, Stack, full, lengths_mask
from ttsf_fastspeech2.postnet import Postnet
from ttsf_fastspeech2.predictor import Predictor
from ttsf_fastspeech2.sizes import Sizes

_LONGEST_SYMBOL = 400.0
"""Кадров: необученный предсказатель не должен занять всю память."""


@dataclass(frozen=True)
class Batch:
    """Пачка, дополненная нулями.

    `text [B, N]`, `text_lengths [B]`, `mels [B, T, n_mels]`, `mel_lengths [B]`; по кадрам
    `[B, T]` - `log_f0`, его вес `voiced` и `energy`; `durations [B, N]` - кадры символов, None -
    их ищет сама сеть.
    """

    text: Tensor
    text_lengths: Tensor
    mels: Tensor
    mel_lengths: Tensor
    log_f0: Tensor
    voiced: Tensor
    energy: Tensor
    durations: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """Перенеси на устройство; из закреплённой памяти - не дожидаясь копирования."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def pinned(self) -> Batch:
        """Закрепи память, чтобы копирование на GPU шло параллельно счёту."""
        return self._each(Tensor.pin_memory)

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        return Batch(**{name: change(x) for name, x in tensors.items() if x is not None})


class Variance(NamedTuple):
    """По символам `[B, N]`: ln(1 + кадры) и нормированные тон и энергия."""

    log_durations: Tensor
    pitch: Tensor
    energy: Tensor


class Outputs(NamedTuple):
    """Выход обучения: мел `[B, T, n_mels]` до и после postnet, изменчивость и её цель."""

    mel: Tensor
    mel_post: Tensor | None
    predicted: Variance
    target: Variance
    durations: Tensor
    owner: Tensor
    alignment: Alignment | None


class Speech(NamedTuple):
    """Выход синтеза: мел `[B, T, n_mels]`, её длины и кадры символов `[B, N]`."""

    mel: Tensor
    mel_lengths: Tensor
    durations: Tensor


class FastSpeech2(nn.Module):
    """Текст -> мел-спектрограмма за один проход; статистики корпуса - буферы сети."""

    mel_mean: Tensor
    mel_scale: Tensor
    variance: Tensor

    def __init__(
        self, sizes: Sizes, n_symbols: int, *, aligner: bool = False, postnet: bool = False
    ) -> None:
        super().__init__()
        self.sizes = sizes
        self.dropout = self.dropout_predictor = 0.0
        width, heads, wide = sizes.hidden_dim, sizes.heads, sizes.filter_dim
        self.embedding = nn.Embedding(n_symbols, width)
        self.encoder = Stack(width, sizes.encoder_layers, heads, wide, sizes.encoder_kernel)
        self.decoder = Stack(width, sizes.decoder_layers, heads, wide, sizes.decoder_kernel)
        self.duration_predictor = Predictor(sizes)
        self.pitch_predictor = Predictor(sizes)
        self.energy_predictor = Predictor(sizes)
        self.pitch_input = Convolution(1, width, sizes.predictor_kernel)
        self.energy_input = Convolution(1, width, sizes.predictor_kernel)
        self.place_input = nn.Linear(regulator.PLACE_FEATURES, width)
        self.output = nn.Linear(width, sizes.n_mels)
        self.postnet = Postnet(sizes) if postnet else None
        self.aligner = Aligner(sizes) if aligner else None
        self.register_buffer("mel_mean", torch.zeros(sizes.n_mels))
        self.register_buffer("mel_scale", torch.ones(sizes.n_mels))
        self.register_buffer("variance", torch.tensor([[0.0, 1.0], [0.0, 1.0]]))

    def forward(self, batch: Batch, *, own_variance: bool = False) -> Outputs:
        """Прочти тексты с настоящими длительностями; с `own_variance` тон и энергия - свои."""
        known = lengths_mask(batch.text_lengths, batch.text.shape[1])
        heard = lengths_mask(batch.mel_lengths, batch.mels.shape[1])
        symbols = self.embedding(batch.text) * known.unsqueeze(2)
        alignment = self._aligned(symbols, batch)
        durations = alignment.durations if alignment is not None else batch.durations
        assert durations is not None, "neither durations nor an aligner"
        encoded = self.encoder(symbols, known, self.dropout)
        target = self._target(batch, durations)
        given = None if own_variance else target
        adapted, predicted = self._adapted(encoded, known, given)
        owner = regulator.owners(durations, batch.mels.shape[1])
        mel, post = self._decoded(adapted, durations, owner, heard)
        return Outputs(mel, post, predicted, target, durations, owner, alignment)

    @torch.no_grad()
    def infer(
        self,
        text: Tensor,
        text_lengths: Tensor,
        *,
        rate: float = 1.0,
        pitch: float = 0.0,
        energy: float = 0.0,
    ) -> Speech:
        """Произнеси `text [B, N]`; `pitch` и `energy` - сдвиги ln F0 и ln энергии."""
        known = lengths_mask(text_lengths, text.shape[1])
        encoded = self.encoder(self.embedding(text) * known.unsqueeze(2), known, self.dropout)
        shifts = (pitch / self.variance[0, 1], energy / self.variance[1, 1])
        adapted, predicted = self._adapted(encoded, known, None, shifts)
        wanted = predicted.log_durations.expm1().clamp(0.0, _LONGEST_SYMBOL) * known / rate
        durations = regulator.whole_frames(wanted)
        durations[:, 0] += durations.sum(1) == 0
        lengths = durations.sum(1)
        owner = regulator.owners(durations, int(lengths.max()))
        heard = lengths_mask(lengths, owner.shape[1])
        mel, post = self._decoded(adapted, durations, owner, heard)
        return Speech(mel if post is None else post, lengths, durations)

    def _aligned(self, symbols: Tensor, batch: Batch) -> Alignment | None:
        if self.aligner is None:
            return None
        mels = (batch.mels - self.mel_mean) / self.mel_scale
        found: Alignment = self.aligner(symbols, batch.text_lengths, mels, batch.mel_lengths)
        return found

    def _target(self, batch: Batch, durations: Tensor) -> Variance:
        (pitch_mean, pitch_scale), (energy_mean, energy_scale) = self.variance
        pitch = (batch.log_f0 - pitch_mean) / pitch_scale
        energy = (batch.energy - energy_mean) / energy_scale
        return Variance(
            durations.to(pitch.dtype).log1p(),
            regulator.symbol_means(pitch, batch.voiced, durations),
            regulator.symbol_means(energy, torch.ones_like(energy), durations),
        )

    def _adapted(
        self,
        encoded: Tensor,
        known: Tensor,
        given: Variance | None,
        shifts: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, Variance]:
        """Предскажи изменчивость и прибавь тон и энергию (данные или предсказанные)."""
        dropout, shown = self.dropout_predictor, known.unsqueeze(2)
        log_durations = self.duration_predictor(encoded, known, dropout)
        pitch = self.pitch_predictor(encoded, known, dropout)
        used = pitch if given is None else given.pitch
        used = used if shifts is None else used + shifts[0]
        adapted = encoded + self.pitch_input(used.unsqueeze(2) * shown)
        energy = self.energy_predictor(adapted * shown, known, dropout)
        used = energy if given is None else given.energy
        used = used if shifts is None else used + shifts[1]
        adapted = adapted + self.energy_input(used.unsqueeze(2) * shown)
        return adapted, Variance(log_durations, pitch, energy)

    def _decoded(
        self, adapted: Tensor, durations: Tensor, owner: Tensor, heard: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        frames = regulator.regulate(adapted, owner)
        frames = frames + self.place_input(
            regulator.frame_places(durations, owner).to(frames.dtype)
        )
        decoded = self.decoder(frames * heard.unsqueeze(2), heard, self.dropout)
        mel = full(self.output(decoded)) * self.mel_scale + self.mel_mean
        if self.postnet is None:
            return mel, None
        unit = (mel - self.mel_mean) / self.mel_scale
        correction = full(self.postnet(unit, heard, self.dropout))
        return mel, mel + correction * self.mel_scale
