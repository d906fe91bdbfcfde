"""Activations: by hand, by complex step or exact differences, far from zero, at the kink, at NaN."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions import activations
from solutions.activations import (
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softplus_backward,
    softplus_forward,
    tanh_backward,
    tanh_forward,
)

C = math.sqrt(2 / math.pi)


@dataclass(frozen=True)
class Case:
    """`plain` is the definition, written for a complex z; None where there is a kink."""

    forward: Callable[[Any], Any]
    backward: Callable[[Any, Any], Any]
    plain: Callable[[Any], Any] | None
    limits: tuple[float, float, float, float]  # y and slope at -inf, y and slope at +inf


# a -0.0 and a 0.0 are equal
CASES = {
    "relu": Case(relu_forward, relu_backward, None, (0, 0, math.inf, 1)),
    "leaky_relu": Case(
        leaky_relu_forward, leaky_relu_backward, None, (-math.inf, 0.01, math.inf, 1)
    ),
    "sigmoid": Case(
        sigmoid_forward, sigmoid_backward, lambda z: 1 / (1 + np.exp(-z)), (0, 0, 1, 0)
    ),
    "tanh": Case(
        tanh_forward,
        tanh_backward,
        lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
        (-1, 0, 1, 0),
    ),
    "softplus": Case(
        softplus_forward, softplus_backward, lambda z: np.log(1 + np.exp(z)), (0, 0, math.inf, 1)
    ),
    "gelu": Case(
        gelu_forward,
        gelu_backward,
        lambda z: z / 2 * (1 + np.tanh(C * (z + 0.044715 * z**3))),
        (0, 0, math.inf, 1),
    ),
}
SMOOTH = [name for name, case in CASES.items() if case.plain]
KINKED = [name for name, case in CASES.items() if not case.plain]
SHAPES = [(2, 3, 4, 5), (1, 2, 7, 3), (5, 4), (6,), (2, 3, 5), (0, 2, 3, 4)]


def random(shape, seed=0, dtype=np.float64):
    return (2 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def layouts(a):
    """The same numbers, laid out in memory in other ways, read-only."""
    backwards = a[::-1, ..., ::-1].copy()[::-1, ..., ::-1]
    for other in (a.copy(), np.asfortranarray(a), backwards, np.repeat(a, 2, axis=-1)[..., ::2]):
        other.flags.writeable = False
        yield other


def slope_gap(forward, slope, z):
    """The largest gap to the complex step's slope: no difference is taken, so h may be 1e-30."""
    return np.abs(slope - forward(z + 1e-30j).imag / 1e-30).max(initial=0)


def test_the_table_has_every_activation():
    public = {name for name in vars(activations) if name.endswith(("_forward", "_backward"))}
    assert public == {f"{name}_{way}" for name in CASES for way in ("forward", "backward")}


def test_relu_by_hand():
    z, dy = np.array([-2.0, 0.0, 3.0]), np.array([5.0, 7.0, 11.0])
    assert relu_forward(z).tolist() == [0, 0, 3]
    assert relu_backward(dy, z).tolist() == [5 * 0, 7 * 0, 11 * 1]


def test_leaky_relu_by_hand():
    z, dy = np.array([-2.0, 0.0, 3.0]), np.array([5.0, 7.0, 11.0])
    assert leaky_relu_forward(z, 0.25).tolist() == [0.25 * -2, 0, 3]
    assert leaky_relu_backward(dy, z, 0.25).tolist() == [5 * 0.25, 7 * 0.25, 11 * 1]
    assert leaky_relu_forward(z).tolist() == [0.01 * -2, 0, 3]
    assert leaky_relu_backward(dy, z).tolist() == [5 * 0.01, 7 * 0.01, 11 * 1]


def test_sigmoid_by_hand():
    """z = log(3): y = 1/(1 + 1/3) = 3/4, slope 3/4 * 1/4; z = -log(3): y = 1/(1 + 3)."""
    z = np.array([math.log(3), -math.log(3), 0.0])
    assert sigmoid_forward(z) == pytest.approx([3 / 4, 1 / 4, 1 / 2], rel=1e-15)
    dz = sigmoid_backward(np.array([16.0, 32.0, 8.0]), z)
    assert dz == pytest.approx([16 * 3 / 16, 32 * 3 / 16, 8 * 1 / 4], rel=1e-15)


def test_tanh_by_hand():
    """z = log(2): y = (2 - 1/2)/(2 + 1/2) = 3/5, slope 1 - 9/25 = 16/25."""
    z = np.array([math.log(2), -math.log(2), 0.0])
    assert tanh_forward(z) == pytest.approx([3 / 5, -3 / 5, 0], rel=1e-15)
    dz = tanh_backward(np.array([25.0, 50.0, 3.0]), z)
    assert dz == pytest.approx([25 * 16 / 25, 50 * 16 / 25, 3], rel=1e-15)


