"""A whole class: everybody gets the expected row, nbgrader records it, nobody hurts another."""

import csv
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import judge
from autograder.build import build
from autograder.demo import make_class
from autograder.grading import COLUMNS, grade, secret_seed
from autograder.tasks import all_tasks

EXPECTED = Path(__file__).with_name("demo_expected.csv")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(folder, rows) of the demo class."""
    out = tmp_path_factory.mktemp("demo")
    return out, grade(make_class(out), out, progress=False)


def shown(rows):
    """Student, task, score, status and first hint as text."""
    return [
        ",".join([r.student, r.task, f"{r.score:g}", r.status, *(r.hints[:1] or [""])])
        for r in rows
    ]


def test_demo_class_gets_exactly_the_expected_table(graded):
    _, rows = graded
    assert shown(rows) == EXPECTED.read_text().splitlines()


def test_the_expected_table_is_what_each_kind_of_student_deserves():
    """The table itself is checked, so that a wrong one can't be committed by accident."""
    rows = list(csv.reader(EXPECTED.read_text().splitlines()))
    for student, task, score, status, hint in rows:
        full = all_tasks()[task].points
        if student.startswith("perfect") or student in ("odd-copied-check", "odd-deleted-check"):
            assert (float(score), status, hint) == (full, "graded", "")
        elif student.startswith("wrong-"):
            _, wrong, bug = student.split("-")
            expected = (hint == bug and float(score) < full) if task == wrong else not hint
            assert expected and (task == wrong or float(score) == full), student
        elif student == "blank":
            assert (float(score), status) == (0, "blank")
        elif student in ("odd-not-json", "odd-no-cells"):
            assert (float(score), status) == (0, "unreadable")
        else:  # the last task is broken, the others are right
            broken = task == "conv_dy_flip"
            assert float(score) == (0 if broken else full), student
    statuses = {student: status for student, task, _, status, _ in rows if task == "conv_dy_flip"}
    assert statuses["odd-endless-loop"] == "timeout"
    assert statuses["odd-exit"] == "crashed"
    assert statuses["odd-syntax-error"] == statuses["odd-exception"] == "error"


def test_the_learners_process_and_this_one_give_the_same_verdicts(graded):
    """For the whole catalogue: split grading = in-process judging, property by property."""
    _, rows = graded
    for row in rows:
        if row.student.startswith(f"wrong-{row.task}-"):
            bug = row.student.rsplit("-", 1)[1]
            (misconception,) = (m for m in all_tasks()[row.task].misconceptions if m.id == bug)
            report = judge(row.task, misconception.wrong)
            assert (report.score, report.status) == (row.score, row.status), row.student
            assert report.hints[0] == row.hints[0], row.student


def test_grades_csv_holds_the_rows(graded):
    out, rows = graded
    with (out / "grades.csv").open() as f:
        head, *lines = csv.reader(f)
    assert tuple(head) == COLUMNS
    assert lines == [r.cells() for r in rows]


