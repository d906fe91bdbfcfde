"""Plots for page cells that read well in light and dark; `from figures import plots`.

A plot is put into the page as SVG whose text and axes take the page's own text colour, on no
background, with a description for who cannot see it:

    figure, axes = plots.subplots(1, 2)
    …
    plots.show(figure, alt="What the plot shows, in one sentence.")

`grids` draws small maps of numbers. Colours that carry meaning come from CYCLE, safe for the
colour-blind. Jupyter Book runs page cells with `figures` on the path (book/_ext/book_site.py).
"""

from collections.abc import Mapping
from html import escape
from io import StringIO
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.figure import Figure

# Stands for the page's text colour: a grey that reads on white and on black wherever it is shown
# as it is (a plain plt.show()), and that show() exchanges for the real one.
INK = "#7a7b7c"
CELL = 28  # of a grid, in CSS pixels
CYCLE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]  # Okabe and Ito

STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.prop_cycle": matplotlib.cycler(color=CYCLE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def use_style() -> None:
    """Draw every further plot of this kernel in the book's style."""
    matplotlib.rcParams.update(STYLE)


def subplots(*shape: int, **options: Any) -> tuple[Figure, Any]:
    """`plt.subplots` in the book's style."""
    use_style()
    return plt.subplots(*shape, **{"layout": "constrained", **options})


def show(figure: Figure, alt: str) -> HTML:
    """The figure for the page, as the last value of a cell; `alt` says what it shows."""
    if not alt.strip():
        raise ValueError("`alt` must say what the plot shows")
    text = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": alt}):  # the same plot gives the same file
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    return HTML(f'<div class="plot">{svg}</div>')


def grids(maps: Mapping[str, Any], alt: str, top: float | None = None, zeros: bool = True) -> HTML:
    """Small maps of numbers side by side, {title: 2-D array}, as the last value of a cell.

    Blue above zero and orange below, the stronger the larger; `top` is the value with the full
    colour. Without `zeros`, cells that hold 0 stay empty.
    """
    if not alt.strip():
        raise ValueError("`alt` must say what the maps show")
    arrays = {title: np.asarray(values, float) for title, values in maps.items()}
    wrong = next((t for t, a in arrays.items() if a.ndim != 2 or not a.size), None)
    if wrong is not None or not arrays:
        raise ValueError(f"`maps` must hold 2-D arrays; {wrong!r} is none")
    drawn = (_grid(title, a, top or np.abs(a).max() or 1.0, zeros) for title, a in arrays.items())
    return HTML(
        f'<div class="plot grids" role="img" aria-label="{escape(alt)}">{"".join(drawn)}</div>'
    )


def _grid(title: str, values: np.ndarray, top: float, zeros: bool) -> str:
    """One map as SVG."""
    H, W = values.shape
    lines = "".join(f"M0 {CELL * r}h{CELL * W}" for r in range(H + 1))
    lines += "".join(f"M{CELL * c} 0v{CELL * H}" for c in range(W + 1))
    cells = list(np.ndenumerate(values))
    fills = "".join(
        f'<rect x="{CELL * c}" y="{CELL * r}" width="{CELL}" height="{CELL}" '
        f'fill="{CYCLE[0 if v > 0 else 1]}" fill-opacity="{abs(v) / top / 2:.2f}"/>'
        for (r, c), v in cells
        if v
    )
    texts = "".join(
        f'<text x="{CELL * c + CELL // 2}" y="{CELL * r + 19}">{f"{v:g}".replace("-", "−")}</text>'
        for (r, c), v in cells
        if v or zeros
    )
    return (
        f'<div><div>{escape(title)}</div><svg aria-hidden="true" width="{CELL * W + 2}" '
        f'height="{CELL * H + 2}" viewBox="-1 -1 {CELL * W + 2} {CELL * H + 2}">{fills}'
        f'<path d="{lines}" stroke="currentColor" stroke-opacity=".4"/><g fill="currentColor" '
        f'font-size="13" text-anchor="middle">{texts}</g></svg></div>'
    )
