from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.tracking import spool
from tts_framework.tracking.spool import Spool, SpoolReader

records = st.lists(
    st.fixed_dictionaries({"step": st.integers(), "text": st.text()}), min_size=1, max_size=8
)


def everything(folder: Path, run: str = "run") -> list[spool.Record]:
    reader, found = SpoolReader(folder, run), list[spool.Record]()
    while (part := reader.read(limit=64))[1] != reader.offset:
        found += part[0]
        reader.acknowledge(part[1])
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=records, after=records, cut=st.integers(1, 40))
def test_a_torn_last_line_loses_only_itself(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[spool.Record],
    after: list[spool.Record],
    cut: int,
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    first = Spool(folder)
    for record in before:
        first.append(record)
    first.close()
    path = folder / spool.RECORDS
    size = path.stat().st_size
    last = len(path.read_bytes().splitlines(keepends=True)[-1])
    with open(path, "r+b") as file:
        file.truncate(size - min(cut, last - 1))

    second = Spool(folder)
    for record in after:
        second.append(record)

    whole_after_all = before if cut == 1 else before[:-1]
    assert everything(folder) == whole_after_all + after


def test_nothing_is_read_twice_after_it_was_acknowledged(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    writer.append({"step": 1})
    assert everything(tmp_path) == [{"step": 1}]
    writer.append({"step": 2})

    assert everything(tmp_path) == [{"step": 2}]


def test_a_new_run_on_the_server_gets_everything_again(tmp_path: Path) -> None:
    Spool(tmp_path).append({"step": 1})
    everything(tmp_path, "old")

    assert everything(tmp_path, "new") == [{"step": 1}]


def test_a_damaged_memory_means_sending_again(tmp_path: Path) -> None:
    Spool(tmp_path).append({"step": 1})
    everything(tmp_path)
    (tmp_path / spool.STATE).write_text('{"run": "run", "off')

    assert everything(tmp_path) == [{"step": 1}]


def test_an_unfinished_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / spool.RECORDS
    path.write_text('{"step": 1}\n{"step"')
    assert everything(tmp_path) == [{"step": 1}]

    path.write_text('{"step": 1}\n{"step": 2}\n')

    assert everything(tmp_path) == [{"step": 2}]


def test_lines_longer_than_the_limit_are_read_whole(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    writer.append({"text": "я" * 500})
    writer.append({"step": 2})

    assert everything(tmp_path) == [{"text": "я" * 500}, {"step": 2}]


def test_numbers_that_are_not_finite_survive(tmp_path: Path) -> None:
    Spool(tmp_path).append({"metrics": {"loss": math.nan, "norm": math.inf}})

    (record,) = everything(tmp_path)

    assert math.isnan(record["metrics"]["loss"]) and record["metrics"]["norm"] == math.inf


def test_strange_lines_are_skipped(tmp_path: Path) -> None:
    (tmp_path / spool.RECORDS).write_bytes(b'\xff\xfe\n[1]\n\n{"step": 1}\n')

    assert everything(tmp_path) == [{"step": 1}]


def test_a_folder_without_a_spool_is_empty(tmp_path: Path) -> None:
    assert everything(tmp_path) == []


def test_the_run_of_a_folder_is_remembered(tmp_path: Path) -> None:
    assert spool.recorded_run(tmp_path) is None

    spool.record_run(tmp_path, "abc")
    spool.record_run(tmp_path, "abc")

    assert spool.recorded_run(tmp_path) == "abc"


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    writer = Spool(tmp_path)
    writer.close()
    writer.close()
