"""Chapter 02, "Paths add up": a graph of numbers with two fan-outs, backward edge by edge.

    u = x + y      v = x * u      q = u * u      Div = v * q

x goes into u and v, u goes into v and q. An edge a -> b carries the slope of b by a, all else held.
Each value's gradient starts at 0 (Div's own is 1), and every edge adds slope * gradient of its end.
"""

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, show

X, Y = 3, -1
NAMES = ("x", "y", "u", "v", "q", "Div")


def values(x: int = X, y: int = Y) -> dict[str, int]:
    """Forward: every value of the graph."""
    u = x + y
    v, q = x * u, u * u
    return {"x": x, "y": y, "u": u, "v": v, "q": q, "Div": v * q}


def edges(x: int = X, y: int = Y) -> dict[tuple[str, str], tuple[str, int]]:
    """(start, end): the slope as a formula and as a number, in backward order."""
    a = values(x, y)
    return {
        ("v", "Div"): ("q", a["q"]),
        ("q", "Div"): ("v", a["v"]),
        ("u", "q"): ("2u", 2 * a["u"]),
        ("u", "v"): ("x", a["x"]),
        ("x", "v"): ("u", a["u"]),
        ("x", "u"): ("1", 1),
        ("y", "u"): ("1", 1),
    }


def backward() -> StepFigure:
    """One edge a step: the gradient of its start grows by slope times the gradient of its end."""
    a, slopes = values(), edges()
    table = [["", *NAMES[2:]]] + [[name, *[""] * 4] for name in NAMES[:5]]
    for (start, end), (_, slope) in slopes.items():
        row, column = _edge_cell(start, end)
        table[row][column] = show(slope)
    nodes = [["", "a", "da"]]
    nodes += [[name, show(a[name]), "1" if name == "Div" else "0"] for name in NAMES]
    return StepFigure(
        alt="The graph's edges with their slopes, and each value's gradient, growing edge by edge.",
        grids=(
            Grid("edges", table, "slopes, row → column", dashed=_headers(table)),
            Grid("nodes", nodes, "value a, gradient da", dashed=_headers(nodes)),
        ),
        steps=tuple(_edge_steps()),
        columns=1,
        pick="edges",
    )


def _headers(table: list[list[str]]) -> np.ndarray:
    """The first row and column hold names, and other cells without a number nothing."""
    texts = np.array(table, dtype=object)
    dashed = texts == ""
    dashed[0, :] = dashed[:, 0] = True
    return dashed


def _edge_cell(start: str, end: str) -> Cell:
    return NAMES.index(start) + 1, NAMES.index(end) - 1


def _node_cell(name: str) -> Cell:
    """The cell of the value's gradient."""
    return NAMES.index(name) + 1, 2


def _edge_steps() -> list[Step]:
    gradient = dict.fromkeys(NAMES, 0) | {"Div": 1}
    slopes, steps = edges(), []
    for number, ((start, end), (formula, slope)) in enumerate(slopes.items()):
        share = slope * gradient[end]
        before = gradient[start]
        gradient[start] += share
        later = [edge for edge in list(slopes)[number + 1 :] if edge[0] == start]
        done = f"d{start} waits for one more path." if later else f"d{start} is complete."
        slope_text = show(slope) if formula == "1" else f"{formula} = {show(slope)}"
        steps.append(
            Step(
                at=_edge_cell(start, end),
                text=(
                    f"Edge {start} → {end}, slope {slope_text}.\n"
                    f"d{start} += {show(slope)}·d{end} = {show(slope)}·{show(gradient[end])}"
                    f" = {show(share)}: from {show(before)} to {show(gradient[start])}. {done}"
                ),
                result=gradient[start],
                marks={
                    "edges": {"here": [_edge_cell(start, end)]},
                    "nodes": {"here": [_node_cell(start)], "used": [_node_cell(end)]},
                },
                labels={"nodes": {_node_cell(start): f"+{show(share)}"}},
                writes={"nodes": {_node_cell(start): gradient[start]}},
            )
        )
    return steps
