"""The figures of chapter 12: z against the matrix of the convolution, transposed."""

import re

import numpy as np
import pytest
from figures.ch12_transposed import EXAMPLE_W, EXAMPLE_Y, stamps, upsampled

Y, W = EXAMPLE_Y, EXAMPLE_W
SHAPE = (5, 6)
STAMPS, SLIDES = stamps(), upsampled()


def convolution_matrix() -> np.ndarray:
    """The strided convolution from maps of 5 x 6 to maps of 2 x 3, column by column."""
    columns = []
    for unit in np.eye(30, dtype=int).reshape(30, *SHAPE):
        windows = np.lib.stride_tricks.sliding_window_view(unit, W.shape)[::2, ::2]
        columns.append(np.einsum("rcij,ij->rc", windows, W).ravel())
    return np.array(columns).T


A = convolution_matrix()
Z = (A.T @ Y.ravel()).reshape(SHAPE)


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def products(line: str) -> int:
    factors = re.findall(r"\(?(-?\d+)\)?·(\d+)", line.replace("−", "-"))
    return sum(int(a) * int(b) for a, b in factors)


def test_the_example_tells_mistakes_apart() -> None:
    assert Z.shape == SHAPE and A.shape == (6, 30)
    assert len(set(Y.flat)) == Y.size and Y.all()
    assert not np.array_equal(Z, Z[::-1, ::-1])


@pytest.mark.parametrize("k", range(6))
def test_each_stamp_is_a_column_of_the_transposed_matrix(k: int) -> None:
    step, at = STAMPS.steps[k], divmod(k, 3)
    so_far = (A.T[:, : k + 1] @ Y.ravel()[: k + 1]).reshape(SHAPE)
    stamp = (A.T[:, k] * Y.ravel()[k]).reshape(SHAPE)
    shown = STAMPS.values(k, STAMPS.by_name["z"])
    assert step.at == at
    assert {p: number(v) for p, v in shown.items()} == {p: so_far[p] for p in np.ndindex(SHAPE)}
    places = {tuple(map(int, p)) for p in np.argwhere(stamp)}
    assert set(step.marked("z")["used"]) == places and len(places) == W.size
    assert {p: number(v) for p, v in step.labels["z"].items()} == {p: stamp[p] for p in places}
    corner = min(places)
    assert step.marked("y") == {"here": [at]} and step.result == so_far[corner]
    first, last = step.text.replace("−", "-").splitlines()
    assert first.startswith(f"y[{at[0]},{at[1]}] = {Y[at]} stamps ")
    assert f"row 2·{at[0]} = {corner[0]} and column 2·{at[1]} = {corner[1]}." in first
    assert last.startswith(f"z[{corner[0]},{corner[1]}] += ")
    head, total = last.split("makes ")
    assert products(head) == stamp[corner]
    assert int(re.findall(r"-?\d+", total)[-1]) == step.result
    if "=" in total:
        terms = re.findall(r"-?\d+", total.split("=")[0])
        assert [int(t) for t in terms] == [so_far[corner] - stamp[corner], stamp[corner]]


@pytest.mark.parametrize("k", range(30))
def test_each_slide_is_a_row_of_the_transposed_matrix(k: int) -> None:
    step, at = SLIDES.steps[k], divmod(k, 6)
    assert step.at == at and step.result == Z[at] == A.T[k] @ Y.ravel()
    shown = SLIDES.values(k, SLIDES.by_name["z"])
    for place, value in shown.items():
        assert value == "·" if place > at else number(value) == Z[place]
    used = np.flatnonzero(A.T[k])  # which y's, through which weights
    u = SLIDES.by_name["u"]
    places = {(2 + 2 * (p // 3), 1 + 2 * (p % 3)): A.T[k, p] for p in used}
    assert {p: int(v[1:]) for p, v in step.labels["u"].items()} == places
    assert step.marked("u")["used"] == [(at[0] + i, at[1] + j) for i in range(3) for j in range(2)]
    assert sorted(W[::-1, ::-1][p] for p in step.marked("flipped")["used"]) == sorted(
        places.values()
    )
    assert step.marked("z") == {"here": [at]}
    assert [u.values[p] for p in np.ndindex(u.shape) if not u.dashed[p]] == Y.ravel().tolist()
    first, last = step.text.splitlines()
    assert first.startswith(f"Of the 6 cells under the filter, {len(used)} ")
    assert last.startswith(f"z[{at[0]},{at[1]}] = ") and products(last) == Z[at]
    assert number(re.findall(r"−?\d+", last)[-1]) == Z[at]
