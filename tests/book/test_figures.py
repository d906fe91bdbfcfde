"""The figures in the browser.

Those of chapter 05 at every step against numbers computed here, from the formulas; and every figure
of the book against its steps as Python computed them (tests/book/figures proves these right).
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import steps_directive
from figures.ch05_dy import EXAMPLE_DZ, EXAMPLE_W

pytestmark = pytest.mark.browser

BOOK = Path(__file__).resolve().parents[2] / "book"
FIGURES = [
    (f"book/chapters/{path.stem}.html", name, target)
    for path in sorted((BOOK / "chapters").glob("ch*.md"))
    for target, name in re.findall(r"\{steps\} (\S+)\n:name: (\S+)", path.read_text())
]

K = 3
SIZE = 5


def dy_by_differences() -> np.ndarray:
    """dDiv/dy for Div = sum of dz·z, by what one unit of each pixel adds to the forward pass."""

    def forward(y: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(y, (K, K))
        return np.einsum("rcij,ij->rc", windows, EXAMPLE_W)

    units = np.eye(SIZE * SIZE, dtype=int).reshape(SIZE * SIZE, SIZE, SIZE)
    return np.array([(EXAMPLE_DZ * forward(unit)).sum() for unit in units]).reshape(SIZE, SIZE)


DY = dy_by_differences()


@pytest.fixture
def influence(chapter: Any) -> Any:
    return chapter.locator("#fig-influence step-figure")


@pytest.fixture
def flip(chapter: Any) -> Any:
    return chapter.locator("#fig-flip step-figure")


def state(figure: Any) -> dict[str, Any]:
    """What the figure shows, in one round trip."""
    return figure.evaluate(
        """(figure) => ({
          step: Number(figure.dataset.step),
          result: Number(figure.dataset.result),
          text: figure.querySelector('output').textContent,
          grids: Object.fromEntries([...figure.querySelectorAll('svg')].map((svg) => [
            svg.dataset.grid,
            [...svg.querySelectorAll('.cell')].map((cell) => ({
              value: cell.querySelector('.value').textContent,
              label: cell.querySelector('.label')?.textContent ?? '',
              here: cell.classList.contains('here'),
              used: cell.classList.contains('used'),
              dashed: cell.classList.contains('dashed'),
            }))])),
          spoken: [...figure.querySelectorAll('svg')].map((svg) => svg.getAttribute('aria-label')),
        })"""
    )


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def marked(cells: list[dict[str, Any]], kind: str) -> list[int]:
    return [i for i, cell in enumerate(cells) if cell[kind]]


def sum_of_products(text: str) -> int:
    """The last line's products, added up: what a reader with a pencil would get."""
    line = text.splitlines()[-1].replace("−", "-")
    factors = re.findall(r"\(?(-?\d+)\)?·(-?\d+)", line)
    return sum(int(a) * int(b) for a, b in factors)


def walk(figure: Any) -> list[dict[str, Any]]:
    """All steps, by the right arrow key alone."""
    figure.locator("input").focus()
    seen = [state(figure)]
    for _ in range(SIZE * SIZE - 1):
        figure.page.keyboard.press("ArrowRight")
        seen.append(state(figure))
    assert [each["step"] for each in seen] == list(range(SIZE * SIZE))
    return seen


def test_influence_equals_numpy_at_every_step(influence: Any) -> None:
    for seen, (r, c) in zip(walk(influence), np.ndindex(DY.shape), strict=True):
        pairs = {
            (a, b): (r - a, c - b)
            for a in range(max(0, r - K + 1), min(r, 2) + 1)
            for b in range(max(0, c - K + 1), min(c, 2) + 1)
        }
        assert seen["result"] == DY[r, c]
        assert marked(seen["grids"]["y"], "here") == [r * SIZE + c]
        assert marked(seen["grids"]["dz"], "used") == sorted(K * a + b for a, b in pairs)
        assert marked(seen["grids"]["w"], "used") == sorted(K * i + j for i, j in pairs.values())
        labels = {i: cell["label"] for i, cell in enumerate(seen["grids"]["dz"]) if cell["label"]}
        assert labels == {K * a + b: f"w[{i},{j}]" for (a, b), (i, j) in pairs.items()}
        assert seen["text"].startswith(f"y[{r},{c}] reaches {len(pairs)} of the 9 z's: ")
        for (a, b), (i, j) in pairs.items():
            assert f"z[{a},{b}] through w[{i},{j}]" in seen["text"]
        assert sum_of_products(seen["text"]) == DY[r, c]
        assert number(seen["text"].split()[-1]) == DY[r, c]
        assert f"[{r},{c}]" in seen["spoken"][0]


