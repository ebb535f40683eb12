"""Измерения переживают kill -9 и полный диск; меняется только изменившееся."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DiskFull, ExitCode
from tts_framework.speech.checking.report import Report, write_json
from tts_framework.speech.corpora import table


class Count:
    """Считает измеренные клипы."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        self.done = done


def many(bench: Any, copies: int) -> None:
    """Размножь клипы: сотни файлов, чтобы было что прервать."""
    for id in list(bench.rows):
        for number in range(copies):
            shutil.copyfile(bench.wav(id), bench.wav(f"{id}_{number}"))
            bench.rows[f"{id}_{number}"] = replace(bench.rows[id], id=f"{id}_{number}")
    bench.save()


def test_only_what_changed_is_measured_again(bench: Any) -> None:
    first, second, third = Count(), Count(), Count()
    bench.check(progress=first)
    bench.check(progress=second)
    bench.put(bench.ids[0], bench.sound(bench.ids[0]) * 0.5)
    bench.check(progress=third)
    assert (first.done, second.done, third.done) == (6, 0, 1)


def test_a_damaged_cache_is_not_believed(bench: Any) -> None:
    before = bench.check()
    path = bench.folder / ".check" / "measures.jsonl"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace('"rate": 16000', '"rate": "fast"')
    lines[2] = lines[2].replace('"peak"', '"pique"')
    lines[3] = lines[3][:40]
    path.write_text("\n".join(lines))
    counted = Count()
    after = bench.check(progress=counted)
    assert counted.done == 3
    assert {c.row.id: c.sound for c in after.corpus.clips} == {
        c.row.id: c.sound for c in before.corpus.clips
    }


def test_a_kill_in_the_middle_loses_nothing(bench: Any, tmp_path: Path) -> None:
    many(bench, 25)
    cache = bench.folder / ".check" / "measures.jsonl"
    command = [sys.executable, "-m", "tts_framework", "data", "check", str(bench.folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not cache.exists() or cache.read_bytes().count(b"\n") < 40:
        assert process.poll() is None, "ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (bench.folder / "check.json").exists()
    kept = cache.read_bytes().count(b"\n") - 1

    counted = Count()
    resumed = bench.check(progress=counted)

    assert 0 < counted.done <= len(bench.rows) - kept + 1
    assert _json(resumed, tmp_path / "a") == _json(
        bench.check(cache=tmp_path / "fresh"), tmp_path / "b"
    )


def _json(report: Report, path: Path) -> bytes:
    write_json(report, path)
    return path.read_bytes()


def test_a_full_disk_keeps_the_previous_report(bench: Any, full_disk: None) -> None:
    path = bench.folder / "check.json"
    path.write_text("previous")
    report = bench.check()
    with pytest.raises(DiskFull, match="no space left"):
        write_json(report, path)
    assert path.read_text() == "previous"
    assert not [name for name in os.listdir(bench.folder) if name.endswith(".tmp")]


@pytest.mark.no_cover
def test_a_size_limit_while_measuring_ends_with_a_word_and_the_next_run_goes_on(
    bench: Any,
) -> None:
    many(bench, 10)
    command = [sys.executable, "-m", "tts_framework", "data", "check", str(bench.folder)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)),
    )
    assert done.returncode == ExitCode.DISK_FULL, done.stderr
    assert "no space left" in done.stderr and "Traceback" not in done.stderr
    counted = Count()
    report = bench.check(progress=counted)
    assert 0 < counted.done < len(bench.rows)
    assert len(report.corpus.clips) == len(bench.rows)


BIG = """
import sys
from pathlib import Path
from tts_framework.speech.checking.checking import check
from tts_framework.speech.checking.page import write_page
from tts_framework.speech.checking.report import write_json
folder = Path(sys.argv[1])
report = check(folder)
write_json(report, folder / "check.json")
write_page(report, folder / "check.html")
print(len(report.findings))
"""


@pytest.mark.slow
@pytest.mark.no_cover
def test_200000_lines_end_in_a_page_of_bounded_size(bench: Any) -> None:
    first = next(iter(bench.rows.values()))
    lines = [f"clip_{n:06d}|Слово {'а' * (n % 40)} ещё слово.|2.0|v" for n in range(200_000)]
    header = "id|text|duration|speaker"
    row = f"{first.id}|{first.text}|{first.seconds}|{first.speaker}"
    path = bench.folder / table.TABLE
    path.write_text("\n".join([header, row, *lines, ""]), "utf-8")

    done = subprocess.run(
        [sys.executable, "-c", BIG, str(bench.folder)], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) > 200_000
    assert (bench.folder / "check.html").stat().st_size < 5_000_000
