"""A class with hostile members, graded as an instructor does: rows, gradebook and feedback pages."""

import os

import pytest
from nbgrader.api import Gradebook

from autograder.grading import grade
from tests.hostile.submissions import FULL, RIGHT_CONTENT, ROWS

MEMBERS = (
    "html", "html-text", "link-text", "png-html", "print-odd", "surrogate-code", "nul", "odd-kind",
    "not-json", "html-page", "os-exit", "claim-verdict", "rebind-check", "disk",
)  # fmt: skip
RUNS = ("<script>alert", "<img src=x", 'href="javascript:', "\\href{", "<svg onload")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(folder, rows) of the class; two of its members are right, the first and the last."""
    folder = tmp_path_factory.mktemp("hostile class")
    rows = {row.name: row for row in ROWS}
    contents = {name: rows[name].content for name in MEMBERS}
    contents |= {"a first": RIGHT_CONTENT, "zz last": RIGHT_CONTENT}
    for student, content in contents.items():
        path = folder / "submitted" / student / "ch05" / "ch05_dy.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    odd = [folder / "submitted" / f"odd {k}" / "ch05" / "ch05_dy.ipynb" for k in range(4)]
    for path in odd[:3]:
        path.parent.mkdir(parents=True)
    os.mkfifo(odd[0])
    odd[1].symlink_to(folder / "submitted" / "a first" / "ch05" / "ch05_dy.ipynb")
    odd[2].mkdir()
    odd[3].parents[1].mkdir()
    odd[3].parent.symlink_to(folder / "submitted" / "a first" / "ch05")
    out = folder / "out"
    return out, grade(folder / "submitted", out, ["ch05"], jobs=2, progress=False)


@pytest.mark.slow
def test_everybody_gets_the_row_they_deserve(graded):
    _, rows = graded
    got = {}
    for row in rows:
        got.setdefault(row.student, {})[row.task] = (row.score, row.status)
    assert got["a first"] == got["zz last"] == FULL
    expected = {row.name: row.expected for row in ROWS if row.name in MEMBERS}
    for student, tasks in expected.items():
        for task, (score, status) in tasks.items():
            assert got[student][task] == (score, status or got[student][task][1]), student
    for k in range(4):
        assert set(got[f"odd {k}"].values()) == {(0.0, "unreadable")}


@pytest.mark.slow
def test_the_gradebook_says_the_same(graded):
    out, rows = graded
    sums = {}
    for row in rows:
        sums[row.student] = sums.get(row.student, 0) + row.score
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        assert {s.student.id: s.score for s in book.assignment_submissions("ch05")} == sums


@pytest.mark.slow
def test_no_page_runs_or_holds_what_it_should_not(graded):
    out, rows = graded
    seed = (out / "seed").read_text()
    pages = [*out.glob("feedback/*/*/*.html"), out / "report.html", out / "grades.csv"]
    assert len(pages) >= len({row.student for row in rows})
    for path in pages:
        text = path.read_text()
        assert seed not in text
        for running in RUNS:
            assert running not in text, path
