"""Steppable figures without a browser: what they hold, what they draw, what they refuse."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from figures.ch05_dy import EXAMPLE_DZ, EXAMPLE_W, EXAMPLE_Y, flipped_filter, influence
from figures.element import html
from figures.steps import Grid, Step, StepFigure, cell_name, show
from figures.svg import draw
from sphinx.testing.util import SphinxTestApp
from steps_directive import load


def a_figure(**changes: Any) -> StepFigure:
    """Two grids of two cells, two steps; a test changes one thing."""
    parts: dict[str, Any] = {
        "alt": "Two cells & two steps.",
        "grids": (
            Grid("a", [[1, -2]], "a", dashed=[[False, True]], first=-1),
            Grid("b", [["·", "·"]], "b"),
        ),
        "steps": (
            Step((0, 0), "a < b", 1, {"a": {"used": [(0, 1)]}}, {"a": {(0, 1): "×3"}}),
            Step((0, 1), "second, the longer text", -2, writes={"b": {(0, 0): 5}}),
        ),
        "columns": 2,
        "pick": "a",
    }
    return StepFigure(**{**parts, **changes})


def test_show_writes_a_real_minus() -> None:
    assert [show(value) for value in (3, -3, 0.5, np.int64(-7), "·")] == [
        "3",
        "−3",
        "0.5",
        "−7",
        "·",
    ]
    assert cell_name("dz", (0, 2), first=-2) == "dz[−2,0]"


def test_values_are_written_from_their_step_on() -> None:
    figure = a_figure()
    b = figure.by_name["b"]
    assert figure.values(0, b) == {(0, 0): "·", (0, 1): "·"}
    assert figure.values(1, b) == {(0, 0): "5", (0, 1): "·"}


def test_description_names_the_marked_cells_by_the_shown_indices() -> None:
    figure = a_figure()
    assert figure.describe(0, figure.by_name["a"]) == "a, 1 by 2; used: [−1,0]"


def test_data_counts_cells_in_reading_order_and_is_json() -> None:
    data = json.loads(json.dumps(a_figure().data()))
    assert data["values"] == {"a": ["1", "−2"], "b": ["·", "·"]}
    assert data["steps"][0]["marks"] == {"a": {"used": [1]}}
    assert data["steps"][0]["labels"] == {"a": {"1": "×3"}}
    assert data["steps"][1]["writes"] == {"b": {"0": "5"}}
    assert [step["at"] for step in data["steps"]] == [0, 1]
    assert [step["result"] for step in data["steps"]] == [1, -2]


def test_draw_shows_values_marks_dashes_and_labels() -> None:
    figure = a_figure()
    svg = draw(figure, 0, figure.by_name["a"])
    assert svg.count("<rect") == 2
    assert re.findall(r'<g class="([^"]*)"', svg) == ["cell", "cell dashed used"]
    assert re.findall(r'class="value"[^>]*>([^<]*)<', svg) == ["1", "−2"]
    assert re.findall(r'class="label"[^>]*>([^<]*)<', svg) == ["", "×3"]
    assert "#" not in svg, "colours belong to tokens.css"


def test_html_is_complete_and_escaped() -> None:
    page = html(a_figure())
    assert page.startswith('<step-figure role="group" aria-label="Two cells &amp; two steps."')
    assert 'data-step="0" data-result="1"' in page
    assert '<output aria-live="polite">a &lt; b</output>' in page
    assert '<div class="sum" data-longest="second, the longer text">' in page
    assert "<li>second, the longer text</li>" in page
    inputs = re.findall(r"<(?:button|input)[^>]*>", page)
    assert len(inputs) == 4
    assert all("data-lm-suppress-shortcuts" in each for each in inputs)
    script = page.split('<script type="application/json">')[1].removesuffix(
        "</script></step-figure>"
    )
    assert "<" not in script
    assert json.loads(script) == json.loads(json.dumps(a_figure().data()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alt": " "}, "`alt` must say"),
        ({"pick": "c"}, r"`pick` \(='c'\) must be one of \['a', 'b'\]"),
        ({"columns": 0}, r"`columns` \(=0\) must be at least 1"),
        ({"steps": ()}, "`steps` must hold at least one"),
        ({"grids": (Grid("a", [[1]], "a"), Grid("a", [[1]], "a"))}, "grid names must differ"),
        ({"steps": (Step((0, 0), "x", 1), Step((0, 0), "y", 1))}, "an `at` of its own"),
        ({"steps": (Step((0, 2), "x", 1),)}, r"step 0: cell \(0, 2\) is outside grid 'a' of 1 by"),
        ({"steps": (Step((0, 0), " ", 1),)}, "step 0: `text` is empty"),
        ({"steps": (Step((0, 0), "x", np.nan),)}, r"step 0: `result` \(=nan\) must be a finite"),
        ({"steps": (Step((0, 0), "x", "one"),)}, r"step 0: `result` \(='one'\) must be a finite"),
        ({"steps": (Step((0, 0), "x", 1, {"a": {"hot": []}}),)}, r"unknown marks \['hot'\]"),
        ({"steps": (Step((0, 0), "x", 1, {"a": {"used": [(-1, 0)]}}),)}, r"\(-1, 0\) is outside"),
        ({"steps": (Step((0, 0), "x", 1, labels={"c": {(0, 0): "1"}}),)}, "unknown grid 'c'"),
        ({"steps": (Step((0, 0), "x", 1, writes={"b": {(1, 0): 1}}),)}, "outside grid 'b'"),
    ],
)
def test_figure_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_figure(**changes)


def test_grid_refuses_what_is_not_a_table() -> None:
    with pytest.raises(ValueError, match=r"grid 'g': `values` must have rows and columns"):
        Grid("g", [1, 2], "g")
    with pytest.raises(ValueError, match=r"grid 'g': `dashed` has shape \(1, 1\)"):
        Grid("g", [[1, 2]], "g", dashed=[[True]])


def test_example_tells_right_from_wrong() -> None:
    """All 25 sums differ, and no usual mistake gives the same picture."""
    right = np.array([step.result for step in flipped_filter().steps]).reshape(5, 5)
    padded = np.pad(EXAMPLE_DZ, 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    turned = [EXAMPLE_W, EXAMPLE_W[::-1], EXAMPLE_W[:, ::-1], EXAMPLE_W.T[::-1, ::-1]]
    wrong = [np.einsum("rcij,ij->rc", windows, w) for w in turned] + [right[::-1, ::-1]]
    assert len(set(right.flat)) == 25
    assert all((right == each).sum() <= 5 for each in wrong)
    assert EXAMPLE_Y.shape == (5, 5)


def test_both_figures_give_the_same_gradient() -> None:
    assert [s.result for s in influence().steps] == [s.result for s in flipped_filter().steps]


def test_constants_cannot_be_changed_by_a_page() -> None:
    with pytest.raises(ValueError, match="read-only"):
        EXAMPLE_W[0, 0] = 5


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("influence", "'influence' is not module.function"),
        ("ch05_dy.influence()", "is not module.function"),
        ("../evil.run", "is not module.function"),
        ("ch99_none.influence", "No module named 'figures.ch99_none'"),
        ("ch05_dy.nothing", "figures/ch05_dy.py has no function 'nothing'"),
        ("steps.show", "show"),
        ("plots.use_style", "returned a NoneType, not a StepFigure"),
    ],
)
def test_directive_target_refused(target: str, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        load(target)


PAGE = """# Page

