"""The pool: results as they come, and a job that ends its process costs that job only."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.engine import THREADS, run

HERE = Path(__file__).parent


def square(n):
    return n * n


def whimsical(n):
    if n == "raise":
        raise ArithmeticError("no")
    if n == "end":
        os._exit(3)
    if n == "sleep":
        time.sleep(60)
    return n


def who(_):
    time.sleep(0.05)
    return os.getpid(), os.getpgid(0), [os.environ[name] for name in THREADS]


def once(folder):
    """Ends its process at the first call, not at the second."""
    seen = Path(folder) / "seen"
    if not seen.exists():
        seen.touch()
        os._exit(1)
    return "at last"


def slow(seconds):
    time.sleep(seconds)


def test_every_job_is_answered():
    assert sorted(run(square, range(20), workers=2)) == [(n, n * n) for n in range(20)]
    assert list(run(square, [], workers=2)) == []


def test_what_breaks_costs_that_job_only():
    jobs = ["a", "end", "b", "raise", "c", "sleep", "d"]
    found = dict(run(whimsical, jobs, workers=2, longest=3))
    assert [found[k] for k in "abcd"] == ["a", "b", "c", "d"]
    assert isinstance(found["raise"], ArithmeticError)
    assert isinstance(found["sleep"], TimeoutError)
    assert str(found["end"]) == "its process ended, twice (status 3)"


def test_a_process_that_was_lost_gets_a_second_try(tmp_path):
    assert list(run(once, [str(tmp_path)], workers=1)) == [(str(tmp_path), "at last")]


def test_processes_live_on_and_compute_with_one_thread_each():
    found = [answer for _, answer in run(who, range(12), workers=2)]
    assert len({pid for pid, _, _ in found}) <= 2
    assert all(threads == ["1"] * len(THREADS) for *_, threads in found)
    assert os.getpgid(0) not in {group for _, group, _ in found}, "a Ctrl-C is not for them"


def test_jobs_are_drawn_as_they_are_needed():
    drawn = []

    def jobs():
        for n in range(50):
            drawn.append(n)
            yield n

    results = run(square, jobs(), workers=1)
    next(results)
    assert len(drawn) <= 4
    results.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_one_that_started_it(how):
    program = (
        f"import sys; sys.path[:0] = {[str(HERE), *sys.path]!r}\n"
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import test_engine\nfrom autograder.engine import run\n"
        "if __name__ == '__main__':\n"
        "    for _ in run(test_engine.slow, [0, 60, 60], workers=2): print('on', flush=True)\n"
    )
    script = [sys.executable, "-c", program]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        parent.stdout.readline()
        workers = psutil.Process(parent.pid).children(recursive=True)
        parent.send_signal(how)
        _, alive = psutil.wait_procs(workers, timeout=40)
    assert workers and not alive
