"""Голос, каким бы движком он ни считал: предложения, зёрна, лучшая попытка, сшивка."""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tts_framework.components import AudioSettings, Mel, Phrase, Voice
from tts_framework.errors import CheckpointError, DataError
from tts_framework.speech import sentences
from tts_framework.training import saved
from ttsf_tacotron2 import description
from ttsf_tacotron2.growing import Growing
from ttsf_tacotron2.spoken import Sentence, Speech, measured
from ttsf_tacotron2.stopping import Stopping
from ttsf_tacotron2.style_source import StyleSource

BATCH = 16
"""Предложений за один проход."""

Take = tuple[Sentence, NDArray[np.float32]]

_SLACK = 1.5
_MARGIN = 10
_WARM_SYMBOLS = 16


class Speaker(Voice):
    """Поднимает фронтенд и настройки из описания модели; считать умеют наследники."""

    audio: AudioSettings

    def __init__(self, path: Path, contents: Mapping[str, Any]) -> None:
        missing = [key for key in ("model", "symbols", "frontend", "audio") if key not in contents]
        if missing:
            raise CheckpointError(
                f"{path}: {', '.join(missing)} missing, so the text cannot be encoded; continue"
                " it with 'ttsf train --checkpoint_path' and use the checkpoint that writes"
            )
        self.config = description.saved_options(path, contents)
        self.frontend = saved.frontend(path, contents)
        self.audio = saved.audio(path, contents)
        self.reduction_factor = description.reduction_factor(path, contents)
        pace = contents.get("frames_per_symbol", math.inf)
        self.slowest_pace = description.slowest_pace(path, pace)
        self._prepared = self._warm = False

    @abstractmethod
    def _style(self, source: StyleSource) -> Any:
        """Переведи просьбу о стиле в то, что поймёт `_batch`."""

    @abstractmethod
    def _batch(
        self, takes: list[tuple[str, int]], codes: list[list[int]], style: Any
    ) -> list[Take]:
        """Скажи фразы с их зёрнами: отчёт и mel `[n_mels, T]` каждой."""

    @abstractmethod
    def _growing(self, code: list[int], seed: int, style: Any) -> Growing:
        """Начни фразу, mel которой отдаётся, пока декодер говорит."""

    def _measured(self, path: NDArray[np.float32], ended: str) -> tuple[float, float, float]:
        """Верни диагональность, покрытие и уверенность по вниманию фразы `[S, T_in]`."""
        steps, symbols = path.shape
        (score,) = measured(path[None], np.array([symbols]), np.array([steps]), (ended,))
        return score

    def _stopping(self, codes: Sequence[Sequence[int]]) -> Stopping:
        """Правило остановки этих фраз; терпение - в шагах декодера."""
        return Stopping(
            [self._limit(len(code)) for code in codes],
            self.config.gate_threshold,
            -(-self.config.attention_patience // self.reduction_factor),
        )

    def prepare(self, text: str) -> None:
        """Загрузи модели фронтенда, если этот текст без них не прочесть, и разогрей сеть.

        Первые вызовы ядер втрое дольше следующих, и это ещё не синтез. Пока загружены не все
        модели, каждый текст читается и здесь: какая из них понадобится, заранее не узнать.
        """
        loaded = self._prepared and self.frontend.is_loaded
        if not (loaded or self.frontend.is_light(text)):
            self._prepared = True
            with suppress(DataError):  # о дурном тексте скажет `phrases`
                self.frontend.normalize(text)
        if not self._warm:
            self._warm = True
            next(self._growing([1] * _WARM_SYMBOLS, 0, self._style(None)).pieces(), None)

    def phrases(self, text: str) -> list[Phrase]:
        """Раздели текст так же, как `__call__`; `symbols` - без знака конца."""
        parts = sentences.split(self.frontend.normalize(text), self.config.longest_sentence)
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
        found = self._style(style)
        texts = [
            sentences.split(self.frontend.normalize(source), self.config.longest_sentence)
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
        growing = self._growing(self.frontend.encode(parts[0]), seed, self._style(style))
        for frames in growing.pieces():
            yield Mel(frames, self.audio)
        score = self._measured(growing.alignment, growing.ended)
        sentence = Sentence(parts[0], growing.known, seed, growing.ended, *score, growing.alignment)
        speech = Speech(growing.rest(), self.audio, (sentence,))
        self._warn([speech])
        yield speech

    def _said(self, takes: list[tuple[str, int]], style: Any) -> list[Take]:
        """Скажи все фразы с их зёрнами, пачками фраз близкой длины."""
        codes = [self.frontend.encode(text) for text, _ in takes]
        order = sorted(range(len(takes)), key=lambda n: len(codes[n]))
        said: dict[int, Take] = {}
        for start in range(0, len(order), BATCH):
            numbers = order[start : start + BATCH]
            done = self._batch([takes[n] for n in numbers], [codes[n] for n in numbers], style)
            said.update(zip(numbers, done, strict=True))
        return [said[n] for n in range(len(takes))]

    def _joined(self, takes: list[Take]) -> Speech:
        mel = sentences.join([mel for _, mel in takes], self.config.crossfade)
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
        frames = _SLACK * self.slowest_pace * symbols
        steps = math.ceil(min(frames / self.reduction_factor, 1e6)) + _MARGIN
        return min(steps, self.config.max_decoder_steps)
