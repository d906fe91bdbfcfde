"""nbgrader's gradebook and its autograded notebooks, written without running its converters.

`nbgrader autograde` opens the database nine times for a submission and commits twenty-three times.
Here all submissions of a run go through one session, with many in a transaction. What nbgrader's
other commands, the formgrader and exports see is the same (tests/autograder/test_gradebook.py
compares the two ways, row by row and file by file).
"""

import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.build import text_of, write_if_changed
from autograder.nbgrader_config import course_config
from autograder.submission import Cell, as_notebook

TOGETHER = 50  # submissions in one transaction
PERMISSIONS = 0o444  # nbgrader's, for autograded files


@dataclass(frozen=True)
class Entry:
    """What the gradebook is told of one submission.

    `unanswered` names the answer cells that are as they were released.
    """

    student: str
    chapter: str
    scores: Mapping[str, float]
    unanswered: tuple[str, ...] = ()
    timestamp: str = ""


def fill(notebook: NotebookNode, outputs: Mapping[str, list[dict[str, Any]]]) -> NotebookNode:
    """Put the outputs, {cell id: outputs}, into the notebook that is being graded."""
    number = 0
    for cell in notebook.cells:
        cell.metadata.pop("kind", None)
        if cell.cell_type != "code":
            continue
        number += 1
        cell.execution_count = number
        cell.outputs = [nbformat.from_dict(o) for o in outputs.get(cell.id, [])]
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return notebook


def write_autograded(
    out: Path,
    entry: Entry,
    name: str,
    cells: list[Cell],
    outputs: Mapping[str, Any],
    note: str = "",
) -> None:
    """OUT/autograded/<student>/<chapter>/<notebook>.ipynb, as nbgrader writes it.

    `note` is Markdown that is put in front.
    """
    from nbgrader.preprocessors import LimitOutput

    notebook = as_notebook(cells)
    if note:
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(note, id="unreadable"))
    notebook, _ = LimitOutput().preprocess(fill(notebook, outputs), {})
    place = out / "autograded" / entry.student / entry.chapter
    write_if_changed(place / name, text_of(notebook))
    (place / name).chmod(PERMISSIONS)
    if entry.timestamp:
        write_if_changed(place / "timestamp.txt", entry.timestamp)
        (place / "timestamp.txt").chmod(PERMISSIONS)
    _copy_course_files(out / "source" / entry.chapter, place)


def _copy_course_files(source: Path, place: Path) -> None:
    """Whatever the instructor's assignment holds beside its notebook."""
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix != ".ipynb":
            target = place / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(path, target)
            target.chmod(PERMISSIONS)


def unanswered(cells: list[Cell]) -> tuple[str, ...]:
    """The grade ids of answer cells whose text is the released one, as nbgrader's checksum says."""
    from nbgrader.utils import compute_checksum

    return tuple(
        cell.metadata.nbgrader.grade_id
        for cell in as_notebook([c for c in cells if c.kind == "answer"]).cells
        if cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    )


class Recorder:
    """Writes entries into OUT/gradebook.db. Use it as a context manager."""

    def __init__(self, course: Path) -> None:
        from nbgrader.api import Gradebook
        from nbgrader.preprocessors import AssignLatePenalties

        config = course_config(course)
        settings = config.CourseDirectory
        self.book = Gradebook(settings.db_url, settings.course_id)
        self.late = AssignLatePenalties(config=config)
        self.late.init_plugin()
        self.since_commit = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            self.commit()
        except Exception:
            if kind is None:
                raise
            self.book.db.rollback()  # a Ctrl-C has cut a write: `--resume` records what is stored
        finally:
            self.book.close()

    def commit(self) -> None:
        """Make what was recorded last."""
        self.book.db.commit()
        self.book.db.expunge_all()  # nothing of it is kept in memory
        self.since_commit = 0

    def record(self, entry: Entry) -> None:
        """Scores, "No response." and late penalty, as `nbgrader autograde` would."""
        with _many_in_one_transaction(self.book):
            submission = self._submission(entry)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = entry.scores[grade.cell.name]
                    grade.needs_manual_grade = grade.manual_score is not None
                for comment in notebook.comments:
                    silent = comment.cell.name in entry.unanswered
                    comment.auto_comment = "No response." if silent else None
                self.book.db.flush()
                notebook.late_submission_penalty = self._penalty(submission, notebook)
            self.book.db.flush()
        self.since_commit += 1
        if self.since_commit >= TOGETHER:
            self.commit()

    def _submission(self, entry: Entry) -> Any:
        self.book.update_or_create_student(entry.student)
        stamp = {"timestamp": entry.timestamp} if entry.timestamp else {}
        return self.book.update_or_create_submission(entry.chapter, entry.student, **stamp)

    def _penalty(self, submission: Any, notebook: Any) -> float | None:
        """By the configured plugin; extensions and due dates are the gradebook's."""
        late = submission.total_seconds_late
        if late <= 0:
            return None
        student, score = submission.student_id, notebook.score
        penalty = self.late.plugin_inst.late_submission_penalty(student, score, late)
        if penalty is None:
            return None
        return float(self.late._check_late_penalty(notebook, penalty))


@contextmanager
def _many_in_one_transaction(book: Any) -> Iterator[None]:
    """nbgrader's gradebook commits after each of its steps: here they wait for the run's own."""
    from sqlalchemy.exc import SAWarning

    session = book.db()
    session.commit = session.flush
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # of nbgrader's autoflush while it adds
            yield
    finally:
        del session.commit
