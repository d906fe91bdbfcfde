"""Chapter 8's figures, step by step, against differences of the strided forward."""

import re

import numpy as np
from figures.ch08_resampling import (
    EXAMPLE_DZ,
    REACHED_SHAPE,
    REACHED_W,
    SPREAD_W,
    S,
    reached,
    spread,
)

from solutions import conv_forward


def one_map(a: np.ndarray) -> np.ndarray:
    return np.asarray(a, float)[None, None]


def responses(shape: tuple[int, int], w: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """z of a unit in each place of y."""
    found = {}
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1
        found[at] = conv_forward(one_map(unit), one_map(w), stride=S)[0, 0]
    return found


def sum_of_products(line: str) -> int:
    factors = re.findall(r"\(?(-?\d+)\)?·(-?\d+)", line.replace("−", "-"))
    return sum(int(a) * int(b) for a, b in factors)


SPREAD, REACHED = spread(), reached()
SPREAD_Z = responses((4, 5), SPREAD_W)
REACHED_Z = responses(REACHED_SHAPE, REACHED_W)


def test_spread_gives_dy_at_every_step() -> None:
    assert [step.at for step in SPREAD.steps] == list(np.ndindex(4, 5))
    for step in SPREAD.steps:
        dy = np.sum(EXAMPLE_DZ * SPREAD_Z[step.at])
        line = step.text.splitlines()[1]
        assert step.result == dy
        assert line.startswith(f"dy[{step.at[0]},{step.at[1]}] = ")
        assert sum_of_products(line) == dy == int(line.split()[-1].replace("−", "-"))
        assert step.writes == {"dy": {step.at: dy}}
        assert step.marked("dy") == {"here": [step.at]}


def test_spread_uses_those_dz_whose_windows_hold_the_pixel() -> None:
    for step in SPREAD.steps:
        holders = [(int(a), int(b)) for a, b in np.argwhere(SPREAD_Z[step.at])]
        assert step.marked("small") == {"used": holders}
        count = len(holders)
        assert step.text.startswith(
            f"Of the 6 cells of the window, {count} hold{'s' if count == 1 else ''} a dz,"
        )
        weights = {int(SPREAD_Z[step.at][a, b]) for a, b in holders}
        flipped = SPREAD.by_name["flipped"].values
        assert {int(flipped[at]) for at in step.marked("flipped")["used"]} == weights


def test_spread_shows_dz_among_zeros_inside_a_border() -> None:
    dz1, flipped = SPREAD.by_name["dz1"], SPREAD.by_name["flipped"]
    assert np.array_equal(flipped.values.astype(int), np.rot90(SPREAD_W, 2))
    expected = np.zeros((5, 7), int)  # K - 1 = 1 row, 2 columns around 3 x 3
    for (r, c), value in np.ndenumerate(EXAMPLE_DZ):
        expected[1 + 2 * r, 2 + 2 * c] = value
    assert np.array_equal(dz1.values.astype(int), expected)
    assert np.array_equal(dz1.dashed, expected == 0)  # no dz of the example is 0
    for step in SPREAD.steps:
        r, c = step.at
        window = [(r + i, c + j) for i in range(2) for j in range(3)]
        assert step.marked("dz1") == {"used": window}
        weights = [f"×{weight}" for weight in np.rot90(SPREAD_W, 2).flat]
        assert [step.labels["dz1"][at] for at in window] == weights


def test_reached_names_the_windows_of_every_pixel() -> None:
    assert [step.at for step in REACHED.steps] == list(np.ndindex(REACHED_SHAPE))
    for step in REACHED.steps:
        z = REACHED_Z[step.at]
        r, c = step.at
        holders = [(int(a), int(b)) for a, b in np.argwhere(z)]
        weights = [tuple(map(int, np.argwhere(z[at] == REACHED_W)[0])) for at in holders]
        assert step.result == np.sum(EXAMPLE_DZ * z)
        assert step.marked("dz") == {"used": holders}
        assert step.marked("w") == {"used": weights}
        assert step.labels["dz"] == {
            at: f"w[{i},{j}]" for at, (i, j) in zip(holders, weights, strict=True)
        }
        assert step.writes == {"dy": {step.at: step.result}}
        first, last = step.text.splitlines()
        for (a, b), (i, j) in zip(holders, weights, strict=True):
            assert f"z[{a},{b}] through w[{i},{j}]" in first
        if holders:
            noun = "window" if len(holders) == 1 else "windows"
            assert first.startswith(f"y[{r},{c}] lies in {len(holders)} {noun}: ")
            assert sum_of_products(last) == step.result == int(last.split()[-1].replace("−", "-"))
        else:
            assert first == (
                f"y[{r},{c}] lies in no window: the last window ends at row 4 and column 3."
            )
            assert last == f"dy[{r},{c}] = 0, whatever dz is"


def test_reached_dashes_just_the_pixels_in_no_window() -> None:
    dashed = REACHED.by_name["dy"].dashed
    assert {at for at, z in REACHED_Z.items() if not z.any()} == {
        (int(r), int(c)) for r, c in np.argwhere(dashed)
    }
    assert dashed[5].all() and dashed[:, 4].all() and dashed.sum() == 10


def test_numbers_of_the_examples_tell_places_apart() -> None:
    assert len(set(EXAMPLE_DZ.flat)) == 4 and 0 not in EXAMPLE_DZ
    assert len({step.result for step in SPREAD.steps}) == 20
