"""The demo class: its rows are worked out here by rule and by the judge in this process."""

import math

import numpy as np
import pytest

from autograder import judge
from autograder.answers import answer_source, wrong_source
from autograder.build import chapters
from autograder.demo import (
    FILES,
    MISHAPS,
    ODD,
    SEED,
    broken_answer,
    handed_in,
    make_class,
    tasks_of,
)
from autograder.tasks import all_tasks

CLASS = handed_in()


def rows_of(one):
    """{task: (score, status, first hint)} that this submission deserves."""
    tasks = tasks_of(one.chapter)
    full = {name: (t.points, "graded", "") for name, t in tasks.items()}
    last = list(tasks)[-1]
    if one.kind == "wrong":
        return {name: judged(name, one.bugs[name].wrong) for name in tasks}
    if one.kind == "blank":
        return dict.fromkeys(tasks, (0, "blank", "blank"))
    if one.kind in FILES:
        return dict.fromkeys(tasks, (0, "unreadable", ""))
    if one.kind == "right" or one.kind in ("copied-check", "deleted-check"):
        return full
    return full | {last: broken(one.kind, tasks[last])}


def broken(kind, task):
    by_rule = {
        "deleted-answer": "blank blank",
        "syntax-error": "error missing",
        "endless-loop": "timeout timeout",
        "exit": "crashed crashed",
    }
    if kind in by_rule:
        return (0, *by_rule[kind].split())
    names = {"np": np}
    exec(broken_answer(kind, task), names)
    return judged(task.name, names[task.name])


def judged(name, function):
    report = judge(name, function, seed=SEED)
    return report.score, report.status, report.hints[0]


def test_everybody_gets_the_rows_they_deserve(demo_class):
    _, rows = demo_class
    got = {(r.student, r.task): (r.score, r.status, (*r.hints, "")[0]) for r in rows}
    deserved = {(one.student, task): row for one in CLASS for task, row in rows_of(one).items()}
    for (student, task), row in deserved.items():
        assert got.pop((student, task)) == row, f"{student}, {task}"
    assert set(got.values()) == {(0, "missing", "")}
    every = {student for student, _ in deserved} | {"nothing-handed-in"}
    assert len(rows) == len(every) * len([t for c in chapters() for t in tasks_of(c)])


def test_every_wrong_answer_is_named_and_loses_points():
    for one in CLASS:
        for name, bug in one.bugs.items():
            score, _, hint = judged(name, bug.wrong)
            assert hint == bug.id and score < all_tasks()[name].points


def test_the_class_is_small_and_has_every_kind():
    assert len({one.student for one in CLASS}) <= 40
    assert len(CLASS) <= 160
    assert {one.kind for one in CLASS} == {"right", "blank", "wrong", *ODD}
    assert set(MISHAPS) < set(ODD)
    for chapter in chapters():
        here = [one for one in CLASS if one.chapter == chapter]
        wrong = {(name, bug.id) for one in here for name, bug in one.bugs.items()}
        trains = any(t.through for t in tasks_of(chapter).values())
        assert {name for name, _ in wrong} == set(tasks_of(chapter))
        assert len(wrong) == len(tasks_of(chapter)) * (1 if trains else 4)
        if trains:
            assert len(here) <= 3
    pairs = [(one.student, one.chapter) for one in CLASS]
    assert len(set(pairs)) == len(pairs)


def test_the_class_is_the_same_every_time():
    assert handed_in() == CLASS


TASKS = pytest.mark.parametrize("name", list(all_tasks()))


def run(source):
    names = {"np": np}
    exec(compile(source, "<cell>", "exec", dont_inherit=True), names)
    return names


@TASKS
def test_a_wrong_answers_cell_does_what_the_misconception_does(name):
    """One in five here; the cell stands alone, whatever the other answers are."""
    task = all_tasks()[name]
    bugs = [m for m in task.misconceptions if m.id not in ("state",)]
    for bug in bugs[:: max(1, len(bugs) // 5)]:
        mine, right = (
            judge(name, f, seed=SEED) for f in (run(wrong_source(bug, task))[name], bug.wrong)
        )
        assert (mine.score, mine.status, mine.hints) == (right.score, right.status, right.hints)


def test_a_wrong_answer_with_a_memory_has_one_of_its_own():
    task = all_tasks()["conv_dw"]
    (bug,) = (m for m in task.misconceptions if m.id == "state")
    function = run(wrong_source(bug, task))["conv_dw"]
    dz, y = np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))
    assert [function(dz, y).item(0) for _ in range(3)] == [4, 5, 6]


def test_an_answers_cell_imports_what_it_uses():
    from autograder.styles.ch02_paths import STYLES

    source = answer_source(STYLES["loops"]["graph_backward"], all_tasks()["graph_backward"])
    assert source.startswith("import math as math\n")
    assert all(math.isfinite(d) for d in run(source)["graph_backward"](0.5, 0.25))


def test_demo_never_replaces_a_real_class(tmp_path):
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    with pytest.raises(ValueError, match="submissions of a real class"):
        make_class(tmp_path)
    assert (tmp_path / "submitted" / "ada").exists()
