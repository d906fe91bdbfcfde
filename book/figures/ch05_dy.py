"""Chapter 5, "dY: from one pixel to the flipped filter": its worked example and its three figures.

One map, one filter, stride 1, no padding. Letters: y input map (5, 5), w filter (3, 3), z affine
map (3, 3) with z[r,c] = sum over i, j of w[i,j] y[r+i,c+j]; dz and dy are the gradients. The
filter's entries count up, so that a weight tells its own place; the numbers in dz are all
different and so are the 25 sums, so that no mistake gives a right answer by chance.
MAPS_DZ (N, 2, 2) and MAPS_W (N, 2, 2), the planes w[n, m] of one in-map m, are for the sum over n.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]] | list[list[list[int]]]) -> np.ndarray:
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

MAPS_W = _constant([[[1, 2], [3, 4]], [[2, -1], [-2, 6]]])
MAPS_DZ = _constant([[[3, 2], [-2, 2]], [[1, -3], [4, 1]]])


def _product(a: int, b: int) -> str:
    return "·".join(f"({show(factor)})" if factor < 0 else show(factor) for factor in (a, b))


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


def sum_over_n() -> StepFigure:
    """Two out-maps: each flipped plane over its own padded dz; both shares add up to dy."""
    N, K, _ = MAPS_W.shape
    pad = K - 1
    padded = np.pad(MAPS_DZ, ((0, 0), (pad, pad), (pad, pad)))
    flipped = MAPS_W[:, ::-1, ::-1]
    border = np.pad(np.zeros(MAPS_DZ.shape[1:], bool), pad, constant_values=True)
    dy_shape = (MAPS_DZ.shape[1] + pad, MAPS_DZ.shape[2] + pad)
    grids = []
    for n in range(N):
        grids += [
            Grid(f"dz{n}", padded[n], f"dz[:, {n}]", dashed=border),
            Grid(f"flipped{n}", flipped[n], f"flip(w[{n}])"),
        ]
    return StepFigure(
        alt="The flipped planes of two filters slide over their maps of dz; the shares add up to dy.",
        grids=(*grids, Grid("dy", np.full(dy_shape, "·"), "dy[:, m]")),
        steps=tuple(_sum_step(stop, flipped, padded, border) for stop in np.ndindex(dy_shape)),
        columns=dy_shape[1],
        pick="dy",
    )


def _sum_step(stop: Cell, flipped: np.ndarray, padded: np.ndarray, border: np.ndarray) -> Step:
    N = len(flipped)
    window = {(stop[0] + i, stop[1] + j): (i, j) for i, j in np.ndindex(flipped.shape[1:])}
    inside = [p for p in window if not border[p]]
    shares = [int(sum(padded[n][p] * flipped[n][window[p]] for p in inside)) for n in range(N)]
    terms = [
        " + ".join(_product(padded[n][p], flipped[n][window[p]]) for p in inside) for n in range(N)
    ]
    lines = [f"n = {n}: {terms[n]} = {show(shares[n])}" for n in range(N)]
    total = " + ".join(f"({show(s)})" if s < 0 else show(s) for s in shares)
    return Step(
        at=stop,
        text="\n".join([*lines, f"{cell_name('dy', stop)} = {total} = {show(sum(shares))}"]),
        result=sum(shares),
        marks={
            "dy": {"here": [stop]},
            **{f"dz{n}": {"used": window} for n in range(N)},
            **{f"flipped{n}": {"used": [window[p] for p in inside]} for n in range(N)},
        },
        labels={f"dz{n}": {p: f"×{show(flipped[n][window[p]])}" for p in window} for n in range(N)},
        writes={"dy": {stop: sum(shares)}},
    )
