"""Chapter 7, "Padding, and its crop": its worked example and its figure.

One map, one filter, stride 1. y (3, 3) stands in a border of zeros, PADDING = ((top, bottom),
(left, right)); z[r,c] = sum over i, j of w[i,j] y_padded[r+i,c+j], w (2, 2), z (3, 5). Opposite
margins differ, so that no side can stand for its opposite; two columns on the left are one more
than K - 1, so that the first column of z sees zeros only.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_Y = _constant([[3, 1, 4], [2, 5, 1], [0, 2, 6]])
EXAMPLE_W = _constant([[1, 2], [3, 4]])
EXAMPLE_DZ = _constant([[4, 7, -4, -4, 2], [-1, -3, 6, -1, 1], [-1, 6, 5, -4, 7]])
PADDING = ((1, 0), (2, 1))


def _product(a: int, b: int) -> str:
    return f"({show(a)})·{show(b)}" if a < 0 else f"{show(a)}·{show(b)}"


def crop() -> StepFigure:
    """The flipped filter makes the gradient of the padded map; what belongs to y is kept."""
    flipped, dz = EXAMPLE_W[::-1, ::-1], EXAMPLE_DZ
    hang = len(EXAMPLE_W) - 1
    wide = np.pad(dz, hang)
    is_border = np.pad(np.zeros(EXAMPLE_Y.shape, bool), PADDING, constant_values=True)
    return StepFigure(
        alt="The gradient of the padded map, entry by entry; the border's entries are dropped.",
        grids=(
            Grid(
                "dz",
                wide,
                "dz, zero-padded by K − 1",
                dashed=np.pad(np.zeros(dz.shape, bool), hang, constant_values=True),
            ),
            Grid("flipped", flipped, "flip(w)"),
            Grid("padded", np.full(is_border.shape, "·"), "dy_padded", dashed=is_border),
            Grid("dy", np.full(EXAMPLE_Y.shape, "·"), "dy"),
        ),
        steps=tuple(
            _crop_step(stop, flipped, wide, hang, bool(is_border[stop]))
            for stop in np.ndindex(is_border.shape)
        ),
        columns=is_border.shape[1],
        pick="padded",
    )


def _crop_step(stop: Cell, flipped: np.ndarray, wide: np.ndarray, hang: int, border: bool) -> Step:
    (top, _), (left, _) = PADDING
    r, c = stop
    window = {(r + i, c + j): (i, j) for i, j in np.ndindex(flipped.shape)}
    inside = [
        p
        for p in window
        if all(hang <= k < size - hang for k, size in zip(p, wide.shape, strict=True))
    ]
    terms = " + ".join(_product(wide[p], flipped[window[p]]) for p in inside)
    result = int(sum(wide[p] * flipped[window[p]] for p in inside))
    pixel = (r - top, c - left)
    last = (
        "A zero of the border stands here, and no y: dropped."
        if border
        else f"Here stands {cell_name('y', pixel)}, so {cell_name('dy', pixel)} = {show(result)}."
    )
    writes = {"padded": {stop: result}}
    marks = {
        "dz": {"used": window},
        "flipped": {"used": [window[p] for p in inside]},
        "padded": {"here": [stop]},
    }
    if not border:
        writes["dy"] = {pixel: result}
        marks["dy"] = {"here": [pixel]}
    return Step(
        at=stop,
        text=f"{cell_name('dy_padded', stop)} = {terms} = {show(result)}\n{last}",
        result=result,
        marks=marks,
        labels={"dz": {p: f"×{show(flipped[window[p]])}" for p in window}},
        writes=writes,
    )
