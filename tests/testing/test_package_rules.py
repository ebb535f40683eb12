"""Общее для всех видов: импорт, версии, описания, пример; на стопперах, по пакету на нарушение."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

import nested  # noqa: E402
import packages  # noqa: E402

from tts_framework.testing import Contract  # noqa: E402

SOUND = '''"""Front."""

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl


class Mine(Stopper):
    """Stops after so many trials."""

    class Config(Options):
        """How many."""

        trials: int = Field(10, gt=0, description="Trials that are enough.")


@hookimpl
def ttsf_stopper():
    return Mine
'''
EXAMPLE = """
run: example
data: {train: train.csv, validation: validation.csv}
model: {use: tacotron2}
early_stop: {stoppers: [{use: NAME}]}
"""
HEAVY = "test_importing_the_front_imports_no_other_package"
HOOK = "test_the_hook_returns_a_complete_class"
OPTIONS = "test_every_option_is_described"
README = "test_the_readme_names_the_plugin_and_every_option"
VERSIONS = "test_the_package_says_which_core_it_works_with"
SHOWN = "test_the_example_is_a_valid_config"


@dataclass(frozen=True)
class Package:
    """Чем пакет отличается от исправного (`old` заменено на `new`) и кто это ловит."""

    name: str
    test: str
    words: str
    old: str = ""
    new: str = ""
    readme: str = "NAME stops after trials"
    requires: tuple[str, ...] = (packages.RANGE,)
    example: str = EXAMPLE

    def source(self) -> str:
        assert not self.old or self.old in SOUND
        return SOUND.replace(self.old, self.new) if self.old else SOUND + self.new


PRIVATE = "\n\ndef help():\n    from tts_framework.smart_tuner import loop\n\n    return loop\n"
ONLY_HERE = "import sys\n\nassert 'pytest' in sys.modules\n"
PACKAGES = [
    Package("sound", "", ""),
    Package(
        "heavy",
        HEAVY,
        "importing front_heavy imports numpy; move these imports inside methods",
        new="\nimport numpy\n",
    ),
    Package("needs_friends", HEAVY, "front_needs_friends does not import alone", new=ONLY_HERE),
    Package(
        "private",
        "test_only_public_names_of_the_framework_are_imported",
        "private modules are imported: tts_framework.smart_tuner",
        new=PRIVATE,
    ),
    Package(
        "wordless", HOOK, "Mine has no docstring", '"""Stops after so many trials."""', "x = 1"
    ),
    Package(
        "of_another_kind",
        HOOK,
        "not a subclass of Stopper",
        "    return Mine\n",
        "    return dict\n",
    ),
    Package(
        "another_hook", HOOK, "plugin is a store, not a stopper", "ttsf_stopper()", "ttsf_store()"
    ),
    Package(
        "unfinished",
        HOOK,
        "Mine does not implement ready",
        "    class Config",
        "    from abc import abstractmethod\n\n    @abstractmethod\n    def ready(self): ...\n\n"
        "    class Config",
    ),
    Package(
        "of_the_future",
        HOOK,
        "is written for ttsf API 9.0",
        '"""Front."""\n',
        '"""Front."""\n\nttsf_api = "9.0"\n',
    ),
    Package("any_core", VERSIONS, "requires ['tts-framework']", requires=("tts-framework",)),
    Package("no_core", VERSIONS, "requires no tts-framework; add a range", requires=("numpy<3",)),
    Package("unread", README, "has no README", readme=""),
    Package("silent", README, "the README never mentions trials", readme="NAME stops"),
    Package(
        "undescribed",
        OPTIONS,
        "options without a description: trials",
        ', description="Trials that are enough."',
        "",
    ),
    Package(
        "plain",
        OPTIONS,
        "Mine.Config is not a subclass of Options",
        "Config(Options)",
        "Config(__import__('pydantic').BaseModel)",
    ),
    Package(
        "careless",
        "test_an_unknown_option_is_refused",
        "an unknown option is accepted; keep Options' extra=forbid",
        '        """How many."""',
        '        model_config = {"extra": "ignore"}',
    ),
    Package(
        "misspelt",
        SHOWN,
        "fix example.yaml: 'ttsf config check' reads it",
        example=EXAMPLE.replace("NAME}", "NAME, trails: 3}"),
    ),
    Package(
        "shy",
        SHOWN,
        "never uses kit_shy; show the plugin in it",
        example=EXAMPLE.replace("NAME", "patience"),
    ),
]


def test_every_rule_is_kept_and_every_breach_is_named(tmp_path: Path) -> None:
    lines = ["from pathlib import Path", "from tts_framework.testing import StopperContract"]
    rules = [name for name in dir(Contract) if name.startswith("test_")]
    selected = []
    for package in PACKAGES:
        name = f"kit_{package.name}"
        readme = package.readme.replace("NAME", name)
        packages.write(
            tmp_path, f"ttsf-{name}", {name: package.source()}, readme, *package.requires
        )
        (tmp_path / f"{name}.yaml").write_text(package.example.replace("NAME", name))
        lines += ["", f"class Test_{name}(StopperContract):", f"    plugin = {name!r}"]
        lines += [f"    example = Path(__file__).with_name('{name}.yaml')"]
        selected += [
            f"Test_{name}::{test}" for test in (rules if not package.test else [package.test])
        ]
    path = tmp_path / "test_packages.py"
    path.write_text("\n".join(lines) + "\n")
    with packages.visible(tmp_path):
        verdicts = nested.run(path, selected)
    found = {v.test: v.outcome for v in verdicts if v.plugin == "kit_sound"}
    assert found == {name: "passed" for name in rules}
    problems = [problem for package in PACKAGES[1:] for problem in missed(package, verdicts)]
    assert not problems, "\n".join(problems)


def missed(package: Package, verdicts: list[nested.Verdict]) -> Iterator[str]:
    """Назови, чего проверка не поймала или не сказала."""
    (found,) = [v for v in verdicts if v.plugin == f"kit_{package.name}"]
    words = package.words.replace("front_", "front_kit_")
    if found.outcome != "failed" or words not in found.words:
        yield f"{package.name}: {words!r} is not in {found}"
