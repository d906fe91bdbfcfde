"""conv and conv1d: by hand, by their formula as loops, what they do with layouts, their errors."""

import itertools

import numpy as np
import pytest

from solutions.backend import use_backend
from solutions.conv import conv1d_backward, conv1d_forward, conv_backward, conv_forward
from tests.solutions.grids import BACKENDS

# T, M, N, H, W, KH, KW are all different in each row, and so are rows and columns.
# (T, M, N, H, W, KH, KW), stride, padding, dilation, groups
GRID = [
    ((2, 1, 3, 7, 8, 4, 5), 1, 0, 1, 1),
    ((1, 3, 2, 9, 8, 5, 4), 1, (2, 1), 1, 1),
    ((2, 3, 5, 8, 11, 4, 6), (3, 2), ((1, 0), (0, 3)), 1, 1),  # strides that do not divide
    ((3, 2, 4, 10, 9, 1, 5), (2, 3), 1, (1, 2), 2),
    ((2, 6, 3, 11, 12, 4, 5), 2, ((0, 2), (3, 1)), (3, 2), 3),
    ((2, 4, 8, 6, 7, 3, 5), (4, 3), 2, (2, 1), 4),
    ((3, 2, 5, 2, 3, 4, 6), 1, ((2, 3), (4, 1)), 1, 1),  # filter larger than the unpadded map
    ((0, 2, 3, 5, 6, 4, 1), 1, 0, 1, 1),  # an empty batch
    ((2, 3, 4, 5, 6, 1, 1), 3, 0, 1, 1),
]


