"""Записи параллельно: по процессу на ядро; погибший родитель уносит с собой и рабочих."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_any
from typing import Any

from tts_framework.errors import TTSFError
from tts_framework.speech.segmenting.one import Job, Outcome, process

POLL = 0.2
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_read: Any = None
"""Общий счётчик прочитанных секунд; только в рабочем процессе."""


def default_workers() -> int:
    """Верни число ядер, доступных этому процессу."""
    return len(os.sched_getaffinity(0))


def run(jobs: Sequence[Job], workers: int, moved: Callable[[float], None]) -> Iterator[Outcome]:
    """Выдай итоги по мере готовности; `moved` получает прочитанные секунды.

    Raises:
        DiskFull: кончилось место; TTSFError: рабочий процесс убит системой.
    """
    if min(workers, len(jobs)) <= 1:
        for job in jobs:
            yield process(job, moved)
        return
    context = multiprocessing.get_context("spawn")
    read = context.Value("d", 0.0)
    with _one_thread_each():
        executor = ProcessPoolExecutor(
            min(workers, len(jobs)), context, initializer=_start, initargs=(read,)
        )
        try:
            yield from _finished({executor.submit(_process, job) for job in jobs}, read, moved)
        except BrokenProcessPool as error:
            raise TTSFError(
                "a worker was killed, perhaps for memory; run again with fewer --workers"
            ) from error
        finally:
            _stop(executor)


def _finished(
    pending: set[Future[Outcome]], read: Any, moved: Callable[[float], None]
) -> Iterator[Outcome]:
    seen = 0.0
    while pending:
        done, pending = wait(pending, POLL, FIRST_COMPLETED)
        total = read.value
        moved(total - seen)
        seen = total
        for future in done:
            yield future.result()


def _stop(executor: ProcessPoolExecutor) -> None:
    """Останови рабочих сейчас: недоделанная запись всё равно делается заново целиком."""
    children = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for child in children:
        child.terminate()
    for child in children:
        child.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Ограничь библиотеки одним потоком: процессов уже столько, сколько ядер."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start(read: Any) -> None:
    global _read
    _read = read
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for_any([parent.sentinel])
    os._exit(1)


def _process(job: Job) -> Outcome:
    return process(job, _moved)


def _moved(seconds: float) -> None:
    with _read.get_lock():
        _read.value += seconds
