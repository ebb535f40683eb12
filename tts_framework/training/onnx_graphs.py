"""Модуль torch -> граф ONNX и сверка: те же числа у onnxruntime и у torch."""

from __future__ import annotations

import io
import logging
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.speech.voice_folder import Run

OPSET = 18
_CHATTY = ("torch.onnx", "torch.__trace", "onnxscript")
LEAST_SNR = 60.0
"""Сигнал к расхождению, дБ: у верного графа fp32 он около 120."""


@dataclass(frozen=True)
class Agreement:
    """Насколько граф разошёлся с torch."""

    max_abs: float
    snr_db: float

    def summary(self) -> dict[str, float]:
        """Верни числа для `voice.json`; бесконечность JSON не знает."""
        return {"max_abs": self.max_abs, "snr_db": min(self.snr_db, 999.0)}

    def __str__(self) -> str:
        return f"max abs difference {self.max_abs:.2e}, SNR {self.snr_db:.1f} dB"


def exported(
    module: Any,
    inputs: Mapping[str, Any],
    outputs: tuple[str, ...],
    dynamic: Mapping[str, int],
) -> bytes:
    """Переведи модуль в граф; `inputs` - образец каждого входа, `dynamic` - ось любой длины.

    Raises:
        ConfigError: не установлены onnx и onnxscript.
    """
    import torch

    try:
        import onnx
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            [f"export needs {error.name}; pip install onnx onnxscript onnxruntime"]
        ) from error
    module.eval()
    shapes = tuple(
        {dynamic[name]: torch.export.Dim.DYNAMIC} if name in dynamic else None for name in inputs
    )
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    stream = io.BytesIO()
    onnx.save(_freed(program.model_proto), stream)
    return stream.getvalue()


def torch_run(module: Any, names: tuple[str, ...], outputs: tuple[str, ...]) -> Run:
    """Верни тот же модуль torch в виде `Run`: с ним сверяют граф."""
    import torch

    def run(feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        with torch.inference_mode():
            found = module(*(torch.from_numpy(np.array(feeds[name])) for name in names))
        several = found if isinstance(found, tuple) else (found,)
        return {name: value.numpy() for name, value in zip(outputs, several, strict=True)}

    return run


def agreement(expected: np.ndarray, found: np.ndarray) -> Agreement:
    """Сравни отсчёты; NaN - полное несогласие."""
    if expected.shape != found.shape:
        return Agreement(math.inf, -math.inf)
    difference = found.astype(np.float64) - expected.astype(np.float64)
    noise, signal = float((difference**2).sum()), float((expected.astype(np.float64) ** 2).sum())
    if not math.isfinite(noise) or not math.isfinite(signal):
        return Agreement(math.inf, -math.inf)
    snr = math.inf if noise == 0 else 10 * math.log10(max(signal, 1e-300) / noise)
    return Agreement(float(np.abs(difference).max(initial=0.0)), snr)


def require_agreement(what: str, found: Agreement, least: float = LEAST_SNR) -> Agreement:
    """Верни согласие, если оно достаточно.

    Raises:
        CheckpointError: граф считает не то же, что torch.
    """
    if found.snr_db < least:
        raise CheckpointError(
            f"{what}: onnxruntime differs from PyTorch ({found}, at least {least:.0f} dB needed);"
            " nothing was written, report it with the versions of torch and onnxruntime"
        )
    return found


def _freed(model: Any) -> Any:
    """Сними с выходов размеры образца: ось, которая растёт с входом, образцом не задана."""
    for node in model.graph.output:
        for axis in node.type.tensor_type.shape.dim:
            axis.Clear()
    return model


class _quiet(warnings.catch_warnings):
    """Не показывай человеку предупреждений самого экспортёра: проверяет его сверка."""

    def __enter__(self) -> Any:
        self._loggers = [logging.getLogger(name) for name in _CHATTY]
        self._levels = [logger.level for logger in self._loggers]
        for logger in self._loggers:
            logger.setLevel(logging.ERROR)
        entered = super().__enter__()
        warnings.simplefilter("ignore")
        return entered

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        for logger, level in zip(self._loggers, self._levels, strict=True):
            logger.setLevel(level)
