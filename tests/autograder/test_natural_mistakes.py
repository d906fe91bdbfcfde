"""Wrong programs as learners write them, from the task statement alone: the first hint must be true.

natural/chNN_*.py hold them: MISTAKES is a list of (task, hints that name the mistake, program); the
program defines `f` and may use NumPy as `np` and what else stands in its file.
"""

import runpy
from pathlib import Path

import pytest

from autograder import judge

FILES = [runpy.run_path(str(p)) for p in sorted((Path(__file__).parent / "natural").glob("ch*.py"))]
ROWS = [(k, *row, found) for found in FILES for k, row in enumerate(found["MISTAKES"])]


@pytest.mark.parametrize(
    ("name", "true_hints", "code", "names"),
    [
        pytest.param(name, hints, code, names, id=f"{name}-{'-'.join(sorted(hints))}-{k}")
        for k, name, hints, code, names in ROWS
    ],
)
def test_a_natural_mistake_is_caught_and_its_first_hint_is_true(name, true_hints, code, names):
    namespace = dict(names)
    exec(code, namespace)
    report = judge(name, namespace["f"], seed=3)
    assert report.score < report.points
    assert report.hints[0] in true_hints, report.text()
