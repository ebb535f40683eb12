"""Проверка установленного плагина контрактами: pytest в дочернем процессе, итоги — словами."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tts_framework.config import Use
from tts_framework.configure import configure
from tts_framework.errors import ConfigError, PluginError, TTSFError
from tts_framework.plugins import GROUP, PluginInfo, Plugins
from tts_framework.testing import contract_of
from tts_framework.testing.recorder import VARIABLE

Progress = Callable[[int, int, str], None]
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Finding:
    """Итог одной проверки; `outcome` — passed, failed или skipped."""

    test: str
    plugin: str
    kind: str
    outcome: str
    problem: str = ""
    advice: str = ""

    @property
    def words(self) -> str:
        """Имя проверки словами."""
        return self.test.removeprefix("test_").replace("_", " ")


@dataclass(frozen=True)
class Report:
    """Что проверено и что найдено; `output` — вывод pytest, если он не кончился сам."""

    plugins: tuple[PluginInfo, ...]
    findings: tuple[Finding, ...]

    def of(self, outcome: str) -> list[Finding]:
        """Верни проверки с этим итогом."""
        return [finding for finding in self.findings if finding.outcome == outcome]


def check(
    target: str,
    options: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Report:
    """Проверь плагин по имени или папке его проекта.

    У папки выполняются её контракты из `tests/test_contract.py`; у имени — контракты всех его
    видов с `options`.

    Raises:
        TTSFError: плагин не установлен, нет pytest, не заданы обязательные options.
    """
    if importlib.util.find_spec("pytest") is None:
        raise TTSFError("pytest is not installed; run 'pip install pytest' and check again")
    folder = Path(target)
    by_path = folder.is_dir() or os.sep in target or target in (".", "..")
    infos = _of_project(folder) if by_path else _of_name(target)
    contract = folder / "tests" / "test_contract.py"
    if by_path and contract.is_file() and not options:
        findings = _run([contract], folder, progress)
    else:
        for info in infos:
            _require_options(info, options or {})
        with tempfile.TemporaryDirectory(prefix="ttsf-check-") as name:
            path = Path(name, "test_contract.py")
            path.write_text(_generated(infos, options or {}), encoding="utf-8")
            findings = _run([path], Path(name), progress, alone=True)
    return Report(tuple(infos), (*findings, *_unchecked(infos, findings)))


def _of_project(folder: Path) -> list[PluginInfo]:
    path = folder / "pyproject.toml"
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TTSFError(
            f"{path}: {(error.strerror or str(error)).lower()}; give the folder of a project"
            " or the name of an installed plugin"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TTSFError(f"{path}: is not TOML: {error}; fix it") from None
    names = about.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if not names:
        raise PluginError(
            f"{path}: declares no plugin; add [project.entry-points.{GROUP}] with"
            ' my_name = "my_module"'
        )
    installed = {info.name: info for info in Plugins().infos()}
    missing = [name for name in names if name not in installed]
    if missing:
        raise PluginError(
            f"{', '.join(missing)}: is not installed; run 'pip install -e {folder}' and check again"
        )
    return [installed[name] for name in names]


def _of_name(name: str) -> list[PluginInfo]:
    infos = [info for info in Plugins().infos() if info.name == name]
    if not infos:
        known = ", ".join(Plugins().names())
        raise PluginError(
            f"{name}: no such plugin; installed: {known}; a folder is given as ./path"
        )
    for info in infos:
        if not info.kinds:
            raise PluginError(
                f"{name}: {info.module} has no hook; write 'def ttsf_optimizer(): return MyClass'"
                " with @hookimpl at the top level of the module"
            )
    return infos


def _require_options(info: PluginInfo, options: Mapping[str, str]) -> None:
    """Назови недостающие options до сотни одинаковых неудач."""
    plugins = Plugins()
    for kind in info.kinds:
        try:
            configure(plugins, kind, Use.model_validate({"use": info.name, **options}), info.name)
        except ConfigError as error:
            text = "; ".join(error.problems)
            raise ConfigError([f"{text}; give options as --set KEY=VALUE"]) from None


def _generated(infos: Sequence[PluginInfo], options: Mapping[str, str]) -> str:
    contracts = [contract_of(kind) for info in infos for kind in info.kinds]
    lines = [f"from tts_framework.testing import {', '.join(dict.fromkeys(contracts))}"]
    for info in infos:
        for kind in info.kinds:
            lines += ["", "", f"class Test{kind.capitalize()}({contract_of(kind)}):"]
            lines += [f"    plugin = {info.name!r}", f"    options = {dict(options)!r}"]
    return "\n".join(lines) + "\n"


def _run(
    paths: Sequence[Path], folder: Path, progress: Progress, *, alone: bool = False
) -> list[Finding]:
    """Выполни pytest и читай его итоги, пока он работает.

    Тесты проекта вправе полагаться на любые плагины pytest. `alone` — хватит нашего: загрузка
    прочих (hypothesis, hydra) дольше самих проверок.
    """
    with tempfile.TemporaryDirectory(prefix="ttsf-check-") as name:
        report, log = Path(name, "report.jsonl"), Path(name, "pytest.log")
        report.touch()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tts_framework.testing.recorder"]
        command += ["-p", "no:cacheprovider", "-o", "addopts=", "--rootdir", str(folder.resolve())]
        command += map(str, (path.resolve() for path in paths))
        environment = {**os.environ, VARIABLE: str(report)}
        if alone:
            command += ["-p", "tts_framework.testing.pytest_plugin"]
            environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        findings: list[Finding] = []
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder
            )
        try:
            for total, finding in _followed(process, report):
                findings.append(finding)
                progress(len(findings), total, "checks")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode not in (0, 1) and not findings:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise TTSFError(f"pytest ended with {process.returncode}: {' '.join(last)}; run it")
        return findings


def _followed(process: subprocess.Popen[bytes], report: Path) -> Iterator[tuple[int, Finding]]:
    """Отдавай новые итоги (и сколько их будет), пока процесс жив и файл не дочитан."""
    total, running = 0, True
    with open(report, encoding="utf-8") as file:
        while running:
            try:
                process.wait(_POLL_SECONDS)
                running = False
            except subprocess.TimeoutExpired:
                pass
            while line := file.readline():
                record = json.loads(line)
                total = record.get("total", total)
                if "test" in record:
                    yield total, Finding(**record)


def _unchecked(infos: Sequence[PluginInfo], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Назови виды, контракта которых среди выполненных проверок нет."""
    checked = {(finding.plugin, finding.kind) for finding in findings}
    for info in infos:
        for kind in info.kinds:
            if (info.name, kind) not in checked:
                name = contract_of(kind)
                yield Finding(
                    "test_contract",
                    info.name,
                    kind,
                    "failed",
                    f"{info.name}: nothing checks the {kind}",
                    f"add 'class TestMine({name}): plugin = \"{info.name}\"'"
                    " to tests/test_contract.py",
                )