def arrays(sizes, groups, seed=0, dtype=np.float64):
    T, M, N, H, W, KH, KW = sizes
    rng = np.random.default_rng(seed)
    shapes = (T, M, H, W), (N, M // groups, KH, KW), (N,)
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def forward_loops(y, w, b, stride, padding, dilation, groups):
    """The docstring's formula, spelled out."""
    as_pair = lambda v: v if isinstance(v, tuple) else (v, v)  # noqa: E731
    SH, SW = as_pair(stride)
    DH, DW = as_pair(dilation)
    if not (isinstance(padding, tuple) and isinstance(padding[0], tuple)):
        rows, columns = as_pair(padding)
        padding = (rows, rows), (columns, columns)
    padded = np.pad(y, ((0, 0), (0, 0), *padding))
    T, _M, H, W = padded.shape
    N, planes, KH, KW = w.shape
    H_out, W_out = (H - DH * (KH - 1) - 1) // SH + 1, (W - DW * (KW - 1) - 1) // SW + 1
    z = np.zeros((T, N, H_out, W_out))
    for t, n, r, c in np.ndindex(z.shape):
        group = n // (N // groups)
        z[t, n, r, c] = b[n]
        for m, i, j in itertools.product(range(planes), range(KH), range(KW)):
            pixel = padded[t, group * planes + m, SH * r + DH * i, SW * c + DW * j]
            z[t, n, r, c] += w[n, m, i, j] * pixel
    return z


@pytest.fixture(params=BACKENDS, autouse=True)
def backend(request):
    with use_backend(request.param):
        yield request.param


def test_conv_forward_by_hand():
    y = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    w = np.array([[[[10.0, 1.0], [100.0, 1000.0]]]])
    z = conv_forward(y, w, np.array([0.5]))
    assert z[0, 0, 0, 0] == 10 * 1 + 1 * 2 + 100 * 4 + 1000 * 5 + 0.5
    assert z[0, 0, 0, 1] == 10 * 2 + 1 * 3 + 100 * 5 + 1000 * 6 + 0.5


def test_conv_backward_by_hand():
    y = np.array([[[[1.0, 2.0, 3.0]]]])
    w = np.array([[[[10.0, 1.0]]]])
    dz = np.array([[[[5.0, 7.0]]]])
    dy, dw, db = conv_backward(dz, y, w, np.zeros(1))
    assert dy.tolist() == [[[[10 * 5, 1 * 5 + 10 * 7, 1 * 7]]]]
    assert dw.tolist() == [[[[5 * 1 + 7 * 2, 5 * 2 + 7 * 3]]]]
    assert db.tolist() == [5 + 7]


@pytest.mark.parametrize(("sizes", "stride", "padding", "dilation", "groups"), GRID)
def test_conv_forward_is_its_formula(sizes, stride, padding, dilation, groups):
    y, w, b = arrays(sizes, groups)
    z = conv_forward(y, w, b, stride, padding, dilation, groups)
    expected = forward_loops(y, w, b, stride, padding, dilation, groups)
    assert z.shape == expected.shape
    np.testing.assert_allclose(
        z, expected, rtol=0, atol=1e-12 * (1 + np.abs(expected).max(initial=0))
    )


def odd_layouts(a):
    """The same numbers, each time stored in another way."""
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    read_only = a.copy()
    read_only.flags.writeable = False
    shifted = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    shifted[...] = a
    backwards = np.ascontiguousarray(a[..., ::-1])[..., ::-1]
    return [np.asfortranarray(a), wide[..., ::2], read_only, shifted, backwards]


@pytest.mark.parametrize("layout", range(5))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_conv_takes_any_layout_and_leaves_it_alone(layout, dtype):
    rest = (2, 1)
    plain = arrays(GRID[2][0], 1, dtype=dtype)
    z = conv_forward(*plain, *rest)
    dz = np.random.default_rng(1).standard_normal(z.shape).astype(dtype)
    odd = [odd_layouts(a)[layout] for a in (dz, *plain)]
    before = [a.copy() for a in odd]
    np.testing.assert_array_equal(conv_forward(*odd[1:], *rest), z)
    expected, got = conv_backward(dz, *plain, *rest), conv_backward(*odd, *rest)
    for fresh, wanted, like in zip(got, expected, plain, strict=True):
        np.testing.assert_allclose(fresh, wanted, rtol=1e-5, atol=1e-5)
        assert fresh.dtype == dtype and fresh.shape == like.shape and fresh.flags.writeable
        assert not any(np.shares_memory(fresh, a) for a in odd)
    for a, kept in zip(odd, before, strict=True):
        np.testing.assert_array_equal(a, kept)


def test_conv_of_one_by_one_is_fresh_too():
    """Where the columns are the maps themselves, nothing may come back as a view of them."""
    y, w = np.ones((1, 1, 2, 3)), np.ones((1, 1, 1, 1))
    z = conv_forward(y, w)
    dy, dw, _ = conv_backward(z, y, w)
    assert not any(np.shares_memory(a, b) for a in (z, dy, dw) for b in (y, w, z) if a is not b)


def test_conv_backward_gives_zero_to_what_no_filter_reaches():
    y, w, _ = arrays((1, 1, 1, 8, 9, 3, 2), 1)
    dz = np.ones_like(conv_forward(y, w, stride=3))
    dy, _, db = conv_backward(dz, y, w, stride=3)
    assert not dy[:, :, 6:].any() and not dy[:, :, :, [2, 5, 8]].any()
    assert db is None


Y, W, B = arrays((2, 3, 4, 7, 6, 3, 2), 1)
BAD = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(3, 7, 6\); 4 axes \(T, M, H, W\) are needed"),
    ({"y": Y.tolist()}, TypeError, "`y` must be a NumPy array, not list"),
    ({"y": Y.astype(int)}, TypeError, "`y` has dtype int64"),
    ({"w": W.astype(np.float32)}, TypeError, "one dtype.*`w` float32"),
    ({"w": W[:, :2]}, ValueError, r"each filter has 2 planes.*needs 3"),
    ({"w": np.zeros((4, 3, 9, 2))}, ValueError, "KH reaches over 9 elements.*padded map has 7"),
    ({"w": W[:0]}, ValueError, r"`w` has shape \(0, 3, 3, 2\); no size of the filters may be 0"),
    (
        {"w": W[..., :0]},
        ValueError,
        r"`w` has shape \(4, 3, 3, 0\); no size of the filters may be 0",
    ),
    ({"b": B[:3]}, ValueError, r"`b` has shape \(3,\); one bias for each of the 4 filters"),
    ({"stride": 0}, ValueError, r"`stride` \(=0\) must be at least 1"),
    ({"stride": (1, 2, 3)}, ValueError, r"`stride` \(=\(1, 2, 3\)\) must be a number or a pair"),
    ({"stride": 1.5}, TypeError, r"`stride` \(=1.5\) must be a whole number"),
    ({"stride": True}, TypeError, r"`stride` \(=True\) must be a whole number"),
    ({"padding": -1}, ValueError, r"`padding` \(=-1\) must be at least 0"),
    ({"padding": ((1, 2), 3)}, ValueError, r"\(\(top, bottom\), \(left, right\)\)"),
    ({"dilation": 7}, ValueError, "KH reaches over 15 elements"),
    ({"groups": 2}, ValueError, r"`groups` \(=2\) must divide the number of in-maps \(=3\)"),
]


