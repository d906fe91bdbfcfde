"""The checks themselves: they pass what is right and notice what is wrong."""

import numpy as np
import pytest

from autograder.gradcheck import (
    Gap,
    adjoint_gap,
    gradient_by_complex_step,
    gradient_by_difference,
    gradient_of_linear,
    largest_gap,
    widest,
)
from solutions import conv_backward, conv_forward

RNG = np.random.default_rng(3)
Y, W = RNG.standard_normal((2, 3, 7, 6)), RNG.standard_normal((4, 3, 3, 2))
DZ = RNG.standard_normal((2, 4, 5, 5))


def forward(y):
    return conv_forward(y, W)


def test_gradient_of_linear_by_hand():
    twice = lambda y: 2 * y  # noqa: E731
    dz = np.array([[[[3.0, 4.0]]]])
    assert gradient_of_linear(twice, dz, dz.shape).tolist() == [[[[2 * 3, 2 * 4]]]]


def test_gradient_of_linear_is_backward():
    dy, _, _ = conv_backward(DZ, Y, W)
    np.testing.assert_allclose(gradient_of_linear(forward, DZ, Y.shape), dy, atol=1e-12)


def test_complex_step_is_exact_where_differences_are_not():
    x, dz = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    exact = dz * np.exp(x) * np.cos(np.exp(x))
    by_step = gradient_by_complex_step(lambda v: np.sin(np.exp(v)), x, dz)
    by_difference = gradient_by_difference(lambda v: np.sin(np.exp(v)), x, dz)
    assert largest_gap(by_step, exact)[0].within(1e-14)
    assert largest_gap(by_difference, exact)[0].within(1e-8)
    assert not largest_gap(by_difference, exact)[0].within(1e-14)


def test_large_differences_are_exact_away_from_kinks():
    x, dz = np.array([0.5, -0.25, 3.0]), np.array([2.0, 3.0, -1.0])
    relu = lambda v: np.maximum(v, 0)  # noqa: E731
    assert gradient_by_difference(relu, x, dz, h=2.0**-4).tolist() == [2.0, 0.0, -1.0]
    assert gradient_by_difference(relu, x, dz, h=1.0).tolist() != [2.0, 0.0, -1.0]


def test_adjoint_gap_passes_the_gradient_and_notices_one_wrong_entry():
    dy, _, _ = conv_backward(DZ, Y, W)
    assert adjoint_gap(forward, DZ, dy, Y).within(1e-12)
    dy[1, 2, 6, 5] += 1e-3
    assert not adjoint_gap(forward, DZ, dy, Y).within(1e-9)


@pytest.mark.parametrize(
    ("gap", "passes"),
    [(Gap(0, 0), True), (Gap(np.nan, 1), False), (Gap(np.inf, 1), False), (Gap(1e-10, 1), True)],
)
def test_gap_within_passes_zero_against_zero_and_fails_nan(gap, passes):
    assert gap.within(1e-9) is passes


def test_largest_gap_finds_the_entry_and_counts_nan_as_the_largest():
    expected = np.arange(6.0).reshape(2, 3)
    got = expected.copy()
    got[1, 2] += 3
    assert largest_gap(got, expected) == (Gap(3.0, 5.0), (1, 2))
    got[0, 1] = np.nan
    assert largest_gap(got, expected)[1] == (0, 1)
    assert not largest_gap(got, expected)[0].within(1e-9)


def test_the_widest_gap_is_the_worst_for_its_scale_and_nan_is_the_worst_of_all():
    small, wide = Gap(0.5, 10.0), Gap(0.1, 1.0)
    assert widest([small, wide]) == wide
    for gaps in ([small, Gap(np.nan, 1.0)], [Gap(np.nan, 1.0), small]):
        assert not widest(gaps).within(1.0)
    assert widest([Gap(1e-9, 0.0), wide]) == Gap(1e-9, 0.0)
