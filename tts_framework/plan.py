"""Plan: настройки и плагины, превращённые в живые объекты; всё проверено до начала обучения.

Заранее проверить нельзя и остаётся на ход запуска: отвечает ли сервер MLflow, есть ли названное
`trainer.device`, хватит ли памяти на пачку, дойдёт ли оповещение, пишет ли чужой тренер метрики
под названными тегами.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.components import Alerter, Model, Optimizer, Options, Stopper, Store, Watcher
from tts_framework.config import Settings, Use
from tts_framework.config_file import ConfigFile, dump
from tts_framework.configure import Problems, configure, look_up, model_options
from tts_framework.errors import PluginError
from tts_framework.events import Value
from tts_framework.foreign_trainer import check_command
from tts_framework.plan_data import Progress, check_data, check_folder, data_version, silent
from tts_framework.plugins import Plugins
from tts_framework.problems import KeyPath, Lines, did_you_mean
from tts_framework.search_space import check_space, owners
from tts_framework.space import Space

__all__ = ["Plan", "build", "configure", "describe", "from_file", "model_options"]


@dataclass(frozen=True)
class Plan:
    """Готовый к исполнению запуск.

    `base` — исходные значения всех осей пространства; `config_path` — файл, с которым тюнер
    запускает тренер, `config_text` — его содержимое (полные настройки с `${NAME}` вместо секретов);
    `model` равен None, когда `trainer.command` описывает чужую программу. `notes` — что план решил
    за пользователя: сказать один раз перед началом.
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
    notes: tuple[str, ...] = ()
    config_text: str = ""
    data_version: str = ""


def from_file(source: ConfigFile, plugins: Plugins, progress: Progress = silent) -> Plan:
    """Собери план прочитанного файла; тюнер положит копию настроек в папку запуска.

    `progress` показывает ход долгой части проверки: нормализации сырых текстов.

    Raises:
        ConfigError: названы все найденные проблемы, каждая с местом в файле.
    """
    return build(
        source.settings,
        plugins,
        config_path=source.settings.folder / "run.yaml",
        lines=source.lines,
        secrets=source.secrets,
        config_text=dump(source),
        progress=progress,
    )


def build(
    settings: Settings,
    plugins: Plugins,
    *,
    config_path: Path,
    lines: Lines | None = None,
    secrets: frozenset[str] = frozenset(),
    config_text: str = "",
    progress: Progress = silent,
) -> Plan:
    """Проверь всё и собери план.

    Raises:
        ConfigError: названы все найденные проблемы, каждая с местом в файле.
    """
    problems, notes = Problems(lines), list[str]()
    settings = _on_checkpoints(settings, notes)
    model, config = _model(settings, plugins, problems)
    owned_by = owners(settings, model, config) if model else ()
    space, base = Space({}), dict[str, Value]()
    if owned_by or settings.trainer.command:
        space, base = check_space(settings, owned_by, problems)
    _check_metric(settings, model, config, problems)
    check_data(settings, plugins, problems, notes, progress)
    version = data_version(settings, notes)
    check_folder(settings, problems)
    parts = _Parts(plugins, problems)
    parts.found("logger", _listed(settings.loggers, "loggers"))
    stoppers = parts.made("stopper", _stoppers(settings, space, notes))
    watchers = parts.found("watcher", _listed(settings.watchers, "watchers"))
    alerters = parts.made("alerter", _listed(settings.alerters, "alerters"))
    store = parts.found("store", _single(settings.store, "store"))
    algorithm = _single(settings.tuner.search_algorithm, "tuner", "search_algorithm")
    optimizers = parts.made("optimizer", algorithm, space)
    problems.raise_any(secrets)
    if not space:
        notes.append("tuner.search_space is empty: there is nothing to tune")
    return Plan(
        settings=settings,
        config_path=config_path,
        folder=settings.folder,
        model=model,
        model_config=config,
        space=space,
        base=base,
        optimizer=next(iter(optimizers.values())),
        optimizer_name=settings.tuner.search_algorithm.use,
        stoppers=stoppers,
        store=next(iter(store.values())),
        watchers=watchers,
        alerters=alerters,
        secrets=secrets,
        notes=tuple(notes),
        config_text=config_text,
        data_version=version,
    )


class _Parts:
    """Ищет и создаёт подключаемые части; имена повторённых плагинов получают номер."""

    def __init__(self, plugins: Plugins, problems: Problems) -> None:
        self._plugins, self._problems = plugins, problems

    def found(self, kind: str, uses: list[tuple[KeyPath, Use]]) -> dict[str, tuple[Any, Any]]:
        """Верни классы и проверенные options, не создавая самих частей."""
        parts = {}
        names = [use.use for _, use in uses]
        for index, (where, use) in enumerate(uses):
            part = look_up(self._plugins, kind, use, where, self._problems)
            if part is not None:
                earlier = names[:index].count(use.use)
                parts[f"{use.use}.{earlier + 1}" if earlier else use.use] = part
        return parts

    def made(self, kind: str, uses: list[tuple[KeyPath, Use]], *arguments: Any) -> dict[str, Any]:
        """Создай части: `cls(config, *arguments)`."""
        parts: dict[str, Any] = {}
        for name, (cls, config) in self.found(kind, uses).items():
            with self._problems.collecting(uses[0][0]):
                parts[name] = cls(config, *arguments)
        return parts


