"""Голос на torch: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from tts_framework.components import Mel
from tts_framework.training import checkpoint
from ttsf_tacotron2 import sentences, state, styles
from ttsf_tacotron2.device import resolve
from ttsf_tacotron2.growing import Growing
from ttsf_tacotron2.gst import Style
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.speaker import Speaker, Take
from ttsf_tacotron2.spoken import Sentence, Speech, measured
from ttsf_tacotron2.style_source import StyleSource

_WARM_SYMBOLS = 16


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
        self._warm = False

    def prepare(self, text: str) -> None:
        """Загрузи модели фронтенда и разогрей сеть: первые вызовы ядер втрое дольше следующих."""
        super().prepare(text)
        if not self._warm:
            self._warm = True
            self._warm_up()

    def _warm_up(self) -> None:
        code = [1] * _WARM_SYMBOLS
        decoding = self.network.decoding(
            torch.tensor([code], device=self.device),
            torch.tensor([len(code)], device=self.device),
            self._stopping([code]),
            [torch.Generator(self.device).manual_seed(0)],
            self._style(None),
            self.config.synthesis_weights,
        )
        next(iter(Growing(self.network, decoding).pieces()), None)

    def stream(self, source: str, *, seed: int = 0, style: StyleSource = None) -> Iterator[Mel]:
        """Отдавай mel кусками, пока декодер говорит; последний кусок - `Speech` с отчётом.

        Кадры те же, что у `__call__` с тем же зерном. Текст из нескольких предложений говорится
        пачкой и отдаётся целиком: шагов, общих с переходом между ними, у пачки нет.

        Raises:
            DataError, ConfigError: как у `speak`.
        """
        parts = sentences.split(self.frontend.normalize(source), self.config.longest_sentence)
        if len(parts) != 1:
            yield self(source, seed=seed, style=style)
            return
        code = self.frontend.encode(parts[0])
        decoding = self.network.decoding(
            torch.tensor([code], device=self.device),
            torch.tensor([len(code)], device=self.device),
            self._stopping([code]),
            [torch.Generator(self.device).manual_seed(seed)],
            self._style(style),
            self.config.synthesis_weights,
        )
        growing = Growing(self.network, decoding)
        for frames in growing.pieces():
            yield Mel(frames.float().cpu().numpy(), self.audio)
        yield self._ending(growing, decoding.progress.reasons[0], parts[0], seed)

    def _ending(self, growing: Growing, ended: str, text: str, seed: int) -> Speech:
        """Верни последний кусок с отчётом о всей фразе."""
        path = growing.alignment
        _, steps, symbols = path.shape
        lengths = torch.tensor([symbols]), torch.tensor([steps])
        (score,) = measured(path.float().cpu(), *lengths, (ended,))
        alignment = path[0].float().cpu().numpy()
        sentence = Sentence(text, growing.known, seed, ended, *score, alignment)
        speech = Speech(growing.rest().float().cpu().numpy(), self.audio, (sentence,))
        self._warn([speech])
        return speech

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
