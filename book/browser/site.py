"""Put Python and Jupyter into the built book: `PYTHONPATH=book python -m browser.site`.

Beside the pages in _build/html come two folders: `pyodide`, which the editor and JupyterLite share,
and `lite`, JupyterLite with the exercises. Both are made in _build/browser and made anew only when
what they are from has changed. Where Python's files cannot be had, the book stays whole: its editor
and a page in Jupyter's place say what is missing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from figures.notebook import polls_of

from autograder.learner_wheel import PACKAGES, write_wheel
from browser import pyodide

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
MADE = ROOT / "_build" / "browser"
LITE = Path(__file__).parent / "lite"
EXERCISES = ROOT / "book" / "exercises"
TOOLS = MADE / "tools"


def digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def is_current(folder: Path, stamp: str) -> bool:
    """Whether the folder was made, whole, from what the stamp stands for."""
    written = folder.with_suffix(".stamp")
    return folder.is_dir() and written.is_file() and written.read_text() == stamp


def set_current(folder: Path, stamp: str) -> None:
    folder.with_suffix(".stamp").write_text(stamp)


def make_pyodide() -> bool:
    """Python, its packages and our wheel; True if they are new. Raises pyodide.NotFound."""
    polls = json.dumps(polls_of(HTML / "book" / "chapters"), ensure_ascii=False, indent=1)
    wheel = write_wheel(MADE / "wheel", {"figures/static/polls.json": polls.encode()})
    stamp = digest([Path(pyodide.__file__), pyodide.NPM / "package.json"]) + wheel.name
    folder = MADE / "pyodide"
    if is_current(folder, stamp):
        return False
    folder.with_suffix(".stamp").unlink(missing_ok=True)
    pyodide.assemble(folder, wheel, PACKAGES)
    set_current(folder, stamp)
    return True


def make_tools() -> None:
    """JupyterLite's builder. Raises NotFound when pip cannot have it."""
    wanted = LITE / "requirements.txt"
    stamp = digest([wanted])
    if is_current(TOOLS, stamp):
        return
    shutil.rmtree(TOOLS, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install", "--no-deps", "--target", str(TOOLS), "-r", str(wanted)]
    comm = next(line for line in wanted.read_text().splitlines() if line.startswith("comm=="))
    download = [*pip, "download", "--no-deps", "--dest", str(TOOLS / "wheels"), comm]
    for command in (install, download):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise pyodide.NotFound(f"pip has no JupyterLite:\n{done.stderr.strip()}")
    set_current(TOOLS, stamp)


def make_lite() -> bool:
    """JupyterLite with the exercises; True if it is new."""
    notebooks = sorted(EXERCISES.glob("*.ipynb"))
    settings = [LITE / "jupyter-lite.json", LITE / "requirements.txt"]
    stamp = digest([*notebooks, *settings, Path(__file__)])
    folder = MADE / "lite"
    if is_current(folder, stamp):
        return False
    make_tools()
    folder.with_suffix(".stamp").unlink(missing_ok=True)
    source = MADE / "source-of-lite"  # no name that begins as the folder's
    for old in (source, folder):
        shutil.rmtree(old, ignore_errors=True)
    (source / "contents").mkdir(parents=True)
    for notebook in notebooks:
        shutil.copy2(notebook, source / "contents")
    shutil.copy2(LITE / "jupyter-lite.json", source)
    shutil.copytree(TOOLS / "wheels", source / "pypi")
    kernel = next(TOOLS.glob("share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension"))
    config = {
        "contents": ["contents"],
        "output_dir": str(folder),
        "apps": ["notebooks"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(kernel)],
    }
    (source / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}))
    command = [sys.executable, "-m", "jupyterlite_core.app", "build"]
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"JupyterLite could not be built:\n{done.stdout}{done.stderr}")
    for page in folder.glob("*/index.html"):
        page.write_text(with_our_script(page.read_text()))
    set_current(folder, stamp)
    return True


def with_our_script(page: str) -> str:
    """JupyterLite's page with the script that carries the editor's code over."""
    script = '<script src="../../_static/carry-over.js"></script>'
    head, end, rest = page.partition("</head>")
    if not end:
        raise ValueError("JupyterLite's page has no </head>: carry-over.js has no place in it")
    return f"{head}    {script}\n  {end}{rest}"


def publish(folder: Path, target: Path) -> None:
    """The folder in the built book, as hard links where the file system has them."""
    shutil.rmtree(target, ignore_errors=True)
    try:
        shutil.copytree(folder, target, copy_function=os.link)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)


def main() -> int:
    if not (HTML / "index.html").is_file():
        print(f"{HTML} is missing: build the book first", file=sys.stderr)
        return 1
    try:
        print("Python for the browser:", "made" if make_pyodide() else "current")
        print("JupyterLite:", "made" if make_lite() else "current")
    except pyodide.NotFound as problem:
        print(f"Left out of the book, which is whole without: {problem}", file=sys.stderr)
    for name, stand_in in (("pyodide", None), ("lite", LITE / "absent.html")):
        if (MADE / f"{name}.stamp").is_file():
            publish(MADE / name, HTML / name)
        elif stand_in:
            (HTML / name / "notebooks").mkdir(parents=True, exist_ok=True)
            shutil.copy2(stand_in, HTML / name / "notebooks" / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
