"""The judge's side of a learner's process: starts it, runs cells in it, calls functions, ends it.

A call that takes too long or ends the process costs that call only: the next one gets a new
process, in which the cells so far are run again.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import psutil

from autograder import gradcheck
from autograder.digits import load_digits
from autograder.given import rows
from autograder.isolation import wire
from autograder.observe import LearnerError, arrays_in

LEARNER = Path(__file__).with_name("learner.py")


@dataclass(frozen=True)
class Limits:
    """How much a submission may use. Times in seconds, sizes in MiB."""

    call_cpu: float = 5.0
    cell_cpu: float = 60.0
    wall_factor: float = 6.0  # a sleeping call is stopped after this many times its CPU limit
    whole_wall: float = 600.0
    memory: int = 2048
    file: int = 64
    restarts: int = 12


class Session:
    """One submission's process, or one after the other. Use it as a context manager."""

    def __init__(self, limits: Limits | None = None, chapter: str = "") -> None:
        """`chapter` is the notebook's: its cells may import the layers of earlier ones."""
        self.limits = limits or Limits()
        self.chapter = chapter
        self.folder = tempfile.mkdtemp(prefix="submission-")
        self.until = time.monotonic() + self.limits.whole_wall
        self.played: list[str] = []
        self.unrun: dict[str, str] = {}  # why the cell that should define a function did not
        self.started = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: wire.Channel | None = None
        self.watched: psutil.Process | None = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ----- what the grader asks for -----

    def run(self, source: str, defines: str = "") -> dict[str, Any]:
        """Run a cell: {"text", "png", "error"}. A cell that had to be stopped is not run again.

        `defines` names the function that the cell should define: its error is told with that.
        """
        try:
            answer, _ = self._ask({"run": source}, [], self.limits.cell_cpu, "this cell")
        except LearnerError as error:
            answer = {"error": error.as_dict()}
        else:
            self.played.append(source)
        told = _clean(answer)
        if "error" in told:
            error_told = told["error"]
            self.unrun[defines] = (
                f": its cell raised {error_told['class']}: {error_told['message']}"
            )
        return told

    def function(self, name: str) -> "Proxy":
        """The learner's function of that name, as the judge may call it."""
        return Proxy(self, name)

    def call(self, name: str, args: tuple[Any, ...]) -> Any:
        """Call the learner's function. Raises LearnerError."""
        buffers: list[bytes] = []
        functions: list[Any] = []
        header = {"call": name, "args": wire.encode(list(args), buffers, functions=functions)}
        answer, back = self._ask(header, buffers, self.limits.call_cpu, f"{name}(...)", functions)
        if answer.get("missing"):
            reason = self.unrun.get(name, "")
            raise LearnerError("missing", "NameError", f"there is no function {name}{reason}")
        if "error" in answer:
            raise LearnerError.from_dict(answer["error"])
        if "refused" in answer:
            return Unreadable(str(answer.get("kind"))[:80])
        try:
            _write_back(args, answer.get("changed"), back)
            return wire.decode(answer["value"], back)
        except (wire.WireError, KeyError, TypeError, ValueError) as error:
            self._end()
            raise LearnerError("crashed", "Unreadable", f"{name}: {error}") from None

    def cpu_clock(self) -> float:
        """The CPU seconds that the learner's process has used, as the system counts them."""
        if self.watched is None:
            return 0.0
        try:
            times = self.watched.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    # ----- the process -----

    def _ask(
        self,
        header: dict[str, Any],
        buffers: list[bytes],
        cpu: float,
        what: str,
        functions: Sequence[Any] = (),
    ) -> tuple[dict[str, Any], list[bytes]]:
        self._start()
        assert self.channel is not None
        used, wall = self.cpu_clock(), time.monotonic() + cpu * self.limits.wall_factor

        def expired() -> bool:
            now = time.monotonic()
            return now > min(wall, self.until) or self.cpu_clock() - used > cpu

        try:
            self.channel.send(header, buffers)
            answer, back = self.channel.receive(expired)
            while "callback" in answer:
                self.channel.send(*_called_back(functions, answer, back))
                answer, back = self.channel.receive(expired)
            return answer, back
        except wire.Expired:
            self._end()
            raise LearnerError("timeout", "Timeout", f"{what} was stopped: too slow") from None
        except wire.Closed:
            ended = self._end()
            raise LearnerError("crashed", "Ended", f"{what} ended the process{ended}") from None
        except wire.WireError as error:
            self._end()
            raise LearnerError("crashed", "Unreadable", f"{what}: {error}") from None

    def _start(self) -> None:
        if self.process is not None:
            return
        if self.started > self.limits.restarts or time.monotonic() > self.until:
            raise LearnerError("timeout", "Timeout", "the time for this submission is used up")
        self.started += 1
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", str(LEARNER), str(theirs.fileno())]
            self.process = subprocess.Popen(
                [*command, str(gradcheck.__file__), json.dumps(self._rlimits())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=_environment(self.folder),
                start_new_session=True,
            )
        self.channel = wire.Channel(ours)
        self.watched = psutil.Process(self.process.pid)
        wall = time.monotonic() + 60
        try:
            self.channel.receive(lambda: time.monotonic() > wall)
        except (wire.Closed, wire.Expired) as error:
            self._end()
            raise RuntimeError("the process for a submission did not start") from error
        if self.chapter:
            self._ask(*_for_chapter(self.chapter), self.limits.cell_cpu, "the given layers")
        for source in self.played:
            self._ask({"run": source}, [], self.limits.cell_cpu, "this cell")

    def _rlimits(self) -> dict[str, int]:
        return {
            "RLIMIT_AS": self.limits.memory << 20,
            "RLIMIT_FSIZE": self.limits.file << 20,
            "RLIMIT_CPU": int(self.limits.whole_wall),
        }

    def _end(self) -> str:
        """Kill the process with all its children; how it had ended by itself, as text."""
        if self.process is None:
            return ""
        code = self.process.poll()
        for pid in [self.process.pid, *_descendants(self.watched)]:
            try:
                os.killpg(pid, signal.SIGKILL) if pid == self.process.pid else os.kill(pid, 9)
            except (ProcessLookupError, PermissionError):
                pass
        self.process.wait()
        if self.channel is not None:
            self.channel.close()
        self.process, self.channel, self.watched = None, None, None
        return "" if code is None else f" (exit status {code})"


@cache
def _for_chapter(chapter: str) -> tuple[dict[str, Any], list[bytes]]:
    """The message with what a notebook of this chapter may import: no answer of its own."""
    buffers: list[bytes] = []
    digits = wire.encode(load_digits(), buffers)
    return {"chapter": chapter, "given": rows(chapter), "digits": digits}, buffers


class Proxy:
    """The learner's function as the judge sees it."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name

    def __call__(self, *args: Any) -> Any:
        return self.session.call(self.name, args)

    def cpu_clock(self) -> float:
        """The judge's clock: CPU time of the process in which the function runs."""
        return self.session.cpu_clock()


class Unreadable:
    """Stands for a value that is no plain data; the judge sees a value of the wrong type."""

    def __init__(self, kind: str) -> None:
        self.__class__ = type(kind or "object", (Unreadable,), {})


def _called_back(
    functions: Sequence[Any], asked: dict[str, Any], buffers: list[bytes]
) -> tuple[dict[str, Any], list[bytes]]:
    """Call the judge's own function for the learner's side; what to answer."""
    number = asked.get("callback")
    if type(number) is not int or not 0 <= number < len(functions):
        raise wire.WireError("a function is called that was not handed over")
    try:
        out: list[bytes] = []
        value = functions[number](*wire.decode(asked.get("args"), buffers))
        return {"value": wire.encode(value, out)}, out
    except Exception as error:  # of the learner's making: wrong shapes, wrong types
        return {"error": f"{type(error).__name__}: {error}"[:300]}, []


def _write_back(args: tuple[Any, ...], changed: Any, buffers: list[bytes]) -> None:
    """What the function did to its arguments over there is done to them here."""
    arrays = arrays_in(args)
    for k, coded in changed or []:
        now = wire.decode(coded, buffers)
        if type(k) is not int or not 0 <= k < len(arrays) or not isinstance(now, np.ndarray):
            raise wire.WireError("malformed list of changed arguments")
        if now.shape == arrays[k].shape and arrays[k].flags.writeable:
            arrays[k][...] = now


def _descendants(process: psutil.Process | None) -> list[int]:
    try:
        return [] if process is None else [p.pid for p in process.children(recursive=True)]
    except psutil.Error:
        return []


def _environment(folder: str) -> dict[str, str]:
    """Only what Python needs; every home and cache is the submission's own folder."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "SYSTEMROOT") if k in os.environ}
    homes = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        **kept,
        **dict.fromkeys(homes, folder),
        **dict.fromkeys(threads, "1"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
    }


def _clean(answer: dict[str, Any]) -> dict[str, Any]:
    """A cell's answer with nothing in it but what it may hold."""
    png = answer.get("png")
    cleaned: dict[str, Any] = {
        "text": str(answer.get("text", ""))[:30_000],
        "png": [p for p in png if isinstance(p, str)][:10] if isinstance(png, list) else [],
    }
    if "error" in answer:
        cleaned["error"] = LearnerError.from_dict(answer["error"]).as_dict()
    return cleaned


def limits_as_dict(limits: Limits) -> dict[str, float]:
    """For the hash of a result: other limits may give another verdict."""
    return asdict(limits)
