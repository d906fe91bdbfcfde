"""What `explain` says where there is no answer of the student's own to show."""

import shutil
from dataclasses import replace

import pytest

from autograder.__main__ import main
from autograder.build import EXERCISES
from autograder.explain import explain
from autograder.grades import read_grades, write_grades
from autograder.grading import grade

TASK = "conv_dy_flip"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A graded class: one left the notebook as it was, one file is none, one has no folder for it."""
    folder = tmp_path_factory.mktemp("a class")
    for student in ("blank", "broken"):
        (folder / "in" / student / "ch05").mkdir(parents=True)
    (folder / "in" / "absent").mkdir()
    shutil.copy(EXERCISES / "ch05_dy.ipynb", folder / "in" / "blank" / "ch05")
    (folder / "in" / "broken" / "ch05" / "ch05_dy.ipynb").write_text("no notebook")
    grade(folder / "in", folder / "out", jobs=1, progress=False)
    return folder / "out"


def test_who_handed_in_nothing_is_told_so(out, capsys):
    assert main(["explain", "absent", TASK, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert f"absent: {TASK}(dz, w): 0 of 6 points" in told
    assert "Nothing was handed in for chapter ch05." in told and "earlier run" not in told


def test_who_handed_in_nothing_the_last_time_is_told_of_the_earlier_verdict(out, tmp_path):
    later = tmp_path / "out"
    shutil.copytree(out, later)
    rows = [
        replace(r, status="missing") if r.student == "blank" else r
        for r in read_grades(later / "grades.csv")
    ]
    write_grades(later / "grades.csv", rows)
    told = explain(later, "blank", TASK)
    assert "Nothing was handed in for chapter ch05." in told
    assert "An earlier run had a submission" in told and "0 of 6, blank." in told


def test_a_file_that_could_not_be_read_has_no_answer_to_show(out):
    told = explain(out, "broken", TASK)
    assert "the file that was handed in could not be read" in told
    assert "The reason: the file is not JSON" in told
    assert "The answer" not in told and "def conv_dy_flip" not in told


def test_an_answer_cell_that_is_as_released_is_not_told_as_an_answer(out):
    told = explain(out, "blank", TASK)
    assert told.endswith("\n\nThe answer cell is as it was released.")
    assert "def conv_dy_flip" not in told


def test_without_the_release_the_answer_cell_is_shown(out, tmp_path):
    moved = tmp_path / "out"
    shutil.copytree(out, moved)
    shutil.rmtree(moved / "release")
    assert "The answer:\n\ndef conv_dy_flip" in explain(moved, "blank", TASK)
