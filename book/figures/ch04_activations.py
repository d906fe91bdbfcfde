"""Chapter 4, "Backward through an activation": its steppable figure and the map of the chapters.

EXAMPLE_Z and EXAMPLE_DY (3, 4) hold all four pairs of signs, and one z of exactly 0. Letters: z goes
into y = max(z, 0), dy and dz are the gradients; every entry is a path of its own.
"""

import numpy as np
from matplotlib.figure import Figure

from figures import plots
from figures.steps import Cell, Grid, Step, StepFigure, cell_name, show


def _constant(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows)
    values.setflags(write=False)
    return values


EXAMPLE_Z = _constant([[3, -2, 1, 5], [-4, 2, 0, -1], [1, -3, 4, -6]])
EXAMPLE_DY = _constant([[2, 7, -5, 1], [-3, -8, 6, 4], [9, -1, 3, -2]])


def relu_gate() -> StepFigure:
    """ReLU backward, entry by entry: z opens or shuts the gate for dy."""
    z, dy = EXAMPLE_Z, EXAMPLE_DY
    return StepFigure(
        alt="Backward through ReLU: each z decides whether its dy passes.",
        grids=(
            Grid("z", z, "z"),
            Grid("dy", dy, "dy, × slope"),
            Grid("dz", np.full(z.shape, "·"), "dz"),
        ),
        steps=tuple(_gate_step(place, z, dy) for place in np.ndindex(z.shape)),
        columns=z.shape[1],
        pick="z",
    )


def _gate_step(place: Cell, z: np.ndarray, dy: np.ndarray) -> Step:
    slope = int(z[place] > 0)
    if z[place] == 0:
        why = "is 0, the kink: by our convention the gate is shut, and the slope 0."
    elif slope:
        why = "is above 0: the gate is open, and the slope 1."
    else:
        why = "is below 0: the gate is shut, and the slope 0."
    result = int(dy[place]) * slope
    factor = f"({show(dy[place])})" if dy[place] < 0 else show(dy[place])
    return Step(
        at=place,
        text=(
            f"{cell_name('z', place)} = {show(z[place])} {why}\n"
            f"{cell_name('dz', place)} = dy·slope = {factor}·{slope} = {show(result)}"
        ),
        result=result,
        marks={"z": {"here": [place]}, "dy": {"used": [place]}, "dz": {"used": [place]}},
        labels={"dy": {place: f"×{slope}"}},
        writes={"dz": {place: result}},
    )


def map_of_chapters() -> Figure:
    """Forward above, backward below: what has to be derived for a CNN, and in which chapter."""
    figure, ax = plots.subplots(figsize=(7.2, 2.6))
    above = ["y(l−1)", "z(l)", "y(l)", "pooled", "flat", "Div"]
    below = ["dy(l−1)", "dz(l)", "dy(l)", "dpooled", "dflat", "1"]
    layers = ["affine map", "f", "pooling", "flatten", "MLP, loss"]
    chapters = ["5, 7, 8", "4 (here)", "10, 11", "3", "3"]
    x = np.linspace(0, 10, len(above))
    for k, place in enumerate(x):
        ax.text(place, 1, above[k], ha="center", va="center")
        ax.text(place, 0, below[k], ha="center", va="center")
    for k, (left, right) in enumerate(zip(x, x[1:], strict=False)):
        here = k == 1
        colour = plots.CYCLE[1] if here else plots.INK
        forward = {"arrowstyle": "->", "color": plots.INK}
        backward = {"arrowstyle": "->", "color": colour, "lw": 2 if here else 1.2}
        ax.annotate("", (right - 0.55, 1), (left + 0.55, 1), arrowprops=forward)
        ax.annotate("", (left + 0.55, 0), (right - 0.55, 0), arrowprops=backward)
        middle = (left + right) / 2
        ax.text(middle, 1.22, layers[k], ha="center", size=9)
        ax.text(
            middle, -0.32, chapters[k], ha="center", size=9, weight="bold" if here else "normal"
        )
    ax.annotate("", (2, -0.75), (2, -0.2), arrowprops={"arrowstyle": "->", "color": plots.INK})
    ax.text(2, -0.95, "dw(l), db(l)", ha="center", va="center")
    ax.text(2.2, -0.5, "6, 7, 8", size=9)
    ax.set(xlim=(-0.7, 10.5), ylim=(-1.1, 1.5))
    ax.axis("off")
    return figure
