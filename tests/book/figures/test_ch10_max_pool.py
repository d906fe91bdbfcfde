"""The figure of chapter 10: every step against forward's differences and a sort."""

import re

import numpy as np
import pytest
from figures.ch10_max_pool import EXAMPLE_DZ, EXAMPLE_Y, routing

Y, DZ = EXAMPLE_Y, EXAMPLE_DZ
FIGURE = routing()


def forward(y: np.ndarray) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(y, (2, 2)).max(axis=(2, 3))


def gradient_up_to(number: int) -> np.ndarray:
    """dDiv/dy for Div = the sum of the first dz·z, by nudging each element: h below all gaps."""
    weight = np.where(np.arange(DZ.size) <= number, DZ.ravel(), 0).reshape(DZ.shape)
    dy = np.zeros(Y.shape)
    for place in np.ndindex(Y.shape):
        nudged = Y.astype(float)
        nudged[place] += 0.25
        dy[place] = (weight * (forward(nudged) - forward(Y.astype(float)))).sum() / 0.25
    return dy


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def test_the_example_shows_all_that_it_should() -> None:
    assert len(set(Y.flat)) == Y.size and len(set(DZ.flat)) == DZ.size and DZ.all()
    won = gradient_of_ones()
    assert sorted(won[won > 0].tolist()) == [1, 2, 2, 3, 4]
    dy = gradient_up_to(DZ.size)
    assert len(set(dy[dy != 0].tolist())) == np.count_nonzero(dy) == 5


def gradient_of_ones() -> np.ndarray:
    """How many windows each element wins, from the values alone, without any argmax."""
    z = forward(Y)
    return np.array([[np.count_nonzero(z == v) for v in row] for row in Y])


@pytest.mark.parametrize("k", range(DZ.size))
def test_each_step_equals_the_differences(k: int) -> None:
    step = FIGURE.steps[k]
    r, c = divmod(k, DZ.shape[1])
    assert step.at == (r, c)
    shown = FIGURE.values(k, FIGURE.by_name["dy"])
    dy = gradient_up_to(k)
    assert {at: number(v) for at, v in shown.items()} == {
        at: round(dy[at]) for at in np.ndindex(dy.shape)
    }
    window = np.sort(Y[r : r + 2, c : c + 2].ravel())
    (winner,) = step.marked("y")["here"]
    assert Y[winner] == window[-1]
    assert sorted(Y[at] for at in step.marked("y")["used"]) == window.tolist()
    assert step.marked("dz") == {"here": [(r, c)]} and step.marked("dy") == {"here": [winner]}
    assert step.result == dy[winner]
    pidx = int(np.flatnonzero(Y.ravel() == window[-1])[0])
    assert step.labels["y"] == {winner: f"#{pidx}"}
    assert number(step.labels["dy"][winner]) == DZ[r, c]
    first, last = step.text.splitlines()
    at = winner
    assert f"z[{r},{c}] covers rows {r} and {r + 1}, columns {c} and {c + 1}." in first
    assert first.replace("−", "-").endswith(
        f"value is {window[-1]}, at y[{at[0]},{at[1]}]: pidx = {at[0]}·5 + {at[1]} = {pidx}."
    )
    assert last.replace("−", "-").startswith(f"dy[{at[0]},{at[1]}] += {DZ[r, c]}, which makes ")
    total = last.replace("−", "-").split("makes ")[1]
    terms = [int(t) for t in re.findall(r"-?\d+", total.split("=")[0])]
    assert terms[-1] == DZ[r, c] and sum(terms) == step.result
    assert int(re.findall(r"-?\d+", total)[-1]) == step.result