def test_softplus_by_hand():
    """z = log(3): y = log(1 + 3), slope 3/4; z = 0: y = log(2), slope 1/2."""
    z = np.array([math.log(3), 0.0])
    assert softplus_forward(z) == pytest.approx([math.log(4), math.log(2)], rel=1e-15)
    assert softplus_backward(np.array([8.0, 6.0]), z) == pytest.approx([8 * 3 / 4, 6 / 2])


def test_gelu_by_hand():
    """z = 1: u = sqrt(2/pi) * 1.044715; z = 0: y = 0, and the slope is (1 + tanh 0)/2 = 1/2.

    The slope at 1 is (1 + tanh u)/2 + 1/2 * (1 - tanh(u)^2) * sqrt(2/pi) * (1 + 3*0.044715).
    """
    z, tanh_u = np.array([1.0, 0.0]), math.tanh(C * 1.044715)
    assert gelu_forward(z) == pytest.approx([(1 + tanh_u) / 2, 0], rel=1e-15)
    slope = (1 + tanh_u) / 2 + (1 - tanh_u**2) / 2 * C * (1 + 3 * 0.044715)
    assert gelu_backward(np.array([10.0, 4.0]), z) == pytest.approx([10 * slope, 4 / 2], rel=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_activation_is_its_formula_and_backward_the_complex_step(name, shape):
    case, z, dy = CASES[name], random(shape), random(shape, 1)
    y, dz = case.forward(z), case.backward(dy, z)
    assert y.shape == dz.shape == shape
    np.testing.assert_allclose(y, case.plain(z), rtol=1e-13, atol=1e-14)
    assert slope_gap(case.plain, case.backward(np.ones(shape), z), z) <= 1e-13
    np.testing.assert_allclose(dz, dy * case.backward(np.ones(shape), z), rtol=1e-15)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", KINKED)
def test_kinked_activation_backward_is_the_difference_quotient(name, shape):
    """Exact up to rounding: the step is below half of the smallest distance to the kink."""
    case, z, dy = CASES[name], random(shape), random(shape, 1)
    h = 0.49 * np.abs(z).min(initial=1)
    quotient = (case.forward(z + h) - case.forward(z - h)) / (2 * h)
    np.testing.assert_allclose(case.backward(dy, z), dy * quotient, rtol=1e-9, atol=0)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_slope_at_the_kink_is_the_left_one(zero):
    z, dy = np.array([zero]), np.array([3.0])
    assert relu_backward(dy, z) == [0]
    assert leaky_relu_backward(dy, z, 0.5) == [1.5]
    tiny = np.array([5e-324])
    assert relu_backward(dy, tiny) == [3] and leaky_relu_backward(dy, tiny, 0.5) == [3]


@pytest.mark.parametrize("slope", [0, 0.3, 1, 2.5, -1, np.float32(0.5), np.int64(2)])
def test_leaky_relu_with_any_slope(slope):
    z, dy = random((3, 4)), random((3, 4), 1)
    np.testing.assert_array_equal(leaky_relu_forward(z, slope), np.where(z > 0, z, slope * z))
    expected = np.where(z > 0, dy, slope * dy)
    np.testing.assert_allclose(leaky_relu_backward(dy, z, slope), expected, rtol=1e-15)
    assert leaky_relu_forward(z.astype(np.float32), slope).dtype == np.float32
    assert leaky_relu_backward(*(a.astype(np.float32) for a in (dy, z)), slope).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_activation_far_from_zero(name, dtype):
    """At +-1e3 and +-inf without a warning, which is an error in the tests, and with the limit."""
    case = CASES[name]
    low_y, low_slope, high_y, high_slope = case.limits
    far = np.array([1e3, 1e4, np.finfo(dtype).max, np.inf], dtype)
    ones = np.ones_like(far)
    linear = {"leaky_relu": 0.01}.get(name, 0)
    low = dtype(linear) * -far if linear else np.full_like(far, low_y)
    high = far if high_y == math.inf else np.full_like(far, high_y)
    np.testing.assert_array_equal(case.forward(-far), low)
    np.testing.assert_array_equal(case.forward(far), high)
    np.testing.assert_array_equal(case.backward(ones, -far), dtype(low_slope) * ones)
    np.testing.assert_array_equal(case.backward(ones, far), dtype(high_slope) * ones)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_answers_keep_their_digits(dtype):
    """Where the plain formula cancels to 0: each answer is known as one exponential."""
    z, one = np.array([-40.0], dtype), np.ones(1, dtype)
    small, near = math.exp(-40), {"rel": 40 * float(np.finfo(dtype).eps), "abs": 0}
    for got in (sigmoid_forward(z), sigmoid_backward(one, z), sigmoid_backward(one, -z)):
        assert got == pytest.approx(small, **near)
    for got in (softplus_forward(z), softplus_backward(one, z)):
        assert got == pytest.approx(small, **near)
    for sign in (1, -1):
        assert tanh_backward(one, sign * z) == pytest.approx(4 * small**2, **near)
    # gelu at -5: u = -C*(5 + 0.044715*125), y = -5 * exp(2u) up to exp(2u)^2 = 2e-15
    u2 = -2 * C * (5 + 0.044715 * 125)
    y = gelu_forward(np.array([-5.0], dtype))
    assert y == pytest.approx(-5 * math.exp(u2) / (1 + math.exp(u2)), **near)


@pytest.mark.parametrize("name", CASES)
def test_nan_stays_nan_and_stays_alone(name):
    case = CASES[name]
    z, dy = np.array([1.0, np.nan, -2.0]), np.array([1.0, 2.0, 3.0])
    assert np.isnan(case.forward(z)).tolist() == [False, True, False]
    assert np.isnan(case.backward(dy, z)).tolist() == [False, True, False]
    assert np.isnan(case.backward(z, dy)).tolist() == [False, True, False]
    assert np.isnan(case.backward(z, -dy)).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_activation_keeps_dtype_and_inputs_in_any_layout(name, dtype):
    case = CASES[name]
    z, dy = random((2, 3, 4, 5), 0, dtype), random((2, 3, 4, 5), 1, dtype)
    tolerance = {"rtol": 8 * np.finfo(dtype).eps, "atol": 8 * np.finfo(dtype).eps}
    expected = case.forward(z), case.backward(dy, z)
    for other, other_dy in zip(layouts(z), layouts(dy), strict=True):
        got = case.forward(other), case.backward(other_dy, other)
        for answer, wanted in zip(got, expected, strict=True):
            assert answer.dtype == dtype and answer.flags.writeable
            np.testing.assert_allclose(answer, wanted, **tolerance)
            assert not np.shares_memory(answer, other)
            assert not np.shares_memory(answer, other_dy)
        np.testing.assert_array_equal(other, z)
        np.testing.assert_array_equal(other_dy, dy)


@pytest.mark.parametrize("name", CASES)
def test_float32_is_float64_rounded(name):
    case = CASES[name]
    z, dy = random((500,), 0, np.float32), random((500,), 1, np.float32)
    wide = z.astype(np.float64), dy.astype(np.float64)
    for got, expected in (
        (case.forward(z), case.forward(wide[0])),
        (case.backward(dy, z), case.backward(wide[1], wide[0])),
    ):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@given(
    st.sampled_from(sorted(CASES)),
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9),
)
def test_activation_is_finite_for_any_finite_z(name, numbers):
    case, z = CASES[name], np.array(numbers)
    assert np.isfinite(case.forward(z)).all()
    slope = case.backward(np.ones_like(z), z)
    assert np.isfinite(slope).all() and np.abs(slope).max() < 1.13  # gelu's slope reaches 1.129


