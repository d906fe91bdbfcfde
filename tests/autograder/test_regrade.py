"""Appeals and grading anew, on a small graded class: records, explain, regrade, the class's files."""

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import records
from autograder.__main__ import main
from autograder.answers import answer_source, solved, wrong_source
from autograder.build import build, chapters
from autograder.explain import explain
from autograder.grading import Lost, grade
from autograder.regrade import changes_since, compare, regrade
from autograder.tasks import all_tasks

RIGHT, WRONG = "Ада Λ", "ben o'neil"
TASKS = [t for t in all_tasks().values() if t.chapter == "ch05"]
POINTS = sum(t.points for t in TASKS)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(submissions, folder with grades): one all right, one wrong in the last task."""
    folder = tmp_path_factory.mktemp("a class")
    out = folder / "out put"
    build(out, exercises=None)
    release = out / "release" / "ch05" / "ch05_dy.ipynb"
    blank = nbformat.read(release, as_version=4)
    right = {t.name: answer_source(t.solution, t) for t in TASKS}
    flip = all_tasks()["conv_dy_flip"]
    bug = next(m for m in flip.misconceptions if m.id == "no_flip")
    answers = {RIGHT: right, WRONG: {**right, "conv_dy_flip": wrong_source(bug, flip)}}
    for student, texts in answers.items():
        place = folder / "submitted" / student / "ch05"
        place.mkdir(parents=True)
        (place / "ch05_dy.ipynb").write_text(nbformat.writes(solved(blank, texts)))
    grade(folder / "submitted", out, jobs=1, progress=False)
    return folder / "submitted", out


@pytest.fixture
def lenient(graded, tmp_path):
    """The class as an earlier version of two tasks graded it: one more lenient, one stricter."""
    submitted, before = graded
    out = tmp_path / "out"
    shutil.copytree(before, out)
    for student, name, score in ((WRONG, "conv_dy_flip", 5.0), (RIGHT, "conv_dy_scatter", 4.0)):
        path = out / "verdicts" / student / "ch05.json"
        record = json.loads(path.read_text())
        record["code"] = "of an earlier version"
        record["tasks"][name]["score"] = score
        path.write_text(json.dumps(record))
    return submitted, out


def scores(out):
    with (out / "grades.csv").open() as f:
        return {(r["student"], r["task"]): float(r["score"]) for r in csv.DictReader(f)}


def in_gradebook(out):
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gb:
        return {s.student.id: s.score for s in gb.assignment_submissions("ch05")}


# ----- records -----


def test_records_hold_what_an_appeal_needs(graded):
    _, out = graded
    record = records.read(out, WRONG, "ch05")
    assert record["tasks"]["conv_dy_flip"]["hints"][0] == "no_flip"
    assert "def conv_dy_flip" in record["answers"]["conv_dy_flip"]
    assert record["history"] == [] and record["problem"] == ""
    assert {r["student"] for r in records.read_all(out)} == {RIGHT, WRONG}
    assert records.read(out, "nobody", "ch05") is None


def test_a_second_equal_verdict_changes_nothing_and_another_one_is_history(tmp_path, graded):
    _, out = graded
    tasks = records.read(out, WRONG, "ch05")["tasks"]
    first = records.keep(tmp_path, "a", "ch05", [], tasks)
    assert records.keep(tmp_path, "a", "ch05", [], tasks) == first
    better = {**tasks, "conv_dy_flip": {**tasks["conv_dy_flip"], "score": 6.0}}
    second = records.keep(tmp_path, "a", "ch05", [], better)
    assert second["history"][0]["tasks"]["conv_dy_flip"]["score"] == 0.0
    (change,) = changes_since(tmp_path, first["graded"])
    assert (change.what, change.before, change.now) == ("rose", 0.0, 6.0)
    assert changes_since(tmp_path, "9999") == []


# ----- explain -----


def test_explain_tells_the_verdict_again(graded, capsys):
    _, out = graded
    assert main(["explain", WRONG, "conv_dy_flip", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert f"{WRONG}: conv_dy_flip(dz, w): 0 of 6 points" in told
    assert "-- one map: 0 of 1: other numbers than expected" in told
    assert "conv_dy_flip(dz (1, 1," in told, "which calls were made, as the check makes them"
    assert "yours 4, expected 1" in told and "Hint (no_flip):" in told
    assert "def conv_dy_flip(dz, w):" in told
    assert "has changed since" not in told and "Before:" not in told
    assert (out / "seed").read_text() not in told


def test_explain_says_when_the_grader_has_changed(lenient):
    _, out = lenient
    assert "The grader's code has changed since" in explain(out, WRONG, "conv_dy_flip")


@pytest.mark.parametrize(
    ("student", "task", "message"),
    [
        ("ben oneil", "conv_dy_flip", r"`student` \(='ben oneil'\).*did you mean ben o'neil"),
        (WRONG, "conv_dy_flop", "did you mean conv_dy_flip"),
        (WRONG, "conv_dw", "has no verdict on conv_dw"),
    ],
)
def test_explain_names_what_is_not_there(graded, student, task, message):
    with pytest.raises((ValueError, KeyError), match=message):
        explain(graded[1], student, task)


# ----- regrade -----


def test_a_grade_never_falls_unasked(lenient):
    submitted, out = lenient
    rows, changes = regrade(submitted, out, jobs=1, progress=False)
    assert [(c.student, c.task, c.before, c.now, c.what) for c in changes] == [
        (WRONG, "conv_dy_flip", 5.0, 0.0, "fell"),
        (RIGHT, "conv_dy_scatter", 4.0, 6.0, "rose"),
    ]
    assert changes[0].cells(accept_lower=False)[-2:] == ["0 of 6", "fell: stays"]
    assert scores(out)[WRONG, "conv_dy_flip"] == 5.0
    assert {(r.student, r.task): r.score for r in rows} == scores(out)
    assert in_gradebook(out) == {RIGHT: POINTS, WRONG: POINTS - 1}
    page = (out / "feedback" / WRONG / "ch05" / "ch05_dy.html").read_text()
    assert "The earlier score stays: graded anew, it would be 0." in page
    assert "The earlier score stays" in explain(out, WRONG, "conv_dy_flip")
    history = records.read(out, RIGHT, "ch05")["history"]
    assert history[-1]["tasks"]["conv_dy_scatter"]["score"] == 4.0
    assert not (out / "regrade").exists()


def test_a_score_that_stays_is_that_students_alone_and_for_these_answers_only(lenient):
    """Another student hands in the same bytes; later this one hands in others."""
    submitted, out = lenient
    theirs = Path(shutil.copytree(submitted, out / "in"))
    twin = theirs / "twin" / "ch05" / "ch05_dy.ipynb"
    twin.parent.mkdir(parents=True)
    mine = theirs / WRONG / "ch05" / "ch05_dy.ipynb"
    shutil.copy(mine, twin)
    regrade(theirs, out, jobs=1, progress=False)
    assert scores(out)[WRONG, "conv_dy_flip"] == 5.0
    assert scores(out)["twin", "conv_dy_flip"] == 0.0
    grade(theirs, out, jobs=1, progress=False)
    assert scores(out)[WRONG, "conv_dy_flip"] == 5.0, "it stays until lower ones are accepted"
    loaded = json.loads(mine.read_text())
    loaded["cells"].append({"cell_type": "code", "source": "another = 1", "metadata": {}})
    mine.write_text(json.dumps(loaded))
    grade(theirs, out, jobs=1, progress=False)
    assert scores(out)[WRONG, "conv_dy_flip"] == 0.0


def test_whoever_has_gone_keeps_the_verdict_and_hinders_nobody(lenient, capsys):
    submitted, out = lenient
    theirs = Path(shutil.copytree(submitted, out / "in"))
    shutil.rmtree(theirs / WRONG)
    before = scores(out)
    _, changes = regrade(theirs, out, jobs=1, progress=False)
    assert [c.student for c in changes] == [RIGHT]
    assert scores(out)[WRONG, "conv_dy_flip"] == before[WRONG, "conv_dy_flip"]
    assert f"its verdict stays: {WRONG}/ch05" in capsys.readouterr().err


def test_whoever_gets_no_verdict_is_named_and_the_others_changes_are_shown(
    lenient, capsys, monkeypatch
):
    """Here the run that grades anew loses one: a worker that died twice, a disk that was full."""
    submitted, out = lenient

    def loses_one(into, folder, *more, **settings):
        rows = grade(into, folder, *more, **settings)
        if folder.name == "regrade":
            (folder / "verdicts" / WRONG / "ch05.json").unlink()
            raise Lost(f"no verdict for {WRONG}/ch05", rows)
        return rows

    monkeypatch.setattr("autograder.regrade.grade", loses_one)
    words = ["regrade", "--submitted", str(submitted), "--out", str(out), "--jobs", "1"]
    assert main(words) == 1
    told = capsys.readouterr()
    assert "rose" in told.out and "fell" not in told.out
    assert f"error: no verdict for {WRONG}/ch05" in told.err and "stays" in told.err
    assert scores(out)[RIGHT, "conv_dy_scatter"] == 6.0


def test_grades_fall_when_that_is_accepted_and_are_listed(lenient, capsys):
    submitted, out = lenient
    words = ["regrade", "--submitted", str(submitted), "--out", str(out), "--jobs", "1"]
    assert main([*words, "--accept-lower"]) == 0
    told = capsys.readouterr().out
    assert "fell: accepted" in told and "5 of 6" in told and "rose" in told
    assert scores(out)[WRONG, "conv_dy_flip"] == 0.0
    assert in_gradebook(out) == {RIGHT: POINTS, WRONG: POINTS - 6}
    assert "Before:" in explain(out, WRONG, "conv_dy_flip")


def test_the_gradebook_and_the_class_files_know_the_submissions(graded):
    _, out = graded
    assert in_gradebook(out) == {RIGHT: POINTS, WRONG: POINTS - 6}
    assert f"{WRONG}" in (out / "report.html").read_text().replace("&#39;", "'")


def test_similar_writes_its_groups_into_the_report(graded, capsys):
    _, out = graded
    assert main(["similar", "--out", str(out)]) == 0
    assert "groups of near-identical" in capsys.readouterr().out
    assert "(the published answer)" in (out / "report.html").read_text()


def rows_with(score, points=6.0, answer="a"):
    record = {"tasks": {"t": {"score": score, "points": points}}, "answers": {"t": answer}}
    return {("s", "ch05"): record}


@pytest.mark.parametrize(
    ("before", "now", "what"),
    [
        (rows_with(5), rows_with(4), "fell"),
        (rows_with(4), rows_with(5), "rose"),
        (rows_with(6), rows_with(8, 8), "points changed"),
        (rows_with(6), rows_with(4, 4), "points changed"),
        (rows_with(6), rows_with(6, 8), "fell"),
        (rows_with(5), rows_with(4, answer="b"), "resubmitted"),
    ],
)
def test_compare_names_every_kind_of_change(before, now, what):
    (change,) = compare(before, now)
    assert change.what == what
    assert compare(now, now) == []


def test_regrade_errors_say_what_is_missing(graded, tmp_path):
    submitted, out = graded
    with pytest.raises(ValueError, match="holds no verdicts: run `grade` first"):
        regrade(submitted, tmp_path)
    (tmp_path / "someone").mkdir()
    with pytest.raises(ValueError, match=r"lacks what was graded before: .*/ch05"):
        regrade(tmp_path, out)


def test_every_chapter_has_a_notebook_name():
    assert chapters()["ch05"].stem == "ch05_dy"


def test_explain_shows_marks_that_would_steer_a_terminal(graded, tmp_path):
    _, before = graded
    out = tmp_path / "out"
    shutil.copytree(before, out)
    path = out / "verdicts" / WRONG / "ch05.json"
    record = json.loads(path.read_text())
    record["answers"]["conv_dy_flip"] = "# \x1b[2J\x1b]0;full marks\x07"
    path.write_text(json.dumps(record))
    told = explain(out, WRONG, "conv_dy_flip")
    assert "\x1b" not in told and "⟨U+001B⟩[2J" in told
