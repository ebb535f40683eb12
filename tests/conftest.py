"""Общее для тестов: модель `tiny` видна и здесь, и в дочерних процессах."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import signal
import struct
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import hypothesis
import pytest

PLUGINS = str(Path(__file__).parent / "plugins")
if PLUGINS not in sys.path:
    sys.path.insert(0, PLUGINS)
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([PLUGINS, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)

# Запущенные в фоне («&», nohup) наследуют SIG_IGN, а тесты шлют Ctrl-C себе и детям.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("ttsf", deadline=None)  # машина бывает занята
hypothesis.settings.load_profile("ttsf")

WriteRun = Callable[..., Path]


@pytest.fixture
def tiny_run(tmp_path: Path) -> WriteRun:
    """Пиши `run.yaml` с моделью `tiny` в tmp_path и возвращай путь к нему.

    Разделы из аргументов дополняют умолчания: `tiny_run(model={"nan_at": 7}, seed=5)`.
    Папка запуска — `tmp_path/output/tiny`.
    """

    def write(**sections: Any) -> Path:
        return write_tiny_run(tmp_path, **sections)

    return write


@pytest.fixture(scope="session")
def write_run() -> WriteRun:
    """Дай `write_tiny_run` фикстурам шире одного теста."""
    return write_tiny_run


def write_tiny_run(folder: Path, **sections: Any) -> Path:
    """Запиши run.yaml и данные модели `tiny` в папку (для фикстур шире одного теста)."""
    from ruamel.yaml import YAML

    settings: dict[str, Any] = {
        "run": "tiny",
        "seed": 1234,
        "output": str(folder / "output"),
        "data": _data(folder),
        "model": {"use": "tiny"},
        "trainer": {
            "iters_per_checkpoint": 50,
            "max_iterations": 300,
            "log_interval": 10,
            "sigint_seconds": 10,
            "sigterm_seconds": 5,
        },
        "tuner": {
            "search_algorithm": "random",
            "n_trials": 4,
            "n_startup_iters": 100,
            "search_space": {
                "learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-2},
                "weight_decay": {"type": "loguniform", "low": 1e-6, "high": 1e-3},
            },
        },
        "early_stop": {"patience": None},
        "loggers": [{"use": "tensorboard"}],
        "watchers": [{"use": "tensorboard"}],
    }
    path, yaml = folder / "run.yaml", YAML(typ="safe", pure=True)
    yaml.representer.ignore_aliases = lambda value: True
    with open(path, "w") as file:
        yaml.dump(_merged(settings, sections), file)
    return path


def _data(folder: Path) -> dict[str, Any]:
    data = folder / "data"
    (data / "wavs").mkdir(parents=True, exist_ok=True)
    for part in ("train", "validation"):
        lines = [f"wavs/{part}_{i}.wav|Привет, м+ир." for i in range(2)]
        (data / f"{part}.csv").write_text("\n".join(lines) + "\n")
        for i in range(2):
            _write_tone(data / "wavs" / f"{part}_{i}.wav", hertz=220 * (i + 1))
    return {
        "train": str(data / "train.csv"),
        "validation": str(data / "validation.csv"),
        "frontend": {"use": "russian_letters"},
    }


def _write_tone(path: Path, hertz: float, rate: int = 22050) -> None:
    samples = [int(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(rate // 2)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in extra.items():
        inner = result.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict) and value.get("use") is None
        result[key] = _merged(inner, value) if both and isinstance(inner, dict) else value
    return result


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Пустая база MLflow: создание таблиц занимает секунды, копия — миллисекунды."""
    from tts_framework.tracking.address import Address
    from tts_framework.tracking.server import Server

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    Server(Address(f"sqlite:///{path}", "template")).find_or_create("key", "run", {}, 0.0)
    return path


@pytest.fixture
def mlflow_uri(mlflow_template: Path, tmp_path: Path) -> str:
    """Своя для теста локальная база MLflow."""
    (tmp_path / "mlruns").mkdir(exist_ok=True)
    path = tmp_path / "mlruns" / "mlflow.db"
    shutil.copyfile(mlflow_template, path)
    return f"sqlite:///{path}"


class FileServer:
    """Отдаёт один файл; умеет Range и If-Range, может рвать соединение и отвечать ошибкой.

    `cuts` — сколько байт отдать, прежде чем оборвать ответ (по одному на запрос), `statuses` —
    какими кодами отвечать вместо файла, `requests` — заголовок Range каждого запроса.
    """

    def __init__(self) -> None:
        self.content = b""
        self.cuts: list[int] = []
        self.statuses: list[int] = []
        self.requests: list[str | None] = []
        self.ranges = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass  # клиент вправе оборвать соединение

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/voice.tar.bz2"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:8]}"'

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.requests.append(asked)
        if self.statuses:
            handler.send_error(self.statuses.pop(0))
            return
        start = 0
        if self.ranges and asked and handler.headers.get("If-Range") == self.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(self.content):
                handler.send_error(416)
                return
            handler.send_response(206)
            end = len(self.content)
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        else:
            handler.send_response(200)
        body = self.content[start:]
        handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.cuts.pop(0)] if self.cuts else body)
        handler.close_connection = True

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[FileServer]:
    """Запусти сервер одного файла."""
    server = FileServer()
    yield server
    server.close()
