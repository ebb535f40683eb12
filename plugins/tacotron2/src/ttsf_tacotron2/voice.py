"""Голос на torch: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from tts_framework.training import checkpoint
from ttsf_tacotron2 import state, styles
from ttsf_tacotron2.device import resolve
from ttsf_tacotron2.gst import Style
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
            weights[: count // reduction_factor, : len(code)].float().cpu().numpy()
            for weights, count, code in zip(outputs.alignments, frames.tolist(), codes, strict=True)
        ]
        rows = zip(takes, frames.tolist(), endings, scores, paths, outputs.mel_post, strict=True)
        return [
            (
                Sentence(text, count, seed, ended, near, seen, sure, path),
                mel[:, :count].float().cpu().numpy(),
            )
            for (text, seed), count, ended, (near, seen, sure), path, mel in rows
        ]
