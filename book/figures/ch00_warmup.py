"""Chapter 00, the warm-up: the layer z = y*y, whose gradient goes entry by entry.

Letters: y what goes in, z = y*y what comes out, slope how fast z grows with y, dz and dy the
gradients. The numbers make all slopes and all entries of dy differ, and one of each is 0.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show

EXAMPLE_Y = np.array([[3, -2, 4], [1, 0, -5]])
EXAMPLE_DZ = np.array([[1, 10, -2], [0, 7, 3]])
for _array in (EXAMPLE_Y, EXAMPLE_DZ):
    _array.setflags(write=False)


def entries() -> StepFigure:
    """One entry at a time: its slope, times its dz, is its dy."""
    y, dz = EXAMPLE_Y, EXAMPLE_DZ
    empty = np.full(y.shape, "·")
    return StepFigure(
        alt="The gradient of the layer z = y·y, entry by entry: slope times dz gives dy.",
        grids=(
            Grid("y", y, "y"),
            Grid("slope", empty, "slope"),
            Grid("dz", dz, "dz"),
            Grid("dy", empty, "dy"),
        ),
        steps=tuple(_entry_step(at, y, dz) for at in np.ndindex(y.shape)),
        columns=y.shape[1],
        pick="y",
    )


def _entry_step(at: Cell, y: np.ndarray, dz: np.ndarray) -> Step:
    slope = int(2 * y[at])
    result = int(slope * dz[at])
    here = show(y[at])
    return Step(
        at=at,
        text=(
            f"At {cell_name('y', at)} = {here}, z = y·y grows {show(slope)} times as fast as y.\n"
            f"{cell_name('dy', at)} = slope·dz = {_factor(slope)}·{_factor(int(dz[at]))}"
            f" = {show(result)}"
        ),
        result=result,
        marks={"y": {"here": [at]}, "slope": {"used": [at]}, "dz": {"used": [at]}},
        writes={"slope": {at: slope}, "dy": {at: result}},
    )


def _factor(a: int) -> str:
    return f"({show(a)})" if a < 0 else show(a)
