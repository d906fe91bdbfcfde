"""Patches as rows, and the product of rows, on the cases that the layers give to columns as well."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.conv_transpose import transposed_geometry
from solutions.kernels import im2col, plain, rows
from solutions.kernels.product import product
from tests.solutions import grids


def geometry_of(kind, y, w, rest):
    if kind == "conv":
        return conv_geometry(y, w, None, **rest)
    return transposed_geometry(y, w, None, **rest)


@pytest.mark.parametrize("kind", ["conv", "transposed"])
def test_rows_are_as_good_as_columns_for_any_number_of_maps(kind):
    """The layers use rows from 16 maps on; they are right for fewer, too: the whole grid."""
    for case in grids.grid(kind):
        rng = np.random.default_rng(0)
        y, w, _ = grids.arrays(case, kind)
        geometry = geometry_of(kind, y, w, grids.rest(case, kind))
        shape = (case["T"], w.shape[1] * geometry.groups, *geometry.size)
        y, b = rng.standard_normal(shape), rng.standard_normal(w.shape[0])
        z = plain.forward(y, w, b, geometry)
        dz = rng.standard_normal(z.shape)
        for got, expected in (
            (rows.forward(y, w, b, geometry), z),
            (rows.backward_y(dz, w, geometry), plain.backward_y(dz, w, geometry)),
        ):
            assert got.shape == expected.shape
            scale = np.abs(expected).max(initial=1)
            assert np.abs(got - expected).max(initial=0) <= 1e-13 * scale, grids.name(case)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stride", [1, 2, (3, 2)])
@pytest.mark.parametrize("groups", [1, 2])
def test_many_maps_take_rows_and_agree_with_numpy(stride, groups, dtype):
    M = im2col.MANY * groups
    rng = np.random.default_rng(0)
    y = rng.standard_normal((3, M, 9, 8)).astype(dtype)
    w = rng.standard_normal((4 * groups, M // groups, 3, 2)).astype(dtype)
    b = rng.standard_normal(4 * groups).astype(dtype)
    geometry = conv_geometry(y, w, b, stride, ((1, 0), (2, 1)), (1, 2), groups)
    z = plain.forward(y, w, b, geometry)
    tolerance = 300 * np.finfo(dtype).eps
    for name in ("forward", "backward_y", "backward_w"):
        args = {"forward": (y, w, b), "backward_y": (z, w), "backward_w": (z, y)}[name]
        got = getattr(im2col, name)(*args, geometry)
        expected = getattr(plain, name)(*args, geometry)
        assert got.dtype == dtype
        assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("N", range(1, 8))
@pytest.mark.parametrize("P", range(1, 9))
def test_product_is_its_formula_at_every_edge(N, P, dtype):
    """Sizes that 3 and 4 do not divide; rows of b longer than needed; no element too many or few."""
    rng = np.random.default_rng(0)
    for K in (0, 1, 5, 70):
        a = rng.integers(-9, 9, (N, K)).astype(dtype)
        b = rng.integers(-9, 9, (P, K + 3)).astype(dtype)
        start = rng.integers(-9, 9, N).astype(dtype)
        guarded = np.full((3, N, P), 77, dtype)
        product(guarded[1], a, b, start)
        np.testing.assert_array_equal(guarded[1], start[:, None] + a @ b[:, :K].T)  # no rounding
        assert (guarded[[0, 2]] == 77).all()


def test_product_keeps_nan_and_infinity():
    a, b = np.array([[1.0, np.inf, 2.0]]), np.array([[1.0, 1.0, 1.0], [np.nan, 1.0, 1.0]])
    out = np.empty((1, 2))
    product(out, a, b, np.zeros(1))
    assert out[0, 0] == np.inf and np.isnan(out[0, 1])


def test_an_empty_batch():
    y, w = np.zeros((0, 16, 4, 5)), np.zeros((2, 16, 3, 2))
    geometry = conv_geometry(y, w, None, 2, 1, 1, 1)
    assert rows.forward(y, w, np.zeros(2), geometry).shape == (0, 2, 2, 3)
    assert rows.backward_y(np.zeros((0, 2, 2, 3)), w, geometry).shape == y.shape
    assert not im2col.backward_w(np.zeros((0, 2, 2, 3)), y, geometry).any()
