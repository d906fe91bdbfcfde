"""The judge: calls a learner's function, scores each property, finds the hint.

`judge` is a deterministic function of its four arguments: in-process, no files, no printing.
"""

import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograder.hints import DIRECT, GATES, Hint, hints_for
from autograder.observe import Clock, Observation, observe, same
from autograder.report import PropertyResult, Report
from autograder.task import Case, Function, Property, Task
from autograder.tasks import get_task
from solutions import use_backend

PUBLIC_SEED = 0
LEVELS = ("check", "grade")
heard: dict[str, str] = {}  # the hint of a task's last check; see ladder.py
# CPU time allowed for a `work` property, in units of `machine_unit`. The loop form of the model
# answers needs less than a fifth of it (tests/test_judge.py measures that it stays so).
WORK_LIMIT = 300.0
LEAST_UNIT = 1e-4  # no machine's unit is less: a call below this limit needs no measuring
STOPPED = ("timeout", "crashed")  # what a call costs more than itself: a new process
STOPPED_CALLS = 2  # after so many calls that had to be stopped, the rest of a task is not called


def judge(name: str, function: Function, seed: int = PUBLIC_SEED, level: str = "grade") -> Report:
    """The verdict on `function` as an answer to the task `name`.

    level "check" uses the public seed whatever `seed` says; "grade" draws numbers and sizes from
    `seed`. Both score the same properties on the same kinds of cases.

    Raises KeyError for an unknown task, ValueError for an unknown level or a negative seed.
    """
    task = get_task(name)
    if level not in LEVELS:
        raise ValueError(f"`level` (={level!r}) must be one of {', '.join(LEVELS)}")
    if seed < 0:
        raise ValueError(f"`seed` (={seed!r}) must be at least 0")
    seed = PUBLIC_SEED if level == "check" else seed
    own_clock = getattr(type(function), "cpu_clock", None)  # a proxy's: the other process's time
    clock: Clock = time.process_time if own_clock is None else partial(own_clock, function)
    if task.through:
        function = _once(function)
    with use_backend("numpy"), np.errstate(all="ignore"):  # Numba would compile for seconds
        seen = list(_examine(task, function, seed, clock))
        results = tuple(_result(p, observations) for p, observations in seen)
        # the smallest cases come first: the report shows the first that fails, and the hint is
        # about what it shows. Large cases would make the computed hints slow.
        called = [o for _, observations in seen for o in observations if not o.case.large]
        settled = any(o.kind in DIRECT for o in called)
        small = [] if settled else _examples(task, function, called, clock)
        hints = hints_for(task, [*small, *called]) or _work_hint(seen)
        example = next((o for o in [*small, *called] if not o.right), None)
        remarks = tuple(dict.fromkeys(o.remark for o in called if o.remark))
    shown = None if settled else example
    return Report(task, results, tuple(hints), shown, remarks)


def check(function: Function, name: str) -> float:
    """Judge `function` at the public seed, print the report, return the points as a plain float.

    In a notebook, what is off is drawn under the report.
    """
    report = judge(name, function, level="check")
    print(report.text())
    heard[name] = report.found[0].text if report.found else ""
    if report.picture() and _in_notebook():
        from IPython.display import HTML, display

        display(HTML(report.picture()))
    return report.score


