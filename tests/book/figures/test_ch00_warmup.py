"""The warm-up's figure: every step against a difference quotient of z = y*y."""

import re

import numpy as np
from figures.ch00_warmup import EXAMPLE_DZ, EXAMPLE_Y, entries

H = 0.5  # a central difference of a parabola is exact, whatever the step


def numbers(text):
    return [int(n) for n in re.findall(r"-?\d+", text.replace("−", "-"))]


def test_every_step_is_the_difference_quotient():
    figure = entries()
    assert len(figure.steps) == EXAMPLE_Y.size
    for step, at in zip(figure.steps, np.ndindex(EXAMPLE_Y.shape), strict=True):
        y, dz = EXAMPLE_Y[at], EXAMPLE_DZ[at]
        slope = ((y + H) ** 2 - (y - H) ** 2) / (2 * H)
        assert step.at == at
        assert step.result == dz * slope
        assert step.writes == {"slope": {at: slope}, "dy": {at: dz * slope}}
        assert step.marks == {"y": {"here": [at]}, "slope": {"used": [at]}, "dz": {"used": [at]}}
        first, second = step.text.splitlines()
        assert numbers(first) == [*at, y, slope]
        assert numbers(second) == [*at, slope, dz, dz * slope]


def test_the_example_tells_the_usual_mistakes_apart():
    slope, dz = 2 * EXAMPLE_Y, EXAMPLE_DZ
    right = slope * dz
    for wrong in (slope, dz, EXAMPLE_Y * dz, EXAMPLE_Y**2 * dz, 2 * EXAMPLE_Y**2 * dz, -right):
        assert not np.array_equal(wrong, right)
    assert len(set(EXAMPLE_Y.flat)) == EXAMPLE_Y.size
