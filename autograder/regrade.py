"""Grading anew after a task has changed: every change is listed, and no grade falls unasked.

The new verdicts are made in a folder of their own, compared with the stored ones, and only then
recorded. A score that would fall stays, unless the instructor accepts lower ones.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import records
from autograder.build import remembered_variant, write_if_changed
from autograder.grades import Row
from autograder.grading import Submission, grade, handed_in, secret_seed
from autograder.submission import Unreadable, read_file, rebuild, template
from autograder.verdict import result_key

COLUMNS = ("student", "chapter", "task", "before", "now", "what")


@dataclass(frozen=True)
class Change:
    """One score that is not what it was. `what`: rose, fell, resubmitted, points changed."""

    student: str
    chapter: str
    task: str
    before: float
    before_points: float
    now: float
    points: float
    what: str

    @property
    def stays(self) -> float:
        """The earlier score, in points of today."""
        return self.before / self.before_points * self.points

    def cells(self, accept_lower: bool) -> list[str]:
        """The row of the table."""
        decided = "" if self.what != "fell" else ": accepted" if accept_lower else ": stays"
        numbers = f"{self.before:g} of {self.before_points:g}", f"{self.now:g} of {self.points:g}"
        return [self.student, self.chapter, self.task, *numbers, self.what + decided]


def regrade(
    submitted: Path,
    out: Path,
    wanted: Sequence[str] = (),
    jobs: int | None = None,
    accept_lower: bool = False,
    progress: bool = True,
) -> tuple[list[Row], list[Change]]:
    """Grade the submissions in `submitted` again into OUT; the rows of grades.csv and every change.

    Raises ValueError when OUT holds no verdicts, or a graded submission is gone.
    """
    before = {(r["student"], r["chapter"]): r for r in records.read_all(out)}
    if not before:
        raise ValueError(f"`out` (={str(out)!r}) holds no verdicts: run `grade` first")
    _all_there(submitted, before, wanted)
    fresh = out / "regrade"
    shutil.rmtree(fresh, ignore_errors=True)
    remembered_variant(fresh, remembered_variant(out))
    grade(submitted, fresh, wanted, jobs, secret_seed(out), progress=progress)
    changes = compare(before, {(r["student"], r["chapter"]): r for r in records.read_all(fresh)})
    if not accept_lower:
        _keep_scores(submitted, fresh, [c for c in changes if c.what == "fell"])
    (out / "results").mkdir(exist_ok=True)
    for path in (fresh / "results").glob("*.json"):
        shutil.copy(path, out / "results" / path.name)
    rows = grade(submitted, out, wanted, jobs, resume=True, progress=progress)
    shutil.rmtree(fresh)
    return rows, changes


def compare(
    before: dict[tuple[str, str], records.Record], now: dict[tuple[str, str], records.Record]
) -> list[Change]:
    """Every score that differs, those that fell first."""
    found = []
    for key, new in now.items():
        old = before.get(key)
        for name, row in new["tasks"].items() if old is not None else ():
            then = old["tasks"].get(name) if old is not None else None
            if then is None or (then["score"], then["points"]) == (row["score"], row["points"]):
                continue
            again = old is not None and old["answers"].get(name) != new["answers"].get(name)
            what = "resubmitted" if again else _what(then, row)
            found.append(
                Change(*key, name, then["score"], then["points"], row["score"], row["points"], what)
            )
    return sorted(found, key=lambda c: (c.what != "fell", c.chapter, c.student, c.task))


def changes_since(out: Path, moment: str) -> list[Change]:
    """What has changed since a moment (ISO 8601, UTC): records against their history's last entry."""
    found = []
    for record in records.read_all(out):
        if record["history"] and record["graded"] >= moment:
            key = (record["student"], record["chapter"])
            last = record["history"][-1]
            same = last["content"] == record["content"]
            old = {"tasks": last["tasks"], "answers": record["answers"] if same else {}}
            found += compare({key: old}, {key: record})
    return found


def _what(then: dict[str, Any], row: dict[str, Any]) -> str:
    share, share_then = row["score"] / row["points"], then["score"] / then["points"]
    if row["score"] < then["score"] or share < share_then - 1e-9:
        return "fell" if share < share_then - 1e-9 else "points changed"
    return "rose" if share > share_then + 1e-9 else "points changed"


def _all_there(
    submitted: Path, before: dict[tuple[str, str], records.Record], wanted: Sequence[str]
) -> None:
    gone = [
        f"{student}/{chapter}"
        for student, chapter in before
        if (not wanted or chapter in wanted) and handed_in(submitted, student, chapter) is None
    ]
    if gone:
        raise ValueError(
            f"`submitted` (={str(submitted)!r}) lacks what was graded before: {', '.join(gone[:5])}"
        )


def _keep_scores(submitted: Path, fresh: Path, fell: Sequence[Change]) -> None:
    """Put the earlier scores into the new verdicts."""
    seed = secret_seed(fresh)
    for change in fell:
        path = handed_in(submitted, change.student, change.chapter)
        if path is None:
            continue
        one = Submission(change.student, change.chapter, path, fresh, seed)
        try:
            cells = rebuild(template(one.release), read_file(path))
        except Unreadable:
            continue
        path = fresh / "results" / f"{result_key(cells, seed, None)}.json"
        made = json.loads(path.read_text())
        row = made["tasks"][change.task]
        row.setdefault("kept", row["score"])
        row["score"] = max(row["score"], change.stays)
        check = next(c.id for c in cells if c.kind == "check" and c.name == change.task)
        made["outputs"][check] = _outputs(row)
        write_if_changed(path, json.dumps(made, indent=1))


def _outputs(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The check cell's outputs when an earlier score stays."""
    said = f"The earlier score stays: graded anew, it would be {row['kept']:g}.\n"
    value = {"text/plain": repr(float(row["score"]))}
    return [
        {"output_type": "stream", "name": "stdout", "text": said},
        {"output_type": "execute_result", "data": value, "metadata": {}, "execution_count": None},
    ]