def _in_notebook() -> bool:
    """Whether a notebook runs this, to which more than text can be shown."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and type(shell).__name__ != "TerminalInteractiveShell"


def _once(function: Function) -> Function:
    """The result of a long run is asked for once; it counts for every property."""
    kept: list[Any] = []

    @wraps(function)
    def first_answer(*args: Any) -> Any:
        if not kept:
            kept.append(function(*args))
        return kept[0]

    return first_answer


def machine_unit() -> float:
    """The CPU seconds of a fixed piece of Python: what a limit is counted in, on any machine."""

    def once() -> float:
        started = time.process_time()
        total = 0
        for k in range(20_000):
            total += k & 7
        return time.process_time() - started

    return max(min(once() for _ in range(3)), 1e-5)


def generator(seed: int, *parts: str) -> np.random.Generator:
    """A generator of its own for each task and property, so that none depends on the others."""
    return np.random.default_rng([seed, *(zlib.crc32(p.encode()) for p in parts)])


def _examine(
    task: Task, function: Function, seed: int, clock: Clock
) -> Iterator[tuple[Property, list[Observation]]]:
    """Every property with what was seen of it."""
    stopped, blank = 0, False
    for prop in task.properties:
        seen: list[Observation] = []
        for k, case in enumerate(prop.cases(generator(seed, task.name, prop.name))):
            if blank or stopped >= STOPPED_CALLS:
                break

            def look(case: Case = case, prop: Property = prop) -> Observation:
                """The same call, judged with the same random numbers, as often as it is asked."""
                nonlocal stopped
                rng = generator(seed, task.name, prop.name, "directions")
                seen_now = observe(task, function, case, rng, clock)
                stopped += seen_now.kind in STOPPED
                return seen_now

            def look_afresh(which: str, k: int = k, prop: Property = prop) -> Observation:
                """A call of the same kind with other numbers: no remembered answer serves."""
                fresh = prop.cases(generator(seed, task.name, prop.name, which))
                return look(fresh[k], prop)

            observation = look()
            if prop.work and observation.right:
                observation = _in_time(observation, look_afresh)
            if observation.kind == "wrong":
                observation = _again(observation, look)
            seen.append(observation)
            blank = observation.kind in ("blank", "missing")
        if seen and all(o.right for o in seen) and not prop.work:
            seen[-1] = _again(seen[-1], look)
        yield prop, seen


def _in_time(first: Observation, look: Callable[[str], Observation]) -> Observation:
    """The observation, or one that says "slow": the best of three calls is over the limit.

    Those after the first must be right too: an error is quickly made.
    """
    if first.cpu <= WORK_LIMIT * LEAST_UNIT:
        return first
    limit = WORK_LIMIT * machine_unit()
    cpu = first.cpu
    for which in ("second", "third"):
        if cpu <= limit:
            return first
        if cpu > 20 * limit:
            break
        another = look(which)
        if not another.right:
            return another
        cpu = min(cpu, another.cpu)
    if cpu <= limit:
        return first
    message = f"{cpu:.2g} s of CPU time where {limit:.2g} s are allowed"
    return Observation(first.case, "slow", message, cpu=cpu)


def _again(first: Observation, look: Callable[[], Observation]) -> Observation:
    """The observation, or one that says "state": the same call gave another answer.

    Or how it ended, if it had to be stopped.
    """
    second = look()
    if second.kind in STOPPED:
        return second
    if same(first, second):
        return first
    return Observation(first.case, "state", "the same call a second time gave another answer")


def _result(prop: Property, seen: Sequence[Observation]) -> PropertyResult:
    failed = next((o for o in seen if not o.right), None)
    if failed is not None:
        return PropertyResult(prop.name, prop.points, False, failed.message, failed.kind)
    if not seen:
        return PropertyResult(prop.name, prop.points, False, "not called: see above", "not called")
    return PropertyResult(prop.name, prop.points, True, "", "right")


def _work_hint(seen: Sequence[tuple[Property, list[Observation]]]) -> list[Hint]:
    """The hint when all but the full-size property is right."""
    for prop, observations in seen:
        for o in observations:
            if prop.work and not o.right:
                return [Hint(o.kind, GATES.get(o.kind, GATES["exception"]))]
    return []


def _examples(
    task: Task, function: Function, called: Sequence[Observation], clock: Clock
) -> list[Observation]:
    """What the function does on the task's smallest cases: public numbers, easy to redo."""
    if all(o.right for o in called):
        return []
    seen: list[Observation] = []
    for case in task.examples:
        seen.append(observe(task, function, case, np.random.default_rng(0), clock))
        if seen[-1].kind in STOPPED:
            break
    return seen
