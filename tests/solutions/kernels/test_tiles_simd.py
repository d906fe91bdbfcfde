"""Vector registers: each operation against what NumPy says, at every edge, no number too many."""

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from solutions.kernels import tiles_simd as simd
from solutions.kernels.tiles_host import as_lengths

DTYPES = [np.float32, np.float64]


@njit
def combine(out, x, i, j, factor):
    a, b = simd.load(x, i), simd.load(x, j)
    L = simd.lanes(x)
    simd.store(out, 0, a + b)
    simd.store(out, L, a - b)
    simd.store(out, 2 * L, simd.scaled(a, factor))


@pytest.mark.parametrize("dtype", DTYPES)
def test_vectors_add_subtract_and_scale_number_by_number(dtype):
    x = np.arange(100, dtype=dtype)
    L = simd.lanes(x)
    out = np.full(3 * L + 1, 77, dtype)
    combine(out, x, 3, 50, dtype(0.5))
    a, b = x[3 : 3 + L], x[50 : 50 + L]
    np.testing.assert_array_equal(out, [*(a + b), *(a - b), *(a * dtype(0.5)), 77])


def test_lanes_fill_a_register():
    register = simd.host().register
    for dtype in DTYPES:
        x = np.zeros(1, dtype)
        assert simd.lanes(x) * x.itemsize == register


@njit
def square(out, to, x, rows, count, width):
    block = simd.block_load(x, 0, rows, 0, count, width)
    simd.block_store(block, out, 0, to, 0, width, count)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_square_of_any_size_is_transposed(dtype):
    L = simd.lanes(np.zeros(1, dtype))
    rng = np.random.default_rng(0)
    for count in range(1, L + 1):
        for width in range(1, L + 1):
            x = rng.standard_normal((count, width + 3)).astype(dtype)
            out = np.full((width, count + 2), 77, dtype)
            rows, to = (width + 3) * np.arange(count), (count + 2) * np.arange(width)
            square(out.reshape(-1), to, x.reshape(-1), rows, count, width)
            np.testing.assert_array_equal(out[:, :count], x[:, :width].T)
            assert (out[:, count:] == 77).all()


@njit
def add_steps(shape, out, a, x, start, at, K, apart, width):
    R, V = shape
    rows = simd.offsets(R, at, 0)
    tile = simd.tile_load(V, start, rows, 0, apart)
    for k in range(K):
        tile = simd.tile_add(tile, a, rows, k, x, k * 3 * apart, apart)
    simd.tile_store(tile, out, rows, 0, apart, width)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(8, 2), (8, 1), (6, 2), (3, 4), (3, 3), (1, 1), (5, 3)])
def test_a_tile_is_a_product(shape, dtype):
    """out[r] = start[r] + sum over k of a[r, k] * x[k], in whole numbers: no rounding."""
    (R, V), K = shape, 7
    L = simd.lanes(np.zeros(1, dtype))
    pitch = V * L + 5
    rng = np.random.default_rng(0)
    a, start = (rng.integers(-9, 9, (R, pitch)).astype(dtype) for _ in range(2))
    x = rng.integers(-9, 9, (K * 3 * L + V * L,)).astype(dtype)
    steps = np.stack([x[k * 3 * L : k * 3 * L + V * L] for k in range(K)])
    expected = start.copy()
    expected[:, : V * L] += a[:, :K] @ steps
    for width in (L, L - 1, 1, 0):
        out = np.full((R, pitch), 77, dtype)
        at = pitch * np.arange(R)
        add_steps(
            as_lengths(shape), out.reshape(-1), a.reshape(-1), x, start.reshape(-1), at, K, L, width
        )
        wanted = np.zeros((R, pitch), bool)
        for v in range(V):
            wanted[:, v * L : v * L + width] = True
        np.testing.assert_array_equal(out[wanted], expected[wanted])
        assert (out[~wanted] == 77).all()
