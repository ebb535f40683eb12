"""Интерфейсы подключаемых частей. Плагин — класс, унаследованный от одного из них.

Целый плагин модели:

    class Tiny(Model):
        '''Учит одно число.'''

        metrics = ("val_loss",)

        class Config(Options):
            learning_rate: float = tunable(1e-3, gt=0, description="Шаг градиентного спуска.")

        @classmethod
        def start(cls, config, context):
            from ttsf_tiny.session import TinySession  # тяжёлый импорт — только здесь

            return TinySession(config, context)

    @hookimpl
    def ttsf_model():
        return Tiny
"""

from __future__ import annotations

from tts_framework.components.alerts import (
    ALERT_KINDS,
    Alerter,
    AlertKind,
    AlertOptions,
    Curve,
    Situation,
    TryLater,
    alert_kind,
)
from tts_framework.components.base import Component
from tts_framework.components.corpus import (
    BadRecord,
    Corpus,
    CorpusRequest,
    Layout,
    Phone,
    Recording,
)
from tts_framework.components.detector import Detector
from tts_framework.components.frontend import Frontend
from tts_framework.components.logs import Logger, LogTarget, TrialSource, Watcher
from tts_framework.components.media import Mel, Picture, Sound
from tts_framework.components.model import (
    Exported,
    Foreign,
    Model,
    Phrase,
    Session,
    Teacher,
    TrainingContext,
    Voice,
)
from tts_framework.components.transcriber import Transcriber, Transcript, Word
from tts_framework.components.tuning import Optimizer, Proposal, Stopper, Store
from tts_framework.components.versions import Versions
from tts_framework.options import AudioSettings, Options, tunable

__all__ = [
    "ALERT_KINDS",
    "AlertKind",
    "AlertOptions",
    "Alerter",
    "AudioSettings",
    "BadRecord",
    "Component",
    "Corpus",
    "CorpusRequest",
    "Curve",
    "Detector",
    "Exported",
    "Foreign",
    "Frontend",
    "Layout",
    "LogTarget",
    "Logger",
    "Mel",
    "Model",
    "Optimizer",
    "Options",
    "Phone",
    "Phrase",
    "Picture",
    "Proposal",
    "Recording",
    "Session",
    "Situation",
    "Sound",
    "Stopper",
    "Store",
    "Teacher",
    "TrainingContext",
    "Transcriber",
    "Transcript",
    "TrialSource",
    "TryLater",
    "Versions",
    "Voice",
    "Watcher",
    "Word",
    "alert_kind",
    "tunable",
]
