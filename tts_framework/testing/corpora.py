"""Контракты источников корпусов и чужих раскладок."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import BadRecord, CorpusRequest, Recording
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand


class CorpusContract(Contract):
    """Корпус разложен по спискам, повторный вызов ничего не меняет и докачивает недостающее.

    `offline = True`, если записи можно получить без сети: иначе проверяется только пакет.
    """

    kind: ClassVar[str] = "corpus"
    offline: ClassVar[bool] = False

    def test_two_clips_are_fetched_and_fetching_again_changes_nothing(
        self, cls: type[Any], config: Any, tmp_path: Path
    ) -> None:
        if not self.offline:
            pytest.skip("offline is not declared: fetching needs a network")
        cls(config).fetch(CorpusRequest(tmp_path / "corpus", limit=4))
        first = _contents(tmp_path)
        lists = [name for name in first if name.endswith(".csv")]
        demand(
            {"corpus/train.csv", "corpus/validation.csv"} <= set(lists),
            f"lists are {lists}",
            "write train.csv and validation.csv",
        )
        cls(config).fetch(CorpusRequest(tmp_path / "corpus", limit=4))
        demand(_contents(tmp_path) == first, "fetching again changes files", "keep what is whole")
        lost = (tmp_path / "corpus" / "train.csv").read_text("utf-8").partition("|")[0]
        (tmp_path / "corpus" / lost).unlink()
        cls(config).fetch(CorpusRequest(tmp_path / "corpus", limit=4))
        advice = "an interrupted fetch is repeated: get what is missing"
        demand(_contents(tmp_path) == first, f"{lost} is lost and is not fetched again", advice)


class LayoutContract(Contract):
    """Узнаёт свою папку, не узнаёт чужую, перечисляет записи, не открывая звука.

    `lay_out(folder)` кладёт в папку крошечный корпус этой раскладки и возвращает число записей.
    """

    kind: ClassVar[str] = "layout"

    def lay_out(self, folder: Path) -> int:
        """Разложи корпус; переопределите."""
        pytest.skip("lay_out() is not overridden")

    def test_it_knows_its_own_folder_and_no_other(self, cls: type[Any], tmp_path: Path) -> None:
        empty = tmp_path / "empty"
        empty.mkdir()
        demand(cls.matches(empty) is False, "an empty folder matches", "look for your own files")
        demand(cls.expects, "expects is empty", "say in a phrase what SOURCE must hold")
        self.lay_out(tmp_path / "own")
        demand(cls.matches(tmp_path / "own") is True, "its own folder does not match", "fix it")

    def test_recordings_are_listed_in_a_stable_order(
        self, cls: type[Any], config: Any, tmp_path: Path
    ) -> None:
        count = self.lay_out(tmp_path / "own")
        once, again = (list(cls(config).recordings(tmp_path / "own")) for _ in range(2))
        good = [item for item in once if isinstance(item, Recording)]
        bad = [item for item in once if isinstance(item, BadRecord)]
        demand(once == again, "two listings differ", "sort the files")
        demand(len(good) == count and not bad, f"{len(good)} of {count}, bad: {bad[:2]}", "fix it")
        ids = {item.id for item in good}
        demand(len(ids) == len(good), "ids repeat", "make them unique")
        away = [item.wav for item in good if (tmp_path / "own") not in item.wav.parents]
        demand(not away, f"sound outside of SOURCE: {away[:1]}", "join source and the name")


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
