"""Pictures in lanes: the answers of the other backends, for pictures last."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.kernels import plain, tiles_layers
from solutions.kernels import tiles_pictures as pictures
from solutions.kernels.tiles_host import host
from solutions.kernels.tiles_pictures import Alike, alike, backward_axis, forward_axis

CASES = [  # M, N, H, W, kernel, stride, padding, dilation
    (1, 6, 9, 8, (5, 5), 1, 2, 1),
    (6, 16, 7, 8, (5, 5), 1, 0, 1),
    (2, 3, 7, 8, (3, 2), 1, 0, 1),
    (3, 1, 9, 6, (3, 3), 2, 1, 1),
    (2, 9, 8, 11, (2, 3), (3, 2), ((1, 0), (0, 2)), 1),
    (1, 2, 10, 9, (3, 2), (2, 1), (2, 1), (2, 3)),
    (4, 5, 5, 7, (1, 1), 3, 0, 1),
]


def last(a):
    return np.ascontiguousarray(np.moveaxis(a, 0, -1))


def first(a):
    return np.moveaxis(a, -1, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("vectors", [1, 2, 3, 4])
@pytest.mark.parametrize("case", CASES)
def test_pictures_in_lanes_agree_with_plain(case, vectors, dtype):
    M, N, H, W, kernel, stride, padding, dilation = case
    T = vectors * host().register // np.dtype(dtype).itemsize
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.standard_normal(shape).astype(dtype)  # noqa: E731
    y, w, b = draw(T, M, H, W), draw(N, M, *kernel), draw(N)
    geometry = conv_geometry(y, w, b, stride, padding, dilation, 1)
    dz = draw(T, N, *geometry.out)
    y_last, dz_last = last(y), last(dz)
    pairs = {
        "z": (first(pictures.forward(y_last, w, b, geometry)), plain.forward(y, w, b, geometry)),
        "dy": (first(pictures.backward_y(dz_last, w, geometry)), plain.backward_y(dz, w, geometry)),
        "dw": (pictures.backward_w(dz_last, y_last, geometry), plain.backward_w(dz, y, geometry)),
    }
    for name, (got, expected) in pairs.items():
        assert got.dtype == dtype and got.shape == expected.shape, name
        atol = 30 * np.finfo(dtype).eps * np.abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("T", [3, 16, 35])
def test_turned_puts_pictures_last(T):
    image = np.random.default_rng(0).standard_normal((T, 2, 5, 7)).astype(np.float32)
    np.testing.assert_array_equal(pictures.turned(image), last(image))
    np.testing.assert_array_equal(pictures.turned_back(last(image)), image)


def test_only_whole_vectors_of_pictures_fit():
    one = np.zeros(1, np.float32)
    L = host().register // 4
    assert pictures.fits(L, one) and pictures.fits(4 * L, one)
    assert not any(pictures.fits(T, one) for T in (0, 1, L - 1, L + 1, pictures.MOST + L))


def as_lists(found: list[Alike]):
    return [tuple(list(map(int, a)) for a in (s.at, s.taps, s.place, s.reach)) for s in found]


def test_alike_axes_by_hand():
    """4 elements with a border of 1 each, 3 filter elements: the ends meet two, the middle three."""
    y, w = np.zeros((1, 1, 4, 4)), np.zeros((1, 1, 3, 3))
    geometry = conv_geometry(y, w, None, 1, 1, 1, 1)
    expected = [
        ([0], [1, 2], [0], [0, 1]),
        ([1, 2], [0, 1, 2], [0, 1], [0, 1, 2]),
        ([3], [0, 1], [2], [0, 1]),
    ]
    assert as_lists(forward_axis(geometry, 0)) == expected
    # y[0] was met by element 1 at z[0] and by element 0 at z[1]
    assert as_lists(backward_axis(geometry, 0))[0] == ([0], [0, 1], [1], [0, -1])


def test_what_nothing_reaches_sums_over_nothing():
    """Stride 2 and one filter element: each second element of dy is in no window."""
    assert as_lists(alike(3, 1, lambda o, i: o // 2 if o % 2 == 0 else None)) == [
        ([0, 2], [0], [0, 1], [0]),
        ([1], [], [0], []),
    ]


def test_a_layer_turns_its_pictures_where_that_is_cheaper(monkeypatch):
    """dY from few maps to few, under large filters, and dW of a single map: idle lanes cost more."""
    taken = []
    for name in ("backward_y", "backward_w"):
        way = getattr(pictures, name)
        spy = lambda *args, name=name, way=way: taken.append(name) or way(*args)  # noqa: E731
        monkeypatch.setattr(pictures, name, spy)
    L = host().register // 4
    for T, M, N, K, H, expected in (
        (2 * L, 6, 16, 5, 14, ["backward_y"]),
        (2 * L, 1, 6, 5, 28, ["backward_w"]),
        (2 * L, 64, 64, 1, 8, []),
        (2 * L - 1, 6, 16, 5, 14, []),
    ):
        taken.clear()
        rng = np.random.default_rng(0)
        y, w = rng.standard_normal((T, M, H, H), np.float32), rng.random((N, M, K, K), np.float32)
        geometry = conv_geometry(y, w, None, 1, 0, 1, 1)
        dz = rng.standard_normal((T, N, *geometry.out), np.float32)
        dy, dw = tiles_layers.backward_y(dz, w, geometry), tiles_layers.backward_w(dz, y, geometry)
        np.testing.assert_allclose(dy, plain.backward_y(dz, w, geometry), rtol=0, atol=1e-3)
        np.testing.assert_allclose(dw, plain.backward_w(dz, y, geometry), rtol=0, atol=1e-3)
        if L == 16:  # where lanes are fewer, fewer are idle
            assert taken == expected
