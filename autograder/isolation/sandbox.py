"""The sandbox: learners' processes in namespaces of their own, forked from a warm one.

bubblewrap starts one warm process (nursery.py) for each process that grades. What it sees is put
together here: Python, the packages that notebooks may import, and the few files of the learner's
side, all read-only; no other process, no network, nothing of the course, no home. Each submission
is a fork of it with namespaces, a folder and limits of its own (confine.py, calls.py).

It works for root, who becomes a user without any rights first, and for ordinary users. Where the
system refuses, `unavailable` says why and what to do; nothing is graded then, unless
`allow_unsandboxed` was called, that is, someone wrote `--unsandboxed`.
"""

import array
import atexit
import base64
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

from autograder import gradcheck
from autograder.isolation import calls, packages, wire
from autograder.isolation.memory import MemoryGroup
from autograder.isolation.plain import environment

HERE = Path(__file__).parent
LEARNERS_FILES = ("nursery.py", "learner.py", "confine.py", "layers.py", "wire.py")
INSIDE = "/course"  # where the learner's side lies within the sandbox
BOX = "/box"
DEVICES = ("null", "zero", "full", "random", "urandom")
NOBODY = 65533  # who root becomes: a number that no system gives to anybody
PATIENCE = 60.0  # seconds for the warm process to start, on a busy machine
UNSANDBOXED = "AUTOGRADER_UNSANDBOXED"

WHAT_TO_DO = """\
Learners' code is run only in a sandbox. What helps:
  - Debian, Ubuntu: apt-get install bubblewrap libseccomp2
  - where unprivileged users may not make namespaces (sysctl kernel.unprivileged_userns_clone=0,
    Ubuntu's kernel.apparmor_restrict_unprivileged_userns=1): allow it, or grade as root
  - in Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined
    --security-opt systempaths=unconfined --cap-add SYS_ADMIN
  - not on Linux: grade in a virtual machine with Linux
  - --unsandboxed runs learners' code with your own rights: it can read and change whatever you can,
    the grades too. Only for submissions that you trust, or on a machine to throw away."""


class Refused(RuntimeError):
    """The system does not let a sandbox be made; the message says why, and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no sandbox: {reason}\n{WHAT_TO_DO}")


def allow_unsandboxed() -> None:
    """From here on, in this process and those it starts, learners' code runs without a sandbox."""
    os.environ[UNSANDBOXED] = "1"


def unsandboxed() -> bool:
    """Whether learners' code runs without a sandbox, because someone has said so."""
    return os.environ.get(UNSANDBOXED) == "1"


def unavailable() -> str:
    """Why there can be no sandbox here, and what to do; empty if there is one."""
    try:
        process = nursery().process({}, box=1)
    except Refused as error:
        return str(error)
    process.end()
    return ""


def require() -> None:
    """Raises ValueError with the reason where learners' code may not be run."""
    reason = "" if unsandboxed() else unavailable()
    if reason:
        raise ValueError(reason)


# ----- one submission's process -----


class SandboxedProcess:
    """A learner's process: talk to it over `channel`, then `end` it."""

    def __init__(self, talk: socket.socket, life: socket.socket, memory_mib: int) -> None:
        """Raises Refused if the process could not lock itself in, EOFError if nobody answers."""
        self.life = life
        self.channel = wire.Channel(talk)
        try:
            self.pid = _born(life)
            self.watched = os.pidfd_open(self.pid)
        except OSError as error:
            self.channel.close()
            life.close()
            raise EOFError(str(error)) from None
        except (Refused, EOFError):
            self.channel.close()
            life.close()
            raise
        self.group = MemoryGroup.around(self.pid, memory_mib)

    def cpu_clock(self) -> float:
        """The CPU seconds that it has used; the number is the kernel's for that clock."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return 0.0

    def end(self) -> str:
        """Kill it, and with it all that its namespace of processes holds; how it had ended."""
        by_itself = bool(select.select([self.watched], [], [], 0)[0])
        try:
            signal.pidfd_send_signal(self.watched, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.life.settimeout(10)
        try:
            told = self.life.recv(100)
        except OSError:
            told = b""
        for open_end in (self.life, self.channel):
            open_end.close()
        os.close(self.watched)
        if self.group is not None:
            self.group.remove()
        if not by_itself or not told.startswith(b"["):
            return ""
        exited, status = json.loads(told)
        return f" (exit status {status if exited else -status})"


def _born(life: socket.socket) -> int:
    """The process's number as this side counts, which the kernel adds to what it says."""
    life.settimeout(PATIENCE)
    message, extra, _, _ = life.recvmsg(1000, socket.CMSG_SPACE(struct.calcsize("3i")))
    if message.startswith(b"refused: "):
        raise Refused(message.decode("utf-8", "replace").removeprefix("refused: "))
    for level, kind, data in extra:
        if message == b"born" and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            return int(struct.unpack("3i", data)[0])
    raise EOFError("the process for a submission did not start")


# ----- the warm process -----