def test_flipped_filter_equals_numpy_at_every_step(flip: Any) -> None:
    padded = np.pad(EXAMPLE_DZ, K - 1)
    for seen, (r, c) in zip(walk(flip), np.ndindex(DY.shape), strict=True):
        dz, flipped, dy = (seen["grids"][name] for name in ("dz", "flipped", "dy"))
        window = [(r + i) * 7 + c + j for i in range(K) for j in range(K)]
        weights = EXAMPLE_W[::-1, ::-1].ravel()
        assert seen["result"] == DY[r, c]
        assert marked(dz, "used") == window
        assert [dz[i]["label"] for i in window] == [f"×{weight}" for weight in weights]
        assert [number(cell["value"]) for cell in dz] == padded.ravel().tolist()
        assert marked(dz, "dashed") == np.flatnonzero(padded == 0).tolist()
        assert [number(cell["value"]) for cell in flipped] == weights.tolist()
        assert marked(flipped, "used") == [k for k in range(9) if padded.flat[window[k]] != 0]
        done = r * SIZE + c + 1
        assert [number(cell["value"]) for cell in dy[:done]] == DY.ravel()[:done].tolist()
        assert {cell["value"] for cell in dy[done:]} <= {"·"}
        assert marked(dy, "here") == [done - 1]
        rows_and_columns = (
            f"rows {r} to {r + K - 1} and columns {c} to {c + K - 1} of the padded dz"
        )
        assert rows_and_columns in seen["text"]
        assert f"[{r},{c}]" in seen["spoken"][0]  # the window's first cell, by the same count
        assert sum_of_products(seen["text"]) == DY[r, c]
        assert number(seen["text"].split()[-1]) == DY[r, c]


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (["ArrowRight", "ArrowRight", "ArrowLeft"], 1),
        (["ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"], 6),
        (["ArrowLeft"], 0),
        (["ArrowUp"], 0),
        (["End", "ArrowDown", "ArrowRight"], 24),
        (["End", "Home"], 0),
    ],
)
def test_keys_move_by_step_row_and_to_the_ends(flip: Any, keys: list[str], step: int) -> None:
    flip.locator("input").focus()
    for key in keys:
        flip.page.keyboard.press(key)
    assert state(flip)["step"] == step


def test_buttons_can_be_reached_and_pressed_by_keyboard(influence: Any) -> None:
    influence.get_by_role("button", name="Previous").focus()
    influence.page.keyboard.press("Tab")
    influence.page.keyboard.press("Enter")
    assert state(influence)["step"] == 1
    assert influence.evaluate("() => getComputedStyle(document.activeElement).outlineWidth") == (
        "3px"
    )


def test_click_on_a_cell_goes_to_its_step(influence: Any) -> None:
    influence.locator("svg[data-grid=y] .cell").nth(12).click()
    assert state(influence)["result"] == DY[2, 2]
    influence.page.keyboard.press("ArrowLeft")  # the slider took the focus
    assert state(influence)["step"] == 11


def test_slider_shows_its_step(influence: Any) -> None:
    influence.locator("input").fill("7")
    assert state(influence)["result"] == DY[1, 2]
    assert influence.locator("input").get_attribute("aria-valuetext") == "8 of 25"
    assert influence.locator(".count").inner_text() == "8 of 25"


