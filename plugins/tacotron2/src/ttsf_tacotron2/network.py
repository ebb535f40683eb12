"""Tacotron 2: текст -> мел-спектрограмма, с именами и формами тензоров эталона."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2.decoder import Decoded, Decoder, Dropouts
from ttsf_tacotron2.encoder import Encoder
from ttsf_tacotron2.fast_steps import Storage
from ttsf_tacotron2.gst import SIZE, GlobalStyle, Style
from ttsf_tacotron2.inference import Decoding, Generators, Stopping
from ttsf_tacotron2.layers import NamedLinear, Padding, silence
from ttsf_tacotron2.masking import lengths_mask
from ttsf_tacotron2.mmi import TextReader, drop_frames
from ttsf_tacotron2.postnet import Postnet
from ttsf_tacotron2.sizes import Sizes

HEADS = ("mmi", "gst", "style_projection")
"""Головы сверх эталонных 84 тензоров: первые части их имён."""


class Outputs(NamedTuple):
    """Выходы сети; `T = S * r`, где S - число шагов декодера."""

    mel: Tensor  # [B, n_mels, T]
    mel_post: Tensor  # [B, n_mels, T]
    gate: Tensor  # [B, S], логиты
    alignments: Tensor  # [B, S, T_in], fp32
    mel_lengths: Tensor  # [B]
    read: Tensor | None = None  # [S, B, V + 1], логиты CTC: только при обучении с MMI
    style: Tensor | None = None  # [B, головы, токены], веса токенов GST
    endings: tuple[str, ...] | None = None  # чем кончилась каждая фраза при синтезе

    @property
    def reduction_factor(self) -> int:
        """Кадров на шаг декодера."""
        return self.mel.shape[2] // self.gate.shape[1]


class Tacotron2(nn.Module):
    """Сеть с любым числом кадров на шаг; вероятности dropout можно менять между шагами."""

    mean_mel: Tensor

    def __init__(
        self,
        sizes: Sizes,
        n_symbols: int,
        reduction_factor: int = 1,
        *,
        dropout_decoder: float = 0.1,
        dropout_attention: float = 0.1,
        dropout_prenet: float = 0.5,
        mmi: bool = False,
        gst: bool = False,
        attention: Literal["location", "dynamic"] = "location",
    ) -> None:
        super().__init__()
        if reduction_factor < 1:
            raise ValueError(f"reduction_factor must be at least 1, got {reduction_factor}")
        self.sizes, self.reduction_factor = sizes, reduction_factor
        self.dropout_decoder = dropout_decoder
        self.dropout_attention = dropout_attention
        self.dropout_prenet = dropout_prenet
        self.drop_frame_rate = 0.0
        self.register_buffer("mean_mel", torch.zeros(sizes.n_mels), persistent=False)
        self.embedding = nn.Embedding(n_symbols, sizes.symbols_embedding_dim)
        bound = (6.0 / (n_symbols + sizes.symbols_embedding_dim)) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        self.encoder = Encoder(sizes)
        self.decoder = Decoder(sizes, reduction_factor, dynamic=attention == "dynamic")
        self.postnet = Postnet(sizes)
        self.mmi = TextReader(sizes, n_symbols) if mmi else None
        self.gst = GlobalStyle(sizes.n_mels) if gst else None
        width = sizes.encoder_embedding_dim
        self.style_projection = NamedLinear(SIZE, width, bias=False) if gst else None

    def forward(
        self, text: Tensor, text_lengths: Tensor, mels: Tensor, mel_lengths: Tensor
    ) -> Outputs:
        """Проход с подсказкой: `text [B, T_in]`, `mels [B, n_mels, T_mel]`, порядок длин любой."""
        memory = self.encoder(self.embedding(text), text_lengths)
        style = None if self.gst is None else self.gst(mels, mel_lengths)
        memory = self._styled(memory, text_lengths, style)
        heard = self._heard(mels, mel_lengths)
        decoded = self.decoder(memory, text_lengths, heard, self._dropouts())
        outputs = self._outputs(decoded, mel_lengths)
        if style is not None:
            outputs = outputs._replace(style=style.weights)
        if self.mmi is None or not self.training:
            return outputs
        return outputs._replace(read=self.mmi(decoded.hidden))

    @torch.no_grad()
    def infer(
        self,
        text: Tensor,
        text_lengths: Tensor,
        *,
        max_decoder_steps: int | Sequence[int] = 1000,
        gate_threshold: float = 0.5,
        patience: int = 0,
        generator: Generators = None,
        style: Style | None = None,
        storage: Storage = "fp32",
    ) -> Outputs:
        """Синтез: каждая фраза пакета кончается сама, дальше - нули.

        Фразу кончают признак остановки, внимание, простоявшее `patience` шагов в конце текста, или
        `max_decoder_steps` (одно число или по числу на фразу); чем она кончилась - в `endings`. Из
        dropout работает только prenet, его случайность - из `generator` (общего или по одному на
        фразу). Без `style` сеть с GST говорит средним стилем корпуса.
        """
        training = self.training
        self.eval()
        try:
            limits = max_decoder_steps
            each = [limits] * len(text) if isinstance(limits, int) else list(limits)
            stopping = Stopping(each, gate_threshold, patience)
            decoding = self.decoding(text, text_lengths, stopping, generator, style, storage)
            decoded, progress = decoding.whole(), decoding.progress
            steps = torch.tensor(progress.steps, device=text.device)
            outputs = self._outputs(decoded, steps * self.reduction_factor)
            return outputs._replace(endings=tuple(progress.reasons))
        finally:
            self.train(training)

    @torch.no_grad()
    def decoding(
        self,
        text: Tensor,
        text_lengths: Tensor,
        stopping: Stopping,
        generator: Generators = None,
        style: Style | None = None,
        storage: Storage = "fp32",
    ) -> Decoding:
        """Прочти текст и верни шаги декодера, ещё не сделанные; сеть уже в режиме `eval`."""
        if self.gst is not None and style is None:
            style = self.gst.chosen(None)
        memory = self.encoder(self.embedding(text), text_lengths)
        return Decoding(
            self.decoder,
            self._styled(memory, text_lengths, style),
            text_lengths,
            stopping,
            dropout_prenet=self.dropout_prenet,
            generators=generator,
            storage=storage,
        )

    def _outputs(self, decoded: Decoded, mel_lengths: Tensor) -> Outputs:
        """Обнулить кадры за концом клипов и добавить поправку postnet."""
        mel = silence(decoded.mel, Padding.of(mel_lengths, decoded.mel.shape[2]))
        post = mel + self.postnet(mel, mel_lengths)
        return Outputs(mel, post, decoded.gate, decoded.alignments, mel_lengths)

    def _styled(self, memory: Tensor, lengths: Tensor, style: Style | None) -> Tensor:
        """Прибавь стиль к памяти каждого настоящего символа."""
        if style is None or self.style_projection is None:
            return memory
        shift = self.style_projection(style.embedding).unsqueeze(1)
        real = lengths_mask(lengths, memory.shape[1]).unsqueeze(2)
        return memory + shift * real.to(memory.dtype)

    def _heard(self, mels: Tensor, mel_lengths: Tensor) -> Tensor:
        """Подсказка декодеру: целое число шагов, при обучении часть кадров - средние."""
        if self.training and self.drop_frame_rate > 0:
            mels = drop_frames(mels, mel_lengths, self.mean_mel, self.drop_frame_rate)
        return F.pad(mels, (0, -mels.shape[2] % self.reduction_factor))

    def _dropouts(self) -> Dropouts:
        """Вероятности на этот проход; рекурсии прорежаются только при обучении."""
        if not self.training:
            return Dropouts(prenet=self.dropout_prenet)
        return Dropouts(self.dropout_prenet, self.dropout_attention, self.dropout_decoder)