class Nursery:
    """A warm process inside bubblewrap that forks one process for each submission."""

    def __init__(self) -> None:
        """Raises Refused, with what bubblewrap said, if the sandbox can't be made."""
        program, bwrap = _needs()
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as said, _learners_files() as files:
            command = [bwrap, *_view(files), *_python(theirs.fileno())]
            self.bubblewrap = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno(), *files.values()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                cwd="/",
            )
            theirs.close()
            self._wait(program, said)

    def _wait(self, program: bytes, said: IO[bytes]) -> None:
        setup = {"filter": base64.b64encode(program).decode()}
        self.control.settimeout(PATIENCE)
        try:
            self.control.send(json.dumps(setup).encode())
            answer = self.control.recv(100)
        except OSError:
            answer = b""
        if answer != b"ready":
            self.close()
            said.seek(0)
            text = said.read(10_000).decode("utf-8", "replace").strip()
            raise Refused(text.splitlines()[-1] if text else "bubblewrap said nothing")
        self.control.settimeout(None)

    def process(self, rlimits: dict[str, int], box: int, memory: int = 0) -> SandboxedProcess:
        """A new process for one submission. `box` and `memory` in MiB."""
        ours, theirs = socket.socketpair()
        life, their_life = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        asked = json.dumps({"limits": rlimits, "box": box}).encode()
        with theirs, their_life:
            ends = array.array("i", [theirs.fileno(), their_life.fileno()])
            try:
                with self.lock:
                    self.control.sendmsg([asked], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ends)])
            except OSError as error:
                ours.close()
                life.close()
                raise EOFError("the warm process is gone") from error
        return SandboxedProcess(ours, life, memory)

    def close(self) -> None:
        """It ends when nobody is left to ask it; bubblewrap then ends whatever is in there."""
        self.control.close()
        try:
            self.bubblewrap.wait(10)
        except subprocess.TimeoutExpired:
            self.bubblewrap.kill()
            self.bubblewrap.wait()


_nurseries: dict[int, Nursery] = {}
_starting = threading.Lock()


def nursery() -> Nursery:
    """This process's nursery, started when it is asked for first. Raises Refused."""
    with _starting:
        mine = os.getpid()
        if mine not in _nurseries:
            _nurseries.clear()  # after a fork: the parent's is not ours
            _nurseries[mine] = Nursery()
        return _nurseries[mine]


def new_process(rlimits: dict[str, int], box: int, memory: int) -> SandboxedProcess:
    """A process for one submission; the nursery is started anew, once, if it has died."""
    try:
        return nursery().process(rlimits, box, memory)
    except EOFError:
        close_nursery()
    try:
        return nursery().process(rlimits, box, memory)
    except EOFError as error:
        raise RuntimeError(str(error)) from error


@atexit.register
def close_nursery() -> None:
    """End this process's nursery; the next process that is asked for starts another."""
    with _starting:
        mine = _nurseries.pop(os.getpid(), None)
        _nurseries.clear()
    if mine is not None:
        mine.close()


# ----- what the inside looks like -----


@cache
def _needs() -> tuple[bytes, str]:
    """The filter of system calls, and bubblewrap's path. Raises Refused where one is missing."""
    if sys.platform != "linux":
        raise Refused(f"it needs Linux; this is {sys.platform}")
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise Refused("bubblewrap (bwrap) is not installed")
    try:
        return calls.filter_program(), bwrap
    except RuntimeError as error:
        raise Refused(str(error)) from None


class _learners_files:
    """The files of the learner's side, {name: open file in memory}: they go in by content."""

    def __enter__(self) -> dict[str, int]:
        paths = [*(HERE / name for name in LEARNERS_FILES), Path(str(gradcheck.__file__))]
        self.open = {path.name: _in_memory(path) for path in paths}
        return self.open

    def __exit__(self, *_: object) -> None:
        for number in self.open.values():
            os.close(number)


def _in_memory(path: Path) -> int:
    number = os.memfd_create(path.name)
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(path.read_bytes())
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _view(files: dict[str, int]) -> Iterator[str]:
    """bubblewrap's arguments: which files there are, and what is cut off."""
    yield from ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--hostname", "sandbox", "--new-session", "--clearenv")
    if os.getuid() == 0:  # no user namespace, as root's files must be bound; root is left inside
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield "--unshare-user"
    for name, value in {**environment(BOX), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}.items():
        yield from ("--setenv", name, value)
    itself, needed = packages.interpreter()
    system = [Path("/usr/lib"), Path("/usr/lib64"), *needed, itself]
    shown = [path for path in dict.fromkeys(system) if path.exists()]
    inside = [*shown, Path(f"{INSIDE}/packages/numpy"), Path("/dev/null"), Path("/etc/x")]
    for above in sorted({f for path in inside for f in path.parents} - {Path("/")}):
        yield from ("--perms", "0755", "--dir", str(above))
    for path in sorted(shown, key=lambda p: len(p.parts)):  # an outer folder before an inner one
        yield from ("--ro-bind", str(path), str(path))
    for folder in ("/lib", "/lib64"):
        if os.path.islink(folder):
            yield from ("--symlink", os.readlink(folder), folder)
        elif os.path.isdir(folder):
            yield from ("--ro-bind", folder, folder)
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    for path in packages.hidden():
        if any(path.is_relative_to(f) for f in shown):
            yield from ("--tmpfs", str(path), "--remount-ro", str(path))
    for name, path in packages.places().items():
        yield from ("--ro-bind", str(path), f"{INSIDE}/packages/{name}")
    for name, number in files.items():
        yield from ("--perms", "0444", "--file", str(number), f"{INSIDE}/{name}")
    for name in DEVICES:
        yield from ("--dev-bind", f"/dev/{name}", f"/dev/{name}")
    yield from (
        "--proc",
        "/proc",
        "--perms",
        "1777",
        "--tmpfs",
        BOX,
        "--symlink",
        BOX,
        "/tmp",
        "--remount-ro",
        "/",
    )
    yield from ("--chdir", "/")


def _python(control: int) -> list[str]:
    """The nursery's command. -s -P: no packages but ours; the environment is ours already."""
    itself, _ = packages.interpreter()
    user = NOBODY if os.getuid() == 0 else 0
    flags = ["-s", "-P", "-B"]
    return [str(itself), *flags, f"{INSIDE}/nursery.py", str(control), str(user)]
