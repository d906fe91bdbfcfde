"""Chapter 00's task: the layer z = y**2, a warm-up that is failed on purpose first."""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import other_layout, read_only, single
from autograder.task import Array, Case, Output, Property, Shape, Task, distinct, switch
from solutions.chapters import ch00_warmup as answers


def square(y: Array) -> Array:
    """Forward, safe for complex numbers."""
    return y * y


def expected(dz: Array, y: Array) -> tuple[Array, ...]:
    """The complex step, for all entries in one call: each moves its own z alone."""
    step = 1e-30
    return (dz * square(y + 1j * step).imag / step,)


def _case(rng: np.random.Generator, *shape: int) -> Case:
    return Case((rng.standard_normal(shape), rng.standard_normal(shape)))


def one_row(rng: np.random.Generator) -> list[Case]:
    return [Case(read_only(*_case(rng, int(n)).args)) for n in distinct(rng, 2, 6, 2)]


def batch(rng: np.random.Generator) -> list[Case]:
    case = _case(rng, *distinct(rng, 2, 5, 2))
    return [case, Case(tuple(map(other_layout, case.args))), single(case)]


def any_shape(rng: np.random.Generator) -> list[Case]:
    T, M, H, W = distinct(rng, 2, 5, 4)
    return [_case(rng, 1), _case(rng, T, M, H, W), _case(rng, 1, M, 1, W)]


def shapes(dz: Array, y: Array) -> tuple[Shape, ...]:
    return (y.shape,)


def wrong_square_backward(on: "frozenset[str]", dz: Array, y: Array) -> Any:
    """square_backward; each switch in `on` is one bug."""
    factor = 1.0 if "factor_missing" in on else 2.0
    if "halved" in on:
        factor = 0.5
    slope = factor * y
    if "forward" in on:
        slope = y**2
    if "power_kept" in on:
        slope = factor * y**2
    if "y_missing" in on:
        slope = factor * np.ones_like(y)
    if "sign" in on:
        slope = -slope
    if "dz_missing" in on:
        return slope
    if "added" in on:
        return slope + dz
    dy = slope * dz
    if "summed" in on:
        return np.sum(dy)
    return dy


ROWS = (
    (
        "dz_missing",
        "dz is left out",
        "That is the slope of z. By the chain rule dDiv/dy = dDiv/dz * dz/dy: where is dz?",
    ),
    (
        "factor_missing",
        "the factor 2 is left out",
        "By how much does y**2 grow when y = 3 grows by a little: 3 times as much, or 6?",
    ),
    (
        "forward",
        "the value y**2 where its slope is needed",
        "Is y**2 what the layer puts out, or how fast that grows with y?",
    ),
    (
        "power_kept",
        "the power is still 2",
        "What is left of y**2 after one derivative: which power of y, and which factor?",
    ),
    (
        "y_missing",
        "y is left out",
        "Is y**2 equally steep everywhere? At y = 0 it is flat.",
    ),
    (
        "halved",
        "half of y in place of twice y",
        "Does y**2 become flatter or steeper by its exponent: is 2 a factor or a divisor?",
    ),
    ("sign", "the sign is wrong", "When y = 3 grows, does y**2 grow or shrink?"),
    (
        "added",
        "slope and dz are added",
        "Along one path, are the factors dDiv/dz and dz/dy added or multiplied?",
    ),
    (
        "summed",
        "one sum in place of an entry for each y",
        "How many entries has y? Each of them gets a gradient of its own: is there a sum or a "
        "dot product in yours?",
    ),
)

EXAMPLES = (
    Case((np.array([1.0, 10.0]), np.array([3.0, -2.0]))),
    Case(
        (
            np.array([[2.0, 5.0, -1.0], [1.0, 0.0, 3.0]]),
            np.array([[1.0, 4.0, 3.0], [0.0, 2.0, 6.0]]),
        )
    ),
)

TASKS = (
    Task(
        name="square_backward",
        solution=answers.square_backward,
        forward=square,
        outputs=(Output("dy"),),
        shapes=shapes,
        expected=expected,
        properties=(
            Property("the chain rule, in a row of numbers", 0.5, one_row),
            Property("a batch of rows", 0.25, batch),
            Property("any shape", 0.25, any_shape),
        ),
        wrong=wrong_square_backward,
        misconceptions=(
            *(switch(wrong_square_backward, *row) for row in ROWS),
            *behaviours(
                answers.square_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=EXAMPLES,
    ),
)
