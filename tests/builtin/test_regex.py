"""`regex`: числа из вывода программы, которая не знает ни о каких журналах."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.components import TrialSource, Watcher
from tts_framework.config import Use
from tts_framework.errors import ConfigError
from tts_framework.plan import configure
from tts_framework.plugins import Plugins

Make = Callable[..., Watcher]
LINE = r"step (?P<step>[\d,]+).*?loss[ =](?P<loss>\S+)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs" / "trial_0000.log"


@pytest.fixture
def make(tmp_path: Path, log: Path) -> Make:
    def made(pattern: Any = LINE, **options: Any) -> Watcher:
        use = Use.model_validate({"use": "regex", "pattern": pattern, **options})
        cls, config = configure(Plugins(), "watcher", use, "watchers")
        rename = {"valid": "val_loss"}
        source = TrialSource(0, tmp_path / "out", tmp_path, "", rename, log_file=log)
        watcher: Watcher = cls(config, source)
        return watcher

    return made


def short(watcher: Watcher) -> list[tuple[str, int, float]]:
    return [(m.tag, m.step, m.value) for m in watcher.read()]


def test_the_trainers_own_output_is_read(make: Make, log: Path) -> None:
    watcher = make()
    assert short(watcher) == []
    log.write_text("loading\nstep 1,000 | loss 0.5\nstep 2000 | loss=nan\n")
    first, second = watcher.read()
    assert (first.tag, first.step, first.value) == ("loss", 1000, 0.5)
    assert second.step == 2000 and second.value != second.value


def test_lines_without_a_step_belong_to_the_last_one_named(make: Make, log: Path) -> None:
    log.write_text("valid 9.0\nEpoch 1: step 30\nvalid 0.25\n")
    watcher = make([r"step (?P<step>\d+)", r"valid (?P<valid>\S+)"])
    assert short(watcher) == [("val_loss", 30, 0.25)]


def test_the_name_itself_may_be_matched(make: Make, log: Path) -> None:
    log.write_text("step 5\n  valid: 1.5\n  acc: 0.5\n")
    watcher = make([r"step (?P<step>\d+)", r"^(?P<tag>\w+): (?P<value>\S+)$"])
    assert short(watcher) == [("val_loss", 5, 1.5), ("acc", 5, 0.5)]


def test_colours_and_progress_bars_do_not_get_in_the_way(make: Make, log: Path) -> None:
    log.write_bytes(b"step 1 \x1b[32mloss 0.5\x1b[0m\rstep 2 loss 0.4\r")
    assert short(make()) == [("loss", 1, 0.5), ("loss", 2, 0.4)]


def test_half_a_number_is_not_a_number(make: Make, log: Path) -> None:
    watcher = make()
    log.write_text("step 1 loss 0.1")
    assert short(watcher) == []
    with open(log, "a") as file:
        file.write("25\n")
    assert short(watcher) == [("loss", 1, 0.125)]


def test_another_file_may_be_named(make: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "train.log").write_text("step 1 loss 0.5\n")
    assert short(make(path="*.log")) == [("loss", 1, 0.5)]


def test_a_match_that_is_no_number_is_named_once(make: Make, log: Path) -> None:
    log.write_text("step 1 loss none\nstep 2 loss 0.5\n")
    watcher = make()
    assert short(watcher) == [("loss", 2, 0.5)]
    with pytest.raises(ValueError, match="trial_0000.log:1: loss 'none' is not a number"):
        watcher.read()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pattern": "loss ("}, "fix the pattern"),
        ({"pattern": "loss (.*)"}, r"has no named group; write \(\?P<val_loss>"),
        ({"pattern": []}, "the list is empty"),
        ({"path": "/x"}, "does not match"),
    ],
)
def test_options_that_cannot_work_are_refused(
    make: Make, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        make(**options)


def test_a_source_without_output_asks_for_a_path(tmp_path: Path) -> None:
    cls, config = configure(
        Plugins(), "watcher", Use.model_validate({"use": "regex", "pattern": LINE}), "watchers"
    )
    with pytest.raises(ValueError, match="give a path"):
        cls(config, TrialSource(0, tmp_path, tmp_path, "", {}))
