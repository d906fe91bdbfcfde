"""Batch normalisation: by hand, by the formula, by complex step, and what it does not depend on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradcheck import adjoint_gap
from solutions.batch_norm import batch_norm_backward, batch_norm_forward, batch_norm_infer

# (T, M, H, W), eps; all sizes different
GRID = [
    ((2, 3, 4, 5), 1e-5),
    ((5, 2, 1, 3), 1e-5),
    ((1, 4, 3, 2), 1e-3),
    ((7, 3, 2, 1), 0.5),
    ((4, 1, 3, 2), 1e-5),
    ((6, 5, 1, 1), 1e-5),
    ((2, 3, 1, 1), 1e-5),
    ((1, 2, 1, 1), 1.0),  # one number a map
]
AXES = (0, 2, 3)


def random(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def arrays(shape, dtype=np.float64):
    """y, gamma and beta; y's maps differ in mean and in spread."""
    M = shape[1]
    spread = (1 + np.arange(M))[:, None, None]
    y = spread * random(shape) + 3 * spread - 4
    return y.astype(dtype), 1 + random(M, 1, dtype) / 2, random(M, 2, dtype)


def layouts(a):
    """The same numbers, laid out in memory in other ways, read-only."""
    backwards = a[::-1, ..., ::-1].copy()[::-1, ..., ::-1] if a.ndim > 1 else a[::-1].copy()[::-1]
    for other in (a.copy(), np.asfortranarray(a), backwards, np.repeat(a, 2, axis=-1)[..., ::2]):
        other.flags.writeable = False
        yield other


def plain(y, gamma, beta, eps):
    """The definition, map by map, good for complex numbers."""
    z = np.empty(y.shape, np.result_type(y, gamma, beta))
    for m in range(y.shape[1]):
        a = y[:, m]
        mean = a.sum() / a.size
        var = ((a - mean) ** 2).sum() / a.size
        z[:, m] = gamma[m] * (a - mean) / np.sqrt(var + eps) + beta[m]
    return z


def complex_step(dz, args, eps):
    """d<dz, plain(y, gamma, beta)> by each argument; nothing is subtracted, the step is 1e-30."""
    for which, a in enumerate(args):
        gradient = np.empty(a.shape)
        for at in np.ndindex(a.shape):
            moved = [b.astype(complex) if k == which else b for k, b in enumerate(args)]
            moved[which][at] += 1e-30j
            gradient[at] = (dz * plain(*moved, eps)).sum().imag / 1e-30
        yield gradient


def check(backward, shape, eps, tolerance=1e-13):
    """Whether each gradient is the complex step's, at the scale of what is summed."""
    args = arrays(shape)
    dz = random(shape, 3)
    gradients = backward(dz, *args, eps)
    scale = np.abs(dz).sum() / min(1, np.sqrt(args[0].var(axis=AXES).min() + eps))
    return all(
        got.shape == expected.shape and np.abs(got - expected).max() <= tolerance * scale
        for got, expected in zip(gradients, complex_step(dz, args, eps), strict=True)
    )


Y_BY_HAND = np.array([[[[1.0, 3.0]]]])


def test_batch_norm_forward_by_hand():
    """1 and 3: mean 2, variance ((-1)^2 + 1^2)/2 = 1; with eps = 3 the root is 2."""
    z = batch_norm_forward(Y_BY_HAND, np.array([10.0]), np.array([1.0]), 3.0)
    assert z.tolist() == [[[[10 * (1 - 2) / 2 + 1, 10 * (3 - 2) / 2 + 1]]]]


def test_batch_norm_backward_by_hand():
    """x = -1/2, 1/2 and dz = 1, 5: dbeta = 6, dgamma = -1/2 + 5/2 = 2, count = 2, gamma/s = 5."""
    dz = np.array([[[[1.0, 5.0]]]])
    dy, dgamma, dbeta = batch_norm_backward(dz, Y_BY_HAND, np.array([10.0]), np.array([1.0]), 3.0)
    assert dbeta.tolist() == [1 + 5] and dgamma.tolist() == [1 * -0.5 + 5 * 0.5]
    first, second = 1 - 6 / 2 - (-0.5) * 2 / 2, 5 - 6 / 2 - 0.5 * 2 / 2
    assert dy.tolist() == [[[[5 * first, 5 * second]]]]


