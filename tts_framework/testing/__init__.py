"""Чем проверяют плагины: контракты видов, фикстуры pytest, симулированные тренеры.

    from tts_framework.testing import ModelContract

    class TestTiny(ModelContract):
        plugin = "tiny"

Имена ищутся лениво: импорт пакета не тянет ни pytest, ни numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts_framework.testing.alerters import AlerterContract
    from tts_framework.testing.contract import Contract
    from tts_framework.testing.corpora import CorpusContract, LayoutContract
    from tts_framework.testing.detectors import DetectorContract
    from tts_framework.testing.frontends import FrontendContract
    from tts_framework.testing.loggers import LoggerContract
    from tts_framework.testing.models import ModelContract
    from tts_framework.testing.optimizers import OptimizerContract
    from tts_framework.testing.stoppers import StopperContract
    from tts_framework.testing.stores import StoreContract
    from tts_framework.testing.transcribers import TranscriberContract
    from tts_framework.testing.versions import VersionsContract
    from tts_framework.testing.watchers import WatcherContract

_WHERE = {
    "AlerterContract": "alerters",
    "Contract": "contract",
    "CorpusContract": "corpora",
    "DetectorContract": "detectors",
    "FrontendContract": "frontends",
    "LayoutContract": "corpora",
    "LoggerContract": "loggers",
    "ModelContract": "models",
    "OptimizerContract": "optimizers",
    "StopperContract": "stoppers",
    "StoreContract": "stores",
    "TranscriberContract": "transcribers",
    "VersionsContract": "versions",
    "WatcherContract": "watchers",
}

__all__ = [
    "AlerterContract",
    "Contract",
    "CorpusContract",
    "DetectorContract",
    "FrontendContract",
    "LayoutContract",
    "LoggerContract",
    "ModelContract",
    "OptimizerContract",
    "StopperContract",
    "StoreContract",
    "TranscriberContract",
    "VersionsContract",
    "WatcherContract",
    "contract_of",
]


def contract_of(kind: str) -> str:
    """Верни имя контракта вида: `optimizer` -> `OptimizerContract`."""
    return f"{kind.capitalize()}Contract"


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
