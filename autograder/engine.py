"""Runs one function on many jobs, side by side: a pool of processes that live on.

A job that ends its process costs that job only, after a second try: its result is the error. The
processes end with the one that started them, whatever ends it, and do not hear its Ctrl-C: a job
is never judged by what a dying process did.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from multiprocessing.util import Finalize
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool
from tqdm import tqdm

Job = TypeVar("Job")
Answer = TypeVar("Answer")

# One thread a process: the cores are shared out by processes.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def cores() -> int:
    """How many processes can really run side by side."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    function: Callable[[Job], Answer],
    jobs: Iterable[Job],
    workers: int | None = None,
    longest: float | None = None,
    at_end: Callable[[], None] | None = None,
) -> Iterator[tuple[Job, Answer | Exception]]:
    """(job, what the function gave or raised), as they come.

    Jobs are drawn as they are needed, two a worker. `longest` is the time in seconds after which a
    job's process is ended: a net under limits of the function's own. `at_end` is called in each
    process when it is no longer needed.
    """
    workers = workers or cores()
    pool = ProcessPool(
        workers, initializer=_prepare, initargs=(at_end,), context=get_context("spawn")
    )
    waiting: dict[Future[Answer], tuple[Job, int]] = {}
    todo = iter(jobs)

    def start(job: Job, tries: int) -> None:
        waiting[pool.schedule(function, args=(job,), timeout=longest)] = job, tries

    with _one_thread():
        try:
            for job in _first(todo, 2 * workers):
                start(job, 1)
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    job, tries = waiting.pop(future)
                    error = future.exception()
                    if isinstance(error, ProcessExpired) and tries == 1:
                        start(job, 2)
                        continue
                    for another in _first(todo, 1):
                        start(another, 1)
                    if isinstance(error, ProcessExpired):
                        error = RuntimeError(f"its process ended, twice (status {error.exitcode})")
                    if error is None:
                        yield job, future.result()
                    elif isinstance(error, Exception):
                        yield job, error
                    else:
                        raise error
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _first(jobs: Iterator[Job], count: int) -> Iterator[Job]:
    for _, job in zip(range(count), jobs, strict=False):
        yield job


@contextmanager
def _one_thread() -> Iterator[None]:
    """The processes started in here compute with one thread each."""
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


def skip_slow_imports() -> None:
    """jsonschema, which reads notebooks' format, compiles a grammar of addresses: for a second, in
    every process, and no notebook has such a field. It does without where there is none."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _prepare(at_end: Callable[[], None] | None) -> None:
    """In each process of the pool, before its first job."""
    if at_end is not None:
        Finalize(None, at_end, exitpriority=10)
    skip_slow_imports()
    os.setsid()  # a Ctrl-C in the terminal goes to the group of the one that started us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def shown(what: Iterable[Any], total: int, progress: bool) -> Iterator[Any]:
    """Progress with rate and time left, on a terminal; in a log, a line every half minute."""
    quiet = not sys.stderr.isatty()
    bar = tqdm(
        what,
        total=total,
        desc="grading",
        unit=" submissions",
        disable=not progress,
        mininterval=30 if quiet else 0.1,
        smoothing=0.05,
    )
    yield from bar
