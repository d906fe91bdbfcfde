"""Chapter 3, "The flat part": its worked examples and its two figures.

Flatten: two maps of 2 by 3 in one row. Affine: T = 3 pictures, M = 4 numbers in, N = 2 out; dw and
db grow over the batch. Letters as in the chapter: y (T, M), dz (T, N), dw (N, M), db (N,).
"""

import numpy as np

from figures.steps import Grid, Step, StepFigure, show


def _constant(values: list) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


FLAT_SHAPE = (2, 2, 3)  # M, H, W
FLAT_DZ = _constant([7, -1, 4, 0, 9, 2, 5, -3, 8, 1, 6, -2])

BATCH_Y = _constant([[2, 0, 1, 3], [1, 4, 0, -1], [0, 5, 2, 1]])
BATCH_DZ = _constant([[1, -2], [3, 1], [-1, 2]])
BATCH_W = _constant([[1, -2, 2, -1], [3, 1, 4, 2]])


def rolled_up() -> StepFigure:
    """The row of gradients dz goes back into the maps of dy, one entry after the other."""
    M, H, W = FLAT_SHAPE
    return StepFigure(
        alt="Each entry of the row dz goes back to its place in the maps of dy.",
        grids=(
            Grid("dz", FLAT_DZ[None], "dz[t], the row"),
            *(Grid(f"dy{m}", np.full((H, W), "·"), f"dy[t,{m}]") for m in range(M)),
        ),
        steps=tuple(_roll_step(place) for place in np.ndindex(FLAT_SHAPE)),
        columns=W,
        pick="dz",
    )


def _roll_step(place: tuple[int, ...]) -> Step:
    m, r, c = place
    _, H, W = FLAT_SHAPE
    k = (m * H + r) * W + c
    value = int(FLAT_DZ[k])
    return Step(
        at=(0, k),
        text=(
            f"Map {m}, row {r}, column {c} was number ({m}·{H} + {r})·{W} + {c} = {k} of the row.\n"
            f"dy[t,{m},{r},{c}] = dz[t,{k}] = {show(value)}"
        ),
        result=value,
        marks={"dz": {"here": [(0, k)]}, f"dy{m}": {"here": [(r, c)]}},
        writes={f"dy{m}": {(r, c): value}},
    )


def over_the_batch() -> StepFigure:
    """Each dz[t,n] adds its multiple of the row y[t] to the row dw[n], and itself to db[n]."""
    dw = np.zeros((BATCH_DZ.shape[1], BATCH_Y.shape[1]), int)
    db = np.zeros(BATCH_DZ.shape[1], int)
    steps = []
    for t, n in np.ndindex(BATCH_DZ.shape):
        before = dw[n].copy()
        dw[n] += BATCH_DZ[t, n] * BATCH_Y[t]
        db[n] += BATCH_DZ[t, n]
        steps.append(_batch_step(t, n, before, dw[n].copy(), int(db[n])))
    return StepFigure(
        alt="Picture by picture, each dz adds a multiple of y's row to a row of dw.",
        grids=(
            Grid("dz", BATCH_DZ, "dz"),
            Grid("y", BATCH_Y, "y"),
            Grid("dw", np.zeros(dw.shape, int), "dw, growing"),
            Grid("db", np.zeros((1, len(db)), int), "db"),
        ),
        steps=tuple(steps),
        columns=BATCH_DZ.shape[1],
        pick="dz",
    )


def _batch_step(t: int, n: int, before: np.ndarray, after: np.ndarray, db: int) -> Step:
    factor = int(BATCH_DZ[t, n])
    columns = range(len(after))
    row = [(n, m) for m in columns]
    return Step(
        at=(t, n),
        text=(
            f"Picture {t} reaches dw[{n}] with the factor dz[{t},{n}] = {show(factor)}.\n"
            f"dw[{n}] = {_row(before)} + {_signed(factor)}·{_row(BATCH_Y[t])} = {_row(after)}\n"
            f"db[{n}] = {show(db - factor)} + {_signed(factor)} = {show(db)}"
        ),
        result=db,
        marks={
            "dz": {"here": [(t, n)]},
            "y": {"used": [(t, m) for m in columns]},
            "dw": {"used": row},
            "db": {"used": [(0, n)]},
        },
        writes={"dw": dict(zip(row, after.tolist(), strict=True)), "db": {(0, n): db}},
    )


def _row(values: np.ndarray) -> str:
    return f"({', '.join(show(v) for v in values)})"


def _signed(value: int) -> str:
    return f"({show(value)})" if value < 0 else show(value)
