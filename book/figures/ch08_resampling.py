"""Chapter 8, "Resampling; and the stride": its worked example and its two figures.

One map, one filter, no padding, stride S = 2 in both directions: z[r,c] = sum over i, j of
w[i,j] y[2r+i,2c+j]. In `spread` the windows just fill y (4, 5); in `reached` y is (6, 5) and they
leave a row and a column over. dz1 is dz among zeros, as large as the z of stride 1.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show

S = 2


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_DZ = _constant([[7, 1], [-2, 5]])
SPREAD_W = _constant([[1, 2, 3], [4, 5, 6]])
REACHED_W = _constant([[1, 2], [3, 4], [5, 6]])
REACHED_SHAPE = (6, 5)


def _product(a: int, b: int) -> str:
    return f"({show(a)})·{show(b)}" if a < 0 else f"{show(a)}·{show(b)}"


def spread() -> StepFigure:
    """Zeros go between the entries of dz; then the flipped filter slides, one step at a time."""
    flipped, dz = SPREAD_W[::-1, ::-1], EXAMPLE_DZ
    size = [S * (n - 1) + 1 for n in dz.shape]  # of the z of stride 1: nothing is left over
    is_dz, among_zeros = np.zeros(size, bool), np.zeros(size, int)
    is_dz[::S, ::S], among_zeros[::S, ::S] = True, dz
    border = [(k - 1, k - 1) for k in flipped.shape]
    holds_dz, wide = np.pad(is_dz, border), np.pad(among_zeros, border)
    dy_shape = tuple(n + k - 1 for n, k in zip(size, flipped.shape, strict=True))
    return StepFigure(
        alt="The flipped filter slides over dz with zeros between its entries and around it.",
        grids=(
            Grid("small", dz, "dz"),
            Grid("dz1", wide, "dz1: dz among zeros, padded", dashed=~holds_dz),
            Grid("flipped", flipped, "w, flipped"),
            Grid("dy", np.full(dy_shape, "·"), "dy"),
        ),
        steps=tuple(_spread_step(stop, flipped, wide, holds_dz) for stop in np.ndindex(dy_shape)),
        columns=dy_shape[1],
        pick="dy",
    )


def _spread_step(stop: Cell, flipped: np.ndarray, wide: np.ndarray, holds_dz: np.ndarray) -> Step:
    r, c = stop
    KH, KW = flipped.shape
    window = {(r + i, c + j): (i, j) for i, j in np.ndindex(KH, KW)}
    inside = [p for p in window if holds_dz[p]]
    terms = " + ".join(_product(wide[p], flipped[window[p]]) for p in inside)
    result = int(sum(wide[p] * flipped[window[p]] for p in inside))
    return Step(
        at=stop,
        text=(
            f"Of the {len(window)} cells of the window, {len(inside)} hold"
            f"{'s' if len(inside) == 1 else ''} a dz, the others a zero.\n"
            f"{cell_name('dy', stop)} = {terms} = {show(result)}"
        ),
        result=result,
        marks={
            "small": {"used": [((y - KH + 1) // S, (x - KW + 1) // S) for y, x in inside]},
            "dz1": {"used": window},
            "flipped": {"used": [window[p] for p in inside]},
            "dy": {"here": [stop]},
        },
        labels={"dz1": {p: f"×{show(flipped[window[p]])}" for p in window}},
        writes={"dy": {stop: result}},
    )


def reached() -> StepFigure:
    """Which windows hold one pixel of y, and which pixels no window holds."""
    w, dz = REACHED_W, EXAMPLE_DZ
    ends = tuple(S * (n - 1) + k for n, k in zip(dz.shape, w.shape, strict=True))
    left_over = np.ones(REACHED_SHAPE, bool)
    left_over[: ends[0], : ends[1]] = False
    return StepFigure(
        alt="Which windows of stride 2 hold one pixel of y; the last row and column are in none.",
        grids=(
            Grid("dy", np.full(REACHED_SHAPE, "·"), "dy", dashed=left_over),
            Grid("w", w, "w"),
            Grid("dz", dz, "dz, at each z"),
        ),
        steps=tuple(_reached_step(pixel, w, dz, ends) for pixel in np.ndindex(REACHED_SHAPE)),
        columns=REACHED_SHAPE[1],
        pick="dy",
    )


def _reached_step(pixel: Cell, w: np.ndarray, dz: np.ndarray, ends: Cell) -> Step:
    r, c = pixel
    # the window of z[a,b] begins at [S*a,S*b]
    weight = {
        (a, b): (r - S * a, c - S * b)
        for a, b in np.ndindex(dz.shape)
        if 0 <= r - S * a < w.shape[0] and 0 <= c - S * b < w.shape[1]
    }
    result = int(sum(dz[z] * w[weight[z]] for z in weight))
    if weight:
        ways = ", ".join(f"{cell_name('z', z)} through {cell_name('w', weight[z])}" for z in weight)
        terms = " + ".join(_product(dz[z], w[weight[z]]) for z in weight)
        windows = "window" if len(weight) == 1 else "windows"
        text = (
            f"{cell_name('y', pixel)} lies in {len(weight)} {windows}: {ways}.\n"
            f"{cell_name('dy', pixel)} = {terms} = {show(result)}"
        )
    else:
        text = (
            f"{cell_name('y', pixel)} lies in no window: the last window ends at row {ends[0] - 1}"
            f" and column {ends[1] - 1}.\n{cell_name('dy', pixel)} = 0, whatever dz is"
        )
    return Step(
        at=pixel,
        text=text,
        result=result,
        marks={"dy": {"here": [pixel]}, "w": {"used": weight.values()}, "dz": {"used": weight}},
        labels={"dz": {z: cell_name("w", weight[z]) for z in weight}},
        writes={"dy": {pixel: result}},
    )
