"""Контракты: исправный образец проходит весь, у неисправного поймано именно то, что сломано.

Что должно быть поймано и какими словами, написано над каждым образцом в `plugins/ttsf_kit_cases`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "plugins")]

import nested  # noqa: E402
import packages  # noqa: E402
from ttsf_kit_cases import CASES, Case, plugin_name  # noqa: E402

from tts_framework.hookspecs import INTERFACES  # noqa: E402

MODULES = {
    "alerter": "alerters",
    "corpus": "corpora",
    "detector": "detectors",
    "frontend": "frontends",
    "layout": "layouts",
    "logger": "loggers",
    "model": "models",
    "optimizer": "optimizers",
    "stopper": "stoppers",
    "store": "stores",
    "transcriber": "transcribers",
    "versions": "versions",
    "watcher": "watchers",
}
BESIDES = {
    "test_importing_the_front_imports_no_other_package",
    "test_it_carries_a_real_tuning",
    "test_it_drives_a_real_tuning_to_its_end",
    "test_it_follows_a_real_tuning",
    "test_it_takes_part_in_a_real_tuning",
    "test_train_obeys_sigint_and_continues_from_there",
}
"""Дольше прочих: исправные их проходят в tests/builtin, у моделей и в test_package_rules.py."""
for _module in MODULES.values():
    import_module(f"ttsf_kit_cases.{_module}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Папка, из которой видны все образцы: исправные и неисправные."""
    folder = tmp_path_factory.mktemp("kit")
    fronts = {}
    for kind, module in MODULES.items():
        names = ["Sound", *(case.cls.__name__ for case in CASES if case.module == module)]
        for cls in names:
            name = plugin_name(module, cls)
            fronts[name] = packages.front(name, kind, module, cls)
    options = "url timeout_seconds trials learning_rate weight_decay"
    readme = f"{' '.join(fronts)} {options}"
    packages.write(folder, "ttsf-kit-cases", fronts, readme, packages.RANGE)
    with packages.visible(HERE / "plugins", folder):
        yield folder


def contract_file(folder: Path, module: str) -> Path:
    """Напиши тесты так, как написал бы их автор каждого образца."""
    lines = [f"from ttsf_kit_cases.{module} import Checked", "", ""]
    lines += ["class TestSound(Checked):", f"    plugin = {plugin_name(module, 'Sound')!r}"]
    for case in of(module):
        lines += ["", "", f"class Test{case.cls.__name__}(Checked):"]
        lines += [f"    plugin = {case.plugin!r}"]
        lines += [f"    {name} = {value!r}" for name, value in case.contract.items()]
    path = folder / f"test_{module}.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def of(module: str) -> list[Case]:
    return [case for case in CASES if case.module == module]


def test_every_kind_has_its_contract_and_its_samples() -> None:
    assert set(MODULES) == set(INTERFACES)
    for kind, module in MODULES.items():
        assert import_module(f"ttsf_kit_cases.{module}").Checked.kind == kind
        assert of(module), kind


@pytest.mark.parametrize("kind", MODULES)
def test_a_contract_passes_the_sound_and_catches_every_broken_plugin(
    folder: Path, kind: str
) -> None:
    module = MODULES[kind]
    path = contract_file(folder, module)
    checked = import_module(f"ttsf_kit_cases.{module}").Checked
    names = [name for name in dir(checked) if name.startswith("test_") and name not in BESIDES]
    selected = [f"TestSound::{name}" for name in names]
    selected += [f"Test{case.cls.__name__}::{case.test}" for case in of(module)]
    verdicts = nested.run(path, selected)
    sound = [v for v in verdicts if v.plugin == plugin_name(module, "Sound")]
    assert {v.test for v in sound} == set(names)
    assert [v for v in sound if v.outcome == "failed"] == []
    problems = [problem for case in of(module) for problem in missed(case, verdicts)]
    assert not problems, "\n".join(problems)


def missed(case: Case, verdicts: list[nested.Verdict]) -> Iterator[str]:
    """Назови, чего проверка не поймала или не сказала."""
    mine = [v for v in verdicts if v.plugin == case.plugin and v.test == case.test]
    words = [v.words for v in mine if v.outcome == "failed"]
    if not words:
        yield f"{case.plugin}: {case.test} gives {[(v.outcome, v.words) for v in mine]}"
    elif not any(case.words in text for text in words):
        yield f"{case.plugin}: {case.words!r} is not in {words[0]!r}"
