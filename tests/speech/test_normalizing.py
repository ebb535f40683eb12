"""Нормализация в отдельных процессах: модели не здесь, сделанное не теряется."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from heavy_frontend import Heavy

from tts_framework.errors import DataError, TTSFError
from tts_framework.options import AudioSettings
from tts_framework.speech import normalizing
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.filelist import load
from tts_framework.speech.normalizing import Outcome, normalize_all, normalize_heavy
from tts_framework.speech.normalizing_corpus import RESULTS, normalize_corpus


def heavy(trace: Path, seconds: float = 0.0) -> Heavy:
    return Heavy(Heavy.Config(trace=str(trace), seconds=seconds))


def traces(trace: Path) -> list[tuple[int, str]]:
    lines = trace.read_text("utf-8").splitlines() if trace.exists() else []
    return [(int(pid), text) for pid, _, text in (line.partition(" ") for line in lines)]


def test_the_model_is_loaded_in_another_process_and_once_for_all(tmp_path: Path) -> None:
    frontend, file = heavy(tmp_path / "trace"), tmp_path / "cache/text/x.jsonl"
    seen: list[tuple[int, int]] = []
    texts = ["АБВ", "абв", "БА", "АБВ"]
    found = normalize_all(frontend, texts, file, lambda done, total, _: seen.append((done, total)))
    assert found == {"АБВ": Outcome("абв"), "абв": Outcome("абв"), "БА": Outcome("ба")}
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert normalize_all(frontend, texts, file) == found
    assert sorted(text for _, text in traces(tmp_path / "trace")) == ["АБВ", "БА"]
    assert os.getpid() not in {pid for pid, _ in traces(tmp_path / "trace")}


def test_light_texts_need_neither_a_process_nor_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cache.jsonl"
    assert normalize_heavy(heavy(tmp_path / "trace"), ["абв", ""], file) == {}
    assert not file.exists()


def test_another_front_end_does_not_trust_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "cache.jsonl"
    normalize_all(heavy(tmp_path / "trace"), ["АБ"], file)
    normalize_all(heavy(tmp_path / "trace", seconds=0.001), ["АБ"], file)
    assert len(traces(tmp_path / "trace")) == 2
    first, second = heavy(tmp_path), heavy(tmp_path, seconds=1.0)
    assert normalizing.cache_file(tmp_path, first) != normalizing.cache_file(tmp_path, second)


def test_many_texts_are_shared_among_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(normalizing, "TEXTS_PER_WORKER", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    texts = ["А" * n for n in range(1, 9)]
    found = normalize_all(heavy(tmp_path / "trace"), texts, tmp_path / "cache.jsonl")
    assert found == {text: Outcome(text.lower()) for text in texts}
    assert len({pid for pid, _ in traces(tmp_path / "trace")}) == 2


def test_a_killed_process_is_named_and_what_it_did_is_kept(tmp_path: Path) -> None:
    trace, file = tmp_path / "trace", tmp_path / "cache.jsonl"
    frontend = heavy(trace, seconds=0.05)

    def kill(done: int, total: int, what: str) -> None:
        if done == 2:
            os.kill(traces(trace)[0][0], signal.SIGKILL)

    texts = ["А" * n for n in range(1, 30)]
    with pytest.raises(TTSFError, match=r"ended with code -9 .*run the same command again"):
        normalize_all(frontend, texts, file, kill)
    before = len(traces(trace))
    assert len(normalize_all(frontend, texts, file)) == 29
    assert len(traces(trace)) - before <= 29 - 2


def test_a_missing_module_is_an_error_not_silence(tmp_path: Path) -> None:
    class Local(Heavy):
        pass

    with pytest.raises(TTSFError, match="ended with code 1"):
        normalize_all(Local(Heavy.Config()), ["А"], tmp_path / "cache.jsonl")


def corpus(folder: Path, texts: list[str]) -> Path:
    folder.mkdir()
    table.write(folder, [Row(f"c{n}", text, 1.0) for n, text in enumerate(texts)])
    return folder


def test_a_corpus_gets_its_column_and_the_record_of_the_front_end(tmp_path: Path) -> None:
    frontend = heavy(tmp_path / "trace")
    folder = corpus(tmp_path / "c", ["АБВ", "", "абв"])
    summary = normalize_corpus(folder, frontend, "heavy")
    assert (summary.normalized, summary.empty, summary.changed) == (2, 1, 1)
    assert [row.normalized for row in table.read(folder)] == ["абв", "", "абв"]
    assert manifest.read(folder)["frontend"] == {
        "use": "heavy",
        "options": frontend.config.model_dump(mode="json"),
        "fingerprint": frontend.fingerprint,
        "symbols_sha256": frontend.symbols_sha256,
    }


def test_all_unknown_symbols_are_named_at_once_and_the_table_stays(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", ["АБВ", "эй", "Ж"])
    before = (folder / table.TABLE).read_bytes()
    with pytest.raises(DataError) as error:
        normalize_corpus(folder, heavy(tmp_path / "trace"), "heavy")
    named = [problem.split(" (U+")[0] for problem in error.value.problems]
    assert named == [
        f"{folder}/metadata.csv:3: c1: unknown symbol 'э'",
        f"{folder}/metadata.csv:3: c1: unknown symbol 'й'",
        f"{folder}/metadata.csv:4: c2: unknown symbol 'ж'",
    ]
    assert (folder / table.TABLE).read_bytes() == before
    assert not (folder / "corpus.json").exists()


SCRIPT = """
import sys
from pathlib import Path
from heavy_frontend import Heavy
from tts_framework.errors import TTSFError
from tts_framework.speech.normalizing_corpus import normalize_corpus
frontend = Heavy(Heavy.Config(trace=sys.argv[2], seconds=0.05))
try:
    normalize_corpus(Path(sys.argv[1]), frontend, "heavy")
