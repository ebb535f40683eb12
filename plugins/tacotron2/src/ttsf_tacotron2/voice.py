"""Голос на torch: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tts_framework.training import checkpoint
from ttsf_tacotron2 import state, styles
from ttsf_tacotron2.device import resolve
from ttsf_tacotron2.growing import Float, Growing, Step
from ttsf_tacotron2.gst import Style
from ttsf_tacotron2.inference import Decoding
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.speaker import Speaker, Take
from ttsf_tacotron2.spoken import Sentence, measured
from ttsf_tacotron2.style_source import StyleSource


class Tacotron2Voice(Speaker):
    """Поднимает сеть, фронтенд и настройки звука из одного файла."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        saved = checkpoint.read(path)
        super().__init__(path, saved)
        self.device = resolve(device, key="device")
        self.network = Tacotron2(
            self.config.network_sizes(self.audio.n_mel_channels),
            len(saved["symbols"]),
            self.reduction_factor,
            dropout_prenet=self.config.dropout_prenet,
            mmi=self.config.mmi,
            gst=self.config.gst,
            attention=self.config.attention,
        ).eval()
        state.load_weights(path, self.network, saved.get("ema", saved.get("state_dict")))
        self.network.to(self.device)

    def _style(self, source: StyleSource) -> Style | None:
        return styles.chosen(self.network, self.audio, source, self.device)

    def _growing(self, code: list[int], seed: int, style: Any) -> Growing:
        decoding = self.network.decoding(
            torch.tensor([code], device=self.device),
            torch.tensor([len(code)], device=self.device),
            self._stopping([code]),
            [torch.Generator(self.device).manual_seed(seed)],
            style,
            self.config.synthesis_weights,
        )
        steps = _steps(decoding, self.audio.n_mel_channels)
        return Growing(steps, self._corrected, self.network.postnet.reach, decoding.progress)

    @torch.no_grad()
    def _corrected(self, mel: Float) -> Float:
        frames = torch.from_numpy(mel).unsqueeze(0).to(self.device)
        return _array((frames + self.network.postnet(frames, None))[0])

    def _measured(self, path: Float, ended: str) -> tuple[float, float, float]:
        """Посчитай тензорами: мнение о фразе то же, что у пачки."""
        steps, symbols = path.shape
        lengths = torch.tensor([symbols]), torch.tensor([steps])
        (score,) = measured(torch.from_numpy(path)[None], *lengths, (ended,))
        return score

    def _batch(
        self, takes: list[tuple[str, int]], codes: list[list[int]], style: Any
    ) -> list[Take]:
        lengths = torch.tensor([len(code) for code in codes], device=self.device)
        text = torch.zeros(len(codes), int(lengths.max()), dtype=torch.int64)
        for row, code in enumerate(codes):
            text[row, : len(code)] = torch.tensor(code)
        reduction_factor, stopping = self.reduction_factor, self._stopping(codes)
        outputs = self.network.infer(
            text.to(self.device),
            lengths,
            max_decoder_steps=stopping.limits,
            gate_threshold=stopping.gate_threshold,
            patience=stopping.patience,
            generator=[torch.Generator(self.device).manual_seed(seed) for _, seed in takes],
            style=style,
            storage=self.config.synthesis_weights,
        )
        frames, endings = outputs.mel_lengths, outputs.endings or ()
        scores = measured(outputs.alignments, lengths, frames // reduction_factor, endings)
        paths = [
            _array(weights[: count // reduction_factor, : len(code)])
            for weights, count, code in zip(outputs.alignments, frames.tolist(), codes, strict=True)
        ]
        rows = zip(takes, frames.tolist(), endings, scores, paths, outputs.mel_post, strict=True)
        return [
            (
                Sentence(text, count, seed, ended, near, seen, sure, path),
                _array(mel[:, :count]),
            )
            for (text, seed), count, ended, (near, seen, sure), path, mel in rows
        ]


@torch.no_grad()
def _steps(decoding: Decoding, n_mels: int) -> Iterator[Step]:
    for out, weights in decoding:
        yield _array(out[0, :-1]).reshape(-1, n_mels), _array(weights[0])


def _array(tensor: Tensor) -> Float:
    found: Float = tensor.float().cpu().numpy()
    return found
