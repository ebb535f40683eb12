"""Contract: чего фреймворк ждёт от плагина любого вида; виды наследуют и добавляют своё."""

from __future__ import annotations

import inspect
import subprocess
import sys
from functools import cache
from importlib.metadata import metadata, requires
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from tts_framework.options import Options
from tts_framework.plugins import PluginInfo, Plugins
from tts_framework.testing import sources
from tts_framework.testing.demand import demand
from tts_framework.testing.examples import example_problems

CORE = "tts-framework"

_IMPORT = """
import json, sys
import tts_framework.components, tts_framework.hookspecs, tts_framework.events
import tts_framework.errors, tts_framework.space, tts_framework.trials, tts_framework.secrets
before = set(sys.modules)
import {module}
print(json.dumps(sorted(name.partition(".")[0] for name in set(sys.modules) - before)))
"""


@cache
def installed() -> Plugins:
    """Верни установленные плагины; метаданные пакетов читаются один раз за процесс.

    Кто ставит плагины по ходу дела, после этого зовёт `installed.cache_clear()`.
    """
    return Plugins()


def class_of(kind: str, plugin: str) -> type[Any]:
    """Верни класс плагина."""
    return installed().get(kind, plugin)


def info_of(plugin: str) -> PluginInfo:
    """Верни сведения об установленном плагине."""
    found = _described(installed()).get(plugin)
    demand(found, f"{plugin}: is not installed", "pip install it and run again")
    assert found is not None
    return found


@cache
def _described(plugins: Plugins) -> dict[str, PluginInfo]:
    return {info.name: info for info in plugins.infos()}


@cache  # один плагин часто проверяют с разными options, а модуль у него один
def _imported_alone(module: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _IMPORT.format(module=module)]
    return subprocess.run(command, capture_output=True, text=True)


class Contract:
    """Унаследуйте контракт вида: `class TestMine(OptimizerContract): plugin = "mine"`.

    `options` — options, с которыми проверять (обязательные и те, что ускоряют проверку);
    `light_imports` — сторонние пакеты, которые модулю с хуком позволено импортировать;
    `example` — файл `example.yaml` плагина, по умолчанию тот, что лежит рядом с папкой тестов.
    """

    kind: ClassVar[str]
    plugin: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}
    light_imports: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[Path | None] = None

    @pytest.fixture
    def info(self) -> PluginInfo:
        """Что известно о плагине из метаданных его пакета."""
        return info_of(self.plugin)

    @pytest.fixture
    def cls(self) -> type[Any]:
        """Класс, который отдаёт хук."""
        return class_of(self.kind, self.plugin)

    @pytest.fixture
    def config(self, cls: type[Any]) -> Any:
        """Проверенные options."""
        return cls.Config(**self.options)

    # --- пакет -------------------------------------------------------------------------------

    def test_the_hook_returns_a_complete_class(self, cls: type[Any]) -> None:
        doc = cls.__dict__.get("__doc__") or ""
        demand(doc.strip(), f"{cls.__name__} has no docstring", "say in one sentence what it does")

    def test_importing_the_front_imports_no_other_package(self, info: PluginInfo) -> None:
        done = _imported_alone(info.module)
        demand(
            done.returncode == 0,
            f"{info.module} does not import alone: {done.stderr.strip()[-300:]!r}",
            "import it in a fresh interpreter and fix what it says",
        )
        heavy = sources.foreign(done.stdout, info.module, self.light_imports)
        demand(
            not heavy,
            f"importing {info.module} imports {', '.join(heavy)}",
            "move these imports inside methods or into a neighbouring module",
        )

    def test_only_public_names_of_the_framework_are_imported(self, info: PluginInfo) -> None:
        if info.distribution == CORE:
            pytest.skip("a built-in plugin: lint-imports checks it")
        private = sources.private_imports(info.module)
        demand(
            not private,
            f"private modules are imported: {', '.join(private)}",
            "use components, events, errors, options, space, trials, speech or testing",
        )

    def test_the_package_says_which_core_it_works_with(self, info: PluginInfo) -> None:
        if info.distribution == CORE:
            pytest.skip("a built-in plugin comes with its core")
        needs = [need for need in requires(info.distribution) or () if need.startswith(CORE)]
        demand(
            any("<" in need or "~=" in need or "==" in need for need in needs),
            f"{info.distribution} requires {needs or 'no ' + CORE}",
            f'add a range to dependencies in pyproject.toml: "{CORE}>=0.1,<1"',
        )

    # --- документация ------------------------------------------------------------------------

    def test_the_readme_names_the_plugin_and_every_option(
        self, info: PluginInfo, cls: type[Any]
    ) -> None:
        if info.distribution == CORE:
            pytest.skip("a built-in plugin is described in docs/reference")
        text = str(metadata(info.distribution).json.get("description", ""))
        demand(text.strip(), f"{info.distribution} has no README", 'add readme = "README.md"')
        missing = [name for name in (self.plugin, *cls.Config.model_fields) if name not in text]
        demand(not missing, f"the README never mentions {', '.join(missing)}", "describe them")

    def test_every_option_is_described(self, cls: type[Any]) -> None:
        demand(
            issubclass(cls.Config, Options),
            f"{cls.__name__}.Config is not a subclass of Options",
            "write class Config(Options)",
        )
        silent = [name for name, field in cls.Config.model_fields.items() if not field.description]
        demand(
            not silent,
            f"options without a description: {', '.join(silent)}",
            'write Field(..., description="...") or tunable(..., description="...")',
        )
        cls.Config.model_json_schema()  # её показывает `ttsf config schema`

    def test_an_unknown_option_is_refused(self, cls: type[Any]) -> None:
        try:
            cls.Config(**self.options, no_such_option=1)
        except ValidationError:
            return
        demand(False, f"{self.plugin}: an unknown option is accepted", "keep Options' extra=forbid")

    def test_the_example_is_a_valid_config(self, info: PluginInfo) -> None:
        path = self.example or Path(inspect.getfile(type(self))).parents[1] / "example.yaml"
        if not path.is_file():
            pytest.skip("no example.yaml beside the tests")
        problems = example_problems(path)
        demand(not problems, " | ".join(problems), "fix example.yaml: 'ttsf config check' reads it")
        named = self.plugin in path.read_text(encoding="utf-8")
        demand(named, f"{path.name} never uses {self.plugin}", "show the plugin in it")
