"""The sandbox from outside: what it lets through, who can use it, and what it says if it can't."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from autograder.build import ROOT
from autograder.isolation import calls, memory, packages, sandbox, selftest
from autograder.isolation.session import Limits, Session, start_process
from autograder.observe import LearnerError

QUICK = Limits(call_cpu=0.5, cell_cpu=1.0)


def test_nothing_is_open_from_within(monkeypatch):
    """Every row of the self-test: files, processes, network, rights, resources."""
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    seen = selftest.run()
    assert len(seen) == len(selftest.ATTEMPTS) > 30
    assert [row for row in seen if row[1]] == []


def test_the_selftest_would_see_an_open_sandbox(monkeypatch):
    """Without a sandbox most attempts succeed: the rows test something."""
    monkeypatch.setenv(sandbox.UNSANDBOXED, "1")
    harmless = ("the course's folder", "programs", "a network socket", "a local socket", "/proc")
    chosen = [a for a in selftest.ATTEMPTS if a.name in harmless]
    assert len(chosen) == len(harmless)
    monkeypatch.setattr(selftest, "ATTEMPTS", chosen)
    monkeypatch.setattr(selftest, "LEAVE", "pass")
    monkeypatch.setattr(selftest, "SETUP", selftest.SETUP.replace("list(everything())", "[]"))
    assert all(found for _, found in selftest.run())


AS_ORDINARY_USER = """
import os, sys
os.chdir("/")
os.setgroups([]); os.setgid(12345); os.setuid(12345)
os.environ.update(HOME="/tmp", PYTHONDONTWRITEBYTECODE="1")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def readable_for_all():
    """bubblewrap's arguments for a view in which root's folders on Python's path can be read."""
    needed = [Path(sys.base_prefix), Path(sys.prefix).resolve(), ROOT, Path(sys.prefix)]
    tops = {Path("/", *path.parts[1:2]) for path in needed} - {Path("/usr"), Path("/opt")}
    yield from ("--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--cap-add", "ALL")
    for top in sorted(tops):
        yield from ("--perms", "0755", "--tmpfs", str(top))
    for path in needed:
        for above in reversed(path.parents):
            if any(above.is_relative_to(top) for top in tops):
                yield from ("--perms", "0755", "--dir", str(above))
    for path in dict.fromkeys(p.resolve() for p in needed):
        yield from ("--bind", str(path), str(path))


@pytest.mark.skipif(os.getuid() != 0, reason="the tests run as an ordinary user already")
def test_it_works_for_an_ordinary_user_too():
    bwrap = shutil.which("bwrap")
    command = [bwrap, *readable_for_all(), sys.executable, "-c", AS_ORDINARY_USER]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "-m", "autograder.isolation.selftest"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("shut") == len(selftest.ATTEMPTS)


# ----- where there is none -----


@pytest.fixture
def no_nursery():
    """The reasons are found out anew, and afterwards once more."""
    sandbox.close_nursery()
    sandbox._needs.cache_clear()
    yield
    sandbox.close_nursery()
    sandbox._needs.cache_clear()


@pytest.mark.usefixtures("no_nursery")
def test_without_bubblewrap_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = sandbox.unavailable()
    assert "bwrap" in reason and "apt-get install bubblewrap" in reason
    with pytest.raises(ValueError, match="--unsandboxed"):
        sandbox.require()


@pytest.mark.usefixtures("no_nursery")
def test_where_namespaces_are_refused_it_says_so(monkeypatch, tmp_path):
    """The words are bubblewrap's own."""
    said = "bwrap: setting up uid map: Permission denied"
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert f"no sandbox: {said}" in sandbox.unavailable()
    assert "apparmor_restrict_unprivileged_userns" in sandbox.unavailable()


@pytest.mark.usefixtures("no_nursery")
def test_without_libseccomp_it_says_so(monkeypatch):
    calls.filter_program.cache_clear()
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    assert "libseccomp can't be used" in sandbox.unavailable()


def test_no_learners_code_runs_without_a_sandbox_unless_told(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "unavailable", lambda: "no sandbox: reason")
    with pytest.raises(ValueError, match="no sandbox: reason"):
        sandbox.require()
    monkeypatch.setenv(sandbox.UNSANDBOXED, "")
    sandbox.allow_unsandboxed()
    assert sandbox.unsandboxed()
    sandbox.require()


def test_grade_refuses_before_anything_is_written(monkeypatch, tmp_path, capsys):
    from autograder.__main__ import main

    notebook = tmp_path / "class" / "ada" / "ch05" / "ch05_dy.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    monkeypatch.setattr(sandbox, "unavailable", lambda: "no sandbox: reason")
    out = tmp_path / "out"
    assert main(["grade", "--submitted", str(tmp_path / "class"), "--out", str(out)]) == 2
    assert "no sandbox: reason" in capsys.readouterr().err and not out.exists()


# ----- life and death -----


def everyone():
    """The processes below this one."""
    return {p.pid for p in psutil.Process().children(recursive=True)}


def wait_until(holds, seconds=20):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    assert holds()


