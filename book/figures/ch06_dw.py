"""Chapter 6, "dW and db": its worked example and its two figures.

One picture, stride 1, no padding. Letters as in chapter 5: y input map (4, 5), w filter (3, 2), z
affine map (2, 4) with z[r,c] = sum over i, j of w[i,j] y[r+i,c+j]; dz and dw are the gradients. All
sizes differ, so that rows and columns cannot be mixed up, and so do all six entries of dw.
MAPS_Y (M, 2, 2) and MAPS_DZ (N, 2, 2) are a layer with 1 x 1 filters: each plane is one number.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(values: list[list[int]] | list[list[list[int]]]) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


EXAMPLE_Y = _constant([[2, 0, 2, 3, 1], [2, 1, 0, 1, 4], [0, 3, 1, 2, 0], [1, 2, 5, 0, 1]])
EXAMPLE_DZ = _constant([[2, -1, 0, 3], [1, 4, -2, 1]])
EXAMPLE_W = _constant([[1, 2], [3, 4], [5, 6]])

MAPS_Y = _constant([[[1, 2], [0, 3]], [[3, 0], [1, 1]], [[0, 4], [5, 0]]])
MAPS_DZ = _constant([[[1, -1], [2, 0]], [[3, 0], [0, -2]]])


def _product(a: int, b: int) -> str:
    return f"({show(a)})·{show(b)}" if a < 0 else f"{show(a)}·{show(b)}"


def dz_slides() -> StepFigure:
    """dz slides over y, unflipped and without padding; each stop gives one entry of dw."""
    y, dz = EXAMPLE_Y, EXAMPLE_DZ
    dw_shape = (y.shape[0] - dz.shape[0] + 1, y.shape[1] - dz.shape[1] + 1)
    return StepFigure(
        alt="The map dz slides over the map y; each stop gives one entry of dw.",
        grids=(
            Grid("y", y, "y, under dz"),
            Grid("dz", dz, "dz"),
            Grid("dw", np.full(dw_shape, "·"), "dw"),
        ),
        steps=tuple(_slide_step(stop, y, dz) for stop in np.ndindex(dw_shape)),
        columns=dw_shape[1],
        pick="dw",
    )


def _slide_step(stop: Cell, y: np.ndarray, dz: np.ndarray) -> Step:
    i, j = stop
    H_out, W_out = dz.shape
    window = {(i + r, j + c): (r, c) for r, c in np.ndindex(dz.shape)}  # place in y: place in dz
    terms = " + ".join(_product(dz[window[p]], y[p]) for p in window)
    result = int(sum(dz[window[p]] * y[p] for p in window))
    return Step(
        at=stop,
        text=(
            f"{cell_name('w', stop)} met {len(window)} values of y: rows {i} to {i + H_out - 1},"
            f" columns {j} to {j + W_out - 1}. dz lies on them as it is.\n"
            f"{cell_name('dw', stop)} = sum of dz·y = {terms} = {show(result)}"
        ),
        result=result,
        marks={"y": {"used": window}, "dw": {"here": [stop]}},
        labels={"y": {p: f"×{show(dz[window[p]])}" for p in window}},
        writes={"dw": {stop: result}},
    )


def every_pair() -> StepFigure:
    """Each out-map of dz with each in-map of y: with 1 x 1 filters, one number for each pair."""
    y, dz = MAPS_Y, MAPS_DZ
    M, N = len(y), len(dz)
    return StepFigure(
        alt="Every map of dz is paired with every map of y; each pair gives one plane of dw.",
        grids=(
            *(Grid(f"y{m}", y[m], f"y[0, {m}]") for m in range(M)),
            *(Grid(f"dz{n}", dz[n], f"dz[0, {n}]") for n in range(N)),
            Grid("dw", np.full((N, M), "·"), "dw[n, m]"),
        ),
        steps=tuple(_pair_step(pair, y, dz) for pair in np.ndindex(N, M)),
        columns=M,
        pick="dw",
    )


def _pair_step(pair: Cell, y: np.ndarray, dz: np.ndarray) -> Step:
    n, m = pair
    places = list(np.ndindex(dz[n].shape))
    terms = " + ".join(_product(dz[n][p], y[m][p]) for p in places)
    result = int(sum(dz[n][p] * y[m][p] for p in places))
    return Step(
        at=pair,
        text=(
            f"Plane {m} of filter {n} joins in-map {m} and out-map {n}, and nothing else.\n"
            f"{cell_name('dw', pair)} = sum of dz[0,{n}]·y[0,{m}] = {terms} = {show(result)}"
        ),
        result=result,
        marks={f"y{m}": {"used": places}, f"dz{n}": {"used": places}, "dw": {"here": [pair]}},
        writes={"dw": {pair: result}},
    )
