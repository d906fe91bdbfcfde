"""Down- and upsampling: by hand, by the formula, by differences, and with their convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradcheck import adjoint_gap, gradient_of_linear
from solutions.conv import conv_backward, conv_forward
from solutions.resample import (
    downsample_backward,
    downsample_forward,
    upsample_backward,
    upsample_forward,
)

# (T, M, H, W), factor: all sizes different; rows and columns left over 0, 1, 2, 3 of them
GRID = [
    ((2, 3, 5, 7), 1),
    ((2, 3, 5, 7), 2),  # nothing left over
    ((1, 2, 6, 8), 2),
    ((3, 2, 7, 5), 3),
    ((4, 1, 9, 12), (4, 5)),
    ((2, 3, 8, 4), (1, 3)),
    ((2, 5, 3, 4), (6, 7)),  # only one element stays
    ((3, 2, 1, 4), (2, 1)),
    ((0, 2, 3, 5), 2),  # an empty batch
]
KINDS = [
    (downsample_forward, lambda dz, shape, factor: downsample_backward(dz, shape, factor)),
    (upsample_forward, lambda dz, shape, factor: upsample_backward(dz, factor)),
]


def random(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def layouts(a):
    """The same numbers, laid out in memory in other ways, read-only."""
    backwards = a[::-1, ..., ::-1].copy()[::-1, ..., ::-1]
    for other in (a.copy(), np.asfortranarray(a), backwards, np.repeat(a, 2, axis=1)[:, ::2]):
        other.flags.writeable = False
        yield other


def as_pair(factor):
    return factor if isinstance(factor, tuple) else (factor, factor)


def test_downsample_forward_by_hand():
    """Factor (2, 3): rows 0 and 2 stay, and columns 0 and 3."""
    y = np.array([[[[1.0, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]]]])
    assert downsample_forward(y, (2, 3)).tolist() == [[[[1, 4], [11, 14]]]]


def test_downsample_backward_by_hand():
    """Factor (2, 3), y of 4 rows and 5 columns: row 3 and column 4 were dropped at the end."""
    dz = np.array([[[[1.0, 4], [11, 14]]]])
    assert downsample_backward(dz, (1, 1, 4, 5), (2, 3)).tolist() == [
        [[[1, 0, 0, 4, 0], [0, 0, 0, 0, 0], [11, 0, 0, 14, 0], [0, 0, 0, 0, 0]]]
    ]


def test_upsample_forward_by_hand():
    """Factor (2, 3): one row of zeros and two columns of zeros between neighbours."""
    y = np.array([[[[1.0, 2], [3, 4]]]])
    z = upsample_forward(y, (2, 3))
    assert z.tolist() == [[[[1, 0, 0, 2], [0, 0, 0, 0], [3, 0, 0, 4]]]]


def test_upsample_backward_by_hand():
    dz = np.array([[[[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]]])
    assert upsample_backward(dz, (2, 3)).tolist() == [[[[1, 4], [9, 12]]]]


@pytest.mark.parametrize(("size", "factor", "large"), [(5, 3, 13), (1, 4, 1), (2, 4, 5), (7, 1, 7)])
def test_upsample_size_is_factor_times_neighbours(size, factor, large):
    """S*(W - 1) + 1, not S*W: with W = 5 and S = 3 it is 13."""
    assert upsample_forward(np.ones((1, 1, 1, size)), factor).shape == (1, 1, 1, large)


@pytest.mark.parametrize(("shape", "factor"), GRID)
def test_resample_forward_is_its_formula(shape, factor):
    y = random(shape)
    FH, FW = as_pair(factor)
    T, M, H, W = shape
    z, large = downsample_forward(y, factor), upsample_forward(y, factor)
    assert z.shape == (T, M, (H - 1) // FH + 1, (W - 1) // FW + 1)
    assert large.shape == (T, M, FH * (H - 1) + 1, FW * (W - 1) + 1)
    for t, m, r, c in np.ndindex(z.shape):
        assert z[t, m, r, c] == y[t, m, FH * r, FW * c]
    for t, m, r, c in np.ndindex(large.shape):
        kept = r % FH == 0 and c % FW == 0
        assert large[t, m, r, c] == (y[t, m, r // FH, c // FW] if kept else 0)


@pytest.mark.parametrize(("shape", "factor"), GRID)
@pytest.mark.parametrize(("forward", "backward"), KINDS, ids=["downsample", "upsample"])
def test_resample_backward_is_the_adjoint_and_the_difference(forward, backward, shape, factor):
    dz = random(forward(np.zeros(shape), factor).shape, 1)
    dy = backward(dz, shape, factor)
    assert dy.shape == shape
    assert adjoint_gap(lambda v: forward(v, factor), dz, dy, random(shape, 2)).within(1e-13)
    if dy.size:  # h = 1 is exact, and no sum has more than one term
        expected = gradient_of_linear(lambda v: forward(v, factor), dz, shape)
        np.testing.assert_array_equal(dy, expected)


@pytest.mark.parametrize(("shape", "factor"), GRID)
def test_upsample_is_downsample_backward_up_to_the_crop(shape, factor):
    dz = random(downsample_forward(np.zeros(shape), factor).shape)
    dy, large = downsample_backward(dz, shape, factor), upsample_forward(dz, factor)
    H, W = large.shape[2:]
    np.testing.assert_array_equal(dy[:, :, :H, :W], large)
    assert not dy[:, :, H:].any() and not dy[:, :, :, W:].any()


@pytest.mark.parametrize("stride", [1, 2, 3, (3, 2)])
def test_a_stride_is_downsampling_after_stride_1(stride):
    y, w, b = random((2, 3, 8, 11)), random((5, 3, 4, 2), 1), random(5, 2)
    every = conv_forward(y, w, b)
    z = conv_forward(y, w, b, stride)
    np.testing.assert_allclose(z, downsample_forward(every, stride), rtol=0, atol=1e-13)
    dz = random(z.shape, 3)
    composed = conv_backward(downsample_backward(dz, every.shape, stride), y, w, b)
    for got, expected in zip(composed, conv_backward(dz, y, w, b, stride), strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


sizes = st.integers(1, 9)


@given(st.tuples(st.integers(0, 3), st.integers(1, 3), sizes, sizes), st.tuples(sizes, sizes))
def test_resample_for_any_shape(shape, factor):
    y = random(shape)
    np.testing.assert_array_equal(downsample_forward(upsample_forward(y, factor), factor), y)
    for forward, backward in KINDS:
        dz = random(forward(y, factor).shape, 1)
        dy = backward(dz, shape, factor)
        assert adjoint_gap(lambda v, f=forward: f(v, factor), dz, dy, y).within(1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", [1, (2, 3)])
def test_resample_keeps_dtype_and_inputs_in_any_layout(dtype, factor):
    shape = (2, 3, 5, 7)
    for forward, backward in KINDS:
        y = random(shape, dtype=dtype)
        z = forward(y, factor)
        dz = random(z.shape, 1, dtype)
        dy = backward(dz, shape, factor)
        assert z.dtype == dy.dtype == dtype
        for a, function, expected in (
            (y, lambda a, f=forward: f(a, factor), z),
            (dz, lambda a, f=backward: f(a, shape, factor), dy),
        ):
            for other in layouts(a):
                got = function(other)
                np.testing.assert_array_equal(got, expected)
                np.testing.assert_array_equal(other, a)
                assert got.flags.writeable and not np.shares_memory(got, other)


def test_nan_stays_where_it_is():
    y = np.array([[[[np.nan, 1.0, 2.0]]]])
    for got in (downsample_forward(y, 2), upsample_forward(y, 2), upsample_backward(y, 2)):
        assert np.isnan(got).sum() == 1 and np.isnan(got[0, 0, 0, 0])


# each with the mistake that it stands for; forward is downsample_forward with factor 3
WRONG = {
    "from the last row of each F": lambda dz, shape: np.roll(
        downsample_backward(dz, shape, 3), 2, axis=(2, 3)
    ),
    "neighbours repeated": lambda dz, shape: np.repeat(np.repeat(dz, 3, 2), 3, 3)[
        :, :, : shape[2], : shape[3]
    ],
    "rows and columns exchanged": lambda dz, shape: downsample_backward(
        dz.reshape(*shape[:2], dz.shape[3], dz.shape[2]), (*shape[:2], shape[3], shape[2]), 3
    ).reshape(shape),
    "spread evenly": lambda dz, shape: downsample_backward(dz, shape, 3) / 9,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_check_finds_a_wrong_downsample_backward(wrong):
    shape = (2, 3, 8, 11)
    dz = random(downsample_forward(np.zeros(shape), 3).shape, 1)
    dy = wrong(dz, shape)
    gap = adjoint_gap(lambda v: downsample_forward(v, 3), dz, dy, random(shape, 2))
    assert not gap.within(1e-3)


Y = random((2, 3, 5, 7))
BAD_FORWARD = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(3, 5, 7\); 4 axes \(T, M, H, W\) are needed"),
    ({"y": Y.tolist()}, TypeError, "`y` must be a NumPy array, not list"),
    ({"y": Y.astype(int)}, TypeError, "`y` has dtype int64; float32 or float64"),
    ({"y": Y.astype(np.float16)}, TypeError, "`y` has dtype float16"),
    ({"y": Y[:, :, :0]}, ValueError, r"`y.shape` \(=\(2, 3, 0, 7\)\).*at least one row"),
    ({"factor": 0}, ValueError, r"`factor` \(=0\) must be at least 1"),
    ({"factor": (2, -1)}, ValueError, r"`factor` \(=-1\) must be at least 1"),
    ({"factor": 2.0}, TypeError, r"`factor` \(=2.0\) must be a whole number"),
    ({"factor": (1, 2, 3)}, ValueError, r"`factor` \(=\(1, 2, 3\)\) must be a number or a pair"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_FORWARD)
def test_resample_forward_errors_name_argument_and_value(change, error, message):
    for forward in (downsample_forward, upsample_forward):
        with pytest.raises(error, match=message):
            forward(**{"y": Y, "factor": 2, **change})


DZ = random((2, 3, 3, 4))
BAD_DOWN = [
    ({"dz": DZ[0]}, ValueError, r"`dz` has shape \(3, 3, 4\); 4 axes"),
    ({"dz": DZ.astype(complex)}, TypeError, "`dz` has dtype complex128"),
    (
        {"dz": DZ[:, :, :2]},
        ValueError,
        r"`dz` has shape \(2, 3, 2, 4\); forward's output for `shape` \(=\(2, 3, 5, 7\)\) "
        r"and `factor` \(=2\) has shape \(2, 3, 3, 4\)",
    ),
    ({"dz": DZ[:1]}, ValueError, r"has shape \(2, 3, 3, 4\)"),
    (
        {"shape": (2, 3, 5)},
        ValueError,
        r"`shape` \(=\(2, 3, 5\)\) must have the sizes \(T, M, H, W",
    ),
    ({"shape": 5}, TypeError, r"`shape` \(=5\) must be a tuple of sizes \(T, M, H, W\)"),
    ({"shape": (2, 3, -5, 7)}, ValueError, r"`shape` \(=-5\) must be at least 0"),
    ({"shape": (2, 3, 5.0, 7)}, TypeError, r"`shape` \(=5.0\) must be a whole number"),
    ({"shape": (2, 3, 0, 7)}, ValueError, r"`shape` \(=\(2, 3, 0, 7\)\).*at least one row"),
    ({"factor": 0}, ValueError, r"`factor` \(=0\) must be at least 1"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_DOWN)
def test_downsample_backward_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        downsample_backward(**{"dz": DZ, "shape": (2, 3, 5, 7), "factor": 2, **change})


BAD_UP = [
    ({"dz": Y[0]}, ValueError, r"`dz` has shape \(3, 5, 7\); 4 axes"),
    ({"dz": Y[:, :, :4]}, ValueError, r"`factor` \(=2\) puts out 2\*\(H - 1\) \+ 1 rows, never 4"),
    ({"factor": (2, 4)}, ValueError, r"puts out 4\*\(W - 1\) \+ 1 columns, never 7"),
    ({"dz": Y[..., :0]}, ValueError, r"`dz.shape` \(=\(2, 3, 5, 0\)\).*at least one row"),
    ({"factor": True}, TypeError, r"`factor` \(=True\) must be a whole number"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_UP)
def test_upsample_backward_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        upsample_backward(**{"dz": Y, "factor": 2, **change})
