"""A whole class: everybody gets the expected row, nbgrader records it, nobody hurts another."""

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import records
from autograder.__main__ import main
from autograder.build import build
from autograder.demo import ODD
from autograder.grades import read_grades
from autograder.grading import COLUMNS, Lost, _alone, grade, secret_seed
from autograder.tasks import all_tasks


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
    build(course, exercises=None, wanted=["ch05"])
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


def test_nbgrader_copies_nothing_that_a_link_leads_to(hand_in, tmp_path):
    """Neither the seed beside a notebook nor another's work is handed out with the feedback."""
    course = tmp_path / "course"
    build(course, exercises=None, wanted=["ch05"])
    seed = secret_seed(course)
    path = hand_in(course / "submitted", "ada")
    (hand_in(course / "submitted", "mallory").parent / "leak.html").symlink_to(course / "seed")
    (course / "submitted" / "twin").symlink_to(path.parents[1])
    nbgrader = Path(sys.executable).with_name("nbgrader")
    for words in (
        ["autograde", "ch05"],
        ["generate_feedback", "ch05"],
        ["autograde", "ch05", "--student=mallory"],
    ):
        done = subprocess.run([nbgrader, *words], cwd=course, capture_output=True, text=True)
        assert "left out, as links are not followed: mallory, twin" in done.stderr
    assert gradebook_scores(course)["ada"] == 18
    for folder in ("autograded", "feedback"):
        assert {p.name for p in (course / folder).iterdir()} == {"ada"}
        assert not any(str(seed) in p.read_text() for p in (course / folder).glob("*/*/*"))


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


def test_a_notebook_under_another_name_is_graded_if_it_is_the_only_one(hand_in, tmp_path):
    """Browsers and course platforms rename files."""
    for student, names in {"ada": ["ch05_dy (1)"], "bo": ["ch05_dy (1)", "copy"]}.items():
        path = hand_in(tmp_path / "in", student)
        for name in names:
            shutil.copy(path, path.with_name(f"{name}.ipynb"))
        path.unlink()
    out = tmp_path / "out"
    rows = grade(tmp_path / "in", out, jobs=1, progress=False)
    assert [(r.student, r.status) for r in rows] == [("ada", "graded")] * 4 + [
        ("bo", "missing")
    ] * 4
    assert gradebook_scores(out)["ada"] == sum(r.score for r in rows) == 18
    for folder, suffix in (("feedback", "html"), ("autograded", "ipynb")):
        assert (out / folder / "ada" / "ch05" / f"ch05_dy.{suffix}").exists()


@pytest.mark.parametrize("name", ["a\nb", os.fsdecode(b"caf\xe9")], ids=["control", "latin-1"])
def test_a_name_that_no_table_could_hold_is_refused_before_anything_is_graded(
    hand_in, tmp_path, name
):
    hand_in(tmp_path / "in", name)
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=r"`submitted` .* rename it"):
        grade(tmp_path / "in", out, jobs=1, progress=False)
    assert not (out / "grades.csv").exists() and not (out / "results").exists()


def test_an_absent_ones_rows_stay_once_and_nothing_is_graded(hand_in, tmp_path):
    """As regrade asks for it, of those who got no verdict this time."""
    submitted, out = tmp_path / "in", tmp_path / "out"
    for student in ("ada", "bo"):
        hand_in(submitted, student)
    rows = grade(submitted, out, jobs=1, progress=False)
    (submitted / "ada" / "ch05" / "ch05_dy.ipynb").write_text("not a notebook any more")
    assert grade(submitted, out, jobs=1, progress=False, absent={("ada", "ch05")}) == rows


def test_a_chapter_that_hardly_anybody_handed_in_is_named(hand_in, tmp_path, capsys):
    """It would give everybody else rows; who names the chapters has decided."""
    submitted, out = tmp_path / "in", tmp_path / "out"
    hand_in(submitted, "ada", "blank")
    for number in range(10):
        (submitted / f"student {number}").mkdir()
    grade(submitted, out, jobs=1, progress=False)
    assert "ch05: handed in by 1 of 11 students" in capsys.readouterr().err
    grade(submitted, out, ["ch05"], jobs=1, progress=False)
    assert "handed in by" not in capsys.readouterr().err


def test_who_is_not_there_any_more_keeps_the_earlier_verdict(hand_in, tmp_path, capsys):
    submitted, out = tmp_path / "in", tmp_path / "out"
    for student in ("ada", "bo"):
        hand_in(submitted, student)
    first = grade(submitted, out, jobs=1, progress=False)
    shutil.rmtree(submitted / "bo")
    hand_in(submitted, "cy", "blank")
    rows = grade(submitted, out, ["ch05"], jobs=1, progress=False)
    assert "its verdict stays: bo/ch05" in capsys.readouterr().err
    assert [r for r in rows if r.student != "cy"] == first
    assert gradebook_scores(out) == {"ada": 18, "bo": 18, "cy": 0}


