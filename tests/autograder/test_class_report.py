"""The class report: what it counts, what it keeps to itself, that it can be read by everybody."""

import hashlib
import json
import re
import shutil

import pytest
from nbgrader.api import Gradebook

from autograder import class_report
from autograder.build import EXERCISES
from autograder.class_report import page
from autograder.grades import Row
from autograder.similarity import Group
from autograder.tasks import all_tasks

TASK = all_tasks()["conv_dw"]
SECRET = "lovelace"
ANSWER = (
    f'def conv_dw(dz, y):\n    """{SECRET}"""\n    {SECRET} = dz  # {SECRET}\n    return {SECRET}\n'
)


def row(student, score, hints=(), status="graded"):
    return Row(student, "ch06", "conv_dw", score, TASK.points, status, hints)


def record(student, hints, passed=False, answer=ANSWER):
    properties = [[p.name, p.points, passed, ""] for p in TASK.properties]
    return {
        "student": student,
        "chapter": "ch06",
        "tasks": {"conv_dw": {"hints": hints, "properties": properties}},
        "answers": {"conv_dw": answer},
    }


def made(count, **more):
    """The page of a class of which `count` went wrong in the same way."""
    rows = [row(f"s{k}", 0, ("dz_flipped",)) for k in range(count)] + [row("right", 6.0)]
    stored = [record(f"s{k}", ["dz_flipped"]) for k in range(count)]
    return page(rows, [*stored, record("right", [], passed=True)], **more)


def text_of(html):
    return " ".join(re.sub("<[^>]*>", " ", html.split("</style>")[1]).split())


def test_an_example_is_shown_only_of_what_five_or_more_did():
    assert "Example of dz_flipped" not in made(4)
    five = made(5)
    assert "Example of dz_flipped" in five and "return v1" in five
    assert SECRET not in five


def test_misconceptions_and_properties_are_counted():
    shown = text_of(made(5))
    assert "conv_dw dz_flipped 5 dz is flipped before it slides over y" in shown
    assert "conv_dw one map 5 of 6" in shown
    assert "5 submissions" not in shown and "6 submissions; median 0 %" in shown


def test_records_of_others_do_not_count():
    """What an earlier run left of students who are not in this class."""
    shown = page([row("right", 6.0)], [record("right", [], True), record("gone", ["dz_flipped"])])
    assert "dz_flipped" not in shown


def test_the_distribution_says_in_words_what_it_draws():
    html = page(
        [row("a", 0.0), row("b", 6.0), row("c", 5.5), row("d", 2.9), row("e", 0, (), "missing")]
    )
    label = re.search('aria-label="(Scores[^"]*)"', html)[1]
    assert label == "Scores in ch06: 1 at 0–9 %, 1 at 40–49 %, 2 at 90–100 %"
    assert "4 submissions; median 92 % of the points; full marks: 1." in text_of(html)


def test_who_has_not_handed_in_and_who_is_late():
    rows = [row("a", 6.0), row("b", 0, (), "missing")]
    shown = text_of(page(rows, seconds_late={("a", "ch06"): 90000.0, ("c", "ch06"): 0.0}))
    assert "ch06: 1: b" in shown and "ch06: a, 1 d 1 h" in shown and "c," not in shown
    assert "Nobody, by the due dates" in text_of(page(rows))


def test_near_identical_groups_are_listed_or_said_to_be_unknown():
    assert "Not compared yet" in made(1)
    shown = text_of(made(1, similar={"ch06": [Group(("a", "b"), 0.934)]}))
    assert "93 % alike: a, b" in shown and "no proof" in shown
    assert "None." in text_of(made(1, similar={"ch06": []}))


LOOPS = """
def conv_dw(dz, y):
    total = np.zeros((dz.shape[1], y.shape[1], 3, 3))
    for r in range(3):
        for c in range(3):
            total[:, :, r, c] = 2 * dz.sum() + y.sum() + r * c
    return total
"""


def hand_in(out, student, answer):
    """A record as grading keeps it."""
    path = out / "verdicts" / student / "ch06.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256(answer.encode()).hexdigest()
    made = record(student, [], answer=answer)
    path.write_text(json.dumps({**made, "added": [], "content": content}))


