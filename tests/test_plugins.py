"""Плагины по метаданным пакетов: имена — без импорта, ошибки — словами."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from tts_framework.components import Model, Stopper
from tts_framework.errors import PluginError
from tts_framework.plugins import Plugins

STOPPER = """\
from tts_framework.components import Stopper
from tts_framework.hookspecs import hookimpl

class Never(Stopper):
    pass

@hookimpl
def ttsf_stopper():
    return Never
"""


class Site:
    """Папка с установленными плагинами, как её видит importlib.metadata."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.syspath_prepend(str(folder))

    def install(self, name: str, source: str, distribution: str = "", module: str = "") -> None:
        module = module or f"site_{self.folder.name}_{name}".replace("-", "_")
        path = self.folder.joinpath(*module.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        escaped = (distribution or module).replace("-", "_")
        info = self.folder / f"{escaped}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {distribution or module}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[ttsf]\n{name} = {module}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_the_entry_point_name_is_the_name_of_the_plugin(site: Site) -> None:
    site.install("never", STOPPER, "ttsf-never")
    assert Plugins().get("stopper", "never").__name__ == "Never"
    (info,) = [info for info in Plugins().infos() if info.name == "never"]
    assert (info.kinds, info.distribution, info.version) == (("stopper",), "ttsf-never", "1.5")
    assert "never" in Plugins().names("stopper") and "never" in Plugins().names()


def test_listing_runs_no_code_of_any_plugin(site: Site) -> None:
    source = f"raise SystemExit('ran')\n{STOPPER}"
    site.install("loud", source)
    site.install("nested", STOPPER, "ttsf-nested", "site_loud_package.inner")
    (site.folder / "site_loud_package" / "__init__.py").write_text("raise SystemExit('ran')\n")
    kinds = {info.name: info.kinds for info in Plugins().infos()}
    assert kinds["loud"] == kinds["nested"] == ("stopper",)


def test_a_plugin_whose_files_are_gone_does_not_break_the_list(site: Site) -> None:
    site.install("gone", STOPPER, module="site_gone")
    (site.folder / "site_gone.py").unlink()
    (info,) = [info for info in Plugins().infos() if info.name == "gone"]
    assert info.kinds == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_module_at_all", "odd: plugin does not import: ModuleNotFoundError"),
        ("raise ValueError('two\\nlines')", "odd: plugin does not import: ValueError: two lines"),
        ("raise SystemExit(3)", "odd: plugin does not import: SystemExit: 3"),
        ("def f(:", "odd: plugin does not import: SyntaxError"),
        (STOPPER.replace("return Never", "return 1 / 0"), "odd: plugin fails in ttsf_stopper"),
        (STOPPER.replace("return Never", "return int"), "not a subclass of Stopper"),
        (STOPPER.replace("return Never", "return Never({})"), "not a subclass of Stopper"),
        (STOPPER.replace("def ttsf_stopper", "def ttsf_stoper"), "unknown hook 'ttsf_stoper'"),
        (STOPPER.replace("stopper", "optimizer").replace("Stopper", "Optimizer"), "is a optimizer"),
        ("", "odd: plugin is a no known kind, not a stopper"),
    ],
)
def test_a_broken_plugin_says_what_is_wrong_in_one_line(
    site: Site, source: str, message: str
) -> None:
    site.install("odd", source)
    with pytest.raises(PluginError) as caught:
        Plugins().get("stopper", "odd")
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_unfinished_class_names_what_is_missing(site: Site) -> None:
    source = STOPPER.replace("stopper", "alerter").replace("Stopper", "Alerter")
    site.install("half", source)
    with pytest.raises(PluginError, match="half: Never does not implement notify"):
        Plugins().get("alerter", "half")


def test_a_broken_plugin_does_not_harm_the_others(site: Site) -> None:
    site.install("odd", "import no_such_module_at_all")
    plugins = Plugins()
    with pytest.raises(PluginError):
        plugins.get("stopper", "odd")
    assert issubclass(plugins.get("stopper", "patience"), Stopper)


def test_two_distributions_under_one_name_are_refused(site: Site) -> None:
    site.install("twin", STOPPER, "ttsf-one")
    site.install("twin", STOPPER, "ttsf-two", "site_other")
    with pytest.raises(PluginError, match=r"installed twice \(ttsf-one, ttsf-two\); uninstall one"):
        Plugins().get("stopper", "twin")


