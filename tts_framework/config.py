"""Settings — содержимое run.yaml; чтение файла со строками ключей — в `config_file`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tts_framework.events import Value
from tts_framework.options import AudioSettings, Options, tunable
from tts_framework.space import Parameter, Space

Number = float | int


class Use(BaseModel):
    """Имя плагина и его options: `{use: name, key: value}`; сами options проверяет плагин."""

    model_config = ConfigDict(extra="allow", frozen=True)

    use: str = Field(description="Имя плагина (`ttsf plugins` покажет установленные).")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        """Верни options без имени плагина."""
        return dict(self.model_extra or {})


class DataSettings(Options):
    """Раздел `data`: выборки, фронтенд и звук."""

    train: Path | None = Field(None, description="Список `path|text` обучающей выборки.")
    validation: Path | None = Field(None, description="Список `path|text` проверочной выборки.")
    frontend: Use = Field(Use(use="russian"), description="Плагин, переводящий текст в символы.")
    audio: AudioSettings = Field(AudioSettings(), description="Настройки звука и mel.")
    skip_bad: bool = Field(False, description="Пропускать плохие клипы, перечислив их.")
    version: str | None = Field(
        None,
        min_length=1,
        description="Версия данных: id, его начало или имя (`ttsf data version`); по умолчанию —"
        " та, что записана в папке корпуса.",
    )
    allow_outside: bool = Field(
        False,
        description="Принимать пути списка, ведущие из его папки: `/...`, `../`, ссылки наружу.",
    )


class TrainerSettings(Options):
    """Раздел `trainer`: программа обучения и её ритм."""

    command: str | None = Field(
        None,
        description="Своя программа обучения с местами {output_dir} {log_dir} {checkpoint}"
        " {hparams} {seed} {until_iteration}...; [..] — часть, выпадающая, когда подставить нечего."
        " По умолчанию — `ttsf train`.",
    )
    hparams_format: Literal["comma", "flags", "hydra", "json"] = Field(
        "comma", description="Диалект {hparams}: `a=1,b=2`, `--a 1 --b 2`, `a=1 b=2` или JSON."
    )
    hparams_names: dict[str, str] = Field(
        {}, description="Имя оси -> имя у программы: `learning_rate: optim.lr`."
    )
    hparams_flag: str = Field(
        "--{name} {value}",
        description="Вид флага в диалекте flags; {dashed} — имя с дефисами: `--{dashed}={value}`.",
    )
    hparams_booleans: Literal["value", "switch", "no"] = Field(
        "value",
        description="Логические флаги: `--amp true`; `--amp` или ничего; `--amp` или `--no-amp`.",
    )
    checkpoint: str = Field(
        "checkpoint_*",
        description="Маска готовых чекпоинтов в {output_dir}: файлов или папок, можно `**/*.ckpt`.",
    )
    checkpoint_iteration: str = Field(
        r"(\d+)(?!.*\d)",
        description="Регулярное выражение, чья первая группа — итерация в имени чекпоинта; `log` —"
        " итерации в имени нет, это последний шаг журнала к моменту записи.",
    )
    checkpoint_marker: str | None = Field(
        None, description="Файл, который программа кладёт в папку чекпоинта последним."
    )
    checkpoint_settle_seconds: float = Field(
        1.0, ge=0, description="Столько чекпоинт работающей программы не должен меняться, с."
    )
    metrics: dict[str, str] = Field(
        {"val_loss": "validation.loss"},
        description="Каноническое имя метрики -> тег в журналах тренера.",
    )
    step_offset: int = Field(
        0, description="Сколько прибавить к шагам журнала: 1, если программа считает их с нуля."
    )
    batch_size: int = tunable(16, ge=1, description="Клипов в пачке.")
    iters_per_checkpoint: int = Field(
        100, ge=1, description="Через сколько итераций оценивать и писать чекпоинт."
    )
    max_iterations: int = Field(
        100_000, ge=1, description="Итерация, на которой `ttsf train` закончит сам."
    )
    log_interval: int = Field(10, ge=1, description="Через сколько шагов писать скаляры.")
    patience: int | None = Field(
        None, ge=1, description="Ранняя остановка `ttsf train`: оценок без улучшения (без тюнера)."
    )
    min_delta: float = Field(0.0, ge=0, description="Какое снижение val_loss считать улучшением.")
    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda или cuda:N."
    )
    threads: int | None = Field(None, ge=1, description="Потоков CPU; по умолчанию — все.")
    keep_checkpoints: int = Field(
        3, ge=1, description="Сколько последних чекпоинтов оставляет `ttsf train` без тюнера."
    )
    sigint_seconds: float = Field(60, gt=0, description="Ждать после SIGINT, с.")
    sigterm_seconds: float = Field(10, gt=0, description="Ждать после SIGTERM, с; потом SIGKILL.")
    silence_seconds: float = Field(
        900, gt=0, description="Тренер без новых записей так долго считается зависшим."
    )
    max_restarts: int = Field(2, ge=0, description="Повторов одного trial после сбоя тренера.")
    env: dict[str, str] = Field({}, description="Переменные окружения процесса обучения.")


class ParameterSettings(Options):
    """Одна ось `tuner.search_space`."""

    type: Literal["uniform", "loguniform", "int", "logint", "categorical"] = Field(
        description="Вид оси: шкала и тип значений."
    )
    low: Number | None = Field(None, description="Нижняя граница.")
    high: Number | None = Field(None, description="Верхняя граница.")
    choices: tuple[Value, ...] = Field((), description="Значения оси `categorical`.")
    start: Value | None = Field(
        None,
        description="Исходное значение; по умолчанию — значение option модели, а для чужой"
        " программы — середина оси в её шкале.",
    )
    when: dict[str, Value | tuple[Value, ...]] = Field(
        {},
        description="Условие: ось действует, только когда названные оси `categorical` или `int`"
        " имеют это значение (или одно из списка).",
    )

    @model_validator(mode="after")
    def _bounds(self) -> ParameterSettings:
        if self.type == "categorical":
            self._categorical()
        elif self.choices:
            raise ValueError(f"{self.type} takes low and high, not choices; use type: categorical")
        elif self.low is None or self.high is None:
            raise ValueError(f"{self.type} needs both low and high; add the missing one")
        else:
            self._numeric(self.low, self.high)
        parameter = self.parameter("start")
        if self.start is not None and not parameter.contains(self.start):
            problem = Space.violation(parameter, self.start)
            raise ValueError(f"start {problem}; move it inside")
        return self

    def _categorical(self) -> None:
        if not self.choices:
            raise ValueError("choices is empty; list the allowed values")
        if self.low is not None or self.high is not None:
            raise ValueError("categorical takes choices, not low and high; remove them")
        repeated = [value for value in self.choices if self.choices.count(value) > 1]
        if repeated:
            raise ValueError(f"choices has {repeated[0]!r} twice; keep one")

    def _numeric(self, low: Number, high: Number) -> None:
        if low > high:
            raise ValueError(f"low {low:g} is above high {high:g}; swap them")
        if self.type in ("loguniform", "logint") and low <= 0:
            raise ValueError(f"low {low:g} has no logarithm; use a low above 0")
        if self.type in ("int", "logint") and not (low == int(low) and high == int(high)):
            raise ValueError(f"{self.type} needs whole bounds, got {low:g} and {high:g}")

    def parameter(self, name: str) -> Parameter:
        """Верни ось пространства с этими границами и условием."""
        when = tuple(
            (parent, value if isinstance(value, tuple) else (value,))
            for parent, value in self.when.items()
        )
        if self.low is None or self.high is None:
            return Parameter(name, self.type, choices=self.choices, when=when)
        return Parameter(name, self.type, float(self.low), float(self.high), when=when)


class Objective(Options):
    """Что улучшать."""

    metric: str = Field("val_loss", description="Имя метрики модели.")
    mode: Literal["min", "max"] = Field("min", description="Направление улучшения.")


class TunerSettings(Options):
    """Раздел `tuner` (спецификация 10.4)."""

    search_algorithm: Use = Field(Use(use="optuna"), description="Плагин-оптимизатор.")
    n_trials: int = Field(50, ge=1, description="Сколько trial-ов самое большее.")
    resume_from_checkpoint: bool = Field(
        True, description="true — стратегия continue (не сбрасывать чекпоинт), false — scratch."
    )
    n_startup_iters: int = Field(
        500,
        ge=1,
        description="Итераций исходного trial, до первого решения; округляется вверх до кратного"
        " `iters_per_checkpoint`.",
    )
    trial_iters: int | None = Field(
        None, ge=1, description="Итераций одного trial; по умолчанию n_startup_iters."
    )
    search_space: dict[str, ParameterSettings] = Field(
        {}, description="Гиперпараметры, которые разрешено менять, и их границы."
    )
    objective: Objective = Field(Objective(), description="Целевая метрика.")
    objectives: tuple[Objective, ...] = Field(
        (),
        description="Несколько целей вместо `objective`: первая решает, что зафиксировать,"
        " остальные видят оптимизатор и фронт Парето в истории.",
    )
    control_every: int = Field(
        4, ge=0, description="Каждый N-й trial контрольный (значения без изменений); 0 — никогда."
    )
    rollback_z: float = Field(
        2.0, gt=0, description="Откат, если исход хуже прогноза больше чем на столько сигм."
    )
    max_step: float = Field(
        2.0, gt=1, description="Во сколько раз самое большее меняется learning_rate за решение."
    )
    disk_budget_gb: float | None = Field(
        None, gt=0, description="Предел места под чекпоинты запуска, ГБ; по умолчанию без предела."
    )

    disk_low_gb: float = Field(
        2.0, ge=0, description="Предупредить, когда свободного места меньше стольких ГБ."
    )
    plateau_trials: int = Field(
        5, ge=1, description="Сообщить о плато после стольких trial-ов подряд без улучшения."
    )

    @model_validator(mode="before")
    @classmethod
    def _first_decides(cls, value: Any) -> Any:
        """Сделай первую из `objectives` целью `objective`; спорить им нельзя."""
        listed = value.get("objectives") if isinstance(value, dict) else None
        if not isinstance(listed, list | tuple) or not listed:
            return value
        first = listed[0].model_dump() if isinstance(listed[0], Objective) else listed[0]
        if not isinstance(first, dict) or not set(first) <= set(Objective.model_fields):
            return value  # об ошибке скажет проверка самого ключа
        given = value.get("objective")
        if given is not None and Objective.model_validate(given) != Objective.model_validate(first):
            raise ValueError("objective differs from the first of objectives; keep only objectives")
        return {**value, "objective": first}

    @field_validator("objectives")
    @classmethod
    def _distinct(cls, value: tuple[Objective, ...]) -> tuple[Objective, ...]:
        names = [objective.metric for objective in value]
        repeated = [name for name in names if names.count(name) > 1]
        if repeated:
            raise ValueError(f"objectives names {repeated[0]!r} twice; keep one")
        return value

    @property
    def goals(self) -> tuple[Objective, ...]:
        """Верни все цели; первая — `objective`."""
        return self.objectives or (self.objective,)

    @field_validator("search_algorithm", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value


class EarlyStopSettings(Options):
    """Раздел `early_stop` (спецификация 10.6 и защита от бесконечных неудач)."""

    patience: int | None = Field(5, ge=1, description="Trial-ов подряд без улучшения.")
    min_delta: float = Field(0.001, ge=0, description="Меньшее улучшение не считается.")
    min_learning_rate: float | None = Field(
        1e-6, gt=0, description="Остановка, когда learning_rate опустился до этого значения."
    )
    max_runtime_hours: float | None = Field(None, gt=0, description="Предел времени, ч.")
    max_failures: int = Field(3, ge=1, description="Неудачных trial-ов подряд.")
    max_divergences: int = Field(3, ge=1, description="Расхождений (NaN) подряд.")
    stoppers: tuple[Use, ...] = Field((), description="Дополнительные плагины-стопперы.")


class MLflowSettings(Options):
    """Раздел `mlflow`."""

    tracking_uri: str | None = Field(
        None, description="Адрес сервера; по умолчанию SQLite в `mlruns/mlflow.db`."
    )
    experiment: str = Field("ttsf", description="Имя эксперимента.")


class Settings(Options):
    """run.yaml целиком."""

    run: str = Field(
        "run",
        pattern=r"^[\w][\w.\-]*$",
        description="Имя запуска и его папки в `output`.",
    )
    seed: int = Field(1234, ge=0, description="Зерно всей случайности запуска.")
    output: Path = Field(Path("output"), description="Папка запусков.")
    data: DataSettings = Field(DataSettings(), description="Данные.")
    model: Use = Field(Use(use="tacotron2"), description="Плагин-модель и её options.")
    trainer: TrainerSettings = Field(TrainerSettings(), description="Обучение.")
    tuner: TunerSettings = Field(TunerSettings(), description="Подстройка.")
    early_stop: EarlyStopSettings = Field(EarlyStopSettings(), description="Остановка.")
    loggers: tuple[Use, ...] = Field(
        (Use(use="tensorboard"), Use(use="mlflow")), description="Журналы обучения."
    )
    watchers: tuple[Use, ...] = Field(
        (Use(use="tensorboard"), Use(use="mlflow")), description="Источники измерений."
    )
    store: Use = Field(Use(use="sqlite"), description="Хранилище запуска.")
    alerters: tuple[Use, ...] = Field(
        (), description="Оповещения; на терминале `ttsf tune` и без них покажет все события."
    )
    mlflow: MLflowSettings = Field(MLflowSettings(), description="Сервер MLflow.")

    @property
    def folder(self) -> Path:
        """Верни папку запуска: `<output>/<run>`."""
        return self.output / self.run

    @property
    def cache(self) -> Path:
        """Верни папку производных данных (mel-кэш), общую для всех запусков."""
        return self.output / ".cache"
