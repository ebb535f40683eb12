"""Кто будет судить, если не сказано: расшифровщик языка, который есть, иначе распознаватель."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tts_framework.components import Sound, Transcriber
from tts_framework.errors import PluginError, TTSFError
from tts_framework.evaluation.judges import Judge, RecognizerJudge, TranscriberJudge
from tts_framework.plugins import Plugins

PACKAGED = {"en": ("whisper", "pocketsphinx")}
"""Расшифровщики, чья модель языка лежит в пакете: без спроса модели не скачиваются."""

ADVICE = "give --recognizer DIR ('ttsf evaluate train-recognizer' makes one) or --transcriber NAME"


def named(name: str, transcriber: Transcriber) -> Judge:
    """Возьми названный расшифровщик и проверь, что он работает.

    Raises:
        TTSFError: модели нет или она не загрузилась.
    """
    judge = TranscriberJudge(name, transcriber)
    probe = np.random.default_rng(0).normal(0, 0.01, 16000).astype(np.float32)
    judge.hear([Sound("probe", probe, 16000)])
    return judge


def trained(path: Path) -> Judge:
    """Подними распознаватель.

    Raises:
        CheckpointError: в папке нет обученного распознавателя.
    """
    from tts_framework.evaluation.recognizer.listening import Listener

    return RecognizerJudge(Listener(path))


def fitting(language: str, plugins: Plugins) -> tuple[list[Judge], str]:
    """Найди расшифровщик языка; второе - почему его нет."""
    reasons: list[str] = []
    for name in PACKAGED.get(language, ()):
        try:
            cls = plugins.get("transcriber", name)
            return [named(name, cls(cls.Config.model_validate({"language": language})))], ""
        except PluginError:
            continue
        except TTSFError as error:
            reasons.append(f"{name}: {str(error).splitlines()[0]}")
    return [], "; ".join([*reasons, _nobody(language)])


def _nobody(language: str) -> str:
    return f"no installed transcriber is known to hear {language or 'this language'}; {ADVICE}"
