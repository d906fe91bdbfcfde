"""Grades a class: every submission gets a verdict, and nobody's can hurt another's.

DIR/<student>/<chapter>/<notebook>.ipynb   as nbgrader lays submissions out
OUT/grades.csv       student, chapter, task, score, points, status, hints
OUT/gradebook.db     nbgrader's
OUT/feedback/        nbgrader's pages: <student>/<chapter>/<notebook>.html
OUT/report.html      the class at a glance
OUT/results/         verdicts by content, so that nothing is graded twice
OUT/seed             the run's secret seed (only its owner can read it)
"""

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from tqdm import tqdm

from autograder import class_report
from autograder.build import build, chapters, run_converter, write_if_changed
from autograder.grades import COLUMNS, Row, write_grades
from autograder.isolation import sandbox
from autograder.submission import Unreadable, as_notebook, inert, read_file, rebuild, template
from autograder.tasks import all_tasks
from autograder.verdict import blank_tasks, stored_verdict


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
) -> list[Row]:
    """Grade `DIR` into `OUT`; the rows of grades.csv. See the module's first lines for the files.

    `wanted` names chapters (all with submissions if empty). With `resume`, verdicts stored by an
    earlier run are kept; without, they are made again. Raises ValueError for a chapter or a
    folder that is not there, and where there is no sandbox.
    """
    wanted = _wanted(submitted, wanted)
    sandbox.require()
    build(out, exercises=None)
    number = secret_seed(out, seed)
    if not resume:
        _forget(out / "results")
    with ProcessPoolExecutor(jobs or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        futures = {
            pool.submit(grade_one, path, out, number): (student, chapter)
            for student, chapter, path in find_submissions(submitted, wanted)
        }
        rows = list(_collect(futures, progress))
    rows += _missing(submitted, wanted, {(r.student, r.chapter) for r in rows})
    rows.sort(key=lambda r: (r.student, r.chapter, list(all_tasks()).index(r.task)))
    write_grades(out / "grades.csv", rows)
    for chapter in wanted:
        _record(out, chapter, progress)
    write_if_changed(out / "report.html", class_report.page(rows))
    return rows


def _wanted(submitted: Path, wanted: Sequence[str]) -> list[str]:
    if not submitted.is_dir():
        raise ValueError(f"`submitted` (={str(submitted)!r}) is not a folder")
    unknown = [c for c in wanted if c not in chapters()]
    if unknown:
        raise ValueError(
            f"`chapter` (={unknown[0]!r}) is not one of those with exercises: {', '.join(chapters())}"
        )
    found = {path.parent.name for path in submitted.glob("*/*/*.ipynb")}
    chosen = list(wanted) or [c for c in chapters() if c in found]
    if not chosen:
        raise ValueError(
            f"`submitted` (={str(submitted)!r}) holds no <student>/<chapter>/<notebook>.ipynb "
            f"of a chapter with exercises ({', '.join(chapters())})"
        )
    return chosen


def find_submissions(submitted: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str, Path]]:
    """(student, chapter, notebook) for every submission that is there."""
    for chapter in wanted:
        name = f"{chapters()[chapter].stem}.ipynb"
        for path in sorted(submitted.glob(f"*/{chapter}/{name}")):
            yield path.parent.parent.name, chapter, path


def grade_one(path: Path, out: Path, seed: int) -> dict[str, dict[str, Any]]:
    """Grade one submission: its verdict is stored, and its rebuilt notebook put where nbgrader
    looks for it. An unreadable file becomes a notebook that says so, with no answers in it."""
    chapter, student = path.parent.name, path.parent.parent.name
    release = template(out / "release" / chapter / path.name)
    names = [cell.name for cell in release if cell.kind == "check"]
    try:
        cells = rebuild(release, read_file(path))
        tasks = stored_verdict(out / "results", cells, seed)["tasks"]
    except Unreadable as error:
        cells, tasks = list(release), blank_tasks(names, "unreadable")
        stored_verdict(out / "results", cells, seed)
        notebook = as_notebook(cells)
        said = f"**This submission could not be read:** {inert(str(error))}."
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(said, id="unreadable"))
    else:
        notebook = as_notebook(cells)
    place = out / "rebuilt" / student / chapter
    write_if_changed(place / path.name, nbformat.writes(notebook))
    stamp = path.with_name("timestamp.txt")
    if stamp.exists():
        write_if_changed(place / stamp.name, stamp.read_text())
    return dict(tasks)


def _collect(
    futures: dict["Future[dict[str, dict[str, Any]]]", tuple[str, str]], progress: bool
) -> Iterator[Row]:
    done = tqdm(as_completed(futures), total=len(futures), desc="grading", disable=not progress)
    for future in done:
        student, chapter = futures[future]
        for task, row in future.result().items():
            score, points, status = row["score"], row["points"], row["status"]
            yield Row(student, chapter, task, score, points, status, tuple(row["hints"]))


def _missing(submitted: Path, wanted: Iterable[str], seen: set[tuple[str, str]]) -> list[Row]:
    """Rows for students who handed in something, but not this chapter's notebook."""
    students = sorted(p.name for p in submitted.iterdir() if p.is_dir())
    return [
        Row(student, chapter, task.name, 0.0, task.points, "missing")
        for student in students
        for chapter in wanted
        for task in all_tasks().values()
        if task.chapter == chapter and (student, chapter) not in seen
    ]


def _forget(results: Path) -> None:
    for path in results.glob("*.json"):
        path.unlink()


def _record(out: Path, chapter: str, progress: bool) -> None:
    """Let nbgrader record the verdicts in its gradebook and write the feedback pages."""
    from nbgrader.converters import Autograde, GenerateFeedback

    if progress:
        print(f"recording {chapter} in nbgrader's gradebook, writing feedback ...", flush=True)
    for converter in (Autograde, GenerateFeedback):
        run_converter(
            converter,
            out,
            chapter,
            CourseDirectory={"submitted_directory": "rebuilt"},
            BaseConverter={"force": True},
        )


__all__ = ["COLUMNS", "Row", "grade", "grade_one", "secret_seed", "write_grades"]
