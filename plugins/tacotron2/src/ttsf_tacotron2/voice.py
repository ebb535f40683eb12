"""Голос: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from tts_framework.components import AudioSettings, Frontend, Phrase, Voice
from tts_framework.errors import CheckpointError, DataError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from ttsf_tacotron2 import sentences, state, styles
from ttsf_tacotron2.device import resolve
from ttsf_tacotron2.gst import Style
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.spoken import Sentence, Speech, measured
from ttsf_tacotron2.styles import StyleSource

BATCH = 16
"""Предложений за один проход."""

Take = tuple[Sentence, NDArray[np.float32]]

_SLACK = 1.5
_MARGIN = 10


class Tacotron2Voice(Voice):
    """Поднимает сеть, фронтенд и настройки звука из одного файла."""

    audio: AudioSettings

    def __init__(self, path: Path, device: str = "cpu") -> None:
        saved = checkpoint.read(path)
        missing = [key for key in ("model", "symbols", "frontend", "audio") if key not in saved]
        if missing:
            raise CheckpointError(
                f"{path}: {', '.join(missing)} missing, so the text cannot be encoded; continue"
                " it with 'ttsf train --checkpoint_path' and use the checkpoint that writes"
            )
        self._config = state.saved_options(path, saved)
        self.frontend = _frontend(path, saved["frontend"], saved["symbols"])
        self.audio = _audio(path, saved["audio"])
        self._prepared = False
        self._slowest_pace = _positive(path, saved.get("frames_per_symbol", math.inf))
        self.device = resolve(device, key="device")
        self.network = Tacotron2(
            self._config.network_sizes(self.audio.n_mel_channels),
            len(saved["symbols"]),
            state.reduction_factor(path, saved),
            dropout_prenet=self._config.dropout_prenet,
            mmi=self._config.mmi,
            gst=self._config.gst,
            attention=self._config.attention,
        ).eval()
        state.load_weights(path, self.network, saved.get("ema", saved.get("state_dict")))
        self.network.to(self.device)

    def prepare(self, text: str) -> None:
        """Загрузи модели фронтенда, если этот текст без них не прочесть."""
        if not (self._prepared or self.frontend.is_light(text)):
            self._prepared = True
            with suppress(DataError):  # о дурном тексте скажет `phrases`
                self.frontend.normalize(text)

    def phrases(self, text: str) -> list[Phrase]:
        """Раздели текст так же, как `__call__`; `symbols` - без знака конца."""
        parts = sentences.split(self.frontend.normalize(text), self._config.longest_sentence)
        return [Phrase(part, len(self.frontend.encode(part)) - 1) for part in parts]

    def __call__(
        self, source: str, *, seed: int = 0, style: StyleSource = None, best_of: int = 1
    ) -> Speech:
        """Произнеси текст; один и тот же `seed` даёт один и тот же результат.

        Raises:
            DataError: в тексте есть символ, которого модель не знает.
        """
        return self.speak([source], seed=seed, style=style, best_of=best_of)[0]

    def speak(
        self,
        sources: Sequence[str],
        *,
        seed: int = 0,
        style: StyleSource = None,
        best_of: int = 1,
    ) -> list[Speech]:
        """Произнеси тексты пачкой: предложения всех текстов говорятся разом, по `BATCH`.

        `style` - запись (путь или Mel) или веса токенов GST; `best_of` - сколько раз сказать
        каждое предложение, чтобы оставить сказанное с лучшим вниманием.

        Raises:
            DataError: в тексте есть символ, которого модель не знает, или запись не читается;
            ConfigError: модель без GST или веса токенов не те.
        """
        best_of = max(1, best_of)
        found = styles.chosen(self.network, self.audio, style, self.device)
        texts = [
            sentences.split(self.frontend.normalize(source), self._config.longest_sentence)
            for source in sources
        ]
        takes = [
            (text, seed + place * best_of + take)
            for parts in texts
            for place, text in enumerate(parts)
            for take in range(best_of)
        ]
        said = self._said(takes, found)
        best = iter(
            max(said[n : n + best_of], key=lambda pair: pair[0].confidence)
            for n in range(0, len(said), best_of)
        )
        speeches = [self._joined([next(best) for _ in parts]) for parts in texts]
        self._warn(speeches)
        return speeches

    def _said(self, takes: list[tuple[str, int]], style: Style | None) -> list[Take]:
        """Скажи все фразы с их зёрнами, пачками фраз близкой длины."""
        codes = [self.frontend.encode(text) for text, _ in takes]
        order = sorted(range(len(takes)), key=lambda n: len(codes[n]))
        said: dict[int, Take] = {}
        for start in range(0, len(order), BATCH):
            numbers = order[start : start + BATCH]
            done = self._batch([takes[n] for n in numbers], [codes[n] for n in numbers], style)
            said.update(zip(numbers, done, strict=True))
        return [said[n] for n in range(len(takes))]

    def _batch(
        self, takes: list[tuple[str, int]], codes: list[list[int]], style: Style | None
    ) -> list[Take]:
        lengths = torch.tensor([len(code) for code in codes], device=self.device)
        text = torch.zeros(len(codes), int(lengths.max()), dtype=torch.int64)
        for row, code in enumerate(codes):
            text[row, : len(code)] = torch.tensor(code)
        reduction_factor = self.network.reduction_factor
        outputs = self.network.infer(
            text.to(self.device),
            lengths,
            max_decoder_steps=[self._limit(len(code)) for code in codes],
            gate_threshold=self._config.gate_threshold,
            patience=-(-self._config.attention_patience // reduction_factor),
            generator=[torch.Generator(self.device).manual_seed(seed) for _, seed in takes],
            style=style,
            storage=self._config.synthesis_weights,
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
                Sentence(text, count, seed, ended, *score, path),
                mel[:, :count].float().cpu().numpy(),
            )
            for (text, seed), count, ended, score, path, mel in rows
        ]

    def _joined(self, takes: list[Take]) -> Speech:
        mel = sentences.join([mel for _, mel in takes], self._config.crossfade)
        return Speech(mel, self.audio, tuple(sentence for sentence, _ in takes))

    def _warn(self, speeches: list[Speech]) -> None:
        """Предупреди о первой фразе, которая не остановилась сама."""
        for sentence in (sentence for speech in speeches for sentence in speech.sentences):
            if sentence.ended == "limit":
                seconds = sentence.frames * self.audio.hop_length / self.audio.sampling_rate
                warnings.warn(
                    f"the model did not stop by itself within {sentence.frames} frames"
                    f" ({seconds:.1f} s) at {sentence.text[:40]!r}; train it longer or give it a"
                    " shorter text",
                    stacklevel=4,
                )
                return

    def _limit(self, symbols: int) -> int:
        """Верни предел шагов: сеть, не выучившая остановку, не должна шуметь минуту."""
        frames = _SLACK * self._slowest_pace * symbols
        steps = math.ceil(min(frames / self.network.reduction_factor, 1e6)) + _MARGIN
        return min(steps, self._config.max_decoder_steps)
