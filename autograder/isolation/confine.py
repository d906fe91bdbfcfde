"""How a process of the learner's side locks itself in, before any of the learner's code runs.

`apart` and `alone` give it namespaces of its own: user, processes, mounts, network, IPC and host
name; an empty folder in memory to write to, and no /proc. `limit`, `without_rights` and
`only_these_calls` take the rest. None of it can be taken back.

This file runs on the learner's side and imports nothing of the project.
"""

import ctypes
import os
import resource
import struct

BOX = "/box"

_NEW_MOUNTS, _NEW_HOST_NAME, _NEW_IPC = 0x20000, 0x4000000, 0x8000000
_NEW_USER, _NEW_PIDS, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_ALL_NEW = _NEW_MOUNTS | _NEW_HOST_NAME | _NEW_IPC | _NEW_USER | _NEW_PIDS | _NEW_NET
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC = 1, 2, 4, 8
_REMOUNT, _RECURSIVE, _PRIVATE = 32, 0x4000, 0x40000
_SET_DUMPABLE, _SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 4, 22, 2, 38
_CAPABILITY_VERSION = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _prctl(what: int, value: int, argument: object = 0) -> None:
    _must(libc.prctl(what, ctypes.c_ulong(value), argument, 0, 0), f"prctl {what}")


def become(user: int) -> None:
    """Give up root for good. RLIMIT_NPROC, for one, does not bind root."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _prctl(_SET_DUMPABLE, 1)  # or /proc/self would still be root's


def apart() -> None:
    """New namespaces of every kind; that of processes holds from the next child on."""
    user, group = os.getuid(), os.getgid()
    _must(libc.unshare(_ALL_NEW), "new namespaces")
    maps = (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    )
    for name, text in maps:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def alone(box_mib: int) -> None:
    """An empty folder to write to, in memory, gone with the process; nothing in /proc."""
    _mount(None, "/", _RECURSIVE | _PRIVATE)
    _mount("tmpfs", BOX, _NO_SUID | _NO_DEVICES, f"size={box_mib}m,nr_inodes=4096,mode=0700")
    _mount("tmpfs", "/proc", _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXEC, "size=4k,mode=0555")
    os.chdir(BOX)


def _mount(kind: "str | None", folder: str, flags: int, options: str = "") -> None:
    done = libc.mount(
        b"none",
        folder.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    _must(done, f"mount {folder}")


def limit(limits: "dict[str, int]") -> None:
    """No more than this of what the system counts for a process (RLIMIT_...); no core dumps."""
    for name, amount in {**limits, "RLIMIT_CORE": 0}.items():
        which = getattr(resource, name, None)
        if which is None:  # another system than Linux
            continue
        most = resource.getrlimit(which)[1]
        amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
        resource.setrlimit(which, (amount, amount))


def without_rights() -> None:
    """No capabilities, and none to be had by running another program."""
    _prctl(_NO_NEW_PRIVILEGES, 1)
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    _must(libc.capset(header, struct.pack("6I", *[0] * 6)), "capset")


def only_these_calls(program: bytes) -> None:
    """Load a filter of system calls, as libseccomp writes it."""
    instructions = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(instructions))
    _prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(head, len(head)))
