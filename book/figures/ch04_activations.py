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


EXAMPLE_Z = _constant([[3, -2, 1, 5], [-4, 2, 0, -1], [1, -3, 4, -5]])
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
    figure, ax = plots.subplots(figsize=(5.6, 2.7))
    above = ["y(l−1)", "z(l)", "y(l)", "pooled", "Div"]
    below = ["dy(l−1)", "dz(l)", "dy(l)", "dpooled", "1"]
    layers = ["affine map", "f", "pooling", "flat part"]
    chapters = ["5, 7, 8", "4 (here)", "10, 11", "3"]
    for k, (value, gradient) in enumerate(zip(above, below, strict=True)):
        ax.text(k, 1, value, ha="center", va="center")
        ax.text(k, 0, gradient, ha="center", va="center")
    for k, (layer, chapter) in enumerate(zip(layers, chapters, strict=True)):
        here = chapter.endswith("(here)")
        forward = {"arrowstyle": "->", "color": plots.INK}
        backward = dict(forward, color=plots.CYCLE[1], lw=2) if here else forward
        ax.annotate("", (k + 0.68, 1), (k + 0.32, 1), arrowprops=forward)
        ax.annotate("", (k + 0.32, 0), (k + 0.68, 0), arrowprops=backward)
        ax.text(k + 0.5, 1.2, layer, ha="center")
        ax.text(k + 0.5, -0.36, chapter, ha="center", weight="bold" if here else "normal")
    ax.annotate("", (1, -0.85), (1, -0.2), arrowprops={"arrowstyle": "->", "color": plots.INK})
    ax.text(1, -1.05, "dw(l), db(l)", ha="center", va="center")
    ax.text(0.93, -0.75, "6, 7, 8", ha="right")
    ax.set(xlim=(-0.4, 4.3), ylim=(-1.2, 1.5))
    ax.axis("off")
    return figure
