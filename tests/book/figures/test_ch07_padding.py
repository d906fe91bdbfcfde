"""Chapter 7's figure, step by step, against differences of forward on the unpadded y."""

import re

import numpy as np
from figures.ch07_padding import EXAMPLE_DZ, EXAMPLE_W, EXAMPLE_Y, PADDING, crop

from solutions import conv_forward

TOP, LEFT = 1, 2
H, W = EXAMPLE_Y.shape
ROWS, COLUMNS = 4, 6


def one_map(a: np.ndarray) -> np.ndarray:
    return np.asarray(a, float)[None, None]


def differences(shape: tuple[int, int], padding: object) -> np.ndarray:
    """What a unit in each place of a map adds to Div = sum of dz·z."""
    found = np.zeros(shape)
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1
        z = conv_forward(one_map(unit), one_map(EXAMPLE_W), padding=padding)[0, 0]
        found[at] = np.sum(EXAMPLE_DZ * z)
    return found


DY = differences((H, W), PADDING)
DY_PADDED = differences((ROWS, COLUMNS), 0)
FIGURE = crop()


def products(line: str) -> int:
    """The products of a line, added up: what a reader with a pencil would get."""
    factors = re.findall(r"\(?(-?\d+)\)?·(-?\d+)", line.replace("−", "-"))
    return sum(int(a) * int(b) for a, b in factors)


def test_example_is_uneven_and_its_entries_tell_places_apart() -> None:
    assert PADDING == ((TOP, 0), (LEFT, 1))
    assert len(set(DY.flat)) == DY.size
    assert np.array_equal(DY, DY_PADDED[TOP:, LEFT : LEFT + W])
    assert not np.array_equal(EXAMPLE_W, EXAMPLE_W[::-1, ::-1])


def test_one_step_for_each_entry_of_the_padded_map_in_reading_order() -> None:
    assert [step.at for step in FIGURE.steps] == list(np.ndindex(ROWS, COLUMNS))
    assert FIGURE.pick == "padded" and FIGURE.columns == COLUMNS


def test_results_and_written_sums_are_the_differences() -> None:
    for step in FIGURE.steps:
        first, last = step.text.splitlines()
        r, c = step.at
        assert step.result == DY_PADDED[r, c]
        assert first.startswith(f"dy_padded[{r},{c}] = ")
        assert products(first) == DY_PADDED[r, c]
        assert int(first.split()[-1].replace("−", "-")) == DY_PADDED[r, c]
        inside = TOP <= r and LEFT <= c < LEFT + W
        if inside:
            value = f"{DY[r - TOP, c - LEFT]:g}".replace("-", "−")
            pixel = f"[{r - TOP},{c - LEFT}]"
            assert last == f"Here stands y{pixel}, so dy{pixel} = {value}."
        else:
            assert last == "A zero of the border stands here, and no y: dropped."


def test_only_what_belongs_to_y_is_written_into_dy() -> None:
    last = len(FIGURE.steps) - 1
    shown = FIGURE.values(last, FIGURE.by_name["dy"])
    assert [int(shown[at].replace("−", "-")) for at in np.ndindex(H, W)] == DY.ravel().tolist()
    for step in FIGURE.steps:
        r, c = step.at
        pixel = (r - TOP, c - LEFT)
        belongs = 0 <= pixel[0] < H and 0 <= pixel[1] < W
        assert step.writes["padded"] == {step.at: DY_PADDED[step.at]}
        assert step.writes.get("dy", {}) == ({pixel: DY[pixel]} if belongs else {})
        assert step.marked("dy") == ({"here": [pixel]} if belongs else {})
        assert step.marked("padded") == {"here": [step.at]}


def test_window_lies_on_the_padded_dz_under_the_flipped_filter() -> None:
    dz = FIGURE.by_name["dz"]
    assert np.array_equal(dz.values[1:-1, 1:-1].astype(int), EXAMPLE_DZ)
    assert dz.dashed.sum() == dz.values.size - EXAMPLE_DZ.size and not dz.dashed[1:-1, 1:-1].any()
    flipped = FIGURE.by_name["flipped"].values.astype(int)
    assert np.array_equal(flipped, np.rot90(EXAMPLE_W, 2))
    for step in FIGURE.steps:
        r, c = step.at
        window = [(r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)]
        assert step.marked("dz") == {"used": window}
        assert step.labels["dz"] == {
            at: f"×{weight}" for at, weight in zip(window, flipped.flat, strict=True)
        }
        used = [(a - r, b - c) for a, b in window if not dz.dashed[a, b]]
        assert step.marked("flipped") == {"used": used}


def test_dashed_cells_of_the_padded_map_are_the_border() -> None:
    inner = np.zeros((ROWS, COLUMNS), bool)
    inner[TOP : TOP + H, LEFT : LEFT + W] = True
    assert np.array_equal(FIGURE.by_name["padded"].dashed, ~inner)
    assert set(FIGURE.by_name["padded"].values.flat) == {"·"}
