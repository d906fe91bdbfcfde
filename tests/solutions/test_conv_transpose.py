"""conv_transpose: by hand, by its formula as loops, and its errors."""

import itertools

import numpy as np
import pytest

from solutions.backend import use_backend
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from tests.solutions import grids
from tests.solutions.grids import BACKENDS


@pytest.fixture(params=BACKENDS, autouse=True)
def backend(request):
    with use_backend(request.param):
        yield request.param


def test_conv_transpose_forward_by_hand():
    """Two stamps of (10, 1, 100), two apart: the third element of the first meets the second."""
    y, w, b = np.array([[[[3.0, 7.0]]]]), np.array([[[[10.0, 1.0, 100.0]]]]), np.array([0.5])
    z = conv_transpose_forward(y, w, b, stride=2)
    assert z.tolist() == [[[[30 + 0.5, 3 + 0.5, 300 + 70 + 0.5, 7 + 0.5, 700 + 0.5]]]]
    cropped = conv_transpose_forward(y, w, b, stride=2, padding=((0, 0), (1, 0)))
    assert cropped.tolist() == [[[[3 + 0.5, 300 + 70 + 0.5, 7 + 0.5, 700 + 0.5]]]]
    longer = conv_transpose_forward(y, w, b, stride=2, output_padding=(0, 1))
    assert longer.tolist() == [[[[30 + 0.5, 3 + 0.5, 370 + 0.5, 7 + 0.5, 700 + 0.5, 0 + 0.5]]]]


def test_conv_transpose_backward_by_hand():
    y, w, b = np.array([[[[3.0, 7.0]]]]), np.array([[[[10.0, 1.0, 100.0]]]]), np.array([0.5])
    dz = np.array([[[[1.0, 2.0, 3.0, 4.0, 5.0]]]])
    dy, dw, db = conv_transpose_backward(dz, y, w, b, stride=2)
    assert dy.tolist() == [[[[10 * 1 + 1 * 2 + 100 * 3, 10 * 3 + 1 * 4 + 100 * 5]]]]
    assert dw.tolist() == [[[[3 * 1 + 7 * 3, 3 * 2 + 7 * 4, 3 * 3 + 7 * 5]]]]
    assert db.tolist() == [1 + 2 + 3 + 4 + 5]


def stamped(y, w, b, stride, padding, output_padding, dilation, groups):
    """The docstring's formula, spelled out: stamp, add up, crop."""
    (SH, SW), (DH, DW), more = map(grids.pair, (stride, dilation, output_padding))
    (top, bottom), (left, right) = grids.borders(padding)
    T, M, H, W = y.shape
    _, planes, KH, KW = w.shape
    high, wide = SH * (H - 1) + DH * (KH - 1) + 1, SW * (W - 1) + DW * (KW - 1) + 1
    z = np.zeros((T, planes * groups, high + more[0], wide + more[1]))
    for t, m, r, c in np.ndindex(y.shape):
        group = m // (M // groups)
        for n, i, j in itertools.product(range(planes), range(KH), range(KW)):
            out = group * planes + n
            z[t, out, SH * r + DH * i, SW * c + DW * j] += w[m, n, i, j] * y[t, m, r, c]
    if b is not None:
        z += b[:, None, None]
    return z[:, :, top : z.shape[2] - bottom, left : z.shape[3] - right]


@pytest.mark.parametrize("case", grids.grid("transposed")[:60], ids=grids.name)
def test_conv_transpose_forward_is_its_formula(case):
    args, rest = grids.arrays(case, "transposed"), grids.rest(case, "transposed")
    np.testing.assert_allclose(
        conv_transpose_forward(*args, **rest), stamped(*args, **rest), rtol=0, atol=1e-12
    )


def test_conv_transpose_may_give_the_same_size_one_place_on():
    """A 1 x 1 stamp, cropped by one above and left, filled by one below and right."""
    y, w = np.arange(6.0).reshape(1, 1, 2, 3), np.full((1, 1, 1, 1), 2.0)
    rest = {"padding": ((1, 0), (1, 0)), "output_padding": 1, "dilation": 2}
    z = conv_transpose_forward(y, w, **rest)
    assert z.tolist() == [[[[2 * 4, 2 * 5, 0], [0, 0, 0]]]]
    dy, dw, _ = conv_transpose_backward(np.ones_like(z), y, w, **rest)
    assert dy.tolist() == [[[[0, 0, 0], [0, 2, 2]]]]
    assert dw.tolist() == [[[[4 + 5]]]]


Y, W, B = np.zeros((2, 6, 4, 5)), np.zeros((6, 2, 3, 2)), np.zeros(2)
BAD = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(6, 4, 5\); 4 axes \(T, M, H, W\) are needed"),
    ({"w": W[0]}, ValueError, r"`w` has shape \(2, 3, 2\); 4 axes \(M, N, KH, KW\) are needed"),
    ({"w": W[:5]}, ValueError, r"`w` has shape \(5, 2, 3, 2\): it is for 5 in-maps, but `y`.* 6"),
    (
        {"w": W[:, :, :0]},
        ValueError,
        r"`w` has shape \(6, 2, 0, 2\); no size of the filters may be 0",
    ),
    ({"y": Y[..., :0]}, ValueError, r"`y` has shape \(2, 6, 4, 0\); W must be at least 1"),
    ({"w": W.astype(np.float32)}, TypeError, "one dtype.*`w` float32"),
    ({"b": np.zeros(3)}, ValueError, r"`b` has shape \(3,\); one bias for each of the 2 filters"),
    ({"groups": 4}, ValueError, r"`groups` \(=4\) must divide the number of in-maps \(=6\)"),
    ({"stride": 0}, ValueError, r"`stride` \(=0\) must be at least 1"),
    ({"dilation": 1.0}, TypeError, r"`dilation` \(=1.0\) must be a whole number"),
    ({"padding": 4}, ValueError, r"`padding` \(=4\) leaves H_out = -2; at least 1 is needed"),
    (
        {"output_padding": 2, "stride": (3, 1), "dilation": (1, 2)},
        ValueError,
        r"`output_padding` \(=2\) must be below the larger of `stride` \(=\(3, 1\)\) and "
        r"`dilation` \(=\(1, 2\)\)",
    ),
    ({"output_padding": -1}, ValueError, r"`output_padding` \(=-1\) must be at least 0"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_conv_transpose_errors_name_argument_and_value(change, error, message):
    args = {"y": Y, "w": W, "b": B, **change}
    with pytest.raises(error, match=message):
        conv_transpose_forward(**args)
    with pytest.raises(error, match=message):
        conv_transpose_backward(np.zeros((2, 2, 6, 6)), **args)


def test_conv_transpose_backward_refuses_dz_of_another_shape():
    with pytest.raises(ValueError, match=r"`dz` has shape .* forward's output has shape"):
        conv_transpose_backward(np.zeros((2, 2, 6, 5)), Y, W, B)
