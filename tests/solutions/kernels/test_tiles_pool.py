"""Pools for fixed windows: the answers of the general loops, NaN, ties and all."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.activations import relu_backward, relu_forward
from solutions.kernels import pool, tiles_pool
from solutions.pool import max_pool_backward, max_pool_forward, pool_geometry

WINDOWS = [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((3, 2), (1, 3)), ((1, 1), (2, 1)), ((2, 3), (3, 2))]
SHAPES = [(2, 3, 7, 8), (1, 2, 3, 3), (2, 1, 6, 35), (0, 2, 4, 4)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("size", "stride"), WINDOWS)
def test_fixed_windows_agree_with_any_windows(size, stride, shape, dtype):
    rng = np.random.default_rng(0)
    geometry = pool_geometry(shape, size, stride, 0)
    assert tiles_pool.fits(geometry)
    y = rng.integers(-2, 3, shape).astype(dtype)  # many ties
    y[rng.random(shape) < 0.1], y[rng.random(shape) < 0.1] = np.nan, -np.inf
    for got, expected in zip(
        tiles_pool.max_pool(y, geometry), pool.max_pool(y, geometry), strict=True
    ):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype
    _, pidx = pool.max_pool(y, geometry)
    dz = rng.integers(-99, 99, pidx.shape).astype(dtype)
    got = tiles_pool.max_pool_backward(dz, pidx, shape)
    np.testing.assert_array_equal(got, pool.max_pool_backward(dz, pidx, shape))
    y = rng.integers(-99, 99, shape).astype(dtype)
    count = np.full(geometry.out, size[0] * size[1], dtype)
    dz = rng.integers(-99, 99, (*shape[:2], *geometry.out)).astype(dtype)
    for name, a in (("mean_pool", y), ("mean_pool_backward", dz)):
        got = getattr(tiles_pool, name)(a, count, geometry)
        expected = getattr(pool, name)(a, count, geometry)
        assert got.dtype == dtype and got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=0, atol=99 * 9 * np.finfo(dtype).eps)


def test_a_mean_keeps_infinity():
    y = np.array([[[[np.inf, 1.0], [2.0, 3.0]]]])
    geometry = pool_geometry(y.shape, 2, None, 0)
    assert tiles_pool.mean_pool(y, np.full((1, 1), 4.0), geometry).item() == np.inf


@pytest.mark.parametrize(
    ("size", "stride", "padding", "dilation"),
    [(4, 4, 0, 1), (3, 2, 1, 1), (2, 2, 0, 2), (2, 5, 0, 1)],
)
def test_other_windows_go_to_the_general_loops(size, stride, padding, dilation):
    geometry = pool_geometry((1, 1, 9, 9), size, stride, padding, dilation)
    assert not tiles_pool.fits(geometry)
    y = np.random.default_rng(0).standard_normal((1, 1, 9, 9))
    z, pidx = tiles_pool.max_pool(y, geometry)
    np.testing.assert_array_equal(z.ravel(), y.ravel()[pidx.ravel()])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("H", "W", "size"), [(4, 6, (2, 2)), (5, 7, (2, 2)), (6, 7, (3, 2))])
def test_relu_and_max_pool_in_one_are_one_after_the_other(H, W, size, dtype):
    rng = np.random.default_rng(0)
    y = rng.integers(-3, 3, (2, 3, H, W)).astype(
        dtype
    )  # ties, and windows without a number above 0
    last = np.ascontiguousarray(np.moveaxis(y, 0, -1))
    z, winner = tiles_pool.relu_max_pool(last, size)
    expected, pidx = max_pool_forward(relu_forward(y), size)
    np.testing.assert_array_equal(np.moveaxis(z, -1, 0), expected)
    dz = rng.integers(1, 99, z.shape).astype(dtype)
    dy = tiles_pool.relu_max_pool_backward(dz, winner, last.shape, size)
    expected = relu_backward(max_pool_backward(np.moveaxis(dz, -1, 0), pidx, y.shape), y)
    np.testing.assert_array_equal(np.moveaxis(dy, -1, 0), expected)


def test_relu_and_max_pool_in_one_lose_no_nan():
    y = np.array([[-1, np.nan], [2, np.nan]], np.float32).reshape(1, 2, 2, 1)
    z, winner = tiles_pool.relu_max_pool(y, (2, 2))
    assert np.isnan(z.item()) and winner.item() == 1
