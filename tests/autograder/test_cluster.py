"""Verdicts from a dask.distributed cluster are the same ones, and its losses cost nothing."""

import os
import signal
import sys
import threading
import time

import pytest

from autograder.cluster import verdict_json
from autograder.grading import grade
from autograder.tasks import all_tasks

STUDENTS = 7


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def submitted(hand_in, tmp_path):
    bugs = [m.id for m in all_tasks()["conv_dy_flip"].misconceptions if m.id != "state"]
    for number, bug in enumerate(bugs[: STUDENTS - 2]):
        hand_in(tmp_path / "submitted", f"wrong {number}", "wrong", conv_dy_flip=bug)
    hand_in(tmp_path / "submitted", "the same", "wrong", conv_dy_flip=bugs[0])
    hand_in(tmp_path / "submitted", "not json", "not-json")
    return tmp_path / "submitted"


def test_a_worker_killed_in_the_middle_costs_nothing(cluster, submitted, tmp_path):
    pids = _workers(cluster)
    out = tmp_path / "cluster"

    def kill_one_in_the_middle():
        while not list((out / "results").glob("*.json")):
            time.sleep(0.02)
        os.kill(pids[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one_in_the_middle, daemon=True)
    killer.start()
    settings = {"jobs": 1, "seed": 5, "progress": False}
    rows = grade(submitted, out, scheduler=cluster.scheduler_address, **settings)
    killer.join()
    assert pids[0] not in _workers(cluster), "it was killed"
    here = grade(submitted, tmp_path / "here", **settings)
    assert rows == here
    stored = {p: p.stat().st_mtime_ns for p in (out / "results").iterdir()}
    names = {p.name for p in (tmp_path / "here" / "results").iterdir()}
    assert {p.name for p in stored} == names
    grade(submitted, out, resume=True, scheduler=cluster.scheduler_address, **settings)
    assert {p: p.stat().st_mtime_ns for p in (out / "results").iterdir()} == stored


def _workers(cluster):
    import psutil
    from distributed import Client

    with Client(cluster.scheduler_address) as client:
        return [p for p in client.run(os.getpid).values() if psutil.pid_exists(p)]


def test_a_verdict_is_a_function_of_bytes(hand_in, released, tmp_path):
    import nbformat

    content = hand_in(tmp_path, "ada", "blank").read_bytes()
    release = nbformat.writes(released["ch05"]).encode()
    assert verdict_json(content, release, 3) == verdict_json(content, release, 3)


def test_errors_say_what_is_wrong(submitted, tmp_path, monkeypatch):
    arguments = {"submitted": submitted, "out": tmp_path / "out", "progress": False}
    monkeypatch.setattr("autograder.cluster.PATIENCE", 1)
    with pytest.raises(
        ValueError, match=r"`--scheduler` \(='tcp://127.0.0.1:1'\): there is no clu"
    ):
        grade(**arguments, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(ValueError, match=r"`--scheduler` \(='nonsense://x'\)"):
        grade(**arguments, scheduler="nonsense://x")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"needs dask\.distributed, which is not here"):
        grade(**arguments, scheduler="tcp://127.0.0.1:1")


def test_another_version_of_the_grader_is_refused(cluster, submitted, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.cluster.code_digest", lambda: "another")
    with pytest.raises(ValueError, match="another version of the autograder"):
        grade(submitted, tmp_path, progress=False, scheduler=cluster.scheduler_address)
