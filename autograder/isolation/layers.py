"""Functions made from their source alone: what a notebook may build on.

A row is (name, the first chapter whose notebook may see it, source). Nothing but NumPy hangs on a
function that is made here, so nothing can be reached from it that is not among the rows.

This file runs on both sides and imports nothing of the project.
"""

import linecache
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

Row = tuple[str, str, str]


def from_source(rows: Sequence[Row]) -> SimpleNamespace:
    """The functions as attributes; a traceback shows their lines."""
    names: dict[str, Any] = {"np": np}
    for name, _, source in rows:
        file = f"<given: {name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec"), names)
    return SimpleNamespace(**{name: names[name] for name, _, _ in rows})


def before_in(rows: Sequence[Row], last: str) -> Callable[[str], SimpleNamespace]:
    """`before`, for a notebook of the chapter `last`."""

    def before(chapter: str) -> SimpleNamespace:
        """The layers of all chapters before `chapter` ("ch13"), as attributes.

        Raises ValueError for what is no chapter, and for one after this notebook's.
        """
        number = chapter[2:] if isinstance(chapter, str) else ""
        if not (number.isdecimal() and chapter == f"ch{int(number):02d}" and chapter <= last):
            raise ValueError(f"`chapter` (={chapter!r}) must be one of 'ch00' to {last!r}")
        return from_source([row for row in rows if row[1] <= chapter])

    return before