def test_play_runs_until_the_reader_moves(chapter: Any, flip: Any) -> None:
    chapter.clock.install()
    flip.get_by_role("button", name="Play").click()
    chapter.clock.run_for(2500)
    assert state(flip)["step"] == 2
    flip.get_by_role("button", name="Previous").click()
    chapter.clock.run_for(5000)
    assert state(flip)["step"] == 1
    flip.get_by_role("button", name="Play").click()
    chapter.clock.run_for(60_000)
    assert state(flip)["step"] == 24
    assert flip.get_by_role("button", name="Play").is_visible()


def test_reduced_motion_offers_no_play(open_page: Any) -> None:
    page = open_page("book/chapters/ch05_dy.html", reduced_motion="reduce")
    assert page.get_by_role("button", name="Play").count() == 0
    assert page.get_by_role("button", name="Next").count() == 3


def test_script_loaded_twice_does_no_harm(chapter: Any, influence: Any) -> None:
    source = chapter.evaluate("() => document.querySelector('script[src*=step-figure]').src")
    chapter.add_script_tag(url=source)
    influence.locator("input").focus()
    chapter.keyboard.press("ArrowRight")
    assert state(influence)["step"] == 1


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", ["fig-influence", "fig-flip"])
def test_figure_keeps_its_height(open_page: Any, name: str, width: int) -> None:
    page = open_page("book/chapters/ch05_dy.html", viewport={"width": width, "height": 844})
    heights = page.locator(f"#{name} step-figure").evaluate(
        """(figure) => [...Array(25).keys()].map((step) => {
          figure.go(step);
          return figure.getBoundingClientRect().height;
        })"""
    )
    assert len(set(heights)) == 1


def test_figure_put_in_later_wakes_as_well(chapter: Any, influence: Any) -> None:
    """As a notebook does with an output: the element arrives when the script is there."""
    written = f"<step-figure>{influence.inner_html()}</step-figure>"
    chapter.evaluate("(html) => { document.body.innerHTML = html }", written)
    figure = chapter.locator("step-figure")
    figure.get_by_role("button", name="Next").click()
    assert state(figure)["result"] == DY[0, 1]


def test_text_of_all_steps_is_in_the_page(influence: Any) -> None:
    details = influence.locator("details")
    assert details.get_attribute("open") is None
    assert details.locator("li").count() == SIZE * SIZE
    assert details.locator("li").nth(12).text_content().endswith(f"= {DY[2, 2]}")


def shown_at(figure: Any, step: int) -> dict[str, Any]:
    """What the element shows at a step, put there by its own script."""
    figure.evaluate("(figure, step) => figure.moveTo(step)", step)
    return state(figure)


@pytest.mark.parametrize(("page", "name", "target"), FIGURES, ids=[f[2] for f in FIGURES])
def test_every_figure_shows_what_python_computed(
    open_page: Any, page: str, name: str, target: str, request: Any
) -> None:
    """The first steps, some between and the last; all of them with `make test-full`."""
    made = steps_directive.load(target)
    count = len(made.steps)
    some = {0, 1, count // 3, count // 2, count - 1} & {*range(count)}
    numbers = sorted(some) if request.config.getoption("-m") == "not slow" else range(count)
    figure = open_page(page).locator(f"#{name} step-figure")
    for number in numbers:
        step, seen = made.steps[number], shown_at(figure, number)
        assert seen["step"] == number and seen["text"] == step.text
        assert seen["result"] == pytest.approx(float(step.result))
        for grid in made.grids:
            cells, values = seen["grids"][grid.name], made.values(number, grid)
            assert [c["value"] for c in cells] == [values[cell] for cell in grid.cells()]
            assert [c["dashed"] for c in cells] == [
                bool(grid.dashed[cell]) for cell in grid.cells()
            ]
            for kind in ("here", "used"):
                at = step.marked(grid.name).get(kind, [])
                assert sorted(marked(cells, kind)) == sorted({grid.index(cell) for cell in at})
        assert seen["spoken"] == [made.describe(number, grid) for grid in made.grids]
