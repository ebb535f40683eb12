"""Разделы чекпоинта, общие для моделей: чья это модель, её символы, фронтенд, звук, счётчики.

Те же разделы лежат в `voice.json` голоса ONNX, поэтому torch импортируется лишь ради тензоров.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import ValidationError

from tts_framework.components import AudioSettings, Frontend, Options
from tts_framework.errors import CheckpointError
from tts_framework.events import Value
from tts_framework.plugins import Plugins

if TYPE_CHECKING:
    import torch

    from tts_framework.training.adam import Adam

Config = TypeVar("Config", bound=Options)


class Places(Protocol):
    """Порядок обучающих клипов, который помнит своё место."""

    def restore(self, record: Any) -> bool:
        """Вернись на место; False - клипы стали другими."""


def description(
    name: str, config: Options, frontend: Frontend | None, audio: AudioSettings
) -> dict[str, Any]:
    """Опиши модель JSON-типами так, чтобы голос можно было поднять из одного чекпоинта.

    Модели, которая не читает текста, фронтенд не нужен.
    """
    described: dict[str, Any] = {"model": {"use": name, **config.model_dump(mode="json")}}
    if frontend is not None:
        use = Plugins().name_of("frontend", type(frontend))
        described["symbols"] = list(frontend.symbols)
        described["frontend"] = {"use": use, **frontend.config.model_dump(mode="json")}
    return {**described, "audio": audio.model_dump(mode="json")}


def hparams(config: Options, batch_size: int) -> dict[str, Value]:
    """Верни действующие значения всего, что тюнер вправе менять на ходу."""
    return {name: getattr(config, name) for name in config.tunables()} | {"batch_size": batch_size}


def options(
    path: Path,
    saved: Mapping[str, Any],
    name: str,
    config: type[Config],
    *,
    package: str = "",
    advice: str = "choose another checkpoint",
) -> Config:
    """Прочти настройки модели `name` из чекпоинта.

    `package` - дистрибутив плагина, `advice` - что делать с чекпоинтом другой модели.

    Raises:
        CheckpointError: чекпоинт другой модели или настройки в нём повреждены.
    """
    model = saved.get("model")
    use = model.get("use") if isinstance(model, Mapping) else None
    if not isinstance(model, Mapping) or use != name:
        raise CheckpointError(f"{path}: model is {use!r}, not {name!r}; {advice}")
    try:
        return config.model_validate({key: value for key, value in model.items() if key != "use"})
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise CheckpointError(
            f"{path}: model.{where}: {error.errors()[0]['msg']}; the checkpoint was written by"
            f" another version of {package or f'the plugin {name}'}, install that version"
        ) from error


def frontend(path: Path, saved: Mapping[str, Any]) -> Frontend:
    """Подними фронтенд, с которым модель учили, и сверь его символы.

    Raises:
        CheckpointError: его описание повреждено или символы стали другими.
    """
    found, symbols = saved.get("frontend"), saved.get("symbols")
    if not isinstance(found, Mapping) or not isinstance(found.get("use"), str):
        raise CheckpointError(
            f"{path}: frontend is {found!r}, not an installed plugin; train with a front end"
            " that is installed as a plugin"
        )
    values = {key: value for key, value in found.items() if key != "use"}
    cls = Plugins().get("frontend", found["use"])
    try:
        made: Frontend = cls(cls.Config.model_validate(values))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: frontend {found['use']} does not accept {values}; install the version"
            " the model was trained with"
        ) from error
    require_symbols(path, symbols, list(made.symbols))
    return made


def audio(
    path: Path, saved: Mapping[str, Any], *, advice: str = "use another one"
) -> AudioSettings:
    """Прочти настройки звука.

    Raises:
        CheckpointError: их нет или они повреждены.
    """
    try:
        return AudioSettings.model_validate(saved.get("audio"))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: audio {saved.get('audio')!r} is damaged; {advice}"
        ) from error


def require_symbols(path: Path, saved: Any, own: list[str]) -> None:
    """Сверь таблицы символов.

    Raises:
        CheckpointError: таблицы различаются.
    """
    known = list(saved) if isinstance(saved, list | tuple) else []
    if known == own:
        return
    odd = sorted(set(map(str, known)) ^ set(own))
    which = f"; only one of them has {', '.join(map(repr, odd[:5]))}" if odd else ""
    raise CheckpointError(
        f"{path}: the checkpoint has {len(known)} symbols, data.frontend has {len(own)}, and they"
        f" differ{which}; use the frontend it was trained with"
    )


def require_equal(path: Path, section: str, saved: Any, own: Mapping[str, Any]) -> None:
    """Сверь разделы настроек.

    Raises:
        CheckpointError: названо первое расхождение, или в чекпоинте вовсе не настройки.
    """
    if not isinstance(saved, Mapping):
        raise CheckpointError(f"{path}: {section} is {saved!r}; use another checkpoint")
    for key, value in own.items():
        if saved.get(key) != value:
            raise CheckpointError(
                f"{path}: {section}.{key} is {saved.get(key)!r} in the checkpoint and {value!r}"
                " here; use the same value or another checkpoint"
            )


def load_moments(
    path: Path,
    optimizer: Adam,
    saved: Any,
    *,
    misfit: str = "optimizer state does not fit this network",
) -> None:
    """Загрузи моменты Adam; шаг и прочие настройки остаются действующими.

    Raises:
        CheckpointError: моменты не от этих параметров (`misfit`).
    """
    try:
        optimizer.load_moments(saved["state"])
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: {misfit} ({error}); use --warm_start to take the weights alone"
        ) from error


def count(path: Path, saved: Mapping[str, Any], key: str) -> int:
    """Верни целое неотрицательное число чекпоинта, например `iteration`.

    Raises:
        CheckpointError: его нет или это не оно.
    """
    value = saved.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise CheckpointError(f"{path}: {key} is {value!r}; use another checkpoint")
    return value


def progress(
    path: Path, saved: Any, size: int, *, older: int | None = None
) -> tuple[torch.Tensor, int]:
    """Верни накопленные суммы скаляров `[size]` и число шагов в них.

    `older` - сколько скаляров было в прежней версии: недостающие - нули.

    Raises:
        CheckpointError: раздел повреждён.
    """
    import torch

    sums = saved.get("sums") if isinstance(saved, Mapping) else None
    steps = saved.get("count") if isinstance(saved, Mapping) else None
    shapes = ((size,), (older or size,))
    if not isinstance(sums, torch.Tensor) or sums.shape not in shapes or not isinstance(steps, int):
        raise CheckpointError(f"{path}: progress is {saved!r}; use another checkpoint")
    whole = torch.zeros(size)
    whole[: len(sums)] = sums
    return whole, steps


def restore_place(path: Path, feed: Places, record: Any, warn: Callable[[str], None]) -> None:
    """Верни порядок клипов на место из чекпоинта; о том, что клипы стали другими, предупреди.

    Raises:
        CheckpointError: запись не место в данных.
    """
    try:
        same = feed.restore(record)
    except ValueError as error:
        raise CheckpointError(f"{path}: sampler: {error}; use another checkpoint") from error
    if not same:
        warn(f"{path}: the training clips changed since this checkpoint; a new epoch is started")
