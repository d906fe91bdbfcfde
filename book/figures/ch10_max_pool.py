"""Chapter 10, "Max pooling": its worked example and its figure.

One map y (4, 5), windows of 2 x 2, stride 1, so z and dz (3, 4): the windows overlap. All values of
y differ, one of them wins four windows, others three, two, one or none; the numbers in dz differ
too, and so do the sums that end up in dy.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_Y = _constant(
    [[-1, 7, -2, 9, 0], [4, 8, -3, 14, 2], [12, 1, -4, 10, 6], [5, 11, -5, 13, 3]]
)
EXAMPLE_DZ = _constant([[2, -1, 3, 1], [4, 5, -2, 6], [-3, 7, 8, -4]])
K = 2


def _window(place: Cell) -> list[Cell]:
    r, c = place
    return [(r + i, c + j) for i, j in np.ndindex(K, K)]


def routing() -> StepFigure:
    """Every window sends its dz to its winner; winners of several windows collect a sum."""
    y, dz = EXAMPLE_Y, EXAMPLE_DZ
    steps = []
    shares: dict[Cell, list[int]] = {}
    for place in np.ndindex(dz.shape):
        winner = max(_window(place), key=lambda at: y[at])
        shares.setdefault(winner, []).append(int(dz[place]))
        steps.append(_step(place, winner, y, dz, shares[winner]))
    return StepFigure(
        alt="Each entry of dz goes to the winner of its window; an element of y that wins several "
        "windows collects the sum.",
        grids=(
            Grid("y", y, "y; # is pidx"),
            Grid("dz", dz, "dz, one per window"),
            Grid("dy", np.zeros(y.shape, int), "dy so far"),
        ),
        steps=tuple(steps),
        columns=dz.shape[1],
        pick="dz",
    )


def _step(place: Cell, winner: Cell, y: np.ndarray, dz: np.ndarray, shares: list[int]) -> Step:
    r, c = place
    width = y.shape[1]
    pidx = winner[0] * width + winner[1]
    result = sum(shares)
    terms = " + ".join(f"({show(s)})" if s < 0 else show(s) for s in shares)
    total = terms if len(shares) == 1 else f"{terms} = {show(result)}"
    return Step(
        at=place,
        text=(
            f"The window of {cell_name('z', place)} covers rows {r} and {r + 1}, columns {c} and"
            f" {c + 1}. Its largest value is {show(y[winner])}, at {cell_name('y', winner)}:"
            f" pidx = {winner[0]}·{width} + {winner[1]} = {pidx}.\n"
            f"{cell_name('dy', winner)} += {show(dz[place])}, which makes {total}"
        ),
        result=result,
        marks={
            "y": {"used": _window(place), "here": [winner]},
            "dz": {"here": [place]},
            "dy": {"here": [winner]},
        },
        labels={
            "y": {winner: f"#{pidx}"},
            "dy": {winner: f"{'−' if dz[place] < 0 else '+'}{abs(int(dz[place]))}"},
        },
        writes={"dy": {winner: result}},
    )
