"""Which installed packages a learner's process sees: what notebooks may import, and its needs."""

import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

MAY_IMPORT = ("numpy", "matplotlib", "ipython", "scipy", "numba")


def places(names: Sequence[str] = MAY_IMPORT) -> dict[str, Path]:
    """{name in a folder of packages: where it is installed}, with all that these packages need."""
    return {path.name: path for dist in _closure(names) for path in _top_level(dist)}


def _closure(names: Sequence[str]) -> Iterator[Distribution]:
    """The installed ones of these distributions and of what they require."""
    seen, ahead = set(), list(names)
    while ahead:
        name = ahead.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            dist = distribution(name)
        except PackageNotFoundError:
            continue
        yield dist
        needs = [Requirement(text) for text in dist.requires or ()]
        ahead += [n.name for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]


def _top_level(dist: Distribution) -> list[Path]:
    """The files and folders of a distribution that lie in the folder of packages itself."""
    if dist.files is not None:
        names = {file.parts[0] for file in dist.files}
    else:  # a package of the system's own, without a list of its files
        listed = (dist.read_text("top_level.txt") or dist.metadata["Name"]).split()
        names = {end for name in listed for end in (name, f"{name}.py", f"{name}.libs")}
    odd = ("..", "__pycache__")
    found = [Path(str(dist.locate_file(n))) for n in names if n not in odd and n[-4:] != ".pth"]
    return [path for path in found if path.exists()]


def interpreter() -> tuple[Path, list[Path]]:
    """Python itself, outside of any virtual environment, and the folders that it needs."""
    base = Path(sys.base_prefix)
    needed = [base / "lib", base / "lib64", Path(sysconfig.get_path("stdlib"))]
    itself = Path(getattr(sys, "_base_executable", "") or sys.executable)
    return itself.resolve(), [path for path in needed if path.is_dir()]


def hidden() -> list[Path]:
    """Folders that may lie within what Python needs and are not for learners to see."""
    import autograder
    import solutions

    folders = [*site.getsitepackages([sys.base_prefix]), sysconfig.get_path("purelib")]
    folders += [
        "/usr/lib/python3/dist-packages",
        sysconfig.get_path("platlib"),
        *autograder.__path__,
        *solutions.__path__,
    ]
    return [path for path in dict.fromkeys(map(Path, folders)) if path.is_dir()]
