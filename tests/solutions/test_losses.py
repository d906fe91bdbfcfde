"""Softmax and the losses: by hand, by complex step, by differences, with huge and with bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions.losses import (
    cross_entropy_backward,
    cross_entropy_forward,
    softmax_backward,
    softmax_forward,
    squared_error_backward,
    squared_error_forward,
)

# all sizes different; axis 1 is the classes
SHAPES = [(2, 3), (5, 4), (1, 7), (2, 5, 3, 4), (3, 2, 1, 4), (4, 3, 2, 5), (2, 4, 3), (3, 1)]


def random(shape, seed=0, dtype=np.float64):
    return (2 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def classes(shape, seed=3, dtype=np.int64):
    """A class index for each position of a z of this shape."""
    T, C, *positions = shape
    return np.random.default_rng(seed).integers(0, C, (T, *positions)).astype(dtype)


def layouts(a):
    """The same numbers, laid out in memory in other ways, read-only."""
    backwards = a[::-1, ..., ::-1].copy()[::-1, ..., ::-1] if a.ndim > 1 else a[::-1].copy()[::-1]
    for other in (a.copy(), np.asfortranarray(a), backwards, np.repeat(a, 2, axis=-1)[..., ::2]):
        other.flags.writeable = False
        yield other


def complex_step(f, x):
    """df/dx for a real-valued f, entry by entry; nothing is subtracted, so the step may be 1e-30."""
    gradient = np.empty(x.shape)
    for at in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[at] += 1e-30j
        gradient[at] = f(moved).imag / 1e-30
    return gradient


def plain_softmax(z):
    """The definition, good for a complex z; z must be small."""
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def plain_cross_entropy(z, target):
    """The definition with its loops."""
    y, total = plain_softmax(z), 0
    for at in np.ndindex(target.shape):
        total -= np.log(y[(at[0], target[at], *at[1:])])
    return total / target.size


def plain_squared_error(y, target):
    return sum(((a - d) ** 2).sum() / 2 for a, d in zip(y, target, strict=True)) / len(y)


def test_softmax_forward_by_hand():
    """exp(log 1), exp(log 2), exp(log 5) are 1, 2, 5 of 8."""
    z = np.log([[1.0, 2.0, 5.0]])
    np.testing.assert_allclose(softmax_forward(z), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15)


def test_softmax_backward_by_hand():
    """y = 1/8, 2/8, 5/8 and dy = 8, 16, 0: the sum of y*dy is 1 + 4 + 0 = 5, taken off each dy."""
    z = np.log([[1.0, 2.0, 5.0]])
    dz = softmax_backward(np.array([[8.0, 16.0, 0.0]]), z)
    expected = [[1 / 8 * (8 - 5), 2 / 8 * (16 - 5), 5 / 8 * (0 - 5)]]
    np.testing.assert_allclose(dz, expected, rtol=1e-14)


def test_cross_entropy_by_hand():
    """y = 1/8, 2/8, 5/8 with class 1, and y = 1/2, 1/4, 1/4 with class 0; the mean of two."""
    z = np.log([[1.0, 2.0, 5.0], [2.0, 1.0, 1.0]])
    target = np.array([1, 0])
    loss = cross_entropy_forward(z, target)
    assert type(loss) is float
    assert loss == pytest.approx((math.log(8 / 2) + math.log(2)) / 2, rel=1e-15)
    expected = [
        [1 / 8 / 2, (2 / 8 - 1) / 2, 5 / 8 / 2],
        [(1 / 2 - 1) / 2, 1 / 4 / 2, 1 / 4 / 2],
    ]
    np.testing.assert_allclose(cross_entropy_backward(z, target), expected, rtol=1e-14)


def test_cross_entropy_with_positions_by_hand():
    """One picture, two classes, one row of three positions: the mean is over three."""
    z = np.log([[[[1.0, 1.0, 3.0]], [[1.0, 3.0, 1.0]]]])
    target = np.array([[[0, 0, 0]]])
    loss = cross_entropy_forward(z, target)
    assert loss == pytest.approx((math.log(2) + math.log(4) + math.log(4 / 3)) / 3, rel=1e-15)
    gap = [1 / 2 - 1, 1 / 4 - 1, 3 / 4 - 1]
    expected = [[[[g / 3 for g in gap]], [[-g / 3 for g in gap]]]]
    np.testing.assert_allclose(cross_entropy_backward(z, target), expected, rtol=1e-14)


def test_squared_error_by_hand():
    """Two pictures of two numbers: (1/2*(1 + 4) + 1/2*(9 + 0)) / 2."""
    y, target = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [6.0, 4.0]])
    loss = squared_error_forward(y, target)
    assert type(loss) is float and loss == (0.5 * (1 + 4) + 0.5 * (9 + 0)) / 2
    assert squared_error_backward(y, target).tolist() == [[1 / 2, -2 / 2], [-3 / 2, 0 / 2]]


@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_is_its_formula_and_backward_the_complex_step(shape):
    z, dy = random(shape), random(shape, 1)
    y = softmax_forward(z)
    np.testing.assert_allclose(y, plain_softmax(z), rtol=1e-13)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-14)
    expected = complex_step(lambda v: (dy * plain_softmax(v)).sum(), z)
    np.testing.assert_allclose(softmax_backward(dy, z), expected, rtol=0, atol=1e-13)


def check_cross_entropy(backward, shape, tolerance=1e-13):
    z, target = random(shape), classes(shape)
    expected = complex_step(lambda v: plain_cross_entropy(v, target), z)
    dz = backward(z, target)
    return dz.shape == shape and np.abs(dz - expected).max() <= tolerance


@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy_is_its_formula_and_backward_the_complex_step(shape):
    z, target = random(shape), classes(shape)
    loss = cross_entropy_forward(z, target)
    assert loss == pytest.approx(plain_cross_entropy(z, target), rel=1e-13, abs=1e-13)
    assert check_cross_entropy(cross_entropy_backward, shape)


@pytest.mark.parametrize("shape", [*SHAPES, (6,), (3, 0)])
def test_squared_error_is_its_formula_and_backward_the_difference(shape):
    """With steps of 1 to both sides a square has no truncation error either."""
    y, target = random(shape), random(shape, 1)
    expected = plain_squared_error(y, target)
    assert squared_error_forward(y, target) == pytest.approx(expected, rel=1e-14)
    dy = squared_error_backward(y, target)
    assert dy.shape == shape
    for at in np.ndindex(shape):
        step = np.zeros(shape)
        step[at] = 1
        ends = [squared_error_forward(y + h, target) for h in (step, -step)]
        assert dy[at] == pytest.approx((ends[0] - ends[1]) / 2, rel=1e-11, abs=1e-11)


def test_cross_entropy_backward_is_softmax_backward_of_the_mean_divergence():
    """The two rules of the lecture in a row: Div = -log y[target], then through the softmax."""
    z, target = random((5, 4)), classes((5, 4))
    dy = np.zeros((5, 4))
    dy[range(5), target] = -1 / softmax_forward(z)[range(5), target] / 5
    composed = softmax_backward(dy, z)
    np.testing.assert_allclose(cross_entropy_backward(z, target), composed, rtol=0, atol=1e-14)


# (the right answer's parts are softmax, onehot and count)
WRONG = {
    "no 1/count": lambda z, target: cross_entropy_backward(z, target) * target.size,
    "1/T, positions forgotten": lambda z, target: (
        cross_entropy_backward(z, target) * target.size / len(z)
    ),
    "no onehot": lambda z, target: softmax_forward(z) / target.size,
    "the sign": lambda z, target: -cross_entropy_backward(z, target),
    "one onehot for all": lambda z, target: cross_entropy_backward(z, 0 * target),
    "softmax twice": lambda z, target: cross_entropy_backward(softmax_forward(z), target),
    "softmax over the wrong axis": lambda z, target: (
        cross_entropy_backward(z, target)
        + (np.exp(z) / np.exp(z).sum(axis=2, keepdims=True) - softmax_forward(z)) / target.size
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_check_finds_a_wrong_cross_entropy_backward(wrong):
    assert not check_cross_entropy(wrong, (2, 5, 3, 4), tolerance=1e-3)


def test_the_check_finds_a_wrong_softmax_backward():
    z, dy = random((2, 5, 3, 4)), random((2, 5, 3, 4), 1)
    expected = complex_step(lambda v: (dy * plain_softmax(v)).sum(), z)
    y = softmax_forward(z)
    for wrong in (y * (1 - y) * dy, y * dy, y * (dy - dy.sum(axis=1, keepdims=True))):
        assert np.abs(wrong - expected).max() > 1e-3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_neither_overflow_nor_give_inf(dtype):
    """+-1e4, where exp alone would overflow; a warning would be an error."""
    z = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4]], dtype)
    expected = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [1 / 2, 1 / 2, 0]], dtype)
    np.testing.assert_allclose(softmax_forward(z), expected, rtol=1e-7)
    target = np.array([1, 2, 2])
    loss = cross_entropy_forward(z, target)
    assert loss == pytest.approx((2e4 + math.log(3) + 2e4 + math.log(2)) / 3, rel=1e-9)
    onehot = np.eye(3)[target]
    np.testing.assert_allclose(cross_entropy_backward(z, target), (expected - onehot) / 3, 1e-6)
    assert np.isfinite(softmax_backward(z, z)).all()


def test_a_sure_answer_costs_nothing_when_right_and_its_margin_when_wrong():
    z = np.array([[0.0, -1e4]])
    assert cross_entropy_forward(z, np.array([0])) == 0
    assert cross_entropy_forward(z, np.array([1])) == 1e4


def test_a_shift_of_all_classes_changes_nothing():
    z, target = random((2, 5, 3, 4)), classes((2, 5, 3, 4))
    shift = 1000 * random((2, 1, 3, 4), 5)
    np.testing.assert_allclose(softmax_forward(z + shift), softmax_forward(z), rtol=1e-11)
    moved = cross_entropy_forward(z + shift, target)
    assert moved == pytest.approx(cross_entropy_forward(z, target), rel=1e-11)
    np.testing.assert_allclose(cross_entropy_backward(z, target).sum(axis=1), 0, atol=1e-16)


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3), st.integers(1, 4)),
    st.floats(0, 1e6),
    st.integers(0, 99),
)
def test_losses_for_any_shape_and_scale(shape, scale, seed):
    z, target = scale * random(shape, seed), classes(shape, seed)
    loss = cross_entropy_forward(z, target)
    assert 0 <= loss < math.inf
    dz = cross_entropy_backward(z, target)
    assert dz.shape == shape and np.abs(dz).max() <= 1 / target.size
    other = random(shape, seed + 1)
    assert 0 <= squared_error_forward(z, other) < math.inf
    assert squared_error_backward(z, other).shape == shape


@pytest.mark.parametrize(
    "dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
)
def test_cross_entropy_takes_any_integer_dtype(dtype):
    """With 300 classes too, which is more than eight bits count."""
    for shape in ((4, 3), (2, 300, 3, 2)):
        z, target = random(shape), np.minimum(classes(shape), 99)
        index = target.astype(dtype)
        assert cross_entropy_forward(z, index) == cross_entropy_forward(z, target)
        expected = cross_entropy_backward(z, target)
        np.testing.assert_array_equal(cross_entropy_backward(z, index), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 3, 4)])
def test_losses_keep_dtype_and_inputs_in_any_layout(shape, dtype):
    originals = random(shape, 0, dtype), random(shape, 1, dtype), classes(shape)
    tolerance = 8 * float(np.finfo(dtype).eps)

    def results(z, dy, target):
        losses = cross_entropy_forward(z, target), squared_error_forward(z, dy)
        return losses, [
            softmax_forward(z),
            softmax_backward(dy, z),
            cross_entropy_backward(z, target),
            squared_error_backward(z, dy),
        ]

    expected_losses, expected = results(*originals)
    for arguments in zip(*map(layouts, originals), strict=True):
        losses, arrays = results(*arguments)
        assert losses == pytest.approx(expected_losses, rel=1e-13)
        for got, wanted in zip(arrays, expected, strict=True):
            assert got.dtype == dtype and got.flags.writeable
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
            assert not any(np.shares_memory(got, a) for a in arguments)
        for a, original in zip(arguments, originals, strict=True):
            np.testing.assert_array_equal(a, original)


def test_float32_is_float64_rounded():
    z, other = random((7, 10, 5, 6), 0, np.float32), random((7, 10, 5, 6), 1, np.float32)
    target, wide = classes(z.shape), z.astype(np.float64)
    assert cross_entropy_forward(z, target) == pytest.approx(cross_entropy_forward(wide, target))
    far = np.float32(3e38) * np.sign(z)  # a difference of two would overflow, and so would a square
    assert math.isfinite(cross_entropy_forward(far, target))
    assert math.isfinite(squared_error_forward(far, -far))
    for got, expected in (
        (softmax_forward(z), softmax_forward(wide)),
        (softmax_backward(other, z), softmax_backward(other.astype(np.float64), wide)),
        (cross_entropy_backward(z, target), cross_entropy_backward(wide, target)),
        (squared_error_backward(z, other), squared_error_backward(wide, other.astype(np.float64))),
    ):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_nan_stays_nan_in_its_own_picture():
    z, target = random((3, 4)), np.array([0, 1, 2])
    z[1, 2] = np.nan
    rows = [[False] * 4, [True] * 4, [False] * 4]
    assert np.isnan(softmax_forward(z)).tolist() == rows
    assert np.isnan(softmax_backward(np.ones((3, 4)), z)).tolist() == rows
    assert np.isnan(cross_entropy_backward(z, target)).tolist() == rows
    assert np.isnan(squared_error_backward(z, np.ones((3, 4)))).sum() == 1
    assert math.isnan(cross_entropy_forward(z, target))
    assert math.isnan(squared_error_forward(z, np.ones((3, 4))))


def test_softmax_of_an_empty_batch():
    empty = np.zeros((0, 3, 2, 4))
    assert softmax_forward(empty).shape == softmax_backward(empty, empty).shape == (0, 3, 2, 4)


Z, TARGET = random((2, 3)), np.array([0, 2])
MAPS, MAP_TARGET = random((2, 3, 4, 5)), classes((2, 3, 4, 5))
BAD_Z = [
    (Z.tolist(), TypeError, "`z` must be a NumPy array, not list"),
    (Z.astype(int), TypeError, "`z` has dtype int64"),
    (Z[0], ValueError, r"`z` has shape \(3,\); the axes \(T, C, ...\) are needed"),
    (Z[:, :0], ValueError, r"`z` has shape \(2, 0\); at least one class is needed on axis 1"),
]


@pytest.mark.parametrize(("bad", "error", "message"), BAD_Z)
def test_softmax_and_cross_entropy_errors_name_z(bad, error, message):
    for call in (
        lambda: softmax_forward(bad),
        lambda: softmax_backward(Z, bad),
        lambda: cross_entropy_forward(bad, TARGET),
        lambda: cross_entropy_backward(bad, TARGET),
    ):
        with pytest.raises(error, match=message):
            call()


BAD_TARGET = [
    (Z, [0, 2], TypeError, "`target` must be a NumPy array, not list"),
    (Z, np.array([0.0, 2.0]), TypeError, "`target` has dtype float64; class indices"),
    (Z, np.array([True, False]), TypeError, "`target` has dtype bool; class indices"),
    (
        Z,
        np.array([0, 1, 2]),
        ValueError,
        r"`target` has shape \(3,\); one class index for each position of `z` \(of shape "
        r"\(2, 3\)\) has shape \(2,\)",
    ),
    (Z, np.array([[0], [2]]), ValueError, r"`target` has shape \(2, 1\)"),
    (Z, np.eye(3, dtype=int)[:2], ValueError, r"`target` has shape \(2, 3\)"),
    (MAPS, MAP_TARGET[:, None], ValueError, r"`target` has shape \(2, 1, 4, 5\)"),
    (MAPS, TARGET, ValueError, r"`target` has shape \(2,\); .* has shape \(2, 4, 5\)"),
    (Z, np.array([0, 3]), ValueError, r"`target` \(=3 at \(1,\)\) must be a class from 0 to 2"),
    (Z, np.array([-1, 2]), ValueError, r"`target` \(=-1 at \(0,\)\) must be a class from 0 to 2"),
    (Z, np.array([0, 255], np.uint8), ValueError, r"`target` \(=255 at \(1,\)\)"),
    (Z, np.array([0, 2**64 - 1], np.uint64), ValueError, r"`target` \(=18446744073709551615 at"),
    (
        MAPS,
        np.where(np.arange(40).reshape(2, 4, 5) == 27, 3, 0),
        ValueError,
        r"`target` \(=3 at \(1, 1, 2\)\) must be a class from 0 to 2",
    ),
    (Z[:0], TARGET[:0], ValueError, r"`z` has shape \(0, 3\): a mean over nothing"),
    (MAPS[:, :, :0], MAP_TARGET[:, :0], ValueError, r"\(2, 3, 0, 5\): a mean over nothing"),
]


@pytest.mark.parametrize(("z", "target", "error", "message"), BAD_TARGET)
def test_cross_entropy_errors_name_the_target(z, target, error, message):
    with pytest.raises(error, match=message):
        cross_entropy_forward(z, target)
    with pytest.raises(error, match=message):
        cross_entropy_backward(z, target)


def test_softmax_backward_errors_name_dy():
    with pytest.raises(ValueError, match=r"`dy` has shape \(1, 3\); `z` has shape \(2, 3\)"):
        softmax_backward(Z[:1], Z)
    with pytest.raises(TypeError, match=r"one dtype.*`dy` float32, `z` float64"):
        softmax_backward(Z.astype(np.float32), Z)
    with pytest.raises(TypeError, match="`dy` has dtype int64"):
        softmax_backward(Z.astype(int), Z)


BAD_PAIR = [
    ({"y": Z.tolist()}, TypeError, "`y` must be a NumPy array, not list"),
    ({"y": np.array(1.0)}, ValueError, r"`y` has shape \(\); the axes \(T, ...\) are needed"),
    ({"target": Z[:1]}, ValueError, r"`target` has shape \(1, 3\); `y` has shape \(2, 3\)"),
    ({"target": TARGET}, TypeError, "`target` has dtype int64"),
    ({"target": Z.astype(np.float32)}, TypeError, "one dtype.*`y` float64, `target` float32"),
    ({"y": Z[:0], "target": Z[:0]}, ValueError, r"`y` has shape \(0, 3\): a mean over nothing"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_PAIR)
def test_squared_error_errors_name_argument_and_value(change, error, message):
    arguments = {"y": Z, "target": Z, **change}
    with pytest.raises(error, match=message):
        squared_error_forward(**arguments)
    with pytest.raises(error, match=message):
        squared_error_backward(**arguments)