def test_nothing_of_a_submission_is_left():
    with Session(QUICK) as session:
        session.run(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"
        )
        pid = session.process.pid
        assert psutil.pid_exists(pid)
    wait_until(lambda: not psutil.pid_exists(pid))


def test_a_warm_process_that_died_is_replaced():
    start_process(QUICK).end()
    dead = sandbox.nursery().bubblewrap
    for pid in everyone() - {dead.pid}:
        with suppress(psutil.NoSuchProcess):  # its keeper is just ending
            psutil.Process(pid).kill()
    with Session(QUICK) as session:
        assert session.run("print(1)")["text"] == "1\n"
    assert sandbox.nursery().bubblewrap is not dead


ENDLESS = """
import sys
from autograder.isolation.session import Limits, Session
with Session(Limits()) as session:
    session._start()
    print(session.process.pid, session.process.watched, flush=True)
    session.run("import signal\\nfor n in range(1, 32):\\n    try: signal.signal(n, signal.SIG_IGN)\\n"
                "    except (OSError, ValueError): pass\\nwhile True: pass")
"""


def test_a_killed_grader_leaves_no_process_behind():
    """SIGKILL for the grader, an endless loop that heeds no signal in the learner's process."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as grader:
        learner = int(grader.stdout.readline().split()[0])
        below = psutil.Process(grader.pid).children(recursive=True)
        assert learner in {p.pid for p in below}
        os.kill(grader.pid, signal.SIGKILL)
        grader.wait()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert not alive


def test_submissions_share_no_file_and_no_random_numbers_with_each_other():
    def told(source):
        with Session(QUICK) as session:
            return session.run(f"import os, random\nimport numpy as np\n{source}")["text"]

    told("open('mine', 'w').write('x')\nos.mkdir('/tmp/folder')")
    assert told("print(os.listdir('.'), os.listdir('/tmp'))") == "[] []\n"
    assert told("print(random.random(), np.random.rand())") == told(
        "random.random\nprint(random.random(), np.random.rand())"
    )


def test_two_sessions_side_by_side_do_not_see_each_other():
    with Session(QUICK) as one, Session(QUICK) as other:
        one.run("import os\nopen('here', 'w').write('1')\ndef f():\n    return os.listdir('.')")
        other.run("import os\ndef f():\n    return os.listdir('.') + [os.getpid()]")
        assert other.function("f")() == [1] and one.function("f")() == ["here"]


def test_the_cpu_time_of_a_submission_is_bounded_over_all_its_processes():
    limits = Limits(call_cpu=0.4, cell_cpu=0.4, whole_cpu=1.2, restarts=50)
    with Session(limits) as session:
        session.run("def f():\n    while True: pass")
        for _ in range(20):
            with pytest.raises(LearnerError) as caught:
                session.function("f")()
            assert caught.value.kind == "timeout"
        assert session.used < 2.5
        assert "used up" in caught.value.message


# ----- its parts -----


def test_every_system_call_on_the_list_is_known():
    """A typing error would silently forbid, or allow, nothing."""
    import pyseccomp

    lists = (calls.FILES, calls.WAITING, calls.MEMORY, calls.ITSELF, calls.SIGNALS, calls.CLOCKS)
    names = " ".join((*lists, calls.REFUSED, *calls.HARMLESS, *calls.FLAGS)).split()
    assert len(names) == len(set(names))
    for machine in (pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64):
        unknown = [n for n in names if pyseccomp.resolve_syscall(machine, n) == -1]
        assert unknown == []


def test_learners_see_the_packages_that_notebooks_need_and_no_more():
    names = set(packages.places())
    assert {"numpy", "IPython", "matplotlib", "matplotlib_inline", "traitlets"} <= names
    assert not names & {"autograder", "solutions", "nbgrader", "sqlalchemy", "hypothesis"}
    with Session(Limits()) as session:
        told = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
        assert len(told["png"]) == 1, told


@pytest.fixture
def cgroups(tmp_path, monkeypatch):
    """A folder that looks like a cgroup whose memory is ours to share out."""
    own = tmp_path / "mine"
    own.mkdir()
    (own / "cgroup.subtree_control").write_text("cpu memory\n")
    (tmp_path / "mountinfo").write_text(f"30 23 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw\n")
    (tmp_path / "cgroup").write_text("0::/mine\n")
    monkeypatch.setattr(memory, "MOUNTS", tmp_path / "mountinfo")
    monkeypatch.setattr(memory, "MINE", tmp_path / "cgroup")
    memory.writable_parent.cache_clear()
    yield own
    memory.writable_parent.cache_clear()


def test_memory_is_bounded_by_a_cgroup_where_that_is_ours(cgroups):
    group = memory.MemoryGroup.around(1234, 7)
    assert (group.folder / "memory.max").read_text() == str(7 << 20)
    assert (group.folder / "cgroup.procs").read_text() == "1234"


def test_without_such_a_cgroup_there_is_none(cgroups):
    (cgroups / "cgroup.subtree_control").write_text("cpu\n")
    memory.writable_parent.cache_clear()
    assert memory.MemoryGroup.around(1234, 7) is None
