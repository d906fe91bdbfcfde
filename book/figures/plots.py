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
from IPython.display import HTML
from matplotlib.figure import Figure

from autograder import picture

# Stands for the page's text colour: a grey that reads on white and on black wherever it is shown
# as it is (a plain plt.show()), and that show() exchanges for the real one.
INK = "#7a7b7c"
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
    colour, by default the largest of all. Without `zeros`, cells that hold 0 stay empty.
    """
    return HTML(picture.maps(maps, alt, top, zeros))
