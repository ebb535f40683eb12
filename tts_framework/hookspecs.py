"""Хуки: каждый возвращает один класс. Имя точки входа в группе `ttsf` — имя в YAML."""

from __future__ import annotations

import pluggy

from tts_framework import components

GROUP = "ttsf"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def ttsf_model() -> type[components.Model]:  # type: ignore[empty-body]
    """Верни класс семейства моделей."""


@hookspec
def ttsf_frontend() -> type[components.Frontend]:  # type: ignore[empty-body]
    """Верни класс, переводящий текст в символы."""


@hookspec
def ttsf_corpus() -> type[components.Corpus]:  # type: ignore[empty-body]
    """Верни класс, получающий корпус."""


@hookspec
def ttsf_layout() -> type[components.Layout]:  # type: ignore[empty-body]
    """Верни класс, читающий корпус чужой раскладки."""


@hookspec
def ttsf_detector() -> type[components.Detector]:  # type: ignore[empty-body]
    """Верни класс детектора речи."""


@hookspec
def ttsf_transcriber() -> type[components.Transcriber]:  # type: ignore[empty-body]
    """Верни класс расшифровщика."""


@hookspec
def ttsf_versions() -> type[components.Versions]:  # type: ignore[empty-body]
    """Верни класс хранилища версий набора данных."""


@hookspec
def ttsf_logger() -> type[components.Logger]:  # type: ignore[empty-body]
    """Верни класс журнала обучения."""


@hookspec
def ttsf_watcher() -> type[components.Watcher]:  # type: ignore[empty-body]
    """Верни класс, следящий за измерениями тренера."""


@hookspec
def ttsf_store() -> type[components.Store]:  # type: ignore[empty-body]
    """Верни класс хранилища."""


@hookspec
def ttsf_optimizer() -> type[components.Optimizer]:  # type: ignore[empty-body]
    """Верни класс оптимизатора."""


@hookspec
def ttsf_stopper() -> type[components.Stopper]:  # type: ignore[empty-body]
    """Верни класс стоппера."""


@hookspec
def ttsf_alerter() -> type[components.Alerter]:  # type: ignore[empty-body]
    """Верни класс оповещателя."""


INTERFACES: dict[str, type[components.Component]] = {
    "model": components.Model,
    "frontend": components.Frontend,
    "corpus": components.Corpus,
    "layout": components.Layout,
    "detector": components.Detector,
    "transcriber": components.Transcriber,
    "versions": components.Versions,
    "logger": components.Logger,
    "watcher": components.Watcher,
    "store": components.Store,
    "optimizer": components.Optimizer,
    "stopper": components.Stopper,
    "alerter": components.Alerter,
}
