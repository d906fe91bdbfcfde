"""What is kept of each graded submission: OUT/verdicts/<student>/<chapter>.json.

The verdict's rows, the answers as they were graded, the digest of the judge's code, and what was
there before: for appeals, for the class report, for grading anew.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.build import write_if_changed
from autograder.submission import Cell, digest
from autograder.verdict import code_digest

Record = dict[str, Any]


def content_of(cells: Sequence[Cell]) -> str:
    """A hash of what is the learner's own in these cells."""
    return digest([c for c in cells if c.kind in ("answer", "added")])


def keep(
    out: Path,
    student: str,
    chapter: str,
    cells: Sequence[Cell],
    tasks: Mapping[str, Mapping[str, Any]],
    problem: str = "",
) -> Record:
    """Store what came out; the former record becomes part of the history if anything changed."""
    record = {
        "student": student,
        "chapter": chapter,
        "content": content_of(cells),
        "code": code_digest(),
        "problem": problem,
        "tasks": {name: dict(row) for name, row in tasks.items()},
        "answers": {
            c.name.removesuffix("-answer"): c.source for c in cells if c.kind == "answer" and c.name
        },
        "added": [c.source for c in cells if c.kind == "added"],
    }
    before = read(out, student, chapter)
    if before is not None and all(before[k] == record[k] for k in record):
        return before
    history = [] if before is None else [*before["history"], _summary(before)]
    record |= {"graded": datetime.now(UTC).isoformat(timespec="seconds"), "history": history}
    write_if_changed(_place(out, student, chapter), json.dumps(record, indent=1))
    return record


def read(out: Path, student: str, chapter: str) -> Record | None:
    """The record of a submission; None if it was never graded."""
    place = _place(out, student, chapter)
    return dict(json.loads(place.read_text())) if place.exists() else None


def keys(out: Path) -> list[tuple[str, str]]:
    """(student, chapter) of every record."""
    return [(p.parent.name, p.stem) for p in sorted((out / "verdicts").glob("*/*.json"))]


def read_all(out: Path) -> Iterator[Record]:
    """Every record, by student and chapter."""
    for path in sorted((out / "verdicts").glob("*/*.json")):
        yield dict(json.loads(path.read_text()))


def _place(out: Path, student: str, chapter: str) -> Path:
    return out / "verdicts" / student / f"{chapter}.json"


def _summary(record: Record) -> Record:
    """What the history keeps: when, by which code, and the scores."""
    scores = {
        name: {k: row[k] for k in ("score", "points", "status")}
        for name, row in record["tasks"].items()
    }
    kept = {k: record[k] for k in ("graded", "code", "content")}
    return {**kept, "tasks": scores}