def test_batch_norm_infer_by_hand():
    """mean 5, var 6, eps = 3: the root is 3."""
    one = [np.array([a]) for a in (10.0, 1.0, 5.0, 6.0)]
    z = batch_norm_infer(Y_BY_HAND, *one, eps=3.0)
    expected = [10 * (1 - 5) / 3 + 1, 10 * (3 - 5) / 3 + 1]
    np.testing.assert_allclose(z.ravel(), expected, rtol=1e-15)


@pytest.mark.parametrize(("shape", "eps"), GRID)
def test_batch_norm_forward_is_its_formula(shape, eps):
    y, gamma, beta = arrays(shape)
    z = batch_norm_forward(y, gamma, beta, eps)
    np.testing.assert_allclose(z, plain(y, gamma, beta, eps), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(z.mean(axis=AXES), beta, rtol=0, atol=1e-13)
    var = y.var(axis=AXES)
    np.testing.assert_allclose(z.var(axis=AXES), gamma**2 * var / (var + eps), atol=1e-13)


@pytest.mark.parametrize(("shape", "eps"), GRID)
def test_batch_norm_backward_is_the_complex_step(shape, eps):
    assert check(batch_norm_backward, shape, eps)


@pytest.mark.parametrize(("shape", "eps"), GRID)
def test_batch_norm_backward_is_the_adjoint_in_gamma_and_beta(shape, eps):
    """Forward is linear in (gamma, beta) for a given y."""
    y, gamma, beta = arrays(shape)
    dz = random(shape, 3)
    _, dgamma, dbeta = batch_norm_backward(dz, y, gamma, beta, eps)
    zero = 0 * beta
    for forward, gradient in (
        (lambda v: batch_norm_forward(y, v, zero, eps), dgamma),
        (lambda v: batch_norm_forward(y, zero, v, eps), dbeta),
    ):
        assert adjoint_gap(forward, dz, gradient, random(beta.shape, 4)).within(1e-13)


@pytest.mark.parametrize(("shape", "eps"), GRID)
def test_batch_norm_infer_is_forward_with_the_batchs_own_statistics(shape, eps):
    y, gamma, beta = arrays(shape)
    mean, var = y.mean(axis=AXES), y.var(axis=AXES)
    z = batch_norm_infer(y, gamma, beta, mean, var, eps)
    expected = batch_norm_forward(y, gamma, beta, eps)
    np.testing.assert_allclose(z, expected, rtol=1e-12, atol=1e-12)
    one_by_one = [
        batch_norm_infer(y[t : t + 1], gamma, beta, mean, var, eps) for t in range(len(y))
    ]
    np.testing.assert_allclose(np.concatenate(one_by_one), z, rtol=1e-15)


def test_batch_norm_backward_sees_no_shift_and_no_scale_of_y():
    """z does not change when a map is shifted, or scaled with a tiny eps: dy is orthogonal to both."""
    y, gamma, beta = arrays((4, 3, 5, 2))
    dz = random(y.shape, 3)
    dy, _, _ = batch_norm_backward(dz, y, gamma, beta, 1e-14)
    np.testing.assert_allclose(dy.sum(axis=AXES), 0, atol=1e-13)
    np.testing.assert_allclose((dy * y).sum(axis=AXES), 0, atol=1e-12)


def parts(dz, y, eps):
    """x, gamma's factor 1/s, and the two means that dy takes off."""
    s = np.sqrt(y.var(axis=AXES, keepdims=True) + eps)
    x = (y - y.mean(axis=AXES, keepdims=True)) / s
    return x, s, dz.mean(axis=AXES, keepdims=True), (dz * x).mean(axis=AXES, keepdims=True)


def variant(dy_of, dgamma_of=lambda dz, x: (dz * x).sum(axis=AXES)):
    def backward(dz, y, gamma, beta, eps):
        x, s, mean, along = parts(dz, y, eps)
        dy = gamma[:, None, None] * dy_of(dz, x, s, mean, along)
        return dy, dgamma_of(dz, x), dz.sum(axis=AXES)

    return backward


def unbiased(dz, y, gamma, beta, eps):
    count = y.size // y.shape[1]
    return batch_norm_backward(dz, y, gamma, beta, eps + y.var() / (count - 1))


WRONG = {
    "no mean terms": variant(lambda dz, x, s, mean, along: dz / s),
    "no path through the mean": variant(lambda dz, x, s, mean, along: (dz - x * along) / s),
    "no path through the variance": variant(lambda dz, x, s, mean, along: (dz - mean) / s),
    "not divided by the deviation": variant(lambda dz, x, s, mean, along: dz - mean - x * along),
    "divided by the variance": variant(
        lambda dz, x, s, mean, along: (dz - mean - x * along) / s**2
    ),
    "the sign of the third term": variant(
        lambda dz, x, s, mean, along: (dz - mean + x * along) / s
    ),
    "dgamma by y's place only": variant(
        lambda dz, x, s, mean, along: (dz - mean - x * along) / s,
        lambda dz, x: dz.sum(axis=AXES),
    ),
    "another variance": unbiased,
}


def test_the_check_passes_the_right_parts():
    right = variant(lambda dz, x, s, mean, along: (dz - mean - x * along) / s)
    assert check(right, (2, 3, 4, 5), 1e-5)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_check_finds_a_wrong_batch_norm_backward(wrong):
    assert not check(wrong, (2, 3, 4, 5), 1e-5, tolerance=1e-4)


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from([1e-5, 1e-2, 3.0]),
)
def test_batch_norm_for_any_shape(shape, eps):
    args = arrays(shape)
    np.testing.assert_allclose(batch_norm_forward(*args, eps), plain(*args, eps), rtol=0, atol=1e-9)
    assert check(batch_norm_backward, shape, eps, tolerance=1e-11)


