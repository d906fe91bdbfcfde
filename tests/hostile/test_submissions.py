"""Every hostile or broken submission gets the row it deserves, and a right one after it its own."""

import json
import time
from contextlib import suppress

import psutil
import pytest

from autograder.isolation import sandbox
from autograder.isolation.session import Limits
from autograder.submission import Unreadable, rebuild, template
from autograder.verdict import blank_tasks, verdict
from tests.hostile.submissions import FULL, RELEASE, RIGHT_CONTENT, ROWS, TASKS

SEED = 8_675_309_424_242
LIMITS = Limits(call_cpu=0.7, cell_cpu=1.0, wall_factor=8.0, whole_wall=180.0)
EVERY = 8  # the normal run takes each eighth row; the others are marked slow


def graded(content):
    """What the grader makes of these bytes: outputs and tasks."""
    release = template(RELEASE)
    try:
        return verdict(rebuild(release, content), SEED, LIMITS)
    except Unreadable:
        return {"outputs": {}, "tasks": blank_tasks(list(TASKS), "unreadable")}


def rows_of(made):
    return {name: (row["score"], row["status"]) for name, row in made["tasks"].items()}


@pytest.fixture(scope="module")
def right():
    """The right submission's verdict before anybody has tried anything."""
    made = graded(RIGHT_CONTENT)
    assert rows_of(made) == FULL
    return made


def test_there_are_enough_of_them():
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) >= 100


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=[] if k % EVERY == 0 else [pytest.mark.slow])
        for k, row in enumerate(ROWS)
    ],
)
def test_the_row_it_deserves_and_nobody_else_is_touched(row, right):
    made = graded(row.content)
    got = rows_of(made)
    expected = {name: (s, status or got[name][1]) for name, (s, status) in row.expected.items()}
    assert got == expected, row.tries
    shown = json.dumps(made)
    assert str(SEED) not in shown and len(shown) < 6_000_000
    shown.encode()
    assert graded(RIGHT_CONTENT) == right, f"{row.tries}: a right submission is graded otherwise"


def test_no_process_and_no_file_is_left_by_any_of_them(right):
    """All is in the sandbox's own memory; what is left is the warm process alone."""
    warm = psutil.Process(sandbox.nursery().bubblewrap.pid)

    def still_there():  # a keeper ends a moment after the one that it kept
        below = warm.children(recursive=True)
        with suppress(psutil.NoSuchProcess):
            return len([p for p in below if p.status() != psutil.STATUS_ZOMBIE])
        return len(below)

    until = time.monotonic() + 20
    while still_there() > 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert still_there() <= 2
