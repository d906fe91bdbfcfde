"""5-wide filters by six products: the transforms, their adjoints, and the layer."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.kernels import plain, tiles_toom
from solutions.kernels.tiles_host import host


def last(a):
    return np.ascontiguousarray(np.moveaxis(a, 0, -1))


def test_two_outputs_by_hand():
    """y = 1 2 3 4 5 6, w = 1 0 0 0 1: z = 1+5, 2+6 from six products."""
    y, w = np.arange(1.0, 7.0), np.array([1.0, 0, 0, 0, 1])
    u, z = np.empty(6), np.empty(2)
    tiles_toom.to_points(u, y, 1, 6, 1, 2.0)
    assert u.tolist() == [4 - 15 + 5, 12 - 5 + 8 - 4, 12 - 5 - 8 + 4, 6, -2, 8 - 20 + 6]
    tiles_toom.from_points(z, u * (tiles_toom.G @ w), np.zeros(1), 1, 1, 1, 2.0)
    np.testing.assert_allclose(z, [6, 8], rtol=1e-14)


def test_adjoints_are_adjoints():
    """<transform a, b> = <a, adjoint b>, of 3 rows, 10 columns and 2 pictures."""
    rng = np.random.default_rng(0)
    y, du = rng.standard_normal(3 * 10 * 2), rng.standard_normal(6 * 3 * 3 * 2)
    u, dy = np.empty_like(du), np.full_like(y, np.nan)
    tiles_toom.to_points(u, y, 3, 10, 2, 2.0)
    tiles_toom.to_points_adjoint(dy, du, 3, 10, 2, 2.0)
    assert np.vdot(u, du) == pytest.approx(np.vdot(y, dy), rel=1e-12)
    s, dz = rng.standard_normal(6 * 3 * 3 * 2), rng.standard_normal(3 * 6 * 2)
    z, ds = np.empty_like(dz), np.empty_like(s)
    tiles_toom.from_points(z, s, np.zeros(1), 3, 3, 2, 2.0)
    tiles_toom.from_points_adjoint(ds, dz, 2, 2.0)
    assert np.vdot(z, dz) == pytest.approx(np.vdot(s, ds), rel=1e-12)


def case(M, N, KH, H, W, vectors, dtype):
    T = vectors * host().register // np.dtype(dtype).itemsize
    rng = np.random.default_rng(0)
    y, w = rng.standard_normal((T, M, H, W)), rng.standard_normal((N, M, KH, 5))
    b = rng.standard_normal(N)
    geometry = conv_geometry(y, w, b, 1, 0, 1, 1)
    dz = rng.standard_normal((T, N, *geometry.out))
    return (*(a.astype(dtype) for a in (y, w, b, dz)), geometry)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(6, 16, 5, 14, 14, 4), (4, 5, 3, 7, 8, 1), (5, 4, 1, 2, 6, 3)])
def test_the_layer_agrees_with_plain(sizes, dtype):
    y, w, b, dz, geometry = case(*sizes, dtype)
    assert tiles_toom.fits(geometry, w.shape[1], w.shape[0])
    z, u = tiles_toom.forward(last(y), w, b, geometry)
    dy, dw = tiles_toom.backward(last(dz), u, w, geometry, True)
    none, same = tiles_toom.backward(last(dz), u, w, geometry, False)
    assert none is None and np.array_equal(dw, same)
    exact = [a.astype(float) for a in (y, w, b, dz)]
    for name, got, expected in (
        ("z", np.moveaxis(z, -1, 0), plain.forward(*exact[:3], geometry)),
        ("dy", np.moveaxis(dy, -1, 0), plain.backward_y(exact[3], exact[1], geometry)),
        ("dw", dw, plain.backward_w(exact[3], exact[0], geometry)),
    ):
        assert got.dtype == dtype and got.shape == expected.shape, name
        atol = 20 * np.finfo(dtype).eps * np.abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize(
    ("M", "N", "W", "kernel", "settings"),
    [
        (1, 6, 14, 5, (1, 0, 1, 1)),  # a single in-map
        (6, 16, 15, 5, (1, 0, 1, 1)),  # an odd number of outputs
        (6, 16, 14, 3, (1, 0, 1, 1)),
        (6, 16, 14, 5, (2, 0, 1, 1)),
        (6, 16, 14, 5, (1, 2, 1, 1)),
    ],
)
def test_other_layers_do_not_fit(M, N, W, kernel, settings):
    y, w = np.zeros((1, M, W, W)), np.zeros((N, M, kernel, kernel))
    assert not tiles_toom.fits(conv_geometry(y, w, None, *settings), M, N)
