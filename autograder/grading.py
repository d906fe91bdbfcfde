"""Grades a class: every submission gets a verdict, and nobody's can hurt another's.

DIR/<student>/<chapter>/<notebook>.ipynb   as nbgrader lays submissions out
OUT/grades.csv       student, chapter, task, score, points, status, hints
OUT/gradebook.db     nbgrader's, with OUT/autograded/, what its other commands read
OUT/feedback/        a page for each submission: <student>/<chapter>/<notebook>.html
OUT/verdicts/        what came out for each submission, and before: for appeals, for regrading
OUT/kept/            scores that stay though a task has changed: see regrade.py
OUT/report.html      the class at a glance
OUT/results/         verdicts by content, stored as they come: nothing is graded twice
OUT/seed             the run's secret seed (only its owner can read it)
"""

import fcntl
import os
import secrets
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import class_report, feedback, kept, records
from autograder.build import FRESH, build
from autograder.engine import run, shown
from autograder.gradebook import Entry, Recorder, unanswered, write_autograded
from autograder.grades import COLUMNS, Row, read_grades, write_grades
from autograder.isolation import sandbox
from autograder.isolation.session import Limits
from autograder.submission import Unreadable, inert, read_file, rebuild, template
from autograder.submitted import (
    handed_in,
    notebook_name,
    students,
    tell_of_gone,
    tell_of_rare,
    tell_of_unused,
    wanted_chapters,
)
from autograder.tasks import all_tasks
from autograder.verdict import blank_tasks, stored_verdict

Tasks = dict[str, dict[str, Any]]


class Lost(RuntimeError):
    """Some submissions got no verdict, whoever's fault it is; all others have theirs.

    `rows` are those of grades.csv.
    """

    def __init__(self, message: str, rows: Sequence[Row]) -> None:
        super().__init__(message)
        self.rows = list(rows)


@dataclass(frozen=True)
class Submission:
    """One file to grade, and the folder and the seed of the run."""

    student: str
    chapter: str
    path: Path
    out: Path
    seed: int

    @property
    def release(self) -> Path:
        """The released notebook; the submitted one may have come under another name."""
        return self.out / "release" / self.chapter / notebook_name(self.chapter)

    def content(self) -> bytes:
        """The file's bytes; none where it is no file to read."""
        try:
            return read_file(self.path)
        except Unreadable:
            return b""


def secret_seed(out: Path, seed: int | None = None) -> int:
    """The run's seed: the one stored in OUT; else `seed` or a random one, which is stored there.

    Raises ValueError when `seed` is given and another one is stored.
    """
    path = out / "seed"
    if path.exists():
        stored = int(path.read_text())
        if seed is not None and seed != stored:
            raise ValueError(
                f"`seed` (={seed}) differs from the one that {path} holds: verdicts made with two "
                "seeds do not belong together; choose another output folder"
            )
        return stored
    out.mkdir(parents=True, exist_ok=True)
    chosen = secrets.randbits(64) if seed is None else seed
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
        f.write(str(chosen))
    return chosen


def grade(
    submitted: Path,
    out: Path,
    wanted: Sequence[str] = (),
    jobs: int | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    scheduler: str = "",
    absent: Collection[tuple[str, str]] = (),
) -> list[Row]:
    """Grade `DIR` into `OUT`; the rows of grades.csv. See the module's first lines for the files.

    `wanted` names chapters (all with submissions if empty). With `resume`, verdicts stored by an
    earlier run are kept; without, they are made again. `scheduler` is the address of a
    dask.distributed cluster that makes the verdicts. `absent` are (student, chapter) whose rows
    stay as they are in OUT. Raises ValueError for a chapter or a folder that is not there and where
    there is no sandbox, and Lost, when all is written, if a submission got no verdict.
    """
    named = bool(wanted)
    wanted = wanted_chapters(submitted, wanted)
    _apart(submitted, out)
    if not scheduler:
        sandbox.require()
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        build(out, exercises=None, wanted=wanted)
        number = secret_seed(out, seed)
        _sweep(out)
        if not resume:
            _forget(out / "results")
        there = {
            (s.student, s.chapter): s for s in find_submissions(submitted, wanted, out, number)
        }
        gone = {key for key in records.keys(out) if key[1] in wanted and key not in there}
        tell_of_gone(gone - set(absent))
        tell_of_unused(submitted, wanted)
        if not named:
            tell_of_rare((chapter for _, chapter in there), len(students(submitted)))
        stay = {*absent, *gone}
        found = [submission for key, submission in there.items() if key not in stay]
        rows, lost = _graded(found, out, jobs, progress, scheduler)
        rows += _missing(submitted, wanted, {*stay, *there})
        before = _rows_before(submitted, out, wanted)
        rows += [r for r in before if r.chapter not in wanted or (r.student, r.chapter) in stay]
        order = {name: k for k, name in enumerate(all_tasks())}
        rows.sort(key=lambda r: (r.student, r.chapter, order.get(r.task, len(order))))
        write_grades(out / "grades.csv", rows)
        class_report.write(out, rows)
    if lost:
        raise Lost("no verdict for " + "; ".join(lost), rows)
    return rows


