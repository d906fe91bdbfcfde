"""Looks at the sandbox from within: what a learner's process can see and do on this machine.

    python -m autograder.isolation.selftest

One line for each attempt, "shut" or "OPEN" with what came out; exit status 1 if anything is open,
2 if there is no sandbox.
"""

import sys
from pathlib import Path
from typing import NamedTuple

from autograder.isolation import sandbox
from autograder.isolation.session import Session

ROOT = Path(__file__).parents[2]


class Attempt(NamedTuple):
    """`found` is an expression: what is false or raises OSError, MemoryError or the like is shut."""

    name: str
    found: str


SETUP = """
import ctypes, fcntl, mmap, os, resource, signal, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)

def tried(function, *arguments):
    "What a C function gives, or OSError."
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return True

def written(*folders):
    return [f for f in folders if os.access(f, os.W_OK)]

def everything():
    for folder, folders, files in os.walk("/", onerror=None):
        yield from (os.path.join(folder, name) for name in folders + files)

ALL = list(everything())

def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True

def opened():
    found = []
    for number in range(3, 200):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found
"""

ATTEMPTS = (
    Attempt("being root", "os.getuid() == 0 or os.geteuid() == 0 or os.getgid() == 0"),
    Attempt("the course's folder", "[p for p in COURSE if os.path.exists(p)]"),
    Attempt(
        "a file of the course anywhere",
        "[p for p in ALL if os.path.basename(p) in NAMES or p.endswith('.ipynb')]",
    ),
    Attempt("the judge or the model answers as modules", "__import__('autograder.judge')"),
    Attempt("model answers as modules", "__import__('solutions')"),
    Attempt("nbgrader", "__import__('nbgrader')"),
    Attempt("homes", "[p for p in ('/home', '/etc/passwd', '/etc/shadow') if os.path.exists(p)]"),
    Attempt("programs", "[p for p in ('/bin', '/usr/bin/env', '/sbin') if os.path.exists(p)]"),
    Attempt(
        "writing outside of its own folder",
        "[p for p in ALL if not p.startswith(('/box', '/tmp', '/dev/'))"
        " and not os.path.islink(p) and os.access(p, os.W_OK)] or written('/', '/dev', '/course')",
    ),
    Attempt("other devices", "set(os.listdir('/dev')) - {'null', 'zero', 'full', 'random', 'urandom'}"),
    Attempt("what an earlier submission left", "os.listdir('/box')"),
    Attempt("the environment of whoever grades", "set(os.environ) & SECRET"),
    Attempt("/proc", "os.listdir('/proc')"),
    Attempt("other processes", "os.getpid() != 1 or [n for n in range(2, 400) if alive(n)]"),
    Attempt("open files of whoever grades", "opened()[1:]"),
    Attempt("a network socket", "socket.socket()"),
    Attempt("a local socket", "socket.socket(socket.AF_UNIX)"),
    Attempt("a child", "os.fork()"),
    Attempt("a program", "os.execv(sys.executable, [sys.executable])"),
    Attempt("new namespaces", "tried(libc.unshare, 0x10000000)"),
    Attempt("a mount", "tried(libc.mount, b'none', b'/box', b'tmpfs', 0, None)"),
    Attempt("taking mounts away", "tried(libc.umount2, b'/box', 2)"),
    Attempt("a lock", "fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH) is None"),
    Attempt(
        "a lock of a part",
        "fcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB) is None",
    ),
    Attempt("large pipes", "fcntl.fcntl(os.pipe()[0], 1031, 1 << 20)"),
    Attempt("a terminal's input", "fcntl.ioctl(0, 0x5412, b'x')"),
    Attempt("data out of band", "socket.socketpair()[0].send(b'x', socket.MSG_OOB)"),
    Attempt("debugging", "tried(libc.ptrace, 0, 0, 0, 0)"),
    Attempt("another user", "os.setuid(0)"),
    Attempt("shared memory", "tried(libc.shmget, 1, 4096, 0o1600)"),
    Attempt("memory files", "os.memfd_create('x')"),
    Attempt("larger limits", "resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6))"),
    Attempt("16 GiB of memory", "mmap.mmap(-1, 16 << 30)"),
    Attempt("1 GiB of files", "[open(f'f{k}', 'wb').write(bytes(1 << 24)) for k in range(64)]"),
    Attempt(
        "500 threads",
        "[threading.Thread(target=threading.Event().wait, args=(20,), daemon=True).start()"
        " for _ in range(500)]",
    ),
    Attempt("the machine's name", "os.uname().nodename != 'sandbox'"),
    Attempt("a signal to its group", "signal.SIGKILL in (signal.sigpending() or ()) or os.kill(0, 9)"),
)  # fmt: skip

LEAVE = "open('left', 'w').write('x'); open('/tmp/left-too', 'w').write('x')"
NAMES = {"judge.py", "verdict.py", "ch05_dy.py", "nbgrader_config.py", "gradebook.db", "seed"}


def run() -> list[tuple[str, str]]:
    """(attempt, what came out) for each; an empty text is what should be."""
    seen: list[tuple[str, str]] = []
    with Session() as earlier:
        earlier.run(LEAVE)
    course = [str(ROOT), str(Path.home() / ".bashrc")]
    known = f"COURSE, NAMES, SECRET = {course!r}, {NAMES!r}, {{'SECRET_OF_MINE', 'PYTHONPATH'}}"
    with Session() as session:
        for source in (SETUP, known):
            session.run(source)
        for attempt in ATTEMPTS:
            told = session.run(f"print('found', [{attempt.found}][0] or '')")
            error = told.get("error", {}).get("class", "")
            if error in ("Timeout", "Ended", "Unreadable", "NameError", "SyntaxError"):
                seen.append((attempt.name, f"{error}: {told['error']['message']}"))
            else:
                seen.append((attempt.name, told["text"][5:].strip() if not error else ""))
    return seen


def main() -> int:
    reason = sandbox.unavailable()
    if reason:
        print(reason)
        return 2
    seen = run()
    for name, found in seen:
        print(f"{'OPEN' if found else 'shut'}  {name}{': ' + found[:300] if found else ''}")
    return int(any(found for _, found in seen))


if __name__ == "__main__":
    sys.exit(main())