def test_a_file_of_nbgraders_in_the_place_of_ours_loses_no_rows(hand_in, tmp_path, capsys):
    submitted, out = tmp_path / "in", tmp_path / "out"
    for student, chapter in (("ada", "ch05"), ("ada", "ch06"), ("bo", "ch06")):
        hand_in(submitted, student, chapter=chapter)
    before = grade(submitted, out, jobs=1, progress=False)
    (out / "grades.csv").write_text("assignment,duedate,timestamp\nch05,,\n")
    assert grade(submitted, out, ["ch06"], jobs=1, resume=True, progress=False) == before
    assert "made from the stored verdicts" in capsys.readouterr().err


def test_what_is_written_must_not_count_as_students(hand_in, tmp_path):
    hand_in(tmp_path / "in", "ada")
    for out in (tmp_path / "in", tmp_path / "in" / "grades"):
        with pytest.raises(ValueError, match="each folder is a student's"):
            grade(tmp_path / "in", out, jobs=1, progress=False)
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["ada"]


def test_another_chapters_notebook_is_unreadable_not_blank(hand_in, tmp_path):
    path = hand_in(tmp_path / "in", "ada", chapter="ch06")
    (tmp_path / "in" / "ada" / "ch05").mkdir()
    shutil.move(path, tmp_path / "in" / "ada" / "ch05" / "ch05_dy.ipynb")
    rows = grade(tmp_path / "in", tmp_path / "out", jobs=1, progress=False)
    assert {r.status for r in rows} == {"unreadable"}
    page = (tmp_path / "out" / "feedback" / "ada" / "ch05" / "ch05_dy.html").read_text()
    assert "it is another notebook than asked for" in page


def test_the_page_says_which_added_cell_did_not_end_well(hand_in, tmp_path):
    path = hand_in(tmp_path / "in", "ada")
    loaded = json.loads(path.read_text())
    for source in ("import os; os._exit(1)", "1 / 0", "fine = 1"):
        loaded["cells"].append({"cell_type": "code", "source": source, "metadata": {}})
    path.write_text(json.dumps(loaded))
    rows = grade(tmp_path / "in", tmp_path / "out", jobs=1, progress=False)
    assert sum(r.score for r in rows) == 18
    page = (tmp_path / "out" / "feedback" / "ada" / "ch05" / "ch05_dy.html").read_text()
    assert page.count("costs no points by itself") == 2
    assert "It ended the Python process" in page
    assert "It raised <code>ZeroDivisionError</code>" in page


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


def command(submitted, out, *more):
    return [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        "--submitted",
        submitted,
        "--out",
        out,
        *more,
    ]


def many(hand_in, submitted, count):
    """Students whose answers all differ."""
    bugs = [m.id for m in all_tasks()["conv_dy_flip"].misconceptions if m.id != "state"]
    for number, bug in enumerate(bugs[:count]):
        hand_in(submitted, f"student {number:02}", "wrong", conv_dy_flip=bug)


def stored(out):
    return {p: p.stat().st_mtime_ns for p in (out / "results").glob("*.json")}


