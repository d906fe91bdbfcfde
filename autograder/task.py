"""What a task is: one function that a learner writes, and all that is needed to judge it.

A chapter's tasks are rows of `autograder/tasks/chNN_*.py`; everything else (grade ids, points in
the notebook, signatures, hints, tables) is derived from them.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from autograder.gradcheck import Gap

Array = np.ndarray[Any, np.dtype[Any]]
Function = Callable[..., Any]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Case:
    """One call of the learner's function: its positional arguments, and how exact it must be.

    `large` cases are judged by the task's identity alone: their expected values, entry by entry,
    would take too long. With `same_dtype` the answer must have the arguments' dtype too. A gap
    up to `floor` never counts: rounding, where an output is zero for a reason and has no scale.
    `only` names the outputs whose numbers count here (all, if empty); `hidden` is what `accept` is
    told after the arguments, and the function under test is not.
    """

    args: tuple[Any, ...]
    tolerance: float = 1e-9
    large: bool = False
    same_dtype: bool = False
    floor: float = 0.0
    only: tuple[str, ...] = ()
    hidden: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Property:
    """One thing that a right answer does, with the points it is worth.

    `cases(rng)` makes the calls that show it; all of them must be right. The generator changes
    numbers and sizes, never the kinds of cases. A `work` property is judged by CPU time too.
    """

    name: str
    points: float
    cases: Callable[[np.random.Generator], list[Case]]
    work: bool = False


@dataclass(frozen=True)
class Misconception:
    """A known way of going wrong: `wrong` computes what comes out, so that it can be recognised."""

    id: str
    name: str
    hint: str
    wrong: Function


@dataclass(frozen=True)
class Output:
    """One value that the function returns: its name and its kind.

    array    of a floating dtype        number   one float
    mask     an array of bool           whole    one whole number
    indices  an array of int64          list, dict   of arrays (what `shapes` gives says which)
    """

    name: str
    kind: str = "array"


@dataclass(frozen=True)
class Task:
    """One function that a learner writes. `name` is its name, its grade id and its key.

    `expected(*args)` is the right answer, found from `forward` alone; `shapes(*args)` its shapes:
    one for each output, of a list or dict the list or dict of its members' shapes;
    `identity(answer, args, rng)` tells how far a large case is off without `expected`.
    `accept(answer, args, rng)`, where many answers are right, takes the place of comparing with
    `expected`: it returns what is wrong, or "" (the answer comes flat: one entry an array). What
    stands before a colon is the diagnosis: wrong answers with the same one are taken as alike.
    `through` names the function that a check calls, where it is not the learner's own: given code
    that hands out the result of a long run, so that the run itself is in no check.
    `examples` are the smallest cases, with integers to read, in the order in which to show them.
    `wrong(switches, *args)` is the parameterised wrong implementation of the misconceptions.
    """

    name: str
    solution: Function
    forward: Function
    outputs: tuple[Output, ...]
    shapes: Callable[..., tuple[Any, ...]]
    expected: Callable[..., tuple[Any, ...]]
    properties: tuple[Property, ...]
    wrong: Function
    misconceptions: tuple[Misconception, ...]
    examples: tuple[Case, ...]
    identity: Callable[[tuple[Any, ...], tuple[Any, ...], np.random.Generator], Gap] | None = None
    accept: Callable[[tuple[Any, ...], tuple[Any, ...], np.random.Generator], str] | None = None
    through: str = ""

    @property
    def chapter(self) -> str:
        """ "ch05", from the module that holds the model answer."""
        return self.solution.__module__.rsplit(".", 1)[-1].split("_", 1)[0]

    @property
    def points(self) -> float:
        """The sum over the properties."""
        return float(sum(p.points for p in self.properties))

    @property
    def signature(self) -> str:
        """ "conv_dy_flip(dz, w)": the positional arguments, without annotations."""
        return f"{self.name}({', '.join(inspect.signature(self.solution).parameters)})"

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The names of the positional arguments."""
        return tuple(inspect.signature(self.solution).parameters)


def switch(wrong: Function, id: str, name: str, hint: str) -> Misconception:
    """The misconception that is the switch `id` of a parameterised wrong implementation."""
    return Misconception(id, name, hint, partial(wrong, frozenset({id})))


def both(task: Task, first: Misconception, second: Misconception) -> Function:
    """The wrong implementation with two switches on."""
    return partial(task.wrong, frozenset({first.id, second.id}))


def distinct(rng: np.random.Generator, low: int, high: int, count: int) -> list[int]:
    """`count` different whole numbers from low to high: equal sizes would hide swapped axes."""
    return [int(n) for n in rng.choice(np.arange(low, high + 1), count, replace=False)]


def arguments_text(task: Task, args: Sequence[Any]) -> str:
    """The arguments as a line of text: shapes of arrays, values of numbers."""
    shown = (
        f"{name} {value.shape}" if isinstance(value, np.ndarray) else f"{name} = {value!r}"
        for argument, whole in zip(task.arguments, args, strict=True)
        for name, value in members(argument, whole)
    )
    return ", ".join(shown)


def members(name: str, value: Any) -> list[tuple[str, Any]]:
    """A list or dict of arrays taken apart, each with a name; anything else as it is."""
    if isinstance(value, dict):
        return [(f"{name}[{k!r}]", v) for k, v in value.items()]
    if isinstance(value, list) and all(isinstance(v, np.ndarray) for v in value):
        return [(f"{name}[{k}]", v) for k, v in enumerate(value)]
    return [(name, value)]
