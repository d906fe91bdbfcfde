"""The product tile by tile, turning, padding and packing: each alone, on tables made up here."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.kernels.tiles_host import as_lengths, host
from solutions.kernels.tiles_loops import multiply_tiles, pack, pad, scratch, turn, whole, zeros
from solutions.kernels.tiles_plan import repeat_last, table
from solutions.kernels.tiles_simd import lanes

DTYPES = [np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["many", "one", "six", "few"])
def test_multiply_tiles_is_a_matrix_product(kind, dtype):
    """Any number of rows and steps, two panels of columns; the numbers lie where tables say."""
    R, V = shape = getattr(host(), kind)
    L = lanes(np.zeros(1, dtype))
    panel = V * L
    rng = np.random.default_rng(0)
    for N in (1, R - 1, R, R + 1, 2 * R + 3):
        for K in (0, 1, 6):
            a = rng.integers(-9, 9, (K, N)).astype(dtype)  # transposed: steps are N apart
            x = rng.integers(-9, 9, (2, K, panel)).astype(dtype)
            start = rng.integers(-9, 9, 2 * panel).astype(dtype)
            order = rng.permutation(N)  # rows of `out` in any order
            rows = repeat_last(table(np.arange(N), order * 2 * panel, np.zeros(N)), R)
            p = np.arange(2)
            columns = table(p * K * panel, p * panel, p * panel, np.full(2, L))
            steps = table(N * np.arange(K), panel * np.arange(K))
            out = np.full((N + 1, 2 * panel), 77, dtype)
            multiply_tiles(
                as_lengths(shape), out.reshape(-1), 0, a.reshape(-1), 0, x.reshape(-1), 0, start, 0,
                rows, columns, steps, whole(N, 2, 0, K), (L, L, L),
            )  # fmt: skip
            expected = start + np.concatenate([a.T @ x[0], a.T @ x[1]], axis=1)
            np.testing.assert_array_equal(out[order], expected)
            assert (out[N] == 77).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_multiply_tiles_goes_on_from_its_own_sums(dtype):
    """Steps may come in two parts when `start` is `out`: so backward_w adds up pictures."""
    R, V = host().many
    L = lanes(np.zeros(1, dtype))
    rng = np.random.default_rng(0)
    a = rng.integers(-9, 9, (R + 2, 10)).astype(dtype)
    x = rng.integers(-9, 9, (10, V * L)).astype(dtype)
    out = np.zeros((R + 2, V * L), dtype)
    r = np.arange(R + 2)
    rows = repeat_last(table(10 * r, V * L * r, V * L * r), R)
    steps = table(np.arange(10), V * L * np.arange(10))
    for first, after in ((0, 4), (4, 10)):
        multiply_tiles(
            as_lengths((R, V)), out.reshape(-1), 0, a.reshape(-1), 0, x.reshape(-1), 0,
            out.reshape(-1), 0, rows, np.array([[0], [0], [0], [L]]), steps,
            whole(R + 2, 1, first, after), (L, L, L),
        )  # fmt: skip
    np.testing.assert_array_equal(out, a @ x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "width"), [(1, 1), (3, 40), (16, 16), (17, 15), (35, 33)])
def test_turn_exchanges_rows_and_columns_where_tables_say(rows, width, dtype):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows + 2, width)).astype(dtype)
    out = np.full((width, rows), 77, dtype)
    order = rng.permutation(width)
    turn(
        out.reshape(-1), 0, rows * order, width, x.reshape(-1), 0,
        width * np.arange(rows + 2), 2, rows,
    )  # fmt: skip
    np.testing.assert_array_equal(out[order], x[2:].T)


def test_pad_copies_maps_into_planes_and_keeps_the_border():
    y = np.arange(2 * 3 * 4, dtype=float).reshape(2, 3, 4)
    padded = np.zeros((2, 6, 7))
    pad(padded.reshape(-1), 0, y.reshape(-1), 0, (2, 3, 4, 42, 7, 1, 2))
    np.testing.assert_array_equal(padded, np.pad(y, ((0, 0), (1, 2), (2, 1))))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("taps", [1, 9])
def test_pack_puts_maps_side_by_side(taps, dtype):
    """w (N, M, taps): forward's panels have out-maps side by side, backward_y's in-maps."""
    N, M, panel = 7, 5, 4
    w = np.random.default_rng(0).standard_normal((N, M, taps)).astype(dtype)
    panels = np.zeros((2, M * taps, panel), dtype)
    pack(
        panels.reshape(-1), w.reshape(-1), 1, 0, 0, panel * np.arange(M * taps),
        M * taps * np.arange(N), panel, M * taps,
    )  # fmt: skip
    whole_rows = np.concatenate(list(panels), axis=1)
    np.testing.assert_array_equal(whole_rows[:, :N], w.reshape(N, -1).T)
    panels = np.zeros((2, N * taps, panel), dtype)
    pack(
        panels.reshape(-1), w.reshape(-1), N, M * taps, taps * panel, panel * np.arange(taps),
        taps * np.arange(M), panel, N * taps,
    )  # fmt: skip
    whole_rows = np.concatenate(list(panels), axis=1)
    np.testing.assert_array_equal(whole_rows[:, :M], w.swapaxes(1, 2).reshape(N * taps, M))


@pytest.mark.parametrize("dtype", DTYPES)
def test_memory_begins_with_a_cache_line(dtype):
    for count in (0, 1, 100):
        for memory in (scratch(count, np.zeros(1, dtype)), zeros(count, np.zeros(1, dtype))):
            assert memory.size == count and memory.dtype == dtype
            assert memory.ctypes.data % 64 == 0
    assert not zeros(1000, np.zeros(1, dtype)).any()