def test_a_killed_run_goes_on_where_it_was(hand_in, tmp_path):
    """Nothing is lost, nothing is graded twice, no file is half written."""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    many(hand_in, submitted, 12)
    with subprocess.Popen(command(submitted, out, "--jobs", "2"), stdout=-3, stderr=-3) as running:
        while len(stored(out)) < 5 and running.poll() is None:
            time.sleep(0.02)
        running.kill()
    time.sleep(0.5)  # its processes end when they see that it has
    before = stored(out)
    assert 5 <= len(before) < 12, "it was killed in the middle"
    for path in before:
        json.loads(path.read_text())
    assert not (out / "grades.csv").exists()
    done = subprocess.run(command(submitted, out, "--resume"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = stored(out)
    assert {path: after[path] for path in before} == before and len(after) == 12
    assert not list(out.rglob("*.new"))
    whole = grade(submitted, tmp_path / "whole", seed=secret_seed(out), progress=False)
    with (out / "grades.csv").open() as f:
        assert list(csv.reader(f))[1:] == [r.cells() for r in whole]
    assert gradebook_scores(out) == gradebook_scores(tmp_path / "whole") == sums_of(whole)


def test_ctrl_c_stops_it_and_stores_no_verdict_of_a_dying_process(hand_in, tmp_path):
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    many(hand_in, submitted, 40)
    script = command(submitted, out, "--jobs", "2")
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  # if not by us
    with subprocess.Popen(
        script, stdout=-3, stderr=-1, text=True, start_new_session=True, preexec_fn=heard
    ) as run:
        while len(stored(out)) < 3 and run.poll() is None:
            time.sleep(0.02)
        os.killpg(run.pid, signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == 130, said
    assert "--resume goes on from here" in said
    assert "Traceback" not in said
    for path in stored(out):
        tasks = json.loads(path.read_text())["tasks"]
        assert {t["status"] for t in tasks.values()} == {"graded"}


def test_a_submission_that_breaks_its_worker_costs_that_one_only(hand_in, tmp_path, monkeypatch):
    """Here a released notebook that is no file: the trusted side itself fails."""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    hand_in(submitted, "ada")
    hand_in(submitted, "eve")
    (out / "autograded" / "eve").mkdir(parents=True)
    (out / "autograded" / "eve" / "ch05").write_text("a file where a folder should be")
    with pytest.raises(Lost, match="eve"):
        grade(submitted, out, jobs=1, progress=False)
    rows = list(read_grades(out / "grades.csv"))
    assert {(r.student, r.status) for r in rows} == {("ada", "graded"), ("eve", "crashed")}
    assert gradebook_scores(out) == {"ada": 18}, "no grade is better than a wrong one"
    assert main(["grade", "--submitted", str(submitted), "--out", str(out)]) == 1
    (out / "autograded" / "eve" / "ch05").unlink()
    assert sums_of(grade(submitted, out, jobs=1, resume=True, progress=False))["eve"] == 18


def test_files_that_are_no_notebooks_are_unreadable(hand_in, tmp_path):
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    hand_in(submitted, "ada")
    places = {
        s: submitted / s / "ch05" / "ch05_dy.ipynb" for s in ("fifo", "folder", "huge", "link")
    }
    for path in places.values():
        path.parent.mkdir(parents=True)
    os.mkfifo(places["fifo"])
    places["folder"].mkdir()
    with places["huge"].open("wb") as f:
        f.truncate(100 << 20)
    places["link"].symlink_to(submitted / "ada" / "ch05" / "ch05_dy.ipynb")
    (submitted / ".hidden").mkdir()
    rows = grade(submitted, out, jobs=1, progress=False)
    statuses = {r.student: r.status for r in rows}
    assert statuses == {"ada": "graded", **dict.fromkeys(places, "unreadable")}


def test_many_students_with_the_same_answers(hand_in, tmp_path):
    for n in range(6):
        hand_in(tmp_path / "submitted", f"s{n}", "blank")
    rows = grade(tmp_path / "submitted", tmp_path / "out", jobs=2, progress=False)
    assert len(stored(tmp_path / "out")) == 1 and {r.status for r in rows} == {"blank"}


def test_two_runs_do_not_write_into_one_folder(small_class):
    submitted, out = small_class
    out.mkdir()
    with _alone(out), pytest.raises(ValueError, match="another run is writing there"):
        grade(submitted, out, ["ch05"], jobs=1, progress=False)


def test_other_chapters_keep_their_rows(small_class, hand_in):
    submitted, out = small_class
    hand_in(submitted, "Ада Λ ß", chapter="ch01")
    grade(submitted, out, ["ch05"], jobs=1, progress=False)
    rows = grade(submitted, out, ["ch01"], jobs=1, resume=True, progress=False)
    assert {r.chapter for r in rows} == {"ch01", "ch05"}
    assert list(read_grades(out / "grades.csv")) == rows


def test_the_latest_submission_wins_and_the_earlier_is_in_the_history(small_class, hand_in):
    submitted, out = small_class
    (submitted / "Ада Λ ß" / "ch05" / "timestamp.txt").write_text("2026-11-01 12:00:00 UTC")
    grade(submitted, out, ["ch05"], jobs=1, progress=False)
    hand_in(submitted, "Ада Λ ß", "wrong", conv_dy_flip="no_flip")
    (submitted / "Ада Λ ß" / "ch05" / "timestamp.txt").write_text("2026-11-02 12:00:00 UTC")
    rows = grade(submitted, out, ["ch05"], jobs=1, resume=True, progress=False)
    assert gradebook_scores(out)["Ада Λ ß"] == sums_of(rows)["Ада Λ ß"] < 18
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        assert book.find_submission("ch05", "Ада Λ ß").timestamp == datetime(2026, 11, 2, 12)
    (earlier,) = records.read(out, "Ада Λ ß", "ch05")["history"]
    assert sum(t["score"] for t in earlier["tasks"].values()) == 18
    page = (out / "feedback" / "Ада Λ ß" / "ch05" / "ch05_dy.html").read_text()
    assert "slides over the padded dz as it is" in " ".join(page.split())


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
