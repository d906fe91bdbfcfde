"""From a learner's notebook to the cells that are graded.

Structure, checks, points and metadata come from the release. Of the submission counts only the
source text: of its answer cells, and of the cells that the learner added. So deleted, renamed,
moved, duplicated or re-typed cells and metadata of any shape change nothing for anybody.
"""

import errno
import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

MOST_BYTES = 20 << 20  # of the file, with the outputs that it holds
MOST_CELLS = 5000
MOST_CODE = 8 << 20  # characters of all code cells
MOST_PROSE, ALL_PROSE = 20_000, 300_000  # characters kept of a text cell, and of all together


class Unreadable(Exception):
    """The submitted file is no notebook."""


@dataclass(frozen=True)
class Cell:
    """One cell of a graded notebook.

    kind: "text"; "given" (ours, run on the learner's side); "answer"; "check" (of `name`'s task);
    "added" (code of the learner's own). `metadata` is nbgrader's.
    """

    id: str
    kind: str
    source: str
    name: str = ""
    metadata: tuple[tuple[str, Any], ...] = ()

    @property
    def is_code(self) -> bool:
        return self.kind != "text"


def read_file(path: Path) -> bytes:
    """What SUBMITTED/<student>/<chapter>/<file> holds, up to one byte more than is read at most.

    Raises Unreadable for what is no regular file: a link, of the file or of a folder above it,
    could lead to another student's or out of the folder of submissions, and a pipe would never end.
    """
    folder, *names = path.parents[2], *path.parts[-3:]
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for name in names:
        kind = os.O_NONBLOCK if name is names[-1] else os.O_DIRECTORY
        try:
            inner = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | kind, dir_fd=number)
        except OSError as error:
            link = error.errno in (errno.ELOOP, errno.ENOTDIR)
            why = "links are not followed" if link else error.strerror
            shown = name.encode("utf-8", "replace").decode()
            raise Unreadable(f"{shown} can't be opened ({why})") from None
        finally:
            os.close(number)
        number = inner
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Unreadable("it is no regular file")
    with os.fdopen(number, "rb") as file:
        return file.read(MOST_BYTES + 1)


@lru_cache(maxsize=64)
def template_of(released: bytes) -> tuple[Cell, ...]:
    """The cells of a released notebook, from the content of its file."""
    notebook = nbformat.reads(released.decode(), as_version=4)
    return tuple(_template_cell(cell) for cell in notebook.cells)


def template(release: Path) -> tuple[Cell, ...]:
    """The cells of a released notebook."""
    return template_of(release.read_bytes())


def _template_cell(cell: NotebookNode) -> Cell:
    marks = cell.metadata.get("nbgrader", {})
    name = str(marks.get("grade_id", ""))
    if cell.cell_type != "code":
        kind = "text"
    elif marks.get("grade"):
        kind = "check"
    elif marks.get("solution"):
        kind = "answer"
    else:
        kind = "given" if marks.get("locked") else "added"
    return Cell(cell.id, kind, cell.source, name, tuple(sorted(marks.items())))


