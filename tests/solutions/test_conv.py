"""conv_forward and conv_backward: by hand, by differences, by the adjoint identity, by loops."""

import itertools

import numpy as np
import pytest

from solutions import conv_backward, conv_forward

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


@pytest.mark.parametrize(("sizes", "stride", "padding", "dilation", "groups"), GRID)
def test_conv_backward_is_the_adjoint(sizes, stride, padding, dilation, groups):
    y, w, b = arrays(sizes, groups)
    rest = (stride, padding, dilation, groups)
    z = conv_forward(y, w, b, *rest)
    rng = np.random.default_rng(1)
    dz = rng.standard_normal(z.shape)
    dy, dw, db = conv_backward(dz, y, w, b, *rest)
    v, u = rng.standard_normal(y.shape), rng.standard_normal(w.shape)
    for direction, gradient, moved in (
        (v, dy, conv_forward(v, w, None, *rest)),
        (u, dw, conv_forward(y, u, None, *rest)),
        (np.ones_like(b), db, np.ones_like(z)),
    ):
        gap = abs(np.vdot(dz, moved) - np.vdot(gradient, direction))
        assert gap <= 1e-13 * np.linalg.norm(dz) * np.linalg.norm(moved)


@pytest.mark.parametrize(("sizes", "stride", "padding", "dilation", "groups"), GRID[:5])
def test_conv_backward_is_the_difference_quotient(sizes, stride, padding, dilation, groups):
    """h = 1 is exact: forward is linear in y, in w and in b."""
    args = [*arrays(sizes, groups)]
    rest = (stride, padding, dilation, groups)
    dz = np.random.default_rng(2).standard_normal(conv_forward(*args, *rest).shape)
    gradients = conv_backward(dz, *args, *rest)
    for which, gradient in enumerate(gradients):
        for at in list(np.ndindex(gradient.shape))[::7]:
            change = np.zeros_like(args[which])
            change[at] = 1.0
            moved = [a + change if k == which else a for k, a in enumerate(args)]
            quotient = np.vdot(dz, conv_forward(*moved, *rest) - conv_forward(*args, *rest))
            assert gradient[at] == pytest.approx(quotient, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_conv_keeps_dtype_and_inputs_in_any_layout(dtype):
    y, w, b = arrays(GRID[2][0], 1, dtype=dtype)
    y = np.asfortranarray(y)
    w = w[:, :, ::-1]
    for a in (y, w, b):
        a.flags.writeable = False
    z = conv_forward(y, w, b, 2, 1)
    dz = np.ones_like(z)
    dy, dw, db = conv_backward(dz, y, w, b, 2, 1)
    assert {a.dtype for a in (z, dy, dw, db)} == {np.dtype(dtype)}
    assert [a.shape for a in (dy, dw, db)] == [y.shape, w.shape, b.shape]
    for fresh in (z, dy, dw, db):
        assert fresh.flags.writeable and not np.shares_memory(fresh, y)


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