def test_batch_norm_of_a_constant_map():
    """Variance 0: z is beta, and no warning of a division by zero; eps alone is under the root."""
    y, gamma, beta = np.full((2, 1, 3, 4), 7.0), np.array([2.0]), np.array([5.0])
    np.testing.assert_array_equal(batch_norm_forward(y, gamma, beta), np.full(y.shape, 5.0))
    dz = random(y.shape)
    dy, dgamma, _ = batch_norm_backward(dz, y, gamma, beta, 0.25)
    np.testing.assert_allclose(dy, 2 / 0.5 * (dz - dz.mean()), rtol=1e-13, atol=1e-14)
    assert dgamma == [0]


def test_batch_norm_of_an_empty_batch():
    y, gamma, beta = np.zeros((0, 3, 2, 4)), np.ones(3), np.ones(3)
    assert batch_norm_forward(y, gamma, beta).shape == y.shape
    assert batch_norm_infer(y, gamma, beta, beta, gamma).shape == y.shape
    dy, dgamma, dbeta = batch_norm_backward(y, y, gamma, beta)
    assert dy.shape == y.shape and dgamma.tolist() == dbeta.tolist() == [0, 0, 0]


def test_batch_norm_in_float32_far_from_zero():
    """A mean of 1e4 beside a spread of 1: the sums are in float64, only y itself is rounded."""
    y = (1e4 + random((50, 2, 40, 40))).astype(np.float32)
    gamma, beta = np.ones(2, np.float32), np.zeros(2, np.float32)
    z = batch_norm_forward(y, gamma, beta)
    expected = plain(y.astype(np.float64), gamma, beta, 1e-5)
    np.testing.assert_allclose(z, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_norm_keeps_dtype_and_inputs_in_any_layout(dtype):
    shape = (2, 3, 4, 5)
    originals = *arrays(shape, dtype), random(3, 4, dtype), random(3, 5, dtype) ** 2
    originals += (random(shape, 3, dtype),)
    tolerance = 100 * float(np.finfo(dtype).eps)

    def results(y, gamma, beta, mean, var, dz):
        return [
            batch_norm_forward(y, gamma, beta),
            batch_norm_infer(y, gamma, beta, mean, var),
            *batch_norm_backward(dz, y, gamma, beta),
        ]

    expected = results(*originals)
    for arguments in zip(*map(layouts, originals), strict=True):
        for got, wanted in zip(results(*arguments), expected, strict=True):
            assert got.dtype == dtype and got.flags.writeable and got.shape == wanted.shape
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
            assert not any(np.shares_memory(got, a) for a in arguments)
        for a, original in zip(arguments, originals, strict=True):
            np.testing.assert_array_equal(a, original)


def test_nan_stays_nan_in_its_own_map():
    y, gamma, beta = arrays((2, 3, 4, 5))
    y[1, 2, 0, 3] = np.nan
    z = batch_norm_forward(y, gamma, beta)
    assert np.isnan(z[:, 2]).all() and not np.isnan(z[:, :2]).any()
    dy, dgamma, dbeta = batch_norm_backward(np.ones_like(y), y, gamma, beta)
    assert np.isnan(dy[:, 2]).all() and not np.isnan(dy[:, :2]).any()
    assert np.isnan(dgamma).tolist() == [False, False, True] and not np.isnan(dbeta).any()
    assert np.isnan(batch_norm_infer(y, gamma, beta, beta, gamma**2)).sum() == 1


Y, GAMMA, BETA = arrays((2, 3, 4, 5))
NARROW = GAMMA.astype(np.float32)
BAD = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(3, 4, 5\); 4 axes \(T, M, H, W\) are needed"),
    ({"y": Y.tolist()}, TypeError, "`y` must be a NumPy array, not list"),
    ({"y": Y.astype(int)}, TypeError, "`y` has dtype int64"),
    (
        {"gamma": GAMMA[:2]},
        ValueError,
        r"`gamma` has shape \(2,\); one number for each map of `y` has shape \(3,\)",
    ),
    ({"gamma": GAMMA[None]}, ValueError, r"`gamma` has shape \(1, 3\); 1 axes \(M\)"),
    ({"gamma": 1.0}, TypeError, "`gamma` must be a NumPy array, not float"),
    ({"gamma": NARROW}, TypeError, "one dtype.*`y` float64, `gamma` float32"),
    ({"beta": BETA[:2]}, ValueError, r"`beta` has shape \(2,\); one number for each map"),
    ({"beta": NARROW}, TypeError, "one dtype.*`beta` float32"),
    ({"eps": 0}, ValueError, r"`eps` \(=0\) must be above 0"),
    ({"eps": -1e-5}, ValueError, r"`eps` \(=-1e-05\) must be above 0"),
    ({"eps": float("nan")}, ValueError, r"`eps` \(=nan\) must be finite"),
    ({"eps": float("inf")}, ValueError, r"`eps` \(=inf\) must be finite"),
    ({"eps": "small"}, TypeError, r"`eps` \(='small'\) must be a real number"),
    ({"eps": True}, TypeError, r"`eps` \(=True\) must be a real number"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_batch_norm_errors_name_argument_and_value(change, error, message):
    arguments = {"y": Y, "gamma": GAMMA, "beta": BETA, **change}
    with pytest.raises(error, match=message):
        batch_norm_forward(**arguments)
    with pytest.raises(error, match=message):
        batch_norm_backward(Y, **arguments)
    with pytest.raises(error, match=message):
        batch_norm_infer(**arguments, mean=BETA, var=GAMMA**2)


@pytest.mark.parametrize(
    ("dz", "error", "message"),
    [
        (Y[:1], ValueError, r"`dz` has shape \(1, 3, 4, 5\); forward's output has shape \(2, 3"),
        (Y[0], ValueError, r"`dz` has shape \(3, 4, 5\); 4 axes"),
        (Y.astype(np.float32), TypeError, "one dtype.*`dz` float32, `y` float64"),
        (Y.astype(int), TypeError, "`dz` has dtype int64"),
    ],
)
def test_batch_norm_backward_errors_name_dz(dz, error, message):
    with pytest.raises(error, match=message):
        batch_norm_backward(dz, Y, GAMMA, BETA)


BAD_INFER = [
    ({"mean": BETA[:2]}, ValueError, r"`mean` has shape \(2,\); one number for each map"),
    ({"var": GAMMA[None]}, ValueError, r"`var` has shape \(1, 3\); 1 axes \(M\)"),
    ({"var": NARROW}, TypeError, "one dtype.*`var` float32"),
    (
        {"var": np.array([1.0, 0.0, -0.25])},
        ValueError,
        r"`var` \(=-0.25 for map 2\) must be at least 0",
    ),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_INFER)
def test_batch_norm_infer_errors_name_argument_and_value(change, error, message):
    arguments = {"gamma": GAMMA, "beta": BETA, "mean": BETA, "var": GAMMA**2, **change}
    with pytest.raises(error, match=message):
        batch_norm_infer(Y, **arguments)
