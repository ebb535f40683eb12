"""Голос: чекпоинт -> текст -> мел-спектрограмма."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tts_framework.components import AudioSettings, Mel, Phrase, Voice
from tts_framework.errors import ConfigError, DataError
from tts_framework.speech import sentences
from tts_framework.training import checkpoint, saved
from tts_framework.training.device import resolve
from tts_framework.training.weights import load_weights
from ttsf_fastspeech2.options import FastSpeech2Options
from ttsf_fastspeech2.session import ADVICE, NAME, built
from ttsf_fastspeech2.symbol_frames import START

BATCH = 16
"""Предложений за один проход."""

_LIMITS = {"rate": (0.25, 4.0), "pitch": (-24.0, 24.0), "energy": (-24.0, 24.0)}


@dataclass(frozen=True)
class SpokenMel(Mel):
    """Мел-спектрограмма и кадры каждого символа: тишина перед речью, потом символы предложений."""

    durations: tuple[NDArray[np.int64], ...] = ()


class FastSpeech2Voice(Voice):
    """Поднимает сеть, фронтенд и настройки звука из одного файла."""

    audio: AudioSettings

    def __init__(self, path: Path, device: str = "cpu") -> None:
        found = checkpoint.read(path)
        self._config = saved.options(path, found, NAME, FastSpeech2Options)
        self.frontend = saved.frontend(path, found)
        self.audio = saved.audio(path, found)
        self._device = resolve(device, key="device")
        symbols = len(self.frontend.symbols)
        self._network = built(self._config, self.audio.n_mel_channels, symbols).eval()
        key = "ema" if "ema" in found else "state_dict"
        load_weights(path, self._network, found.get(key), key=key, advice=ADVICE)
        self._network.to(self._device)

    def prepare(self, text: str) -> None:
        """Загрузи модели фронтенда, если этот текст без них не прочесть."""
        if not self.frontend.is_light(text):
            with suppress(DataError):  # о дурном тексте скажет `phrases`
                self.frontend.normalize(text)

    def phrases(self, text: str) -> list[Phrase]:
        """Раздели текст так же, как `__call__`; `symbols` - без знака конца."""
        return [Phrase(part, len(self.frontend.encode(part)) - 1) for part in self._parts(text)]

    def __call__(
        self,
        source: str,
        *,
        seed: int = 0,
        rate: float | None = None,
        pitch: float | None = None,
        energy: float | None = None,
    ) -> SpokenMel:
        """Произнеси текст; случайности в модели нет, `seed` ничего не меняет.

        `rate` - темп (2 - вдвое быстрее), `pitch` - сдвиг тона в полутонах, `energy` - в дБ; не
        названное - из настроек модели.

        Raises:
            DataError: в тексте есть символ, которого модель не знает;
            ConfigError: темп, тон или энергия вне пределов.
        """
        return self.speak([source], rate=rate, pitch=pitch, energy=energy)[0]

    def speak(
        self,
        sources: Sequence[str],
        *,
        rate: float | None = None,
        pitch: float | None = None,
        energy: float | None = None,
    ) -> list[SpokenMel]:
        """Произнеси тексты пачкой: предложения всех текстов говорятся разом, по `BATCH`.

        Raises:
            DataError: в тексте есть символ, которого модель не знает;
            ConfigError: темп, тон или энергия вне пределов.
        """
        wanted = {"rate": rate, "pitch": pitch, "energy": energy}
        controls = {name: self._control(name, value) for name, value in wanted.items()}
        parts = [self._parts(source) for source in sources]
        codes = [[START, *self.frontend.encode(part)] for text in parts for part in text]
        said = iter(self._said(codes, controls))
        return [self._joined([next(said) for _ in text]) for text in parts]

    def _parts(self, text: str) -> list[str]:
        return sentences.split(self.frontend.normalize(text), self._config.longest_sentence)

    def _said(
        self, codes: list[list[int]], controls: dict[str, float]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """Скажи все предложения, пачками близкой длины; верни мел `[n_mels, T]` и кадры."""
        order = sorted(range(len(codes)), key=lambda number: len(codes[number]))
        said = {}
        for start in range(0, len(order), BATCH):
            numbers = order[start : start + BATCH]
            lengths = torch.tensor([len(codes[n]) for n in numbers])
            text = torch.zeros(len(numbers), int(lengths.max()), dtype=torch.int64)
            for row, number in enumerate(numbers):
                text[row, : lengths[row]] = torch.tensor(codes[number])
            speech = self._network.infer(
                text.to(self._device),
                lengths.to(self._device),
                rate=controls["rate"],
                pitch=controls["pitch"] * math.log(2.0) / 12.0,
                energy=controls["energy"] * math.log(10.0) / 20.0,
            )
            for row, number in enumerate(numbers):
                mel = speech.mel[row, : int(speech.mel_lengths[row])].float().cpu().numpy().T
                frames = speech.durations[row, : int(lengths[row])].cpu().numpy()
                said[number] = (np.ascontiguousarray(mel), frames)
        return [said[number] for number in range(len(codes))]

    def _joined(self, said: list[tuple[NDArray[np.float32], NDArray[np.int64]]]) -> SpokenMel:
        mel = sentences.join([mel for mel, _ in said], self._config.crossfade)
        return SpokenMel(mel, self.audio, tuple(frames for _, frames in said))

    def _control(self, name: str, value: float | None) -> float:
        if value is None:
            return float(getattr(self._config, name))
        low, high = _LIMITS[name]
        if not low <= value <= high:
            raise ConfigError([f"{name}: {value!r} is outside {low:g} and {high:g}"])
        return float(value)
