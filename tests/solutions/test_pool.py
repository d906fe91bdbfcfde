"""Max and mean pooling: by hand, against plain Python loops, ties, NaN, padding, errors."""

import itertools
import math

import numpy as np
import pytest

from autograder.gradcheck import adjoint_gap
from solutions.backend import use_backend
from solutions.pool import (
    max_pool_backward,
    max_pool_forward,
    mean_pool_backward,
    mean_pool_forward,
)
from tests.solutions import grids
from tests.solutions.grids import BACKENDS

CASES = grids.grid("pool")
each_case = pytest.mark.parametrize("case", CASES, ids=grids.name)
nan, inf = np.nan, np.inf


@pytest.fixture(params=BACKENDS, autouse=True)
def backend(request):
    with use_backend(request.param):
        yield request.param


def maps_of(case, dtype=np.float64):
    """Distinct numbers, a few of them replaced by equal ones, NaN and infinities."""
    rng = np.random.default_rng(3)
    y = rng.standard_normal((case["T"], case["M"], *case["map"])).astype(dtype)
    special = rng.choice([0.0, 1.0, nan, -inf, inf], y.shape)
    return np.where(rng.random(y.shape) < 0.3, special, y).astype(dtype)


def windows(case):
    """Of each place (r, c): the map's elements under the window, in row-major order."""
    stride = grids.pair(case["size"] if case["stride"] is None else case["stride"])
    sizes, dilation = grids.pair(case["size"]), grids.pair(case["dilation"])
    axes = []
    for n, k, s, d, (before, after) in zip(
        case["map"], sizes, stride, dilation, grids.borders(case["padding"]), strict=True
    ):
        starts = range(-before, n + after - d * (k - 1), s)
        axes.append([[at for at in range(a, a + d * k, d) if 0 <= at < n] for a in starts])
    return {
        (r, c): list(itertools.product(rows, columns))
        for r, rows in enumerate(axes[0])
        for c, columns in enumerate(axes[1])
    }


def test_max_pool_by_hand():
    y = np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 9.0], [8.0, 8.0, 0.0]]]])
    z, pidx = max_pool_forward(y, 2, stride=1)
    assert z.tolist() == [[[[5, 9], [8, 9]]]]
    # row * 3 + column; of the two 8 the first wins
    assert pidx.tolist() == [[[[0 * 3 + 1, 1 * 3 + 2], [2 * 3 + 0, 1 * 3 + 2]]]]
    assert pidx.dtype == np.int64
    dy = max_pool_backward(np.array([[[[10.0, 20.0], [30.0, 40.0]]]]), pidx, y.shape)
    assert dy.tolist() == [[[[0, 10, 0], [0, 0, 20 + 40], [30, 0, 0]]]]


def test_mean_pool_by_hand():
    y = np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 9.0]]]])
    assert mean_pool_forward(y, 2, 1).tolist() == [[[[(1 + 5 + 4 + 3) / 4, (5 + 2 + 3 + 9) / 4]]]]
    dz = np.array([[[[8.0, 4.0]]]])
    dy = mean_pool_backward(dz, y.shape, 2, 1)
    assert dy.tolist() == [[[[8 / 4, 8 / 4 + 4 / 4, 4 / 4]] * 2]]


def test_mean_pool_counts_padding_or_not():
    """One column of zeros to the left: the first window holds two elements of y and two zeros."""
    y, padding = np.array([[[[6.0, 2.0, 1.0], [4.0, 3.0, 9.0]]]]), ((0, 0), (1, 0))
    assert mean_pool_forward(y, 2, 2, padding).tolist() == [[[[10 / 4, 15 / 4]]]]
    assert mean_pool_forward(y, 2, 2, padding, count_padding=False).tolist() == [
        [[[10 / 2, 15 / 4]]]
    ]
    dz = np.array([[[[8.0, 4.0]]]])
    dy = mean_pool_backward(dz, y.shape, 2, 2, padding, count_padding=False)
    assert dy.tolist() == [[[[8 / 2, 4 / 4, 4 / 4]] * 2]]


