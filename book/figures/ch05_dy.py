"""Chapter 5, "dY: from one pixel to the flipped filter": its worked example and its two figures.

One map, one filter, stride 1, no padding. Letters: y input map (5, 5), w filter (3, 3), z affine
map (3, 3) with z[r,c] = sum over i, j of w[i,j] y[r+i,c+j]; dz and dy are the gradients. The
filter's entries count up, so that a weight tells its own place; the numbers in dz are all
different and so are the 25 sums, so that no mistake gives a right answer by chance.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_Y = _constant(
    [
        [3, 2, 0, 0, 1],
        [2, 2, 0, 3, 2],
        [2, 0, 4, 0, 0],
        [1, 0, 3, 1, 1],
        [1, 0, 1, 0, 3],
    ]
)
EXAMPLE_W = _constant([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
EXAMPLE_DZ = _constant([[2, 3, -3], [5, -4, -2], [-1, 1, 4]])


def _product(a: int, b: int) -> str:
    return f"({show(a)})·{show(b)}" if a < 0 else f"{show(a)}·{show(b)}"


def influence() -> StepFigure:
    """One pixel of y, the z's it reaches, and the weights on the way."""
    y, w, dz = EXAMPLE_Y, EXAMPLE_W, EXAMPLE_DZ
    return StepFigure(
        alt="Which z's one pixel of y reaches, and through which weights.",
        grids=(
            Grid("y", y, "y"),
            Grid("w", w, "w"),
            Grid("dz", dz, "dz, at each z"),
        ),
        steps=tuple(_influence_step(pixel, w, dz) for pixel in np.ndindex(y.shape)),
        columns=y.shape[1],
        pick="y",
    )


def _influence_step(pixel: Cell, w: np.ndarray, dz: np.ndarray) -> Step:
    r, c = pixel
    # z[a,b] sees y[r,c] through w[r-a,c-b], where that is inside the filter
    weight = {
        (a, b): (r - a, c - b)
        for a, b in np.ndindex(dz.shape)
        if 0 <= r - a < w.shape[0] and 0 <= c - b < w.shape[1]
    }
    reached = ", ".join(f"{cell_name('z', z)} through {cell_name('w', weight[z])}" for z in weight)
    terms = " + ".join(_product(dz[z], w[weight[z]]) for z in weight)
    result = int(sum(dz[z] * w[weight[z]] for z in weight))
    return Step(
        at=pixel,
        text=(
            f"{cell_name('y', pixel)} reaches {len(weight)} of the {dz.size} z's: {reached}.\n"
            f"{cell_name('dy', pixel)} = sum of dz·w = {terms} = {show(result)}"
        ),
        result=result,
        marks={"y": {"here": [pixel]}, "w": {"used": weight.values()}, "dz": {"used": weight}},
        labels={"dz": {z: cell_name("w", weight[z]) for z in weight}},
    )


def flipped_filter() -> StepFigure:
    """The flipped filter slides over dz, zero-padded by K-1; each stop gives one dy."""
    w, dz = EXAMPLE_W, EXAMPLE_DZ
    pad = w.shape[0] - 1
    padded = np.pad(dz, pad)
    dy_shape = (dz.shape[0] + pad, dz.shape[1] + pad)
    return StepFigure(
        alt="The flipped filter slides over the zero-padded dz; each stop gives one entry of dy.",
        grids=(
            Grid(
                "dz",
                padded,
                "dz, zero-padded",
                dashed=np.pad(np.zeros(dz.shape, bool), pad, constant_values=True),
            ),
            Grid("flipped", w[::-1, ::-1], "w, flipped"),
            Grid("dy", np.full(dy_shape, "·"), "dy"),
        ),
        steps=tuple(_flip_step(stop, w[::-1, ::-1], padded, pad) for stop in np.ndindex(dy_shape)),
        columns=dy_shape[1],
        pick="dy",
    )


def _flip_step(stop: Cell, flipped: np.ndarray, padded: np.ndarray, pad: int) -> Step:
    r, c = stop
    window = {(r + i, c + j): (i, j) for i, j in np.ndindex(flipped.shape)}
    inside = [
        p
        for p in window
        if all(pad <= k < size - pad for k, size in zip(p, padded.shape, strict=True))
    ]
    terms = " + ".join(_product(padded[p], flipped[window[p]]) for p in inside)
    result = int(sum(padded[p] * flipped[window[p]] for p in inside))
    zeros = len(window) - len(inside)
    return Step(
        at=stop,
        text=(
            f"The window covers rows {r} to {r + pad} and columns {c} to {c + pad} of the padded"
            f" dz. Of its {len(window)} cells, {len(inside)} on dz and {zeros} on zeros.\n"
            f"{cell_name('dy', stop)} = {terms} = {show(result)}"
        ),
        result=result,
        marks={
            "dz": {"used": window},
            "flipped": {"used": [window[p] for p in inside]},
            "dy": {"here": [stop]},
        },
        labels={"dz": {p: f"×{show(flipped[window[p]])}" for p in window}},
        writes={"dy": {stop: result}},
    )
