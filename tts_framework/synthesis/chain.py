"""Цепочка голосов: текст -> mel -> звук, по тому, что каждый переводит."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tts_framework.components import Mel, Phrase, Sound, Voice
from tts_framework.errors import ConfigError, DataError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech.fingerprints import differences
from tts_framework.synthesis.griffin_lim import ITERATIONS, GriffinLim
from tts_framework.synthesis.manner import Manner
from tts_framework.synthesis.rate import stretched
from tts_framework.synthesis.voices import open_voice


@dataclass
class Work:
    """Чего стоила фраза, секунд, и что о ней сказал голос."""

    acoustic: float = 0.0
    vocoder: float = 0.0
    confidence: float | None = None
    flags: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)


class Chain:
    """Голос, читающий текст, и, если он отдаёт mel, - вокодер (без него - Griffin-Lim)."""

    def __init__(self, reader: Voice, vocoder: Voice | None = None) -> None:
        self.reader, self.vocoder = reader, vocoder
        self._accepts = _options(reader.__call__)

    def require(self, manner: Manner) -> None:
        """Потребуй, чтобы голос умел то, о чём просят.

        Raises:
            ConfigError: названо первое, чего он не умеет.
        """
        for name in manner.asked():
            if name not in self._accepts and not (name == "rate" and self.vocoder is not None):
                flag = "--" + name.replace("_", "-")
                raise ConfigError(
                    [f"{flag}: this model takes no {name.replace('_', ' ')}; leave it out"]
                )

    def prepare(self, text: str) -> None:
        """Загрузи то, без чего этот текст не прочесть и не озвучить."""
        self.reader.prepare(text)
        if self.vocoder is not None:
            self.vocoder.prepare(text)

    def phrases(self, text: str) -> list[Phrase]:
        """Раздели текст на фразы."""
        return self.reader.phrases(text)

    def grows(self, manner: Manner) -> bool:
        """Скажи, зазвучит ли фраза, пока её mel ещё говорят: умеют ли это голос и вокодер."""
        return self._able() and not self.waits_for(manner)

    def waits_for(self, manner: Manner) -> tuple[str, ...]:
        """Назови просьбы, из-за которых растущая mel ждёт конца фразы; без неё - ничего."""
        if not self._able():
            return ()
        known = _options(self.reader.stream)
        return tuple(name for name in manner.asked() if name not in known)

    def _able(self) -> bool:
        return (
            self.vocoder is not None
            and type(self.reader).stream is not Voice.stream
            and type(self.vocoder).follow is not Voice.follow
        )

    def speak(
        self, phrase: Phrase, manner: Manner, work: Work, *, growing: bool = False
    ) -> Iterator[Sound]:
        """Скажи фразу; куски идут по мере готовности, `work` пополняется по ходу.

        `growing` - озвучивать mel, пока её говорят, если цепочка и просьбы позволяют (`grows`).

        Raises:
            DataError: mel не подходит вокодеру или испорчена; ConfigError: стиль не годится.
        """
        asked = manner.asked()
        options = {name: value for name, value in asked.items() if name in self._accepts}
        if self.vocoder is None:
            spoken = _streamed(self.reader, phrase.text, manner.seed, options)
            for sound in _timed(spoken, work):
                yield _noted(work, sound)
            return
        if growing and self.grows(manner):
            mels = _timed(self.reader.stream(phrase.text, seed=manner.seed, **asked), work)
            heard = (_noted(work, piece) for piece in mels)
            yield from _timed(self.vocoder.follow(heard, seed=manner.seed), work, "vocoder")
            return
        started = time.perf_counter()
        with _heard(work):
            mel: Mel = _noted(work, self.reader(phrase.text, seed=manner.seed, **options))
        if "rate" in asked and "rate" not in options:
            mel = Mel(stretched(mel.frames, manner.rate), mel.audio)
        work.acoustic += time.perf_counter() - started
        yield from _timed(_streamed(self.vocoder, mel, manner.seed, {}), work, "vocoder")


def open_chain(
    checkpoint: Path,
    vocoder: Path | None,
    device: str,
    plugins: Plugins,
    iterations: int = ITERATIONS,
) -> Chain:
    """Подними голоса и проверь, что они стыкуются и понимают mel одинаково.

    Raises:
        CheckpointError: чекпоинт не годится; TTSFError: голоса не стыкуются;
        DataError: названа каждая настройка звука, которая у них разная.
    """
    reader = open_voice(checkpoint, device, plugins)
    _require_maps(reader, "--checkpoint", checkpoint, "text", ("mel", "audio"))
    if reader.maps[1] == "audio":
        if vocoder is not None:
            raise TTSFError(
                f"--vocoder {vocoder}: {checkpoint} gives audio already; leave --vocoder out"
            )
        return Chain(reader)
    if vocoder is None:
        return Chain(reader, GriffinLim(iterations))
    speaker = open_voice(vocoder, device, plugins)
    _require_maps(speaker, "--vocoder", vocoder, "mel", ("audio",))
    require_same_audio(reader, checkpoint, speaker, vocoder)
    return Chain(reader, speaker)


def require_same_audio(reader: Voice, checkpoint: Path, speaker: Voice, vocoder: Path) -> None:
    """Сверь настройки mel акустической модели и вокодера.

    Raises:
        DataError: строка на каждую настройку, которая различается, с обоими значениями.
    """
    if reader.audio is None or speaker.audio is None:
        return
    found = differences(reader.audio, speaker.audio, str(checkpoint), str(vocoder))
    if found:
        raise DataError(
            [f"--vocoder: {text}; use a vocoder trained with the same data.audio or leave"
             " --vocoder out" for text in found]
        )  # fmt: skip


def _require_maps(voice: Voice, flag: str, path: Path, wanted: str, gives: Sequence[str]) -> None:
    source, product = voice.maps
    if source == wanted and product in gives:
        return
    is_vocoder = (source, flag) == ("mel", "--checkpoint")
    hint = "it is a vocoder, give it with --vocoder" if is_vocoder else "choose another one"
    raise TTSFError(
        f"{flag} {path}: the model maps {source} to {product}, but {wanted} must be turned into"
        f" {' or '.join(gives)} here; {hint}"
    )


def _streamed(voice: Voice, source: Any, seed: int, options: dict[str, Any]) -> Iterator[Sound]:
    """Отдавай куски; голос, чей поток не знает просьб, отвечает на них целиком."""
    if options and not set(options) <= _options(voice.stream):
        yield voice(source, seed=seed, **options)
        return
    yield from voice.stream(source, seed=seed, **options)


def _timed(pieces: Iterator[Any], work: Work, part: str = "acoustic") -> Iterator[Any]:
    """Считай лишь время работы голоса, не время тех, кто даёт и забирает куски."""
    while True:
        started, others = time.perf_counter(), work.acoustic + work.vocoder
        with _heard(work):
            piece = next(pieces, None)
        spent = time.perf_counter() - started - (work.acoustic + work.vocoder - others)
        setattr(work, part, getattr(work, part) + spent)
        if piece is None:
            return
        yield piece


@contextmanager
def _heard(work: Work) -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    work.warnings += [
        str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)
    ]


def _noted(work: Work, product: Any) -> Any:
    """Запомни, что голос сказал о своей работе; чужому голосу веры на слово нет."""
    confidence = getattr(product, "confidence", None)
    if isinstance(confidence, int | float):
        work.confidence = float(confidence)
    flags = getattr(product, "flags", ())
    if isinstance(flags, tuple | list):
        work.flags = tuple(dict.fromkeys((*work.flags, *map(str, flags))))
    return product


def _options(function: Any) -> set[str]:
    """Верни имена, которые функция принимает сверх источника и зерна."""
    parameters = inspect.signature(function).parameters.values()
    named = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    return named - {"seed"}


def at(manner: Manner, number: int) -> Manner:
    """Верни манеру фразы с этим номером в строке: у каждой своё зерно."""
    return replace(manner, seed=manner.seed + number * manner.best_of)