def test_one_distribution_seen_through_two_folders_is_one_plugin(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("echo", STOPPER)
    points = [point for point in entry_points(group="ttsf") if point.name == "echo"]
    assert Plugins(points * 2).names() == ["echo"]
    assert Plugins(points * 2).get("stopper", "echo")


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(PluginError, match="patiance: no such stopper plugin; did you mean"):
        Plugins().get("stopper", "patiance")


def test_an_unlike_name_is_answered_with_the_list_and_a_way_to_install() -> None:
    with pytest.raises(PluginError, match="pip install ttsf-matcha-voice"):
        Plugins().get("model", "matcha_voice")


@pytest.mark.parametrize(
    ("kind", "name", "package"),
    [
        ("optimizer", "cmaes", "ttsf-cmaes-engine"),
        ("optimizer", "optuna", "ttsf-optuna-engine"),
        ("detector", "silero", "ttsf-silero-vad"),
        ("alerter", "slack_alerts", "ttsf-slack-alerts"),
        ("model", "fastspeech2", "ttsf-fastspeech2"),
        ("model", "tacotron2", "ttsf-tacotron2"),
        ("frontend", "russian", "ttsf-russian"),
        ("frontend", "reference_letters", "ttsf-tacotron2"),
    ],
)
def test_a_plugin_of_the_project_is_asked_for_by_the_name_of_its_package(
    kind: str, name: str, package: str
) -> None:
    with pytest.raises(PluginError, match=f"try 'pip install {package}'"):
        Plugins(_core_alone()).get(kind, name)


def test_no_installed_plugin_would_be_taken_for_a_typo_of_a_built_in_one() -> None:
    alone = Plugins(_core_alone())
    others = [info for info in Plugins().infos() if info.name not in alone.names()]
    for info in others:
        for kind in info.kinds:
            with pytest.raises(PluginError, match=f"try 'pip install {info.distribution}'"):
                alone.get(kind, info.name)


def _core_alone() -> list[EntryPoint]:
    return [p for p in entry_points(group="ttsf") if p.value.startswith("tts_framework.")]


@pytest.mark.parametrize(
    ("declared", "advice"),
    [
        ('"2.0"', "pip install --upgrade tts-framework"),
        ("'1.9'", "pip install --upgrade tts-framework"),
        ('"0.9"', "pip install --upgrade ttsf-never"),
    ],
)
def test_a_plugin_of_another_api_is_named_before_it_is_imported(
    site: Site, declared: str, advice: str
) -> None:
    site.install("never", f"ttsf_api = {declared}\nimport no_such\n{STOPPER}", "ttsf-never")
    with pytest.raises(PluginError) as caught:
        Plugins().get("stopper", "never")
    text = str(caught.value)
    assert f"never: ttsf-never 1.5 is written for ttsf API {declared[1:-1]}" in text
    assert "tts-framework 0.1.0 has API 1.0" in text and advice in text


@pytest.mark.parametrize(
    "declared", ['ttsf_api = "1.0"', 'ttsf_api: str = "1"', "", "ttsf_api = 7"]
)
def test_a_plugin_of_this_api_or_of_none_named_is_loaded(site: Site, declared: str) -> None:
    site.install("never", f"{declared}\n{STOPPER}")
    assert Plugins().get("stopper", "never")


def test_a_plugin_of_another_kind_is_named_as_such() -> None:
    with pytest.raises(PluginError, match="patience: plugin is a stopper, not a model"):
        Plugins().get("model", "patience")


def test_managers_do_not_leak_into_each_other(site: Site) -> None:
    site.install("never", STOPPER)
    first, second = Plugins(), Plugins()
    assert first.get("stopper", "never") is second.get("stopper", "never")
    assert Plugins([]).names() == []


def test_every_built_in_plugin_imports_alone_and_light() -> None:
    code = """
import sys
from tts_framework.plugins import Plugins
plugins = Plugins()
for info in plugins.infos():
    for kind in info.kinds:
        plugins.get(kind, info.name)
print(*sorted({"torch", "mlflow", "optuna", "numpy", "librosa"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_the_tiny_model_is_found() -> None:
    assert issubclass(Plugins().get("model", "tiny"), Model)