def gradebook_scores(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gb:
        return {s.student.id: s.score for s in gb.assignment_submissions("ch05")}


def test_nbgraders_gradebook_holds_the_same_scores(graded):
    out, rows = graded
    sums = {}
    for r in rows:
        sums[r.student] = sums.get(r.student, 0) + r.score
    assert gradebook_scores(out) == sums


def test_every_student_gets_a_feedback_page_with_the_hint(graded):
    out, rows = graded
    for student in {r.student for r in rows}:
        page = (out / "feedback" / student / "ch05" / "ch05_dy.html").read_text()
        assert "conv_dy_flip" in page
    page = (out / "feedback/wrong-conv_dy_flip-no_flip/ch05/ch05_dy.html").read_text()
    assert "Yours looks like the filter slides over the padded dz as it is." in page
    assert "could not be read" in (out / "feedback/odd-not-json/ch05/ch05_dy.html").read_text()


def test_the_report_shows_the_class(graded):
    out, rows = graded
    page = (out / "report.html").read_text()
    assert f"{len({r.student for r in rows})} students, 4 tasks." in page
    assert "the filter is not flipped" in page and "://" not in page


def test_the_seed_is_secret(graded):
    out, _ = graded
    assert stat.S_IMODE((out / "seed").stat().st_mode) == 0o600
    seed = (out / "seed").read_text()
    for path in [out / "grades.csv", out / "report.html", *out.glob("feedback/*/*/*.html")]:
        assert seed not in path.read_text()


FEW = (
    "blank", "perfect-einsum", "wrong-conv_dy_flip-first_map_only", "odd-copied-check",
    "odd-deleted-check", "odd-deleted-answer", "odd-exit", "odd-not-json", "odd-syntax-error",
)  # fmt: skip


def test_nbgrader_autograde_gives_the_same_scores(graded, tmp_path):
    """Stock nbgrader in the configured course, on the raw submissions."""
    out, rows = graded
    course = tmp_path / "course"
    build(course, exercises=None)
    for student in FEW:
        shutil.copytree(out / "submitted" / student, course / "submitted" / student)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    run = lambda *words: subprocess.run(  # noqa: E731
        [nbgrader, *words], cwd=course, capture_output=True, text=True
    )
    done = run("autograde", "ch05")
    sums = {s: sum(r.score for r in rows if r.student == s) for s in FEW}
    assert gradebook_scores(course) == sums, done.stderr[-3000:]
    assert "odd-not-json" in done.stderr  # nbgrader names the one it could not read
    done = run("generate_feedback", "ch05")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (course / "feedback/blank/ch05/ch05_dy.html").exists()
    done = run("export")
    assert done.returncode == 0 and "perfect-einsum" in (course / "grades.csv").read_text()


@pytest.fixture
def small_class(graded, tmp_path):
    """Two students, one of whom has not handed in this chapter; the other at a path with spaces."""
    out, _ = graded
    submitted = tmp_path / "the class"
    shutil.copytree(out / "submitted" / "perfect-model", submitted / "Ада Λ ß")
    (submitted / "late" / "ch06").mkdir(parents=True)
    return submitted, tmp_path / "out put"


def test_grade_lists_who_is_missing(small_class):
    submitted, out = small_class
    rows = grade(submitted, out, ["ch05"], jobs=1, progress=False)
    assert [r.status for r in rows] == ["missing"] * 4 + ["graded"] * 4
    assert [r.student for r in rows] == ["late"] * 4 + ["Ада Λ ß"] * 4
    assert sum(r.score for r in rows) == 18


def test_grade_resumes_from_stored_verdicts(small_class):
    submitted, out = small_class
    first = grade(submitted, out, ["ch05"], jobs=1, progress=False)
    (stored,) = (out / "results").glob("*.json")
    before = stored.stat().st_mtime_ns
    assert grade(submitted, out, ["ch05"], jobs=1, resume=True, progress=False) == first
    assert stored.stat().st_mtime_ns == before
    assert grade(submitted, out, ["ch05"], jobs=1, progress=False) == first
    (again,) = (out / "results").glob("*.json")
    assert again.stat().st_mtime_ns > before


def test_a_resubmission_replaces_the_grade(small_class, graded):
    submitted, out = small_class
    grade(submitted, out, ["ch05"], jobs=1, progress=False)
    shutil.rmtree(submitted / "Ада Λ ß")
    shutil.copytree(graded[0] / "submitted" / "blank", submitted / "Ада Λ ß")
    grade(submitted, out, ["ch05"], jobs=1, resume=True, progress=False)
    assert gradebook_scores(out)["Ада Λ ß"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"submitted": Path("nowhere")}, r"`submitted` \(='nowhere'\) is not a folder"),
        ({"wanted": ["ch99"]}, r"`chapter` \(='ch99'\) is not one of those with exercises"),
        ({"submitted": Path(".")}, "holds no <student>/<chapter>/<notebook>.ipynb"),
    ],
)  # fmt: skip
def test_grade_errors_name_argument_and_value(arguments, message, small_class, monkeypatch):
    submitted, out = small_class
    monkeypatch.chdir(submitted / "late")
    with pytest.raises(ValueError, match=message):
        grade(**{"submitted": submitted, "out": out, "progress": False, **arguments})
    assert not out.exists(), "nothing is written before the arguments are known to be right"


def test_secret_seed_is_chosen_once(tmp_path):
    chosen = secret_seed(tmp_path)
    assert secret_seed(tmp_path) == secret_seed(tmp_path, chosen) == chosen
    with pytest.raises(ValueError, match=r"`seed` \(=3\) differs"):
        secret_seed(tmp_path, 3)


def test_demo_never_replaces_a_real_class(tmp_path):
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    with pytest.raises(ValueError, match="submissions of a real class"):
        make_class(tmp_path)
    assert (tmp_path / "submitted" / "ada").exists()
