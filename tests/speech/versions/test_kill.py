"""SIGKILL в случайный миг сохранения и возврата: недописанное не видно, повтор доводит до конца.

Убивают не интерпретатор, который ещё импортирует, а процесс, ответвлённый после всех импортов: так
мгновения приходятся на саму работу.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tts_framework.builtin.mlflow import MLflowVersions

DRIVER = """
import os, random, signal, sys, time
from pathlib import Path
import mlflow, mlflow.store.tracking.sqlalchemy_store
from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.speech.versions import marks, reading, records
from tts_framework.speech.versions.checkout import checkout
from tts_framework.speech.versions.saving import save

corpus, uri, out, log = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
chance = random.Random(7)

def store():
    return MLflowVersions(MLflowVersions.Config(tracking_uri=uri))

def forked(work, after):
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]

def until_done(work, check, shortest):
    killed, after = 0, shortest
    while True:
        ended = forked(work, chance.uniform(0, after))
        if ended == 0:
            return killed
        assert os.WIFSIGNALED(ended), "the work itself failed"
        killed += 1
        after *= 1.4
        check()

def listed():
    for record in records.read(store())[0]:
        for path, file in reading.manifest(store(), record).files.items():
            size = os.stat(root / file.sha256[:2] / file.sha256).st_size
            assert size == file.size, path

def unmarked():
    if (mark := marks.read(out)) is not None:
        assert not marks.drift(out, mark.id)

root = Path(uri.removeprefix("sqlite:///")).parent / "datasets/objects"
saves = until_done(lambda: save(corpus, store()), listed, 0.02)
(record,) = records.read(store())[0]
checkouts = until_done(lambda: checkout(store(), record, out), unmarked, 0.02)
log.write_text(f"{saves} {checkouts} {len(os.listdir(root / '.incoming'))}")
"""


def test_nothing_half_written_is_taken_for_whole(
    make_corpus: Any, store: MLflowVersions, mlflow_uri: str, tmp_path: Path, visible: Any
) -> None:
    corpus, out, log = make_corpus(clips=60, samples=20_000), tmp_path / "out", tmp_path / "log"
    arguments = [str(corpus), mlflow_uri, str(out), str(log)]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr

    saves, checkouts, staged = map(int, log.read_text().split())
    assert saves >= 3 and checkouts >= 3 and staged == 0
    assert visible(out) == visible(corpus)
    assert not list(out.rglob("*.tmp"))
