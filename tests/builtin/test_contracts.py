"""Встроенные плагины проходят те же контракты, что и чужие."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tts_framework.components import LogTarget, TrialSource
from tts_framework.events import Metric
from tts_framework.plugins import Plugins
from tts_framework.testing import (
    AlerterContract,
    Contract,
    CorpusContract,
    DetectorContract,
    FrontendContract,
    LayoutContract,
    LoggerContract,
    StopperContract,
    StoreContract,
    WatcherContract,
)

PASSWORD = "pa55word-of-the-contract"
PLAIN: list[tuple[type[Contract], str, dict[str, Any]]] = [
    (StopperContract, "patience", {}),
    (StopperContract, "min_learning_rate", {}),
    (StopperContract, "max_runtime", {"options": {"max_runtime_hours": 1.0}}),
    (StopperContract, "n_trials", {"options": {"n_trials": 10}}),
    (StopperContract, "max_failures", {}),
    (StopperContract, "divergence", {}),
    (StoreContract, "sqlite", {}),
    (AlerterContract, "console", {}),
    (LoggerContract, "tensorboard", {}),
    (FrontendContract, "characters", {"texts": ("Hello, world!", "A cat.")}),
    (FrontendContract, "russian_letters", {}),
    (DetectorContract, "energy", {}),
    (CorpusContract, "synthetic", {"offline": True}),
    (CorpusContract, "ru-nsh", {}),
    (CorpusContract, "ljspeech", {}),
]
"""Плагины, о которых контракту хватает имени и options: классы `TestPatienceStopper` и прочие."""
ELSEWHERE = {
    **{("optimizer", name): "test_<name>.py" for name in ("random", "keep", "cosine", "wsd")},
    ("optimizer", "plateau"): "test_plateau.py",
    **{("layout", name): "tests/speech/importing" for name in ("common_voice", "festvox", "kaldi")},
    **{("layout", name): "tests/speech/importing" for name in ("mailabs", "textgrid", "vctk")},
    **{("watcher", "mlflow"): "test_mlflow.py", ("versions", "mlflow"): "test_mlflow_versions.py"},
}
"""Чьи проверки лежат в других файлах."""

for _contract, _plugin, _attributes in PLAIN:
    _name = f"Test{_plugin.title().replace('_', '')}{_contract.kind.title()}"
    _own = {"plugin": _plugin, "__module__": __name__, **_attributes}
    globals()[_name] = type(_name, (_contract,), _own)


class TestMLflowLogger(LoggerContract):
    plugin = "mlflow"
    environment = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "TTSF_MLFLOW_RUN_FILE": "run.json"}


class TestEmail(AlerterContract):
    plugin = "email"
    options = {"host": "localhost", "sender": "a@example.org", "to": ["b@example.org"]}
    secrets = (PASSWORD,)

    def reach(self, host: str, port: int) -> dict[str, Any]:
        address = {"host": host, "port": port, "timeout_seconds": 0.3}
        return {**self.options, **address, "username": "robot", "password": PASSWORD}


class TestTensorBoardWatcher(WatcherContract):
    plugin = "tensorboard"

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        from tts_framework.training.tensorboard_logger import EventLog

        log = EventLog(LogTarget("run", source.output_dir, source.log_directory, "", 0))
        for metric in metrics:
            log.scalars(metric.step, {metric.tag: metric.value})
        log.close()


class Lines(WatcherContract):
    """Журнал из строк текста: одна строка — одно измерение."""

    file = "log.jsonl"

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        source.log_directory.mkdir(parents=True, exist_ok=True)
        with open(source.log_directory / self.file, "a") as file:
            for metric in metrics:
                print(self.line(metric), file=file)

    def line(self, metric: Metric) -> str:
        return json.dumps({"step": metric.step, metric.tag: metric.value})


class TestJsonLines(Lines):
    plugin = "jsonlines"


class TestRegex(Lines):
    plugin = "regex"
    options = {"pattern": r"^(?P<step>\d+) (?P<tag>\S+) (?P<value>\S+)$", "path": "*.txt"}
    file = "log.txt"

    def line(self, metric: Metric) -> str:
        return f"{metric.step} {metric.tag} {metric.value!r}"


class TestLJSpeech(LayoutContract):
    plugin = "ljspeech"

    def lay_out(self, folder: Path) -> int:
        (folder / "wavs").mkdir(parents=True)
        lines = []
        for number in range(3):
            (folder / "wavs" / f"LJ001-{number}.wav").write_bytes(b"")
            lines.append(f"LJ001-{number}|Hello.|Hello.")
        (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
        return 3


def test_every_built_in_plugin_is_checked() -> None:
    tests = [value for name, value in globals().items() if name.startswith("Test")]
    checked = {(test.kind, test.plugin) for test in tests}
    own = [info for info in Plugins().infos() if info.distribution == "tts-framework"]
    assert checked | {*ELSEWHERE} == {(kind, info.name) for info in own for kind in info.kinds}
    assert not checked & {*ELSEWHERE}