def _listed(uses: tuple[Use, ...], *key: str) -> list[tuple[KeyPath, Use]]:
    return [((*key, index), use) for index, use in enumerate(uses)]


def _single(use: Use, *key: str) -> list[tuple[KeyPath, Use]]:
    return [(key, use)]


def _on_checkpoints(settings: Settings, notes: list[str]) -> Settings:
    """Округли длины trial-ов вверх до кратного: кончаться они должны на чекпоинте с оценкой."""
    tuner, every = settings.tuner, settings.trainer.iters_per_checkpoint
    asked = {
        "n_startup_iters": tuner.n_startup_iters,
        "trial_iters": tuner.trial_iters or tuner.n_startup_iters,
    }
    rounded = {key: -(-value // every) * every for key, value in asked.items()}
    notes += [
        f"tuner.{key} {asked[key]} is rounded up to {value}:"
        f" trials end on a checkpoint, every {every} iterations"
        for key, value in rounded.items()
        if value != asked[key] and (key != "trial_iters" or tuner.trial_iters)
    ]
    return settings.model_copy(update={"tuner": tuner.model_copy(update=rounded)})


def _model(
    settings: Settings, plugins: Plugins, problems: Problems
) -> tuple[type[Model] | None, Options | None]:
    if settings.trainer.command is not None:
        check_command(settings, problems)
        return None, None
    found = look_up(plugins, "model", settings.model, ("model",), problems)
    if found is None and settings.model.use in plugins.names("model"):
        with suppress(PluginError):  # options неверны, но имена осей и метрик проверить можно
            return plugins.get("model", settings.model.use), None
    return found or (None, None)


def _check_metric(
    settings: Settings, model: type[Model] | None, config: Options | None, problems: Problems
) -> None:
    tuner = settings.tuner
    asked: list[tuple[KeyPath, str]] = [
        (("tuner", "objectives", index, "metric"), goal.metric)
        for index, goal in enumerate(tuner.objectives)
    ] or [(("tuner", "objective", "metric"), tuner.objective.metric)]
    if settings.trainer.command is not None:
        known: tuple[str, ...] = tuple(settings.trainer.metrics)
        measured, owner = known, "trainer.metrics"
    elif model is not None:
        known, owner = model.metrics, settings.model.use
        measured = known if config is None else model.measures(config)
    else:
        return
    for where, metric in asked:
        if metric not in known:
            problems.add(where, f"{owner} has no metric {metric!r}; {did_you_mean(metric, known)}")
        elif metric not in measured:
            hint = f"change model.* or use one of {', '.join(measured)}"
            problems.add(where, f"{owner} does not measure {metric} with these options; {hint}")


def _stoppers(settings: Settings, space: Space, notes: list[str]) -> list[tuple[KeyPath, Use]]:
    """Собери стопперы спецификации 10.6 из коротких ключей и добавь названные пользователем."""
    stop = settings.early_stop
    uses: list[tuple[str, KeyPath, dict[str, Any]]] = [
        ("n_trials", ("tuner", "n_trials"), {"n_trials": settings.tuner.n_trials}),
        ("max_failures", ("early_stop",), {"max_failures": stop.max_failures}),
        ("divergence", ("early_stop",), {"max_divergences": stop.max_divergences}),
    ]
    if stop.patience is not None:
        options = {"patience": stop.patience, "min_delta": stop.min_delta}
        uses.append(("patience", ("early_stop",), options))
    if stop.max_runtime_hours is not None:
        options = {"max_runtime_hours": stop.max_runtime_hours}
        uses.append(("max_runtime", ("early_stop",), options))
    if stop.min_learning_rate is not None and "learning_rate" in space:
        options = {"min_learning_rate": stop.min_learning_rate}
        uses.append(("min_learning_rate", ("early_stop",), options))
    elif stop.min_learning_rate is not None and "min_learning_rate" in stop.model_fields_set:
        notes.append("early_stop.min_learning_rate is unused: learning_rate is not searched")
    short = [(where, Use(use=name, **options)) for name, where, options in uses]
    return short + _listed(stop.stoppers, "early_stop", "stoppers")


def describe(plan: Plan) -> str:
    """Расскажи план словами: для `ttsf tune --dry-run` и `ttsf config check`."""
    from tts_framework.plan_text import describe as text

    return text(plan)