def read_cells(content: bytes) -> list[tuple[str, str, str, str]]:
    """(id, grade_id, cell type, source) of each cell, whatever else the file holds.

    Raises Unreadable when it is too large, not JSON or holds no list of cells, or too many.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the file has more than the {MOST_BYTES >> 20} MiB that are read at most")
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is not JSON ({error})"[:200]) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is no notebook: it has no list of cells")
    read = [_read(cell) for cell in cells if isinstance(cell, dict)]
    if len(read) > MOST_CELLS:
        raise Unreadable(f"it has {len(read)} cells, of which {MOST_CELLS} are read at most")
    size = sum(len(source) for _, _, kind, source in read if kind == "code")
    if size > MOST_CODE:
        raise Unreadable(f"its code has {size} characters, of which {MOST_CODE} are read at most")
    return read


def _read(cell: dict[str, Any]) -> tuple[str, str, str, str]:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    marks = cell.get("metadata")
    marks = marks.get("nbgrader") if isinstance(marks, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    texts = (cell.get("id"), grade_id, cell.get("cell_type"), source)
    id, name, kind, text = (t if isinstance(t, str) else "" for t in texts)
    return id, name, kind, text.encode("utf-8", "replace").decode()


def rebuild(release: tuple[Cell, ...], content: bytes) -> list[Cell]:
    """The release's cells with the learner's answers in them, and the learner's own code between.

    An answer cell is known by its grade id; of several with one id the last that is not the
    stub counts. Added cells keep their place after the cell that they follow. Raises Unreadable.
    """
    known = {cell.name: cell for cell in release if cell.name}
    texts = {_squeezed(cell.source): cell.id for cell in release if cell.kind == "text"}
    free = {cell.id: cell for cell in release if cell.kind == "added"}
    answers: dict[str, str] = {}
    prose = ALL_PROSE
    added: dict[str, list[Cell]] = {}
    after = ""
    theirs = read_cells(content)
    answered = [name for _, name, _, _ in theirs if name.endswith("-answer")]
    if answered and not any(name in known for name in answered):
        raise Unreadable(f"it is another notebook than asked for: it has {answered[0][:80]!r}")
    for id, name, kind, source in theirs:
        if name in known:
            of = known[name]
            if of.kind == "answer" and _squeezed(source) != _squeezed(of.source):
                answers[name] = source
            after = of.id
        elif id in free and kind == "code":
            answers[id] = source
            after = id
        elif _squeezed(source) in texts:
            after = texts[_squeezed(source)]
        elif source.strip():
            code = kind == "code"
            shown = source if code else inert(source[:MOST_PROSE][:prose])
            prose = prose if code else max(0, prose - len(source))
            cell = Cell(f"added-{len(added)}", "added" if code else "text", shown)
            added.setdefault(after, []).append(cell)
    cells = list(added.get("", []))
    for cell in release:
        mine = answers.get(cell.name or cell.id, cell.source)
        cells += [replace(cell, source=mine), *added.get(cell.id, [])]
    numbered = {"added": 0}
    return [_with_id(cell, numbered) if cell.id.startswith("added-") else cell for cell in cells]


def _with_id(cell: Cell, numbered: dict[str, int]) -> Cell:
    numbered["added"] += 1
    return replace(cell, id=f"added-{numbered['added']}")


def _squeezed(source: str) -> str:
    return " ".join(source.split())


_INERT = (
    # no entity that spells what the next rows look for
    (r"&(?=#|[A-Za-z]\w*;)(?!lt;)", "&\u2060"),
    (r"<(?=[A-Za-z/!?])", "<\u2060"),  # no HTML; an entity would show as one within code
    # no link that runs, nor one that will when Markdown has taken a backslash away
    (r"(?i)(javascript|vbscript|data|file|blob)((?:\\|\s)*):", "\\1\\2\u2060:"),
    (r"!\[", "!\u2060["),  # no picture from elsewhere
    # no formula that makes links, styles or macros: neither after one backslash nor after several
    (
        r"(?<!\\)\\+(?=(href|style|class|cssId|require|html|data|unicode|mmlToken|bbox|enclose"
        r"|toggle|mathtip|texttip|action|verb|def|gdef|edef|xdef|let|new|renew|Declare)[A-Za-z]*)",
        "",
    ),
)


def inert(markdown: str) -> str:
    """Markdown that shows as text what would run, or ask other hosts, in whoever's browser reads it.

    Made inert twice, it is the same.
    """
    for pattern, instead in _INERT:
        markdown = re.sub(pattern, instead, markdown)
    return markdown


def digest(cells: list[Cell], *settings: Any) -> str:
    """What a verdict depends on, as a hash: the code, its cells' ids, the grader's settings."""
    what = [[c.kind, c.id, c.name, c.source] for c in cells if c.is_code]
    return hashlib.sha256(json.dumps([what, *settings], sort_keys=True).encode()).hexdigest()


def as_notebook(cells: list[Cell]) -> NotebookNode:
    """A notebook of these cells, with the release's metadata."""
    made = []
    for cell in cells:  # not nbformat's new_code_cell: it validates each cell, for milliseconds
        marks = {"nbgrader": dict(cell.metadata)} if cell.metadata else {}
        new = {"id": cell.id, "metadata": {**marks, "kind": cell.kind}, "source": cell.source}
        if cell.is_code:
            made.append({**new, "cell_type": "code", "execution_count": None, "outputs": []})
        else:
            made.append({**new, "cell_type": "markdown"})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    return nbformat.from_dict({**whole, "cells": made})


def from_notebook(notebook: NotebookNode) -> list[Cell]:
    """The cells of a notebook that `as_notebook` made."""
    cells = []
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        kind = str(cell.metadata.get("kind", "text"))
        name = str(marks.get("grade_id", ""))
        cells.append(Cell(cell.id, kind, cell.source, name, tuple(sorted(marks.items()))))
    return cells
