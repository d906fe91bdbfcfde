"""Winograd's transforms by their matrices, and the convolution on sizes that squares do not divide."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.kernels import plain, tiles_layers
from solutions.kernels import tiles_winograd as winograd
from solutions.kernels.tiles_simd import lanes

BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1.0]])
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
AT = np.array([[1, 1, 1, 0], [0, 1, -1, 1.0]])


def test_four_products_are_two_sums_of_three():
    """d = 1 2 3 4, g = 10 1 100: 10 + 2 + 300 and 20 + 3 + 400."""
    d, g = np.array([1, 2, 3, 4.0]), np.array([10, 1, 100.0])
    assert (AT @ ((G @ g) * (BT @ d))).tolist() == [
        10 * 1 + 1 * 2 + 100 * 3,
        10 * 2 + 1 * 3 + 100 * 4,
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_transforms_are_their_matrices(dtype):
    """Each square and each lane for itself; whole numbers and halves: no rounding."""
    rng = np.random.default_rng(0)
    L = lanes(np.zeros(1, dtype))
    draw = lambda *shape: rng.integers(-8, 8, (*shape, L)).astype(dtype)  # noqa: E731
    d, g, m, dz, bias = draw(4, 4), draw(3, 3), draw(4, 4), draw(2, 2), draw()
    out, z, dg = np.zeros((4, 4, L), dtype), np.zeros((2, 2, L), dtype), np.zeros((3, 3, L), dtype)
    half, flat = dtype(0.5), lambda a: a.reshape(-1)

    def both(left, middle, right):
        return np.einsum("ai,ijl,bj->abl", left, middle, right)

    winograd.put_picture(flat(out), 0, L, flat(d), 0, 4 * L, L)
    np.testing.assert_array_equal(out, both(BT, d, BT))
    winograd.put_filter(flat(out), 0, L, flat(g), 0, L, half)
    np.testing.assert_array_equal(out, both(G, g, G))
    winograd.put_filter(flat(out), 0, L, flat(g), 8 * L, -L, half)
    np.testing.assert_array_equal(out, both(G, g[::-1, ::-1], G))
    winograd.put_output(flat(z), 0, 2 * L, L, flat(m), 0, L, bias, 0)
    np.testing.assert_array_equal(z, both(AT, m, AT) + bias)
    winograd.put_gradient(flat(out), 0, L, flat(dz), 0, 2 * L, L)
    np.testing.assert_array_equal(out, both(AT.T, dz, AT.T))
    winograd.put_filter_gradient(flat(dg), 0, L, flat(m), 0, L, half)
    np.testing.assert_array_equal(dg, both(G.T, m, G.T))


SIZES = [(4, 4), (5, 7), (8, 8), (9, 6), (13, 18)]
PADDINGS = [0, 1, 2, ((0, 1), (2, 1))]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 4e-15)])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("size", SIZES)
def test_winograd_agrees_with_numpy(size, padding, dtype, tolerance):
    rng = np.random.default_rng(0)
    M, N = lanes(np.zeros(1, dtype)) + 3, 2 * lanes(np.zeros(1, dtype)) + 1
    y, w = rng.standard_normal((3, M, *size)), rng.standard_normal((N, M, 3, 3))
    b, geometry = rng.standard_normal(N), conv_geometry(y, w, None, 1, padding, 1, 1)
    L = lanes(np.zeros(1, dtype))
    assert winograd.fits(geometry, M, N, L) == (min(geometry.out) >= 4)
    dz = rng.standard_normal((3, N, *geometry.out))
    y, w, b, dz = (a.astype(dtype) for a in (y, w, b, dz))
    for name, args in (("forward", (y, w, b)), ("backward_y", (dz, w)), ("backward_w", (dz, y))):
        got = getattr(tiles_layers, name)(*args, geometry)
        expected = getattr(plain, name)(*(a.astype(float) for a in args), geometry)
        assert got.shape == expected.shape and got.dtype == dtype
        assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max(), name


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation", "M"),
    [
        ((3, 3), 2, 1, 1, 64), ((3, 3), 1, 1, 2, 64), ((3, 2), 1, 1, 1, 64), ((3, 3), 1, 3, 1, 64),
        ((3, 3), 1, 1, 1, 1),
    ],
)  # fmt: skip
def test_other_convolutions_are_left_to_the_direct_way(kernel, stride, padding, dilation, M):
    y, w = np.zeros((1, M, 9, 9)), np.zeros((64, M, *kernel))
    geometry = conv_geometry(y, w, None, stride, padding, dilation, 1)
    assert not winograd.fits(geometry, M, 64, 16)


def test_float32_is_as_exact_as_the_direct_way():
    """Relative to the largest: measured about 3e-7 for both, on 64 -> 64 maps."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal((2, 64, 16, 16)).astype(np.float32)
    w = rng.standard_normal((64, 64, 3, 3)).astype(np.float32)
    geometry, b = conv_geometry(y, w, None, 1, 1, 1, 1), np.zeros(64, np.float32)
    expected = plain.forward(y.astype(float), w.astype(float), b.astype(float), geometry)
    gap = np.abs(tiles_layers.forward(y, w, b, geometry) - expected).max()
    assert gap <= 1e-6 * np.abs(expected).max()
