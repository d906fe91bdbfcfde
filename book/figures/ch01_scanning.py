"""Chapter 1, "Scanning": its worked example and its figure.

Two in-maps, two filters of two planes each, two out-maps; stride 1, no padding. Letters: y in-maps
(M, H, W), w filters (N, M, KH, KW), b biases (N,), z affine maps (N, H_out, W_out) with
z[n,r,c] = b[n] + sum over m, i, j of w[n,m,i,j] y[m,r+i,c+j].
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, show


def _constant(values: list) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


SCAN_Y = _constant([[[2, 0, 1], [3, 5, 1], [1, 2, 4]], [[1, 4, 0], [0, 2, 6], [3, 1, 2]]])
SCAN_W = _constant([[[[1, 2], [0, -1]], [[3, 0], [-2, 1]]], [[[2, -1], [1, 1]], [[0, 1], [1, -3]]]])
SCAN_B = _constant([5, -2])


def scan() -> StepFigure:
    """Two filters scan two in-maps; each z grows from its bias, one in-map after the other."""
    y, w = SCAN_Y, SCAN_W
    N, M, KH, KW = w.shape
    places = (y.shape[1] - KH + 1, y.shape[2] - KW + 1)
    entries = list(np.ndindex(N, *places))
    empty = np.full(places, "·")
    return StepFigure(
        alt="Two filters scan two in-maps; each z grows from its bias, one in-map after the other.",
        grids=(
            *(Grid(f"y{m}", y[m], f"y[{m}]") for m in range(M)),
            *(Grid(f"w{m}", w[0, m], f"w[n,{m}]") for m in range(M)),
            Grid("sums", np.full((len(entries), 1 + M), "·"), "sums"),
            *(Grid(f"z{n}", empty, f"z[{n}]") for n in range(N)),
        ),
        steps=tuple(
            _scan_step(row, entry, stage)
            for row, entry in enumerate(entries)
            for stage in range(1 + M)
        ),
        columns=1 + M,
        pick="sums",
    )


def _scan_step(row: int, entry: tuple[int, int, int], stage: int) -> Step:
    y, w, b = SCAN_Y, SCAN_W, SCAN_B
    n, r, c = entry
    M, KH, KW = w.shape[1:]
    blocks = y[:, r : r + KH, c : c + KW]
    sums = [int(b[n])]
    for m in range(M):
        sums.append(sums[-1] + int((w[n, m] * blocks[m]).sum()))
    name = f"z[{n},{r},{c}]"
    labels = {"sums": {(k, 0): ",".join(map(str, e)) for k, e in enumerate(_entries())}}
    writes = {
        "sums": {(row, stage): sums[stage]},
        **{f"w{m}": dict(np.ndenumerate(w[n, m])) for m in range(M)},
    }
    marks: dict[str, dict[str, list[Cell]]] = {"sums": {"here": [(row, stage)]}}
    if stage == 0:
        text = f"Filter {n}, place [{r},{c}]: the sum starts at the bias.\n"
        text += f"sum so far = b[{n}] = {show(sums[0])}"
        return Step((row, stage), text, sums[0], marks, labels, writes)
    m = stage - 1
    block = [(r + i, c + j) for i, j in np.ndindex(KH, KW)]
    weights = list(np.ndindex(KH, KW))
    marks |= {f"y{m}": {"used": block}, f"w{m}": {"used": weights}}
    labels[f"y{m}"] = {p: f"×{show(w[n, m][q])}" for p, q in zip(block, weights, strict=True)}
    products = " + ".join(
        f"{_signed(w[n, m][q])}·{show(y[m][p])}" for p, q in zip(block, weights, strict=True)
    )
    share = sums[stage] - sums[m]
    text = (
        f"Plane w[{n},{m}] on in-map {m}, corner at [{r},{c}]: {products} = {show(share)}\n"
        f"{name if stage == M else 'sum so far'} = {show(sums[m])} + {_signed(share)}"
        f" = {show(sums[stage])}"
    )
    if stage == M:
        writes[f"z{n}"] = {(r, c): sums[stage]}
        marks[f"z{n}"] = {"here": [(r, c)]}
    return Step((row, stage), text, sums[stage], marks, labels, writes)


def _entries() -> list[tuple[int, ...]]:
    N, _, KH, KW = SCAN_W.shape
    return list(np.ndindex(N, SCAN_Y.shape[1] - KH + 1, SCAN_Y.shape[2] - KW + 1))


def _signed(value: int) -> str:
    return f"({show(value)})" if value < 0 else show(value)