WRONG = {
    "sigmoid": lambda y: y * (1 + y),
    "tanh": lambda y: 1 - y,
    "softplus": lambda y: y,
    "gelu": lambda y: 0.5 + y,
}


@pytest.mark.parametrize("name", WRONG)
def test_the_check_finds_a_wrong_slope(name):
    case, z = CASES[name], random((5, 4))
    assert slope_gap(case.plain, WRONG[name](case.forward(z)), z) > 1e-3


@pytest.mark.parametrize("name", CASES)
def test_activation_errors_name_argument_and_value(name):
    case, z = CASES[name], random((2, 3))
    bad_z = [
        (z.tolist(), TypeError, "`z` must be a NumPy array, not list"),
        (z.astype(int), TypeError, "`z` has dtype int64; float32 or float64"),
        (z.astype(complex), TypeError, "`z` has dtype complex128"),
        (np.array(1.0), ValueError, r"`z` has shape \(\); the axes \(T, ...\)"),
    ]
    for bad, error, message in bad_z:
        with pytest.raises(error, match=message):
            case.forward(bad)
        with pytest.raises(error, match=message):
            case.backward(z, bad)
    bad_dy = [
        (z[:1], ValueError, r"`dy` has shape \(1, 3\); `z` has shape \(2, 3\)"),
        (z[None], ValueError, r"`dy` has shape \(1, 2, 3\); `z` has shape \(2, 3\)"),
        (z.astype(np.float32), TypeError, "one dtype.*`dy` float32, `z` float64"),
        (z.tolist(), TypeError, "`dy` must be a NumPy array, not list"),
        (z.astype(int), TypeError, "`dy` has dtype int64"),
    ]
    for bad, error, message in bad_dy:
        with pytest.raises(error, match=message):
            case.backward(bad, z)


@pytest.mark.parametrize(
    ("slope", "error", "message"),
    [
        ("0.1", TypeError, r"`slope` \(='0.1'\) must be a real number"),
        (True, TypeError, r"`slope` \(=True\) must be a real number"),
        (None, TypeError, r"`slope` \(=None\) must be a real number"),
        (np.ones(3), TypeError, r"`slope` \(=array\(\[1., 1., 1.\]\)\) must be a real number"),
        (math.nan, ValueError, r"`slope` \(=nan\) must be finite"),
        (math.inf, ValueError, r"`slope` \(=inf\) must be finite"),
    ],
)
def test_leaky_relu_refuses_a_slope_that_is_no_number(slope, error, message):
    z = random((2, 3))
    with pytest.raises(error, match=message):
        leaky_relu_forward(z, slope)
    with pytest.raises(error, match=message):
        leaky_relu_backward(z, z, slope)