def test_conv1d_by_hand():
    y, w, b = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[10.0, 1.0]]]), np.array([0.5])
    z = conv1d_forward(y, w, b, stride=2, padding=(1, 0))  # on 0 1 2 3 4
    assert z.tolist() == [[[10 * 0 + 1 * 1 + 0.5, 10 * 2 + 1 * 3 + 0.5]]]
    dy, dw, db = conv1d_backward(np.array([[[5.0, 7.0]]]), y, w, b, stride=2, padding=(1, 0))
    assert dy.tolist() == [[[1 * 5, 10 * 7, 1 * 7, 0]]]
    assert dw.tolist() == [[[5 * 0 + 7 * 2, 5 * 1 + 7 * 3]]]
    assert db.tolist() == [5 + 7]


BAD_ROWS = [
    ({"y": Y}, ValueError, r"`y` has shape .*; 3 axes \(T, M, W\) are needed"),
    ({"w": W}, ValueError, r"`w` has shape .*; 3 axes \(N, M, KW\) are needed"),
    ({"w": W[:, :2, 0]}, ValueError, r"`w` has shape \(4, 2, 2\): each filter has 2 planes"),
    ({"w": np.zeros((4, 3, 9))}, ValueError, "KW reaches over 9 elements.*padded map has 6"),
    ({"b": B[:3]}, ValueError, r"`b` has shape \(3,\); one bias for each of the 4 filters"),
    ({"stride": (1, 2)}, TypeError, r"`stride` \(=\(1, 2\)\) must be a whole number"),
    ({"dilation": 0}, ValueError, r"`dilation` \(=0\) must be at least 1"),
    ({"padding": -1}, ValueError, r"`padding` \(=-1\) must be at least 0"),
    ({"groups": 2}, ValueError, r"`groups` \(=2\) must divide"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_ROWS)
def test_conv1d_errors_name_argument_and_value(change, error, message):
    args = {"y": Y[:, :, 0], "w": W[:, :, 0], "b": B, **change}
    with pytest.raises(error, match=message):
        conv1d_forward(**args)
    with pytest.raises(error, match=message):
        conv1d_backward(np.zeros((2, 4, 5)), **args)


def test_conv1d_backward_refuses_dz_of_another_shape():
    with pytest.raises(ValueError, match=r"`dz` has shape .* forward's output has shape"):
        conv1d_backward(np.zeros((2, 4, 4)), Y[:, :, 0], W[:, :, 0])


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_conv_errors_name_argument_and_value(change, error, message):
    args = {"y": Y, "w": W, "b": B, **change}
    with pytest.raises(error, match=message):
        conv_forward(**args)
    with pytest.raises(error, match=message):
        conv_backward(np.zeros((2, 4, 5, 5)), **args)


def test_conv_backward_refuses_dz_of_another_shape():
    with pytest.raises(ValueError, match=r"`dz` has shape .* forward's output has shape"):
        conv_backward(np.zeros((2, 4, 5, 4)), Y, W, B)
