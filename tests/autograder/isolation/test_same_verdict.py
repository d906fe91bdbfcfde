"""In-process judging and split grading give the same properties, for the whole catalogue."""

import pytest

from autograder.demo import answer_source, wrong_source
from autograder.isolation.session import Limits, Session
from autograder.judge import judge
from autograder.tasks import all_tasks

SEED = 20_261_126
EVERY = 40  # the normal run takes each fortieth; all are marked slow
LIMITS = Limits(call_cpu=20.0)
SETUP = "import numpy as np\nfrom typing import Any"


def catalogue():
    """(task, who, function, its source): right answers and every misconception."""
    for task in all_tasks().values():
        if task.through:  # its given cell calls it: tests/autograder/isolation/test_session.py
            continue
        yield task, "right", task.solution, lambda t=task: chapter_answers(t.chapter)
        for m in task.misconceptions:
            yield task, m.id, m.wrong, lambda m=m, t=task: wrong_source(m, t)


def chapter_answers(chapter):
    """The model answers of a chapter: one may call another, as they may in a notebook."""
    tasks = [t for t in all_tasks().values() if t.chapter == chapter]
    return "\n\n".join(answer_source(t.solution, t) for t in tasks)


@pytest.mark.parametrize(
    ("task", "function", "source"),
    [
        pytest.param(*row[::2], row[3], id=f"{row[0].name}-{row[1]}", marks=marks)
        for k, row in enumerate(catalogue())
        for marks in [[] if k % EVERY == 0 else [pytest.mark.slow]]
    ],
)
def test_both_ways_to_judge_agree(task, function, source):
    here = judge(task.name, function, seed=SEED)
    with Session(LIMITS, task.chapter) as session:
        session.run(SETUP)
        told = session.run(source())
        assert "error" not in told, told
        there = judge(task.name, session.function(task.name), seed=SEED)
    held = [[(p.name, p.points, p.passed) for p in report.properties] for report in (here, there)]
    assert held[0] == held[1]
    assert (here.score, here.status, here.hints) == (there.score, there.status, there.hints)
