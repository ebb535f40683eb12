"""Папка голоса для onnxruntime: `voice.json` и графы рядом с ним; torch не нужен.

`voice.json` описывает модель теми же ключами, что и чекпоинт (model, audio, symbols, frontend), и
называет файлы графов с их sha256. Он пишется последним: без него папка - не голос.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework import files
from tts_framework.errors import CheckpointError, ConfigError, TTSFError

NAME = "voice.json"
FORMAT = "onnx"
VERSION = 1
MAX_DESCRIPTION = 1 << 22
MAX_GRAPH = 1 << 31

Run = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]
"""Граф: входы по именам -> выходы по именам."""

_FILE = re.compile(r"[a-z_]+\.onnx")


@dataclass(frozen=True)
class VoiceFolder:
    """Прочитанное описание; графы открывает `graph`."""

    path: Path
    contents: Mapping[str, Any]

    def graph(self, name: str, shapes: Mapping[str, tuple[int | None, ...]], device: str) -> Run:
        """Проверь файл графа и открой его; `shapes` - какими обязаны быть входы (None - любая ось).

        Raises:
            CheckpointError: файла нет, он повреждён, подменён или его входы другие;
            ConfigError: нет onnxruntime или устройства.
        """
        path, data = self._bytes(name)
        session = _session(path, data, device)
        given = {node.name: node.shape for node in session.get_inputs()}
        for key, shape in given.items():
            _require_shape(path, key, shape, shapes.get(key))
        outputs = [node.name for node in session.get_outputs()]

        def run(feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            try:
                found = session.run(outputs, {key: feeds[key] for key in given})
            except Exception as error:
                raise CheckpointError(
                    f"{path}: the graph fails ({_first_line(error)}); export the voice again"
                ) from error
            return dict(zip(outputs, found, strict=True))

        return run

    def _bytes(self, name: str) -> tuple[Path, bytes]:
        records = self.contents.get("files")
        record = records.get(name) if isinstance(records, Mapping) else None
        file = record.get("file") if isinstance(record, Mapping) else None
        if (
            not isinstance(record, Mapping)
            or not isinstance(file, str)
            or not _FILE.fullmatch(file)
        ):
            raise CheckpointError(
                f"{self.path / NAME}: files.{name} names no '*.onnx' beside it; export the voice"
                " again"
            )
        path = self.path / file
        if path.is_symlink() or not path.is_file():
            raise CheckpointError(f"{path}: no such file; export the voice again")
        if path.stat().st_size > MAX_GRAPH:
            raise CheckpointError(f"{path}: larger than {MAX_GRAPH} bytes; it was refused")
        if files.sha256(path) != record.get("sha256"):
            raise CheckpointError(
                f"{path}: its sha256 is not the one in {NAME}: the file is truncated or was"
                " replaced; export the voice again"
            )
        return path, path.read_bytes()


def is_voice_folder(path: Path) -> bool:
    """Скажи, голос ли лежит в этой папке."""
    return (path / NAME).is_file()


def read(path: Path, use: str | None = None) -> VoiceFolder:
    """Прочитай описание голоса; `use` - какой модели он обязан быть.

    Raises:
        CheckpointError: описания нет, оно повреждено, другой версии или другой модели.
    """
    source = path / NAME
    try:
        with source.open("rb") as file:
            data = file.read(MAX_DESCRIPTION + 1)
        if len(data) > MAX_DESCRIPTION:
            raise CheckpointError(f"{source}: larger than {MAX_DESCRIPTION} bytes; it was refused")
        contents = json.loads(data)
    except OSError as error:
        raise CheckpointError(f"{source}: {error.strerror}; give a folder with {NAME}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{source}: is not JSON; export the voice again") from error
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise CheckpointError(f"{source}: does not describe an {FORMAT} voice; export it again")
    if contents.get("version") != VERSION:
        raise CheckpointError(
            f"{source}: version is {contents.get('version')!r}, expected {VERSION}; export the"
            " voice again or install the version of ttsf that wrote it"
        )
    if use is not None and contents.get("use") != use:
        raise CheckpointError(
            f"{source}: use is {contents.get('use')!r}, not {use!r}; choose another voice"
        )
    return VoiceFolder(path, contents)


def model_of(path: Path) -> str:
    """Верни имя плагина модели, чей это голос.

    Raises:
        CheckpointError: описания нет или оно повреждено.
    """
    use = read(path).contents.get("use")
    if not isinstance(use, str):
        raise CheckpointError(f"{path / NAME}: use is {use!r}; export the voice again")
    return use


def write(
    folder: Path, use: str, described: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> list[Path]:
    """Запиши графы, а за ними описание; верни написанное.

    Raises:
        TTSFError: в папке лежит что-то другое; DiskFull: кончилось место.
    """
    if folder.exists() and not is_voice_folder(folder) and any(folder.iterdir()):
        raise TTSFError(f"{folder}: is not empty and holds no voice; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).unlink(missing_ok=True)
    records: dict[str, dict[str, Any]] = {}
    for name, data in graphs.items():
        path = folder / f"{name}.onnx"
        files.write_bytes(path, data)
        records[name] = {"file": path.name, "sha256": files.sha256(path), "size": len(data)}
    contents = {"format": FORMAT, "version": VERSION, "use": use, **described, "files": records}
    files.write_text(folder / NAME, json.dumps(contents, ensure_ascii=False, indent=1) + "\n")
    return [folder / NAME, *(folder / record["file"] for record in records.values())]


def _session(path: Path, data: bytes, device: str) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError([f"{path}: needs onnxruntime; pip install onnxruntime"]) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = _threads()
    try:
        return onnxruntime.InferenceSession(
            data, options, providers=_providers(device, onnxruntime.get_available_providers())
        )
    except TTSFError:
        raise
    except Exception as error:  # onnxruntime отвечает на негодный граф чем угодно
        raise CheckpointError(
            f"{path}: is not a graph that onnxruntime runs ({_first_line(error)}); export the"
            " voice again"
        ) from error


def _threads() -> int:
    """Столько потоков, сколько ядер дано процессу (0 у onnxruntime - все ядра машины)."""
    import os

    return int(os.environ.get("OMP_NUM_THREADS") or 0) or len(os.sched_getaffinity(0))


def _providers(device: str, available: list[str]) -> list[str]:
    cuda = "CUDAExecutionProvider"
    kind = device.partition(":")[0]
    if kind not in ("auto", "cpu", "cuda"):
        raise ConfigError([f"device: {device!r} is not one of auto, cpu, cuda"])
    if kind == "cuda" and cuda not in available:
        raise ConfigError(["device: onnxruntime has no CUDA here; use cpu or onnxruntime-gpu"])
    return [cuda, "CPUExecutionProvider"] if kind == "cuda" else ["CPUExecutionProvider"]


def _require_shape(
    path: Path, name: str, found: list[Any], wanted: tuple[int | None, ...] | None
) -> None:
    fits = wanted is not None and len(found) == len(wanted)
    if not fits or any(
        size != axis
        for size, axis in zip(found, wanted or (), strict=True)
        if axis is not None or isinstance(size, int)
    ):
        raise CheckpointError(
            f"{path}: input {name} is {list(found)}, expected"
            f" {None if wanted is None else list(wanted)}; it is a graph of another model"
        )


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:160]
