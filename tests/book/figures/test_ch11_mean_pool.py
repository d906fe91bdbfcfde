"""The figure of chapter 11: every step against forward's differences, exact as forward is linear."""

import re

import numpy as np
import pytest
from figures.ch11_mean_pool import EXAMPLE_DZ, spreading

DZ = EXAMPLE_DZ
FIGURE = spreading()
KH, KW = 2, 3
SHAPE = (4, 5)


def forward(y: np.ndarray) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(y, (KH, KW)).mean(axis=(2, 3))


def gradient_up_to(number: int) -> np.ndarray:
    """dDiv/dy for Div = the sum of the first dz·z."""
    weight = np.where(np.arange(DZ.size) <= number, DZ.ravel(), 0).reshape(DZ.shape)
    units = np.eye(20).reshape(20, *SHAPE)
    return np.array([(weight * forward(unit)).sum() for unit in units]).reshape(SHAPE)


def number(text: str) -> int:
    return int(text.replace("−", "-"))


@pytest.mark.parametrize("k", range(DZ.size))
def test_each_step_equals_the_differences(k: int) -> None:
    step = FIGURE.steps[k]
    r, c = divmod(k, 3)
    dy, before = gradient_up_to(k), gradient_up_to(k - 1)
    shown = FIGURE.values(k, FIGURE.by_name["dy"])
    assert step.at == (r, c)
    assert {at: number(v) for at, v in shown.items()} == {
        at: round(dy[at]) for at in np.ndindex(SHAPE)
    }
    assert np.allclose(dy, dy.round())
    changed = {tuple(map(int, at)) for at in np.argwhere(~np.isclose(dy, before))}
    assert set(step.marked("dy")["used"]) == changed and len(changed) == KH * KW
    assert step.marked("dz") == {"here": [(r, c)]}
    assert {at: number(v) for at, v in step.labels["dy"].items()} == {
        at: round(dy[at] - before[at]) for at in changed
    }
    assert step.result == round(dy[r, c])
    first, last = step.text.replace("−", "-").splitlines()
    share = DZ[r, c] / 6
    assert first == (
        f"dz[{r},{c}] = {DZ[r, c]} over 2·3 = 6 elements: a share of {share:g} for each in rows "
        f"{r} and {r + 1}, columns {c} to {c + 2}."
    )
    assert last.startswith(f"The first of them, dy[{r},{c}], now holds ")
    total = last.split("holds ")[1]
    terms = [int(t) for t in re.findall(r"-?\d+", total.split("=")[0])]
    assert terms[-1] == share and sum(terms) == step.result
    assert int(re.findall(r"-?\d+", total)[-1]) == step.result


def test_every_share_differs_from_zero_and_sums_are_kept() -> None:
    assert DZ.all() and len(set(DZ.flat)) == DZ.size
    assert gradient_up_to(DZ.size).sum() == pytest.approx(DZ.sum())
