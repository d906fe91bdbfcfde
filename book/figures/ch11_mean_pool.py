"""Chapter 11, "Mean pooling": its worked example and its figure.

One map of 4 x 5 under windows of 2 x 3 with stride 1, so dz is (3, 3): the windows overlap. All
entries of dz are multiples of 6, so that the shares are whole numbers.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show

EXAMPLE_DZ = np.array([[6, -12, 18], [24, 12, -6], [-18, 30, -24]])
EXAMPLE_DZ.setflags(write=False)
KH, KW = 2, 3


def spreading() -> StepFigure:
    """Every window spreads its dz in equal shares; where windows overlap, shares add up."""
    dz = EXAMPLE_DZ
    shape = (dz.shape[0] + KH - 1, dz.shape[1] + KW - 1)
    shares: dict[Cell, list[int]] = {at: [] for at in np.ndindex(shape)}
    steps = []
    for place in np.ndindex(dz.shape):
        window = [(place[0] + i, place[1] + j) for i, j in np.ndindex(KH, KW)]
        for at in window:
            shares[at].append(int(dz[place]) // (KH * KW))
        steps.append(_step(place, int(dz[place]), window, shares))
    return StepFigure(
        alt="Each entry of dz is spread in equal shares over its window; shares of overlapping "
        "windows add up.",
        grids=(
            Grid("dz", dz, "dz, one per window"),
            Grid("dy", np.zeros(shape, int), "dy so far"),
        ),
        steps=tuple(steps),
        columns=dz.shape[1],
        pick="dz",
    )


def _step(place: Cell, dz: int, window: list[Cell], shares: dict[Cell, list[int]]) -> Step:
    r, c = place
    share = dz // (KH * KW)
    so_far = shares[place]
    terms = " + ".join(f"({show(s)})" if s < 0 else show(s) for s in so_far)
    total = terms if len(so_far) == 1 else f"{terms} = {show(sum(so_far))}"
    return Step(
        at=place,
        text=(
            f"{cell_name('dz', place)} = {show(dz)} over {KH}·{KW} = {KH * KW} elements: a share of"
            f" {show(share)} for each in rows {r} and {r + 1}, columns {c} to {c + KW - 1}.\n"
            f"The first of them, {cell_name('dy', place)}, now holds {total}"
        ),
        result=sum(so_far),
        marks={"dz": {"here": [place]}, "dy": {"used": window, "here": [place]}},
        labels={"dy": {at: f"{'−' if share < 0 else '+'}{abs(share)}" for at in window}},
        writes={"dy": {at: sum(shares[at]) for at in window}},
    )
