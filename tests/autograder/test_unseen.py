"""Wrong programs by writers who had the task statements and nothing else: no catalogue, no hints.

unseen/chNN_*.py hold them, as rows of PROGRAMS: the task, what its writer says is wrong, the ids of
first hints that say so, whether one of them came first *before* any hint was tuned on these
programs (a record), and the program. Each is caught, and its first hint is true.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest

from autograder import judge

ROWS = [
    (path.stem.split("_")[0], number, *row)
    for path in sorted((Path(__file__).parent / "unseen").glob("ch*.py"))
    for number, row in enumerate(runpy.run_path(str(path))["PROGRAMS"])
]


@pytest.mark.parametrize(
    ("name", "hints", "code"),
    [
        pytest.param(name, hints, code, id=f"{chapter}-{number}-{name}")
        for chapter, number, name, _, hints, _, code in ROWS
    ],
)
def test_an_unseen_mistake_is_caught_and_its_first_hint_is_true(name, hints, code):
    names = {
        "np": np,
        "numpy": np,
        "sliding_window_view": np.lib.stride_tricks.sliding_window_view,
    }
    exec(code, names)
    report = judge(name, names[name], seed=3)
    assert report.score < report.points
    assert report.hints[0] in hints, report.text()


def test_most_first_hints_were_true_before_any_was_tuned():
    """The record: the share that a learner with a new mistake can expect."""
    before = [was_true for *_, was_true, _ in ROWS]
    assert len(before) >= 60 and sum(before) >= 0.7 * len(before)
