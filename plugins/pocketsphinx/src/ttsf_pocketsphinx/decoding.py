"""Клип -> расшифровка декодером PocketSphinx."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from tts_framework.components import Transcript, Word
from tts_framework.errors import ConfigError

if TYPE_CHECKING:
    from ttsf_pocketsphinx import PocketSphinx

RATE = 16000
FRAMES_PER_SECOND = 100
SHORTEST = RATE // 10
"""Клип короче, отсчётов, декодеру не дают: в нём нет и одного слова."""

_NAMES = {"dictionary": "dict"}
_FILLER = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")


class Decoding:
    """Держит загруженный декодер; клипы слушает по одному, каждый — как первый."""

    def __init__(self, config: PocketSphinx.Config) -> None:
        self._language = config.language
        files = _files(config)
        problems = [
            f"{name}: no such file or folder {str(path)!r}; check the path"
            for name, path in files.items()
            if not path.exists()
        ]
        if problems:
            raise ConfigError(problems)
        options = {_NAMES.get(name, name): str(path) for name, path in files.items()}
        try:
            # cmn=batch: нормировка по самому клипу, а не по услышанным прежде
            self._decoder = Decoder(Config(cmn="batch", loglevel="FATAL", **options))
        except (RuntimeError, ValueError) as error:
            raise ConfigError(
                [f"hmm: {options['hmm']} does not load ({error}); check hmm, lm and dictionary"]
            ) from error

    def transcribe(self, clip: np.ndarray) -> Transcript:
        """Расшифруй клип: float32 [N], 16 кГц."""
        if len(clip) < SHORTEST:
            return Transcript("", 0.0, language=self._language)
        decoder = self._decoder
        decoder.reinit_feat()  # иначе оценка шума переходит из клипа в клип
        decoder.start_utt()
        pcm = (np.clip(clip, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        decoder.process_raw(pcm, no_search=False, full_utt=True)
        decoder.end_utt()
        words = tuple(_word(segment) for segment in decoder.seg() or () if _is_word(segment.word))
        seconds = [word.end - word.start for word in words]
        confidence = (
            np.average([word.confidence for word in words], weights=seconds) if words else 0
        )
        text = " ".join(word.text for word in words)
        return Transcript(text, float(confidence), words, self._language)


def _files(config: PocketSphinx.Config) -> dict[str, Path]:
    if config.hmm and config.lm and config.dictionary:
        return {"hmm": config.hmm, "lm": config.lm, "dictionary": config.dictionary}
    return {
        "hmm": Path(get_model_path("en-us/en-us")),
        "lm": Path(get_model_path("en-us/en-us.lm.bin")),
        "dictionary": Path(get_model_path("en-us/cmudict-en-us.dict")),
    }


def _is_word(text: str) -> bool:
    return not _FILLER.match(text)


def _word(segment: Any) -> Word:
    """Переведи отрезок декодера: номера кадров — в секунды, `read(2)` — в `read`."""
    start = segment.start_frame / FRAMES_PER_SECOND
    end = (segment.end_frame + 1) / FRAMES_PER_SECOND
    return Word(_VARIANT.sub("", segment.word), start, end, float(min(max(segment.prob, 0), 1)))