@pytest.fixture
def compared(tmp_path):
    """A folder in which ada, ben and cy were found to be alike, and the report's text there."""
    (tmp_path / "release" / "ch06").mkdir(parents=True)
    shutil.copy(EXERCISES / "ch06_dw.ipynb", tmp_path / "release" / "ch06")
    for student in ("ada", "ben", "cy"):
        hand_in(tmp_path, student, LOOPS)
    (group,) = class_report.compare(tmp_path)["ch06"]
    assert group.names == ("ada", "ben", "cy")

    def report():
        class_report.write(tmp_path, [row(s, 6.0) for s in ("ada", "ben", "cy")])
        return text_of((tmp_path / "report.html").read_text())

    return tmp_path, report


def test_who_hands_in_something_else_leaves_the_group(compared):
    out, report = compared
    assert "100 % alike: ada, ben, cy" in report() and "changed since" not in report()
    hand_in(out, "ben", "def conv_dw(dz, y):\n    return dz")
    assert "100 % alike: ada, cy" in report()
    assert "1 submission is new or has changed since: run python -m autograder similar" in report()
    hand_in(out, "cy", "def conv_dw(dz, y):\n    return y")
    assert "alike" not in report(), "nobody is alike alone"
    assert "2 submissions are new or have changed since" in report()
    class_report.compare(out)
    assert "changed since" not in report()


def test_who_hands_in_later_was_not_compared(compared):
    out, report = compared
    hand_in(out, "dan", LOOPS)
    assert "100 % alike: ada, ben, cy" in report() and "1 submission is new" in report()


def test_the_report_says_when_submissions_were_compared(compared):
    out, report = compared
    path = out / "similar.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "made": "2026-01-02T10:20:30+00:00"})
    )
    assert "Compared on 2026-01-02 10:20 UTC." in report()


def test_a_comparison_of_an_earlier_version_is_not_shown(compared):
    """It does not say what it compared."""
    out, report = compared
    old = {"ch06": [{"names": ["ada", "ben"], "share": 1.0}]}
    (out / "similar.json").write_text(json.dumps(old))
    assert "Not compared yet" in report() and "alike" not in report()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (390, 1)])
def test_histograms_stand_side_by_side_where_there_is_room(browser, width, columns):
    tasks = {t.chapter: t for t in all_tasks().values()}.values()
    rows = [Row("ada", t.chapter, t.name, t.points, t.points, "graded") for t in tasks]
    shown = browser.new_page(viewport={"width": width, "height": 800})
    shown.set_content(page(rows))
    places = [svg.bounding_box() for svg in shown.locator("section svg").all()]
    assert len({p["x"] for p in places}) == columns and len(places) == len(tasks)
    assert shown.evaluate("() => document.documentElement.scrollWidth") <= width
    shown.close()


def test_names_are_escaped_and_nothing_comes_from_elsewhere():
    html = page([row("<script>alert(1)</script>", 6.0)])
    assert "&lt;script&gt;" in html and "<script" not in html and "://" not in html
    assert "default-src &#39;none&#39;" in html


def test_statuses_and_a_task_that_is_missing_for_one_student_stay_in_their_columns():
    other = Row("b", "ch06", "conv_db", 1.0, 2.0, "timeout")
    html = page([row("a", 6.0), other])
    cells = re.findall(r'<th scope="row">(?:a|b)</th>(.*?)</tr>', html, re.S)
    texts = [re.findall(r'<td class="number">([^<]*)<', c) for c in cells]
    assert texts == [["6", "", "6"], ["", "1 timeout", "1"]]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own session
def test_late_is_read_from_nbgraders_gradebook(tmp_path):
    """A due date and two submissions, one of them of a student with an extension."""
    assert class_report.late(tmp_path) == {}
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gb:
        gb.add_assignment("ch06", duedate="2026-01-01 12:00:00.000000")
        for student in ("ada", "ben"):
            gb.add_student(student)
            gb.add_submission("ch06", student, timestamp="2026-01-01 14:00:00.000000")
        gb.grant_extension("ch06", "ben", hours=3)
    assert class_report.late(tmp_path) == {("ada", "ch06"): 7200.0}


@pytest.mark.parametrize("count", [0, 1])
def test_tiny_classes_have_a_report(count):
    assert "Class report" in page([row("a", 6.0)] * count)