def _graded(
    found: Sequence[Submission], out: Path, jobs: int | None, progress: bool, scheduler: str
) -> tuple[list[Row], list[str]]:
    """All rows, and who got no verdict for which reason."""
    ready: Iterable[Submission] = found
    if scheduler:
        from autograder.cluster import judged_by

        ready = judged_by(scheduler, found)
    rows: list[Row] = []
    lost: list[str] = []
    longest = 2 * Limits().whole_wall
    with Recorder(out) as book:
        graded = run(grade_one, ready, jobs, longest, at_end=sandbox.close_nursery)
        for submission, answer in shown(graded, len(found), progress):
            if isinstance(answer, Exception):
                lost.append(f"{submission.path} ({type(answer).__name__}: {answer})")
                print(f"no verdict: {lost[-1]}", file=sys.stderr, flush=True)
                names = [t.name for t in all_tasks().values() if t.chapter == submission.chapter]
                rows += _rows(submission, blank_tasks(names, "crashed"))
                continue
            tasks, entry = answer
            rows += _rows(submission, tasks)
            book.record(entry)
    return rows, lost


def _rows_before(submitted: Path, out: Path, wanted: Sequence[str]) -> list[Row]:
    """The rows of OUT/grades.csv; where `nbgrader export` has written its own file over it, those
    of the stored verdicts."""
    path = out / "grades.csv"
    rows = list(read_grades(path))
    if rows or not path.exists():
        return rows
    print(f"{path} is not ours: its rows are made from the stored verdicts", file=sys.stderr)
    stored = list(records.read_all(out))
    for record in stored:
        for task, row in record["tasks"].items():
            numbers, hints = (row["score"], row["points"]), tuple(row["hints"])
            who = record["student"], record["chapter"]
            rows.append(Row(*who, task, *numbers, row["status"], hints))
    seen = {(record["student"], record["chapter"]) for record in stored}
    return rows + _missing(submitted, {chapter for _, chapter in seen} - set(wanted), seen)


def _apart(submitted: Path, out: Path) -> None:
    """Raise ValueError when what is written would count as students."""
    inner, outer = out.resolve(), submitted.resolve()
    if inner == outer or outer in inner.parents:
        raise ValueError(
            f"`out` (={str(out)!r}) lies in `submitted` (={str(submitted)!r}), where each folder is a "
            "student's: choose another place"
        )


def _rows(submission: Submission, tasks: Tasks) -> Iterator[Row]:
    for task, row in tasks.items():
        numbers = row["score"], row["points"]
        said = row["status"], tuple(map(sys.intern, row["hints"]))
        yield Row(submission.student, submission.chapter, task, *numbers, *said)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two runs must not write into one folder; the lock ends with the process that holds it."""
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"`out` (={str(out)!r}): another run is writing there") from None
        yield


def _sweep(out: Path) -> None:
    """Remove what an earlier run was writing when it was killed."""
    for folder in ("results", "autograded", "feedback", "verdicts"):
        for path in (out / folder).rglob(f".*{FRESH}"):
            path.unlink()


def find_submissions(
    submitted: Path, wanted: Sequence[str], out: Path, seed: int
) -> Iterator[Submission]:
    """Every submission that is there, by chapter and student."""
    for chapter in wanted:
        for student in students(submitted):
            path = handed_in(submitted, student, chapter)
            if path is not None:
                yield Submission(student, chapter, path, out, seed)


def grade_one(submission: Submission) -> tuple[Tasks, Entry]:
    """Grade one submission: its verdict is stored, and its files are written; not the gradebook.

    An unreadable file becomes a notebook that says so, with no answers in it.
    """
    path, out, chapter = submission.path, submission.out, submission.chapter
    release = template(submission.release)
    names = [cell.name for cell in release if cell.kind == "check"]
    problem = ""
    try:
        cells = rebuild(release, read_file(path))
    except Unreadable as error:
        cells, problem = list(release), str(error)
    made = stored_verdict(out / "results", cells, submission.seed)
    made = kept.apply(out, submission.student, chapter, cells, made)
    tasks = blank_tasks(names, "unreadable") if problem else made["tasks"]
    said = f"**This submission could not be read:** {inert(problem)}." if problem else ""
    scores = {name: float(row["score"]) for name, row in tasks.items()}
    stamp = _timestamp(path.with_name("timestamp.txt"))
    entry = Entry(submission.student, chapter, scores, unanswered(cells), stamp)
    records.keep(out, submission.student, chapter, cells, tasks, problem)
    notebook = path.with_name(submission.release.name)
    failed = {} if problem else made["failed"]
    place = out, submission.student, notebook
    feedback.write(*place, cells, release, tasks, problem, stamp, failed)
    write_autograded(out, entry, notebook.name, cells, made["outputs"], said)
    return tasks, entry


def _timestamp(path: Path) -> str:
    """When nbgrader says it was handed in; "" where there is no time that it understands."""
    from nbgrader.utils import parse_utc

    try:
        text = read_file(path).decode()[:100].strip()
        parse_utc(text)
        return text
    except (OSError, ValueError, OverflowError, Unreadable):
        return ""


def _missing(submitted: Path, wanted: Iterable[str], seen: set[tuple[str, str]]) -> list[Row]:
    """Rows for students who handed in something, but not this chapter's notebook."""
    return [
        Row(student, chapter, task.name, 0.0, task.points, "missing")
        for student in students(submitted)
        for chapter in wanted
        for task in all_tasks().values()
        if task.chapter == chapter and (student, chapter) not in seen
    ]


def _forget(results: Path) -> None:
    for path in results.glob("*.json"):
        path.unlink()


__all__ = ["COLUMNS", "Lost", "Row", "grade", "grade_one", "secret_seed", "write_grades"]