Prose word, see {{numref}}`fig-x`.

:::{{steps}} {target}
:name: fig-x
{caption}
:::
"""


def build(app: SphinxTestApp, target: str, caption: str) -> str:
    (app.srcdir / "index.md").write_text(PAGE.format(target=target, caption=caption))
    app.build(force_all=True)
    return (app.outdir / "index.html").read_text()


def test_directive_numbers_the_figure_and_spares_the_search_index(book_app: SphinxTestApp) -> None:
    page = build(book_app, "ch05_dy.influence", "The *caption*.")
    assert book_app.warning.getvalue() == ""
    assert '<figure class="steps' in page
    assert 'id="fig-x"' in page
    assert "<step-figure " in page
    assert "Fig. 1" in page
    assert "<em>caption</em>" in page
    index = (book_app.outdir / "searchindex.js").read_text()
    assert '"caption"' in index
    assert '"reach"' not in index
    assert '"step"' not in index


@pytest.mark.parametrize(
    ("target", "caption", "message"),
    [
        ("ch05_dy.nothing", "Caption.", "steps: 'ch05_dy.nothing': figures/ch05_dy.py has no"),
        ("ch05_dy.influence", "", "steps: ch05_dy.influence needs a caption of one paragraph"),
        ("ch05_dy.influence", "One.\n\nTwo.", "needs a caption of one paragraph"),
    ],
)
def test_directive_reports_what_is_wrong(
    book_app: SphinxTestApp, target: str, caption: str, message: str
) -> None:
    build(book_app, target, caption)
    warning = book_app.warning.getvalue()
    assert message in warning
    assert Path("index.md").name in warning
