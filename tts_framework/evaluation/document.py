"""`evaluation.json`: схема - evaluation.schema.json рядом."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tts_framework import __version__, files
from tts_framework.evaluation.metrics import CONFIDENCE, METRICS, RESAMPLES
from tts_framework.evaluation.rows import ABOUT
from tts_framework.evaluation.run import Evaluation
from tts_framework.speech.disk import write

SCHEMA = 1
NAME = "evaluation.json"
SCHEMA_FILE = Path(__file__).with_name("evaluation.schema.json")
_PACKAGES = ("numpy", "scipy", "soxr", "torch", "pyworld-prebuilt", "speechmos", "onnxruntime")


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Собери содержимое `evaluation.json`."""
    request, summary = evaluation.request, evaluation.summary()
    return {
        "schema": SCHEMA,
        "voice": request.voice,
        "data": _list(request.data, sum(item.is_clip for item in evaluation.items)),
        "sentences": {
            "source": evaluation.sentences,
            "count": sum(not item.is_clip for item in evaluation.items),
        },
        "seed": request.seed,
        "confidence": {"level": CONFIDENCE, "resamples": RESAMPLES},
        "versions": _versions(),
        "judges": [judge.about for judge in request.judges],
        "metrics": {
            name: {"about": metric.about, "unit": metric.unit, "better": metric.better}
            for name, metric in METRICS.items()
        },
        "unmeasured": evaluation.unmeasured,
        "rows": {
            name: {
                "about": ABOUT[name],
                "metrics": {key: estimate.to_json() for key, estimate in summary[name].items()},
                "failures": row.failures(),
            }
            for name, row in evaluation.rows.items()
        },
        "items": [
            {
                "name": item.name,
                "text": item.text,
                "kind": item.kind,
                "where": item.where,
                "rows": {
                    name: row.cells[item.name].to_json()
                    for name, row in evaluation.rows.items()
                    if item.name in row.cells
                },
            }
            for item in evaluation.items
        ],
    }


def write_document(evaluation: Evaluation, path: Path) -> None:
    """Запиши `evaluation.json` атомарно.

    Raises:
        DiskFull: кончилось место; прежний файл цел.
    """
    text = json.dumps(document(evaluation), ensure_ascii=False, indent=1, allow_nan=False)
    write(path, f"{text}\n".encode("utf-8", "backslashreplace"))


def _list(path: Path | None, clips: int) -> dict[str, Any] | None:
    if path is None:
        return None
    return {"list": str(path), "sha256": files.sha256(path), "clips": clips}


def _versions() -> dict[str, str]:
    found = {"tts-framework": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
