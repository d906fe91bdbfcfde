"""A learner's process without a sandbox: it has the rights of whoever grades.

Only for notebooks that the grader trusts, or where the whole machine is thrown away afterwards.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from autograder import gradcheck
from autograder.isolation import wire

LEARNER = Path(__file__).with_name("learner.py")


class PlainProcess:
    """One submission's process, started anew, in a folder of its own that goes with it."""

    def __init__(self, rlimits: dict[str, int]) -> None:
        self.folder = tempfile.mkdtemp(prefix="submission-")
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", str(LEARNER), str(theirs.fileno())]
            self.process = subprocess.Popen(
                [*command, str(gradcheck.__file__), json.dumps(rlimits)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env={**_kept(), **environment(self.folder)},
                start_new_session=True,
            )
        self.channel = wire.Channel(ours)
        self.watched = psutil.Process(self.process.pid)
        wall = time.monotonic() + 60
        try:
            self.channel.receive(lambda: time.monotonic() > wall)
        except (wire.Closed, wire.Expired) as error:
            self.end()
            raise RuntimeError("the process for a submission did not start") from error

    def cpu_clock(self) -> float:
        """The CPU seconds that it has used, as the system counts them."""
        try:
            times = self.watched.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def end(self) -> str:
        """Kill it with all its children; how it had ended by itself, as text."""
        code = self.process.poll()
        for pid in [self.process.pid, *self._descendants()]:
            try:
                os.killpg(pid, signal.SIGKILL) if pid == self.process.pid else os.kill(pid, 9)
            except (ProcessLookupError, PermissionError):
                pass
        self.process.wait()
        self.channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return "" if code is None else f" (exit status {code})"

    def _descendants(self) -> list[int]:
        try:
            return [p.pid for p in self.watched.children(recursive=True)]
        except psutil.Error:
            return []


def _kept() -> dict[str, str]:
    return {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}


def environment(folder: str) -> dict[str, str]:
    """Only what Python needs; every home and cache is the submission's own folder."""
    homes = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        **dict.fromkeys(homes, folder),
        **dict.fromkeys(threads, "1"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "USER": "learner",
    }
