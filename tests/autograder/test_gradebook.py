"""The gradebook: what our way writes is what nbgrader's own converters write."""

import shutil
from datetime import datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from sqlalchemy.exc import PendingRollbackError

from autograder.build import build, run_converter
from autograder.gradebook import Entry, Recorder
from autograder.grading import grade

DUE = datetime(2026, 11, 1, 12)
LATE = """
from nbgrader.plugins import LateSubmissionPlugin


class ATenthADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.1 * score * (total_seconds_late // 86400)


get_config().AssignLatePenalties.plugin_class = ATenthADay
"""
STAMPS = {
    "in-time": "2026-11-01 11:59:59 UTC",
    "late": "2026-11-03 13:00:00 UTC",
    "too-late": "2026-12-24 12:00:00 UTC",
    "no-time": "some day",
}


def course_with_due_date(folder):
    build(folder, exercises=None, wanted=["ch05"])
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + LATE)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.update_or_create_assignment("ch05", duedate=DUE)
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory, hand_in):
    """A graded class with a due date and a late plugin in the course's own settings."""
    course = course_with_due_date(tmp_path_factory.mktemp("a course"))
    submitted = course / "submitted"
    hand_in(submitted, "blank", "blank")
    hand_in(submitted, "Ада Λ ß", "wrong", conv_dy_flip="no_flip")
    hand_in(submitted, "deleted", "deleted-answer")
    for student, text in STAMPS.items():
        path = hand_in(submitted, student, style=1)
        path.with_name("timestamp.txt").write_text(text)
    (course / "source" / "ch05" / "data.csv").write_text("1,2\n")
    grade(submitted, course, jobs=2, progress=False)
    return course


def contents(course):
    """What nbgrader's other commands read of the submissions, as plain data."""
    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions("ch05"):
            student = submission.student.id
            found[student] = {"at": submission.timestamp, "late": submission.total_seconds_late}
            for notebook in submission.notebooks:
                found[student]["penalty"] = notebook.late_submission_penalty
                found[student]["sums"] = (notebook.score, notebook.max_score)
                for grade_ in notebook.grades:
                    row = (grade_.auto_score, grade_.manual_score, grade_.needs_manual_grade)
                    found[student][grade_.cell.name] = row
                for comment in notebook.comments:
                    found[student][comment.cell.name] = comment.auto_comment
    return found


def files(folder):
    return {p.relative_to(folder): p for p in folder.rglob("*") if p.is_file()}


def test_database_and_files_are_those_of_nbgraders_own_converter(course, tmp_path):
    stock = tmp_path / "stock"
    shutil.copytree(course, stock)
    shutil.rmtree(stock / "autograded")
    (stock / "gradebook.db").unlink()
    shutil.rmtree(stock / "release")
    course_with_due_date(stock)
    shutil.rmtree(stock / "submitted" / "no-time")  # nbgrader ends at a time it can't read
    run_converter(Autograde, stock, "ch05")
    ours = contents(course)
    assert ours.pop("no-time")["at"] is None
    assert ours == contents(stock)
    shutil.rmtree(course / "autograded" / "no-time")
    ours, theirs = files(course / "autograded"), files(stock / "autograded")
    assert set(ours) == set(theirs)
    for name, path in ours.items():
        assert path.read_bytes() == theirs[name].read_bytes(), name
        assert path.stat().st_mode == theirs[name].stat().st_mode, name


def test_late_work_is_penalised_by_the_courses_own_plugin(course):
    found = contents(course)
    assert found["in-time"]["penalty"] is None and found["in-time"]["late"] == 0
    assert found["late"]["penalty"] == pytest.approx(0.2 * 18)
    assert found["too-late"]["penalty"] == 18, "never more than the score"


def test_an_extension_counts_when_it_is_graded_again(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.grant_extension("ch05", "late", days=1)
    grade(course / "submitted", course, jobs=1, resume=True, progress=False)
    found = contents(course)
    assert found["late"]["late"] == 25 * 3600
    assert found["late"]["penalty"] == pytest.approx(0.1 * 18)


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader's own
def test_an_extension_may_be_given_before_anything_is_handed_in(tmp_path):
    """As the instructor pages say: nbgrader itself extends what is there only."""
    course = course_with_due_date(tmp_path)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.update_or_create_student("ada")
        book.update_or_create_submission("ch05", "ada")
        book.grant_extension("ch05", "ada", days=30_000)
    names = ("influence_mask", "pixel_gradient", "conv_dy_scatter", "conv_dy_flip")
    stamp = "2100-01-01 12:00:00 UTC"
    for student in ("ada", "bo"):
        with Recorder(course) as recorder:
            recorder.record(Entry(student, "ch05", dict.fromkeys(names, 1.0), (), stamp))
    found = contents(course)
    assert found["ada"]["late"] == 0 and found["ada"]["sums"][0] == 4
    assert found["bo"]["late"] > 0


def test_a_manual_grade_stays_and_asks_to_be_looked_at(tmp_path):
    course = course_with_due_date(tmp_path)
    names = ("influence_mask", "pixel_gradient", "conv_dy_scatter", "conv_dy_flip")
    entry = Entry("ada", "ch05", dict.fromkeys(names, 1.0))
    with Recorder(course) as recorder:
        recorder.record(entry)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.find_grade("conv_dy_flip", "ch05_dy", "ch05", "ada").manual_score = 5.0
        book.db.commit()
    with Recorder(course) as recorder:
        recorder.record(entry)
    assert contents(course)["ada"]["conv_dy_flip"] == (1.0, 5.0, True)
    assert contents(course)["ada"]["sums"] == (8.0, 18.0)


def test_what_was_recorded_before_an_error_is_kept(tmp_path):
    course = course_with_due_date(tmp_path)
    scores = dict.fromkeys(
        ("influence_mask", "pixel_gradient", "conv_dy_scatter", "conv_dy_flip"), 1.0
    )
    with pytest.raises(KeyboardInterrupt), Recorder(course) as recorder:
        recorder.record(Entry("ada", "ch05", scores))
        raise KeyboardInterrupt
    assert set(contents(course)) == {"ada"}


def test_settings_that_an_instructor_adds_stay(tmp_path):
    course = course_with_due_date(tmp_path)
    build(course, exercises=None, wanted=["ch05"])
    assert LATE in (course / "nbgrader_config.py").read_text()


def test_a_write_that_was_cut_hides_no_interruption(tmp_path, monkeypatch):
    """A Ctrl-C while SQLAlchemy writes leaves its session unfit for a commit."""
    course = course_with_due_date(tmp_path)

    def unfit():
        raise PendingRollbackError("the write was cut")

    with pytest.raises(KeyboardInterrupt), Recorder(course) as recorder:
        monkeypatch.setattr(recorder, "commit", unfit)
        raise KeyboardInterrupt
    with pytest.raises(PendingRollbackError), Recorder(course) as recorder:
        monkeypatch.setattr(recorder, "commit", unfit)
