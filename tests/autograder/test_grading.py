"""A whole class: everybody gets the expected row, nbgrader records it, nobody hurts another."""

import csv
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.build import build
from autograder.demo import ODD
from autograder.grading import COLUMNS, grade, secret_seed


@pytest.fixture(scope="module")
def graded(tmp_path_factory, hand_in):
    """(folder, rows) of a small class in chapter 5, its seed a secret random one."""
    out = tmp_path_factory.mktemp("graded")
    submitted = out / "submitted"
    hand_in(submitted, "blank", "blank")
    hand_in(submitted, "einsum", style=2)
    hand_in(submitted, "no-flip", "wrong", conv_dy_flip="no_flip")
    for kind in ODD:
        if kind != "endless-loop":
            hand_in(submitted, kind, kind)
    return out, grade(submitted, out, jobs=2, progress=False)


def test_grades_csv_holds_the_rows(graded):
    out, rows = graded
    with (out / "grades.csv").open() as f:
        head, *lines = csv.reader(f)
    assert tuple(head) == COLUMNS
    assert lines == [r.cells() for r in rows]


def gradebook_scores(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gb:
        return {s.student.id: s.score for s in gb.assignment_submissions("ch05")}


def sums_of(rows):
    sums = {}
    for r in rows:
        sums[r.student] = sums.get(r.student, 0) + r.score
    return sums


def test_nbgraders_gradebook_holds_the_same_scores(graded):
    out, rows = graded
    assert gradebook_scores(out) == sums_of(rows)


def test_every_student_gets_a_feedback_page_with_the_hint(graded):
    out, rows = graded
    for student in {r.student for r in rows}:
        page = (out / "feedback" / student / "ch05" / "ch05_dy.html").read_text()
        assert "conv_dy_flip" in page
    page = (out / "feedback/no-flip/ch05/ch05_dy.html").read_text()
    assert "Yours looks like the filter slides over the padded dz as it is." in page
    assert "could not be read" in (out / "feedback/not-json/ch05/ch05_dy.html").read_text()


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


def test_nbgrader_autograde_gives_the_same_scores(graded, tmp_path):
    """Stock nbgrader in the configured course, on the raw submissions."""
    out, rows = graded
    course = tmp_path / "course"
    build(course, exercises=None)
    shutil.copytree(out / "submitted", course / "submitted")
    nbgrader = Path(sys.executable).with_name("nbgrader")
    run = lambda *words: subprocess.run(  # noqa: E731
        [nbgrader, *words], cwd=course, capture_output=True, text=True
    )
    done = run("autograde", "ch05")
    assert gradebook_scores(course) == sums_of(rows), done.stderr[-3000:]
    assert "not-json" in done.stderr  # nbgrader names the one it could not read
    done = run("generate_feedback", "ch05")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (course / "feedback/blank/ch05/ch05_dy.html").exists()
    done = run("export")
    assert done.returncode == 0 and "einsum" in (course / "grades.csv").read_text()


@pytest.fixture
def small_class(hand_in, tmp_path):
    """Two students, one of whom has not handed in this chapter; the other at a path with spaces."""
    submitted = tmp_path / "the class"
    hand_in(submitted, "Ада Λ ß")
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


def test_a_resubmission_replaces_the_grade(small_class, hand_in):
    submitted, out = small_class
    grade(submitted, out, ["ch05"], jobs=1, progress=False)
    hand_in(submitted, "Ада Λ ß", "blank")
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