@each_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_pool_is_its_rule(case, dtype):
    """Of each window the first largest in row-major order, and NaN before any number."""
    y = maps_of(case, dtype)
    z, pidx = max_pool_forward(y, case["size"], case["stride"], case["padding"], case["dilation"])
    places = windows(case)
    assert (
        z.shape
        == pidx.shape
        == (*y.shape[:2], *(max(axis) + 1 for axis in zip(*places, strict=True)))
    )
    assert z.dtype == dtype and pidx.dtype == np.int64
    for t, m in np.ndindex(y.shape[:2]):
        for (r, c), elements in places.items():
            best = None
            for row, column in elements:
                v = y[t, m, row, column]
                if best is None or (
                    not math.isnan(y[t, m][best]) and (math.isnan(v) or v > y[t, m][best])
                ):
                    best = row, column
            assert pidx[t, m, r, c] == best[0] * y.shape[3] + best[1]
            np.testing.assert_array_equal(z[t, m, r, c], y[t, m][best])


@each_case
def test_max_pool_backward_adds_at_the_winners(case):
    """With the winners held fixed, pooling is linear and backward its adjoint."""
    y = np.random.default_rng(0).standard_normal((case["T"], case["M"], *case["map"]))
    z, pidx = max_pool_forward(y, case["size"], case["stride"], case["padding"], case["dilation"])
    dz = np.random.default_rng(1).standard_normal(z.shape)
    dy = max_pool_backward(dz, pidx, y.shape)
    expected = np.zeros_like(y)
    for t, m, r, c in np.ndindex(dz.shape):
        expected[t, m].flat[pidx[t, m, r, c]] += dz[t, m, r, c]
    np.testing.assert_allclose(dy, expected, rtol=1e-14, atol=1e-14)
    single = max_pool_backward(dz.astype(np.float32), pidx.astype(np.int32), list(y.shape))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=1e-5)


@each_case
@pytest.mark.parametrize("count_padding", [True, False])
def test_mean_pool_is_its_rule_and_backward_its_adjoint(case, count_padding):
    case = case | {"dilation": 1}
    if not grids.pool_fits(case):
        case = case | {"padding": 0, "size": 1}
    rest = (case["size"], case["stride"], case["padding"], count_padding)
    rng = np.random.default_rng(0)
    y = rng.standard_normal((case["T"], case["M"], *case["map"]))
    z = mean_pool_forward(y, *rest)
    all_elements = math.prod(grids.pair(case["size"]))
    for (r, c), elements in windows(case).items():
        total = sum(y[:, :, row, column] for row, column in elements)
        expected = total / (all_elements if count_padding else len(elements))
        np.testing.assert_allclose(z[:, :, r, c], expected, rtol=1e-13, atol=1e-13)
    dz = rng.standard_normal(z.shape)
    dy = mean_pool_backward(dz, y.shape, *rest)
    v = rng.standard_normal(y.shape)
    assert adjoint_gap(lambda v: mean_pool_forward(v, *rest), dz, dy, v).within(1e-13)
    moved = mean_pool_forward(y + 1.0, *rest) - z  # the step 1 in every direction at once
    assert np.vdot(dz, moved) == pytest.approx(dy.sum(), rel=1e-11, abs=1e-11)


def test_nan_wins_and_the_first_of_them():
    y = np.array([[[[1.0, nan, inf, nan]]]])
    z, pidx = max_pool_forward(y, (1, 4))
    assert np.isnan(z).all() and pidx.tolist() == [[[[1]]]]


