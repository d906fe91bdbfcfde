"""Secret are the seed, the expected values and the sources of hidden checks: they never get out."""

import inspect
import json
import struct

import numpy as np
import pytest

from autograder.demo import answer_source
from autograder.isolation import wire
from autograder.isolation.session import Limits, Session
from autograder.judge import generator, judge
from autograder.observe import arrays_in
from autograder.tasks import all_tasks

SEED = 0x5EC2E75EC2E75EED
TASKS = all_tasks()
SAMPLE = ("influence_mask", "conv_dy_scatter", "affine_backward", "numeric_gradient")
SETUP = "import numpy as np\nfrom typing import Any"
# A task with `through` is left out where a cell is sent: it runs once, in the notebook alone, and its
# check gives no arguments from the seed.
CALLED = [name for name, task in TASKS.items() if not task.through]


def each(names):
    """One test for each of these tasks; only the sample's are not slow."""
    rows = [pytest.param(n, marks=[] if n in SAMPLE else [pytest.mark.slow]) for n in names]
    return pytest.mark.parametrize("name", rows)


def shapes_of_the_seed():
    """The seed as it might stand in a text or in memory."""
    yield from (str(SEED).encode(), hex(SEED)[2:].encode(), hex(SEED)[2:].upper().encode())
    yield from (struct.pack("<Q", SEED), struct.pack(">Q", SEED))


def cases(task):
    """The cases that grading draws from the seed."""
    for prop in task.properties:
        yield from prop.cases(generator(SEED, task.name, prop.name))


def hidden_lines(task):
    """The longer lines of the sources that a check is made of."""
    for function in (task.expected, task.shapes, *(p.cases for p in task.properties)):
        try:
            lines = inspect.getsource(function).splitlines()
        except (OSError, TypeError):
            continue
        yield from (line.strip() for line in lines if len(line.strip()) > 34)


def expected_numbers(task):
    """Numbers of the expected values, as a report would write them, that are no accident."""
    for case in cases(task):
        if case.large or task.accept is not None:
            continue
        for a in arrays_in(list(task.expected(*case.args))):
            texts = [f"{x:.6g}" for x in np.ravel(a)[:50].tolist() if isinstance(x, float)]
            yield from (text for text in texts if len(text) > 7)


def graded(name, source, monkeypatch):
    """The report, and every byte that went to the learner's side."""
    heard = bytearray()
    send = wire.Channel.send

    def recorded(channel, header, buffers, *more):
        heard.extend(json.dumps(header).encode())
        for content in buffers:
            heard.extend(content)
        send(channel, header, buffers, *more)

    monkeypatch.setattr(wire.Channel, "send", recorded)
    task = TASKS[name]
    with Session(Limits(), task.chapter) as session:
        session.run(SETUP)
        told = session.run(source)
        assert "error" not in told, told
        report = judge(name, session.function(name), seed=SEED)
    return report, bytes(heard)


@each(CALLED)
def test_the_learners_side_never_gets_the_seed_or_an_expected_value(name, monkeypatch):
    task = TASKS[name]
    _, heard = graded(name, answer_source(task.solution, task), monkeypatch)
    assert len(heard) > 100
    for secret in shapes_of_the_seed():
        assert secret not in heard
    looked_at = 0
    for case in cases(task):
        if case.large or task.accept is not None:
            continue
        given = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays_in(list(case.args)))
        for expected in arrays_in(list(task.expected(*case.args))):
            content = expected.tobytes()
            if len(np.unique(expected)) < 4 or content in given:
                continue  # too little to be told apart, or an argument itself
            assert content not in heard
            looked_at += 1
    assert looked_at or name not in ("conv_dy_scatter", "affine_backward")


@each(TASKS)
def test_what_a_learner_reads_holds_no_secret(name):
    task = TASKS[name]
    lines, numbers = set(hidden_lines(task)), set(expected_numbers(task))
    chosen = [m for m in task.misconceptions if hasattr(m.wrong, "func")][:3]
    assert chosen
    for misconception in chosen:
        report = judge(name, misconception.wrong, seed=SEED)
        shown = report.text() + report.html() + str(report.properties)
        for secret in shapes_of_the_seed():
            assert secret not in shown.encode("utf-8", "surrogatepass")
        assert not [line for line in lines if line in shown]
        assert not [n for n in numbers if n in shown]


def test_errors_of_the_judges_own_functions_tell_nothing_of_it():
    """`f` of the task numeric_gradient is the judge's: what it raises comes back as one line."""
    with Session(Limits()) as session:
        session.run(
            "def f(g):\n    try:\n        g(1)\n    except ValueError as e:\n        return str(e)"
        )

        def hidden(x):
            raise KeyError("expected")

        told = session.function("f")(hidden)
    assert told == "KeyError: 'expected'" and "hidden" not in told
