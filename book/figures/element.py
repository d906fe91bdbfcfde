"""A StepFigure as the HTML of one `<step-figure>` element.

The element is complete as written: the drawing and the text of the first step, and all steps as
text. That is what shows without JavaScript and in print, and nothing moves when step-figure.js
wakes the controls. Every input carries `data-lm-suppress-shortcuts`, which keeps JupyterLab from
taking its keys.
"""

import json
from html import escape

from figures.steps import StepFigure
from figures.svg import draw

_KEYS = 'data-lm-suppress-shortcuts="true"'


def html(figure: StepFigure) -> str:
    first = figure.steps[0]
    result = figure.data()["steps"][0]["result"]
    return (
        f'<step-figure role="group" aria-label="{escape(figure.alt)}"'
        f' data-step="0" data-result="{result}">'
        f'<div class="grids">{_grids(figure)}</div>'
        f"{_controls(len(figure.steps))}"
        # The longest text, drawn invisibly behind the current one, keeps the height (book.css).
        f'<div class="sum" data-longest="{escape(max((s.text for s in figure.steps), key=len))}">'
        f'<output aria-live="polite">{escape(first.text)}</output></div>'
        f"{_all_steps(figure)}"
        f'<script type="application/json">{_json(figure)}</script>'
        "</step-figure>"
    )


def _grids(figure: StepFigure) -> str:
    return "".join(
        f'<div class="grid{" pick" if grid.name == figure.pick else ""}">'
        f'<div class="title" aria-hidden="true">{escape(grid.title)}</div>'
        f"{draw(figure, 0, grid)}</div>"
        for grid in figure.grids
    )


def _controls(count: int) -> str:
    return (
        '<div class="controls">'
        f'<button type="button" data-do="previous" {_KEYS}>Previous</button>'
        f'<button type="button" data-do="next" {_KEYS}>Next</button>'
        f'<input type="range" min="0" max="{count - 1}" value="0" aria-label="Step"'
        f' aria-valuetext="1 of {count}" {_KEYS}>'
        f'<span class="count" aria-hidden="true">1 of {count}</span>'
        f'<button type="button" data-do="play" {_KEYS}>Play</button>'
        "</div>"
    )


def _all_steps(figure: StepFigure) -> str:
    items = "".join(f"<li>{escape(step.text)}</li>" for step in figure.steps)
    return f"<details><summary>All steps as text</summary><ol>{items}</ol></details>"


def _json(figure: StepFigure) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(figure.data(), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
