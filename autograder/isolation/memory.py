"""Total memory of a process, by cgroup v2, where its folders can be written to.

Without it a learner's process is bounded all the same: it cannot fork, its address space has a
limit (RLIMIT_AS), and so has its folder in memory. The group adds what the system counts itself.
"""

import os
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
MINE = Path("/proc/self/cgroup")
_numbers = count()


@dataclass(frozen=True)
class MemoryGroup:
    """One process's cgroup: gone with `remove`, after the process."""

    folder: Path

    @classmethod
    def around(cls, pid: int, mib: int) -> "MemoryGroup | None":
        """Put a process into a group of its own of so much memory; None where that can't be."""
        parent = writable_parent()
        if parent is None or mib <= 0:
            return None
        group = cls(parent / f"submission-{os.getpid()}-{next(_numbers)}")
        try:
            group.folder.mkdir()
            (group.folder / "memory.max").write_text(str(mib << 20))
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                if (group.folder / name).exists():
                    (group.folder / name).write_text(value)
            (group.folder / "cgroup.procs").write_text(str(pid))
        except OSError:
            group.remove()
            return None
        return group

    def remove(self) -> None:
        try:
            self.folder.rmdir()
        except OSError:
            pass


@cache
def writable_parent() -> Path | None:
    """The folder of this process's own cgroup, if groups with a limit can be made in it."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text().splitlines()]
        own = next(line[3:] for line in MINE.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return None
    for fields in mounts:
        if "cgroup2" not in fields[fields.index("-") + 1 :][:1]:
            continue
        folder = Path(fields[4] + own)
        given = folder / "cgroup.subtree_control"
        if given.exists() and "memory" in given.read_text().split() and os.access(folder, os.W_OK):
            return folder
    return None
