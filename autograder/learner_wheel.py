"""The wheel that Python in the reader's browser installs: `python -m autograder wheel --out DIR`.

It holds what notebooks and the page's editor import: the judge with its tasks, the reference layers,
the small digits, and the book's figures. It does not hold the teacher's side, nor the body of any
model answer: each is replaced by a call of `autograder.stand_in.right_answer`.
The same sources give the same bytes, and other sources another file name.
"""

import ast
import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from autograder.build import ROOT, split_at_docstring

NAME = "cnn-backprop"
PACKAGES = ("autograder", "figures", "solutions")  # what the wheel's code is imported as

# of autograder: what judging needs, and nothing that builds, grades or isolates
JUDGE = (
    "__init__ behaviours cases digits given gradcheck hints in_page judge ladder observe picture "
    "report stand_in task variants tasks/* isolation/__init__ isolation/layers"
).split()
LARGE = ("mnist10k.npz",)  # the 8 x 8 digits do for the exercises

STAND_IN = """\
    from autograder.stand_in import right_answer

    return right_answer("{name}", {arguments})
"""


def write_wheel(out: Path, extra: dict[str, bytes] | None = None) -> Path:
    """Write the wheel into the folder `out`, in place of an older one; `extra` files go into it."""
    files = {**dict(contents()), **(extra or {})}
    release = version(NAME)
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    stem = f"{NAME.replace('-', '_')}-{release}"
    info = f"{stem}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {release}\n"
    files[f"{info}/METADATA"] = about.encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = _record(files, info)
    out.mkdir(parents=True, exist_ok=True)
    wheel = out / f"{stem}-0{digest.hexdigest()[:12]}-py3-none-any.whl"
    if not wheel.exists():
        for older in out.glob(f"{stem}-*.whl"):
            older.unlink()
        fresh = wheel.with_suffix(".new")
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, 8)
        fresh.replace(wheel)
    return wheel


def contents() -> Iterator[tuple[str, bytes]]:
    """Every file of the wheel: its path and what is in it."""
    for pattern in JUDGE:
        for path in sorted((ROOT / "autograder").glob(f"{pattern}.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
    for path in sorted((ROOT / "solutions").rglob("*")):
        if path.suffix == ".py" or (path.suffix == ".npz" and path.name not in LARGE):
            content = path.read_bytes()
            if path.parent.name == "chapters":
                content = without_answers(path.read_text()).encode()
            yield path.relative_to(ROOT).as_posix(), content
    for path in sorted((ROOT / "book" / "figures").glob("*.py")):
        yield path.relative_to(ROOT / "book").as_posix(), path.read_bytes()
    for name in ("tokens.css", "book.css", "step-figure.js", "choice-poll.js"):
        yield f"figures/static/{name}", (ROOT / "book" / "_static" / name).read_bytes()


def without_answers(source: str) -> str:
    """A module of model answers with the same functions and statements, and no bodies."""
    module = ast.parse(source)
    parts = [
        f'"""{ast.get_docstring(module, clean=False)}"""\n\nimport numpy as np\n\nSTAND_INS = True'
    ]
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            head, _ = split_at_docstring(ast.get_source_segment(source, node) or "")
            called = ", ".join(a.arg for a in node.args.args)
            parts.append(f"{head}\n{STAND_IN.format(name=node.name, arguments=called)}")
    return "\n\n".join(parts)


def _record(files: dict[str, bytes], info: str) -> bytes:
    rows = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        rows.append(f"{name},sha256={digest.decode()},{len(content)}")
    return "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
