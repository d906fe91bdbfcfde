"""Chapter 12, "Transposed convolution": its worked example and its two figures.

One map y (2, 3), one filter w (3, 2), stride 2, no bias, so z is (5, 6). Both figures make the same
z: as stamps, and as a convolution with the flipped filter over y with zeros between and around.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_Y = _constant([[2, -1, 3], [4, 1, -2]])
EXAMPLE_W = _constant([[1, 2], [3, 4], [5, 6]])
S = 2


def _z_shape() -> Cell:
    (H, W), (KH, KW) = EXAMPLE_Y.shape, EXAMPLE_W.shape
    return S * (H - 1) + KH, S * (W - 1) + KW


def _signed(value: int) -> str:
    return f"({show(value)})" if value < 0 else show(value)


def stamps() -> StepFigure:
    """Each element of y stamps the filter, times its value, onto z."""
    y, w = EXAMPLE_Y, EXAMPLE_W
    z = np.zeros(_z_shape(), int)
    steps = []
    for place in np.ndindex(y.shape):
        before = z.copy()
        r, c = S * place[0], S * place[1]
        z[r : r + w.shape[0], c : c + w.shape[1]] += y[place] * w
        steps.append(_stamp_step(place, before, z.copy()))
    return StepFigure(
        alt="Each element of y stamps the filter, times its value, onto z; stamps that overlap "
        "add up.",
        grids=(
            Grid("y", y, "y"),
            Grid("w", w, "w"),
            Grid("z", np.zeros(z.shape, int), "z so far"),
        ),
        steps=tuple(steps),
        columns=y.shape[1],
        pick="y",
    )


def _stamp_step(place: Cell, before: np.ndarray, after: np.ndarray) -> Step:
    value = int(EXAMPLE_Y[place])
    KH, KW = EXAMPLE_W.shape
    r, c = corner = S * place[0], S * place[1]
    stamp = {(r + i, c + j): value * int(EXAMPLE_W[i, j]) for i, j in np.ndindex(KH, KW)}
    old, new, first = int(before[corner]), int(after[corner]), stamp[corner]
    total = f"{show(old)} + {_signed(first)} = {show(new)}" if old else show(new)
    return Step(
        at=place,
        text=(
            f"{cell_name('y', place)} = {show(value)} stamps {_signed(value)}·w, its corner at row"
            f" {S}·{place[0]} = {r} and column {S}·{place[1]} = {c}.\n"
            f"{cell_name('z', corner)} += {_signed(value)}·{show(EXAMPLE_W[0, 0])}, which makes"
            f" {total}"
        ),
        result=new,
        marks={"y": {"here": [place]}, "z": {"used": stamp}},
        labels={"z": {at: f"{'−' if v < 0 else '+'}{abs(v)}" for at, v in stamp.items()}},
        writes={"z": {at: int(after[at]) for at in stamp}},
    )


def upsampled() -> StepFigure:
    """The flipped filter slides, step 1, over y with zeros between its elements and around."""
    y, flipped = EXAMPLE_Y, EXAMPLE_W[::-1, ::-1]
    (H, W), (KH, KW) = y.shape, flipped.shape
    own = np.zeros((S * (H - 1) + 1, S * (W - 1) + 1), bool)
    own[::S, ::S] = True
    border = ((KH - 1, KH - 1), (KW - 1, KW - 1))
    own = np.pad(own, border)
    values = np.zeros(own.shape, int)
    values[own] = y.ravel()
    shape = _z_shape()
    return StepFigure(
        alt="The flipped filter slides over y with zeros between its elements and around; each "
        "stop gives one z.",
        grids=(
            Grid("u", values, "y, zeros between, around", dashed=~own),
            Grid("flipped", flipped, "w, flipped"),
            Grid("z", np.full(shape, "·"), "z"),
        ),
        steps=tuple(_slide_step(stop, values, own, flipped) for stop in np.ndindex(shape)),
        columns=shape[1],
        pick="z",
    )


def _slide_step(stop: Cell, values: np.ndarray, own: np.ndarray, flipped: np.ndarray) -> Step:
    r, c = stop
    window = {(r + i, c + j): (i, j) for i, j in np.ndindex(flipped.shape)}
    inside = [at for at in window if own[at]]
    result = int(sum(values[at] * flipped[window[at]] for at in inside))
    terms = " + ".join(f"{_signed(int(values[at]))}·{flipped[window[at]]}" for at in inside)
    equal = terms if f"{terms}" == show(result) else f"{terms} = {show(result)}"
    return Step(
        at=stop,
        text=(
            f"Of the {len(window)} cells under the filter, {len(inside)} "
            f"{'is' if len(inside) == 1 else 'are'} y's own.\n{cell_name('z', stop)} = {equal}"
        ),
        result=result,
        marks={
            "u": {"used": window},
            "flipped": {"used": [window[at] for at in inside]},
            "z": {"here": [stop]},
        },
        labels={"u": {at: f"×{flipped[window[at]]}" for at in inside}},
        writes={"z": {stop: result}},
    )