def test_padding_never_wins():
    """Not over negative numbers, and not over minus infinity, which is its equal."""
    y = np.array([[[[-1.0, -inf], [-inf, -inf]]]])
    z, pidx = max_pool_forward(y, 2, 2, padding=1)
    assert z.tolist() == [[[[-1.0, -inf], [-inf, -inf]]]]
    assert pidx.tolist() == [[[[0, 1], [2, 3]]]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pooling_takes_any_layout_and_leaves_it_alone(dtype):
    y = np.random.default_rng(0).standard_normal((2, 3, 7, 8)).astype(dtype)
    odd = np.asfortranarray(y)[:, :, ::-1]
    odd.flags.writeable = False
    plain, before = np.ascontiguousarray(odd), odd.copy()
    for a, b in zip(max_pool_forward(odd, 3, 2), max_pool_forward(plain, 3, 2), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(mean_pool_forward(odd, 3, 2), mean_pool_forward(plain, 3, 2))
    z, pidx = max_pool_forward(plain, 3, 2)
    dz, where = np.asfortranarray(z), np.asfortranarray(pidx)
    dz.flags.writeable = where.flags.writeable = False
    for got, expected in (
        (max_pool_backward(dz, where, y.shape), max_pool_backward(z, pidx, y.shape)),
        (mean_pool_backward(dz, y.shape, 3, 2), mean_pool_backward(z, y.shape, 3, 2)),
    ):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == dtype and got.flags.writeable
    np.testing.assert_array_equal(odd, before)
    whole = mean_pool_forward(plain, 1)
    assert not np.shares_memory(whole, plain)


Y = np.zeros((2, 3, 7, 6))
BOTH = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(3, 7, 6\); 4 axes \(T, M, H, W\) are needed"),
    ({"y": Y.astype(int)}, TypeError, "`y` has dtype int64"),
    ({"size": 0}, ValueError, r"`size` \(=0\) must be at least 1"),
    ({"size": (2, 7)}, ValueError, r"`size` \(=\(2, 7\)\).*reaches over 7 elements, but W .* is 6"),
    ({"stride": 0}, ValueError, r"`stride` \(=0\) must be at least 1"),
    ({"padding": -1}, ValueError, r"`padding` \(=-1\) must be at least 0"),
]
BAD_MAX = [
    *BOTH,
    ({"padding": 2}, ValueError, r"`padding` \(=2\) must be at most half of .* reach \(=2\)"),
    ({"size": 3, "padding": (1, 2)}, ValueError, r"`padding` \(=\(1, 2\)\) must be at most half"),
    ({"dilation": 0}, ValueError, r"`dilation` \(=0\) must be at least 1"),
    ({"dilation": 6}, ValueError, r"`size` \(=2\) with `dilation` \(=6\) reaches over 7 elements"),
    (
        {"y": Y[:, :, :1], "size": (2, 1), "dilation": (3, 1), "padding": (2, 0)},
        ValueError,
        r"`padding` \(=\(2, 0\)\): a window lies wholly in the padding",
    ),
]
BAD_MEAN = [
    *BOTH,
    ({"count_padding": 1}, TypeError, r"`count_padding` \(=1\) must be True or False"),
    (
        {"padding": 2, "count_padding": False},
        ValueError,
        r"`padding` \(=2\): a window lies wholly in the padding",
    ),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_MAX)
def test_max_pool_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        max_pool_forward(**{"y": Y, "size": 2, **change})


@pytest.mark.parametrize(("change", "error", "message"), BAD_MEAN)
def test_mean_pool_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        mean_pool_forward(**{"y": Y, "size": 2, **change})
    if "y" not in change:
        with pytest.raises(error, match=message):
            mean_pool_backward(np.zeros((2, 3, 3, 3)), **{"shape": Y.shape, "size": 2, **change})


DZ, PIDX = np.zeros((2, 3, 3, 3)), np.zeros((2, 3, 3, 3), np.int64)
BAD_BACKWARD = [
    ({"dz": DZ[0]}, ValueError, r"`dz` has shape .*; 4 axes \(T, M, H_out, W_out\)"),
    ({"pidx": PIDX[:, :, :2]}, ValueError, r"`pidx` has shape \(2, 3, 2, 3\); `dz` has shape"),
    ({"pidx": PIDX.astype(float)}, TypeError, "`pidx` must be an array of whole numbers.*float64"),
    ({"pidx": PIDX.tolist()}, TypeError, "`pidx` must be an array of whole numbers, not list"),
    ({"pidx": PIDX - 1}, ValueError, "`pidx` holds -1; a map of 7 x 6 has 0 to 41"),
    ({"pidx": PIDX + 42}, ValueError, "`pidx` holds 42; a map of 7 x 6 has 0 to 41"),
    ({"shape": (7, 6)}, ValueError, r"`shape` \(=\(7, 6\)\) must have the sizes \(T, M, H, W\)"),
    ({"shape": (2, 4, 7, 6)}, ValueError, r"`shape` \(=\(2, 4, 7, 6\)\) must begin like .* `dz`"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_BACKWARD)
def test_max_pool_backward_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        max_pool_backward(**{"dz": DZ, "pidx": PIDX, "shape": Y.shape, **change})


def test_mean_pool_backward_refuses_dz_of_another_shape():
    with pytest.raises(ValueError, match=r"`dz` has shape .* forward's output has shape"):
        mean_pool_backward(np.zeros((2, 3, 3, 2)), Y.shape, 2)
