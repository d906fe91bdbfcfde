"""Small maps of numbers as SVG, without a plotting library: in reports, feedback and the book.

Blue above zero and orange below, the stronger the larger; text and lines take the page's own
colour, so that a picture reads in light and dark. Cells in `marked` get a frame.
"""

from collections.abc import Collection, Mapping
from html import escape
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

CELL = 28  # side of a cell, in CSS pixels
DIGIT = 8.4  # width of a digit in the texts below; of a minus or a point it is a mean
ABOVE, BELOW = "#0072b2", "#d55e00"  # Okabe and Ito: told apart by the colour-blind


def maps(
    named: Mapping[str, Any],
    alt: str,
    top: float | None = None,
    zeros: bool = True,
    marked: Collection[tuple[int, int]] = (),
) -> str:
    """Maps side by side as HTML, {title: 2-D array}.

    `top` is the value with the full colour (by default the largest); without `zeros`, cells that
    hold 0 stay empty. Raises ValueError without an `alt`, or for what is no 2-D array.
    """
    if not alt.strip():
        raise ValueError("`alt` must say what the maps show")
    arrays = {title: np.asarray(values, float) for title, values in named.items()}
    wrong = next((t for t, a in arrays.items() if a.ndim != 2 or not a.size), None)
    if wrong is not None or not arrays:
        raise ValueError(f"`maps` must hold 2-D arrays; {wrong!r} is none")
    full = top or max(float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in arrays.values())
    drawn = "".join(_titled(title, a, full or 1.0, zeros, marked) for title, a in arrays.items())
    return f'<div class="plot grids" role="img" aria-label="{escape(alt)}">{drawn}</div>'


def _titled(
    title: str, values: Array, top: float, zeros: bool, marked: Collection[tuple[int, int]]
) -> str:
    return f"<div><div>{escape(title)}</div>{grid(values, top, zeros, marked)}</div>"


def grid(
    values: Array, top: float, zeros: bool = True, marked: Collection[tuple[int, int]] = ()
) -> str:
    """One map as `<svg>`, hidden from who hears the page: what holds it must describe it."""
    H, W = values.shape
    wide = max(CELL, DIGIT * max(len(_text(v)) for v in values.flat) + 8)
    lines = "".join(f"M0 {CELL * r}h{wide * W:g}" for r in range(H + 1))
    lines += "".join(f"M{wide * c:g} 0v{CELL * H}" for c in range(W + 1))
    cells = list(np.ndenumerate(values))
    fills = "".join(
        f'<rect x="{wide * c:g}" y="{CELL * r}" width="{wide:g}" height="{CELL}" '
        f'fill="{ABOVE if v > 0 else BELOW}" fill-opacity="{min(abs(v) / top, 1) / 2:.2f}"/>'
        for (r, c), v in cells
        if v and np.isfinite(v)
    )
    texts = "".join(
        f'<text x="{wide * (c + 0.5):g}" y="{CELL * r + 19}">{_text(v)}</text>'
        for (r, c), v in cells
        if v or zeros
    )
    frames = "".join(
        f'<rect x="{wide * c + 1:g}" y="{CELL * r + 1}" width="{wide - 2:g}" height="{CELL - 2}" '
        'fill="none" stroke="currentColor" stroke-width="2.5"/>'
        for r, c in marked
        if r < H and c < W
    )
    return (
        f'<svg aria-hidden="true" width="{wide * W + 2:g}" height="{CELL * H + 2}" '
        f'viewBox="-1 -1 {wide * W + 2:g} {CELL * H + 2}">{fills}'
        f'<path d="{lines}" stroke="currentColor" stroke-opacity=".4"/>{frames}'
        f'<g fill="currentColor" font-size="13" text-anchor="middle">{texts}</g></svg>'
    )


def _text(value: float) -> str:
    return f"{value + 0.0:.4g}".replace("-", "−")  # + 0.0: no "−0"