except TTSFError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_sigkill_in_the_middle_of_a_corpus_loses_nothing_done(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", ["А" * n for n in range(1, 31)])
    trace = tmp_path / "trace"
    run = [sys.executable, "-c", SCRIPT, str(folder), str(trace)]
    process = subprocess.Popen(run)
    while len(traces(trace)) < 4:
        time.sleep(0.01)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while _alive(traces(trace)[0][0]) and time.monotonic() < deadline:
        time.sleep(0.02)  # рабочий процесс узнаёт о смерти хозяина по закрытому каналу
    assert not _alive(traces(trace)[0][0])
    assert [row.normalized for row in table.read(folder)] == [""] * 30
    done = len(traces(trace))
    subprocess.run(run, check=True)
    assert [row.normalized for row in table.read(folder)] == ["а" * n for n in range(1, 31)]
    assert len(traces(trace)) <= done + 30 - (done - 1)


@pytest.mark.no_cover
def test_a_full_disk_in_the_middle_of_a_corpus(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", ["АБВ" * 40 + "А" * n for n in range(1, 31)])
    run = [sys.executable, "-c", SCRIPT, str(folder), str(tmp_path / "trace")]
    limited = subprocess.run(
        run,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12000, 12000)),
    )
    assert limited.returncode == 5, limited.stdout + limited.stderr
    assert "no space left" in limited.stdout and "Traceback" not in limited.stderr
    assert [row.normalized for row in table.read(folder)] == [""] * 30
    done = len((folder / RESULTS).read_text("utf-8").splitlines()) - 2
    trace = tmp_path / "trace"
    before = len(traces(trace))
    subprocess.run(run, check=True)
    assert done > 3 and len(traces(trace)) - before <= 30 - done
    assert all(row.normalized for row in table.read(folder))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_list_is_checked_with_the_texts_of_the_cache(
    spoken: Path, audio: AudioSettings, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(spoken, corpus)  # список лежит в папке корпуса, а `spoken` — общая
    wavs = sorted((corpus / "wavs").glob("*.wav"))
    lists = corpus / "raw.csv"
    lists.write_text(f"wavs/{wavs[0].name}|АБВ\nwavs/{wavs[1].name}|аб\n", "utf-8")
    trace = tmp_path / "trace"
    for _ in range(2):
        clips = load(lists, heavy(trace), audio, cache=tmp_path / "cache")
        assert [clip.text for clip in clips] == ["абв", "аб"]
    assert len(traces(trace)) == 1
    lists.write_text(f"wavs/{wavs[0].name}|АБЖ\n", "utf-8")
    with pytest.raises(DataError, match=r"raw\.csv:1: unknown symbol 'ж'"):
        load(lists, heavy(trace), audio, cache=tmp_path / "cache")
