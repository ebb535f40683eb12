"""Plan: настройки и плагины, превращённые в живые объекты; всё проверено до начала обучения."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tts_framework.components import Alerter, Model, Optimizer, Options, Stopper, Store, Watcher
from tts_framework.config import Settings
from tts_framework.events import Value
from tts_framework.space import Space


@dataclass(frozen=True)
class Plan:
    """Готовый к исполнению запуск.

    `base` — исходные значения всех осей пространства; `config_path` — файл, с которым тюнер
    запускает тренер; `model` равен None, когда `trainer.command` описывает чужую программу.
    """

    settings: Settings
    config_path: Path
    folder: Path
    model: type[Model] | None
    model_config: Options | None
    space: Space
    base: Mapping[str, Value]
    optimizer: Optimizer
    optimizer_name: str
    stoppers: Mapping[str, Stopper]
    store: tuple[type[Store], Options]
    watchers: Mapping[str, tuple[type[Watcher], Options]]
    alerters: Mapping[str, Alerter]
    secrets: frozenset[str] = frozenset()
