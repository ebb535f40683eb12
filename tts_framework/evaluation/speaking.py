"""Голос говорит тексты и пересказывает записи; звуки ложатся в папку оценки."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tts_framework.components import Mel, Sound
from tts_framework.errors import DataError
from tts_framework.evaluation import pictures
from tts_framework.evaluation.items import Item
from tts_framework.evaluation.workshop import Recording, Workshop, digest_of
from tts_framework.speech import disk
from tts_framework.speech.audio import write_wav
from tts_framework.speech.evaluation.attention import attention_scores
from tts_framework.speech.evaluation.copies import vocoder_copy
from tts_framework.speech.evaluation.failures import free_running_failures
from tts_framework.synthesis.chain import Chain

SYNTHESIS, COPY = "synthesis", "copy"


@dataclass(frozen=True)
class Spoken:
    """Сказанный текст.

    `spent` - секунды работы, `attention` - средние меры внимания (пусто - голос его не
    показывает), `failures` - срывы или None, `notes` - предупреждения голоса.
    """

    recording: Recording
    seconds: float
    spent: float
    attention: dict[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def speak_all(
    items: Sequence[Item], chain: Chain, seed: int, recipe: dict[str, Any], workshop: Workshop
) -> dict[str, Spoken]:
    """Скажи каждый текст своим зерном; готовое и целое второй раз не говорится.

    Raises:
        DiskFull: кончилось место; сказанное раньше цело.
    """
    found = {}
    with workshop.results(SYNTHESIS, recipe) as results:
        for done, item in enumerate(items, start=1):
            path = workshop.sound_path(SYNTHESIS, item.name)
            value = results.values.get(item.name)
            if value is None or digest_of(path) != value["digest"]:
                sound, value, attention = _spoken(chain, item.text, seed)
                write_wav(path, sound.samples, sound.sampling_rate)
                disk.write(workshop.attention_path(item.name), attention)
                value["digest"] = digest_of(path)
                results.add(item.name, value)
            found[item.name] = Spoken(
                Recording(path, value["digest"]),
                value["seconds"],
                value["spent"],
                value["attention"],
                None if value["failures"] is None else tuple(value["failures"]),
                tuple(value["notes"]),
            )
            workshop.progress(done, len(items), SYNTHESIS)
    return found


def copy_all(
    items: Sequence[Item], chain: Chain, seed: int, recipe: dict[str, Any], workshop: Workshop
) -> dict[str, Recording]:
    """Перескажи записи вокодером цепочки: потолок того, что она может при верной mel.

    Голосу, который отдаёт сразу звук, пересказывать нечем - словарь пуст.
    """
    audio, vocoder = chain.reader.audio, chain.vocoder
    if audio is None or vocoder is None:
        return {}
    found = {}
    with workshop.results(COPY, recipe) as results:
        for done, item in enumerate(items, start=1):
            assert item.path is not None
            real, path = Recording.of(item.path), workshop.sound_path(COPY, item.name)
            digest = digest_of(path)
            if not digest or results.values.get(real.digest) != digest:
                sound = vocoder_copy(real.sound, audio, vocoder, seed=seed)
                write_wav(path, sound.samples, sound.sampling_rate)
                digest = digest_of(path)
                results.add(real.digest, digest)
            found[item.name] = Recording(path, digest)
            workshop.progress(done, len(items), COPY)
    return found


def _spoken(chain: Chain, text: str, seed: int) -> tuple[Sound, dict[str, Any], bytes]:
    """Скажи текст: звук, итог и картинка внимания самой длинной фразы."""
    chain.prepare(text)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        started = time.perf_counter()
        product: Any = chain.reader(text, seed=seed)
        sound: Any = product if chain.vocoder is None else chain.vocoder(product, seed=seed)
        spent = time.perf_counter() - started
    if not np.isfinite(sound.samples).all():
        raise DataError(f"{text[:40]!r}: the voice gave NaN; it has diverged")
    notes = {str(w.message) for w in caught if issubclass(w.category, UserWarning)}
    phrases = _phrases(product)
    attention, failures = _attention(phrases)
    longest = max((one.alignment for one in phrases), key=len, default=None)
    value = {
        "seconds": round(len(sound.samples) / sound.sampling_rate, 4),
        "spent": round(spent, 4),
        "attention": attention,
        "failures": failures,
        "notes": sorted(notes),
    }
    return sound, value, b"" if longest is None else pictures.attention(longest)


@dataclass(frozen=True)
class _Phrase:
    """Внимание одной фразы `[S, T_text]`, кончилась ли она сама, секунд в шаге."""

    alignment: np.ndarray
    stopped: bool
    step_seconds: float


def _phrases(product: Any) -> list[_Phrase]:
    """Верни внимание фраз; голос, чья mel не несёт `sentences`, его не показывает."""
    if not isinstance(product, Mel):
        return []
    frame = product.audio.hop_length / product.audio.sampling_rate
    return [
        _Phrase(
            np.asarray(one.alignment),
            one.ended != "limit",
            frame * one.frames / len(one.alignment),
        )
        for one in getattr(product, "sentences", ())
        if getattr(one, "alignment", None) is not None and one.alignment.size
    ]


def _attention(phrases: Sequence[_Phrase]) -> tuple[dict[str, float], list[str] | None]:
    """Измерь внимание (среднее по шагам фраз) и назови срывы хотя бы одной."""
    if not phrases:
        return {}, None
    failures: set[str] = set()
    for one in phrases:
        failures |= free_running_failures(one.alignment, one.stopped, step_seconds=one.step_seconds)
    scores = [vars(attention_scores(one.alignment)) for one in phrases]
    weights = [len(one.alignment) for one in phrases]
    mean = {
        name: round(float(np.average([score[name] for score in scores], weights=weights)), 5)
        for name in scores[0]
    }
    return mean, sorted(failures)
