"""The judge's side of a learner's process: starts it, runs cells in it, calls functions, ends it.

A call that takes too long or ends the process costs that call only: the next one gets a new
process, in which the cells so far are run again.
"""

import base64
import re
import struct
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from types import TracebackType
from typing import Any, Protocol

import numpy as np

from autograder.digits import load_digits
from autograder.given import rows
from autograder.isolation import sandbox, wire
from autograder.isolation.plain import PlainProcess
from autograder.observe import LearnerError, arrays_in

ERROR = {"class", "message", "line"}
MOST_PICTURES, MOST_PIXELS = 10, 20_000_000
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class Process(Protocol):
    """A learner's process, with or without a sandbox."""

    channel: wire.Channel

    def cpu_clock(self) -> float: ...

    def end(self) -> str: ...


@dataclass(frozen=True)
class Limits:
    """How much a submission may use. Times in seconds, sizes in MiB."""

    call_cpu: float = 5.0
    cell_cpu: float = 60.0
    wall_factor: float = 6.0  # on a busy machine a call may take this many times its CPU time,
    idle: float = 20.0  # and so long (or the same times its CPU limit, if that is less) for nothing
    whole_cpu: float = 300.0
    whole_wall: float = 600.0
    memory: int = 2048
    file: int = 64
    threads: int = 64
    restarts: int = 12  # between two tasks: so none uses up another's

    def as_rlimits(self) -> dict[str, int]:
        """What the system counts for each process by itself."""
        return {
            "RLIMIT_AS": self.memory << 20,
            "RLIMIT_FSIZE": self.file << 20,
            "RLIMIT_CPU": int(self.whole_cpu) + 1,
        }


_spent: list[float] = []


def learner_cpu() -> float:
    """The CPU seconds of all learners' processes that this process has started and ended."""
    _spent[:] = [sum(_spent)]
    return _spent[0]


def start_process(limits: Limits) -> Process:
    """A new process for one submission: in the sandbox, unless someone has said otherwise."""
    if sandbox.unsandboxed():
        return PlainProcess(limits.as_rlimits())
    own = {"RLIMIT_NPROC": limits.threads, "RLIMIT_NOFILE": 128, "RLIMIT_MEMLOCK": 0}
    rlimits = {**limits.as_rlimits(), **own, "RLIMIT_MSGQUEUE": 0}
    return sandbox.new_process(rlimits, limits.file, limits.memory + limits.file)


class Session:
    """One submission's process, or one after the other. Use it as a context manager."""

    def __init__(self, limits: Limits | None = None, chapter: str = "") -> None:
        """`chapter` is the notebook's: its cells may import the layers of earlier ones."""
        self.limits = limits or Limits()
        self.chapter = chapter
        self.until = time.monotonic() + self.limits.whole_wall
        self.played: list[str] = []
        self.unrun: dict[str, str] = {}  # why the cell that should define a function did not
        self.started = 0
        self.used = 0.0  # CPU seconds of the processes that have ended, without their start
        self.start_cpu = 0.0  # what the process took to come to where the one before it was
        self.process: Process | None = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

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
        """The learner's function of that name, as the judge may call it: another task begins."""
        self.started = 0
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
            raise _error(answer["error"])
        if "refused" in answer:
            return Unreadable(_shown(answer.get("kind"), 80))
        try:
            _write_back(args, answer.get("changed"), back)
            return wire.decode(answer["value"], back)
        except (wire.WireError, KeyError, TypeError, ValueError) as error:
            self._end()
            raise LearnerError("crashed", "Unreadable", f"{name}: {error}") from None

    def cpu_clock(self) -> float:
        """The CPU seconds that the learner's process has used, as the system counts them.

        A process is started if there is none: what that takes is no part of a call's time.
        """
        try:
            self._start()
        except LearnerError:  # there will be none: the call will say so
            return 0.0
        assert self.process is not None
        return self.process.cpu_clock()

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
        assert self.process is not None
        channel, clock = self.process.channel, self.process.cpu_clock
        factor, began, before = self.limits.wall_factor, time.monotonic(), clock()
        idle = min(self.limits.idle, cpu * factor)
        most = min(before + cpu, self.limits.whole_cpu - self.used + self.start_cpu)

        def expired() -> bool:
            now, used = time.monotonic(), clock()
            return now > min(began + idle + factor * (used - before), self.until) or used > most

        try:
            channel.send(header, buffers, expired)
            answer, back = channel.receive(expired)
            while "callback" in answer:
                if expired():
                    raise wire.Expired
                channel.send(*_called_back(functions, answer, back), expired)
                answer, back = channel.receive(expired)
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
        spent = time.monotonic() > self.until or self.used > self.limits.whole_cpu
        if spent or self.started > self.limits.restarts:
            raise LearnerError("timeout", "Timeout", "the time for this submission is used up")
        self.started += 1
        self.process, self.start_cpu = start_process(self.limits), 0.0
        if self.chapter:
            self._ask(*_for_chapter(self.chapter), self.limits.cell_cpu, "the given layers")
        for source in self.played:
            self._ask({"run": source}, [], self.limits.cell_cpu, "this cell")
        self.start_cpu = self.process.cpu_clock()

    def _end(self) -> str:
        """Kill the process with all its children; how it had ended by itself, as text."""
        if self.process is None:
            return ""
        used = self.process.cpu_clock()
        self.used += used - self.start_cpu
        _spent.append(used)
        ended = self.process.end()
        self.process = None
        return ended


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
        self.__class__ = type(re.sub(r"\W", "", kind) or "object", (Unreadable,), {})


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
    pairs = changed or []
    if len(pairs) > len(arrays):  # each argument changes once
        raise wire.WireError("malformed list of changed arguments")
    decoded = wire.decode([coded for _, coded in pairs], buffers)  # together: a buffer counts once
    for (k, _), now in zip(pairs, decoded, strict=True):
        if type(k) is not int or not 0 <= k < len(arrays) or not isinstance(now, np.ndarray):
            raise wire.WireError("malformed list of changed arguments")
        if now.shape == arrays[k].shape and arrays[k].flags.writeable:
            arrays[k][...] = now


def _shown(text: Any, most: int = 30_000) -> str:
    """A text of a learner's, to be shown: not too long, no control characters but line ends."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", str(text)[:most])


def _error(told: Any) -> LearnerError:
    told = told if isinstance(told, dict) else {}
    return LearnerError.from_dict({k: _shown(told.get(k, ""), 1000) for k in told.keys() & ERROR})


def _clean(answer: dict[str, Any]) -> dict[str, Any]:
    """A cell's answer with nothing in it but what it may hold."""
    png = answer.get("png")
    drawn = [_picture(p) for p in png[:MOST_PICTURES]] if isinstance(png, list) else []
    cleaned: dict[str, Any] = {
        "text": _shown(answer.get("text", "")),
        "png": [picture for picture in drawn if picture],
    }
    if "error" in answer:
        cleaned["error"] = _error(answer["error"]).as_dict()
    return cleaned


def _picture(coded: Any) -> str:
    """A PNG in base64, if it is just that: a page will have it between two quotes. Else ""."""
    try:
        content = base64.b64decode(coded, validate=True)
        start, width, height = struct.unpack(">16sII", content[:24])
    except (TypeError, ValueError, struct.error):
        return ""
    right = start == PNG_START and 0 < width * height <= MOST_PIXELS
    return base64.b64encode(content).decode() if right else ""


def limits_as_dict(limits: Limits) -> dict[str, float]:
    """For the hash of a result: other limits may give another verdict, and no sandbox too."""
    return {**asdict(limits), "unsandboxed": float(sandbox.unsandboxed())}
