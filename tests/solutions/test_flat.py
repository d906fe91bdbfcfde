"""Flatten and the affine map: by hand, by loops, by differences, by the adjoint identity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradcheck import adjoint_gap, gradient_of_linear
from solutions.flat import affine_backward, affine_forward, flatten_backward, flatten_forward

# (T, M, N), all different
GRID = [(2, 3, 4), (5, 1, 2), (1, 7, 3), (4, 6, 1), (3, 11, 13), (0, 3, 2)]
SHAPES = [(2, 3, 4, 5), (1, 4, 3, 2), (5, 1, 7, 3), (3, 6), (2, 4, 7), (0, 2, 3, 4), (2, 0, 3, 4)]


def random(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def arrays(sizes, dtype=np.float64):
    """y, w, b and dz."""
    T, M, N = sizes
    shapes = (T, M), (N, M), (N,), (T, N)
    return tuple(random(shape, seed, dtype) for seed, shape in enumerate(shapes))


def layouts(a):
    """The same numbers, laid out in memory in other ways, read-only."""
    backwards = a[::-1, ..., ::-1].copy()[::-1, ..., ::-1] if a.ndim > 1 else a[::-1].copy()[::-1]
    for other in (a.copy(), np.asfortranarray(a), backwards, np.repeat(a, 2, axis=-1)[..., ::2]):
        other.flags.writeable = False
        yield other


def test_flatten_by_hand():
    """Two pictures of two maps with one row of three: map after map, row after row."""
    y = np.array([[[[1.0, 2, 3]], [[4, 5, 6]]], [[[7, 8, 9]], [[10, 11, 12]]]])
    z = flatten_forward(y)
    assert z.tolist() == [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]
    assert flatten_backward(z, (2, 2, 1, 3)).tolist() == y.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_flatten_backward_is_the_adjoint_and_the_difference(shape):
    y = random(shape)
    z = flatten_forward(y)
    dz = random(z.shape, 1)
    dy = flatten_backward(dz, shape)
    assert z.shape == (shape[0], int(np.prod(shape[1:]))) and dy.shape == shape
    assert adjoint_gap(flatten_forward, dz, dy, random(shape, 2)).within(1e-13)
    if y.size:
        np.testing.assert_array_equal(dy, gradient_of_linear(flatten_forward, dz, shape))
    np.testing.assert_array_equal(flatten_backward(z, shape), y)


def test_flatten_forward_is_its_formula():
    T, M, H, W = shape = (2, 3, 4, 5)
    y = random(shape)
    z = flatten_forward(y)
    for t, m, r, c in np.ndindex(T, M, H, W):
        assert z[t, (m * H + r) * W + c] == y[t, m, r, c]


def test_affine_forward_by_hand():
    y = np.array([[1.0, 2.0, 3.0]])
    w = np.array([[10.0, 100.0, 1000.0], [0.5, 0.25, 0.125]])
    z = affine_forward(y, w, np.array([7.0, 8.0]))
    assert z[0, 0] == 10 * 1 + 100 * 2 + 1000 * 3 + 7
    assert z[0, 1] == 0.5 * 1 + 0.25 * 2 + 0.125 * 3 + 8


def test_affine_backward_by_hand():
    """Two pictures of three numbers, two out: dw and db are sums over the pictures."""
    y = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    w = np.array([[10.0, 100.0, 1000.0], [20.0, 200.0, 2000.0]])
    dz = np.array([[1.0, 2.0], [3.0, 5.0]])
    dy, dw, db = affine_backward(dz, y, w, np.zeros(2))
    assert dy.tolist() == [
        [10 * 1 + 20 * 2, 100 * 1 + 200 * 2, 1000 * 1 + 2000 * 2],
        [10 * 3 + 20 * 5, 100 * 3 + 200 * 5, 1000 * 3 + 2000 * 5],
    ]
    assert dw.tolist() == [
        [1 * 1 + 3 * 4, 1 * 2 + 3 * 5, 1 * 3 + 3 * 6],
        [2 * 1 + 5 * 4, 2 * 2 + 5 * 5, 2 * 3 + 5 * 6],
    ]
    assert db.tolist() == [1 + 3, 2 + 5]


def check_affine(backward, sizes, tolerance=1e-13):
    """Adjoint identity of all three gradients: forward is linear in each of y, w and b."""
    y, w, b, dz = arrays(sizes)
    dy, dw, db = backward(dz, y, w, b)
    assert [g.shape for g in (dy, dw, db)] == [a.shape for a in (y, w, b)]
    gaps = [
        adjoint_gap(lambda v: affine_forward(v, w), dz, dy, random(y.shape, 5)),
        adjoint_gap(lambda v: affine_forward(y, v), dz, dw, random(w.shape, 6)),
        adjoint_gap(lambda v: affine_forward(0 * y, 0 * w, v), dz, db, random(b.shape, 7)),
    ]
    return all(gap.within(tolerance) for gap in gaps)


@pytest.mark.parametrize("sizes", GRID)
def test_affine_backward_is_the_adjoint(sizes):
    assert check_affine(affine_backward, sizes)


@pytest.mark.parametrize("sizes", GRID)
def test_affine_backward_is_the_difference_quotient(sizes):
    """h = 1 is exact: forward is linear in y, in w and in b."""
    *args, dz = arrays(sizes)
    for which, gradient in enumerate(affine_backward(dz, *args)):
        for at in np.ndindex(gradient.shape):
            change = np.zeros_like(args[which])
            change[at] = 1.0
            moved = [a + change if k == which else a for k, a in enumerate(args)]
            quotient = np.vdot(dz, affine_forward(*moved) - affine_forward(*args))
            assert gradient[at] == pytest.approx(quotient, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("sizes", GRID)
def test_affine_forward_is_its_formula(sizes):
    y, w, b, _ = arrays(sizes)
    z = affine_forward(y, w, b)
    assert z.shape == (len(y), len(w))
    for t, n in np.ndindex(z.shape):
        expected = b[n] + sum(w[n, m] * y[t, m] for m in range(y.shape[1]))
        assert z[t, n] == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_affine_without_b():
    y, w, b, dz = arrays((2, 3, 4))
    np.testing.assert_array_equal(affine_forward(y, w), affine_forward(y, w, 0 * b))
    dy, dw, db = affine_backward(dz, y, w)
    assert db is None
    for got, expected in zip((dy, dw), affine_backward(dz, y, w, b), strict=False):
        np.testing.assert_array_equal(got, expected)


# with T = N = M, so that no mistake is caught by a shape alone
WRONG = {
    "w not transposed": lambda dz, y, w, b: (dz @ w.T, dz.T @ y, dz.sum(0)),
    "dw transposed": lambda dz, y, w, b: (dz @ w, y.T @ dz, dz.sum(0)),
    "db over the wrong axis": lambda dz, y, w, b: (dz @ w, dz.T @ y, dz.sum(1)),
    "the mean over the batch": lambda dz, y, w, b: (dz @ w, dz.T @ y / len(y), dz.mean(0)),
    "only the first picture": lambda dz, y, w, b: (dz @ w, dz[:1].T @ y[:1], dz[0]),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_check_finds_a_wrong_affine_backward(wrong):
    assert not check_affine(wrong, (4, 4, 4), tolerance=1e-3)


@given(st.tuples(st.integers(0, 6), st.integers(1, 6), st.integers(1, 6)))
def test_affine_for_any_shape(sizes):
    assert check_affine(affine_backward, sizes)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=5))
def test_flatten_for_any_shape(shape):
    y = random(tuple(shape))
    z = flatten_forward(y)
    np.testing.assert_array_equal(z, [picture.ravel() for picture in y] if len(y) else z)
    np.testing.assert_array_equal(flatten_backward(z, tuple(shape)), y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flatten_keeps_dtype_and_inputs_in_any_layout(dtype):
    y = random((2, 3, 4, 5), dtype=dtype)
    z = flatten_forward(y)
    for a, function, expected in (
        (y, flatten_forward, z),
        (z, lambda a: flatten_backward(a, y.shape), y),
    ):
        for other in layouts(a):
            got = function(other)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got, expected)
            np.testing.assert_array_equal(other, a)
            assert got.flags.writeable and not np.shares_memory(got, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_affine_keeps_dtype_and_inputs_in_any_layout(dtype):
    originals = arrays((2, 3, 4), dtype)
    y, w, b, dz = originals
    tolerance = 100 * np.finfo(dtype).eps
    expected = [affine_forward(y, w, b), *affine_backward(dz, y, w, b)]
    for y, w, b, dz in zip(*map(layouts, originals), strict=True):
        results = [affine_forward(y, w, b), *affine_backward(dz, y, w, b)]
        for got, wanted in zip(results, expected, strict=True):
            assert got.dtype == dtype and got.flags.writeable
            np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance)
            assert not any(np.shares_memory(got, a) for a in (y, w, b, dz))
        for a, original in zip((y, w, b, dz), originals, strict=True):
            np.testing.assert_array_equal(a, original)


Y, W, B, DZ = arrays((2, 3, 4))
BAD = [
    ({"y": Y[0]}, ValueError, r"`y` has shape \(3,\); 2 axes \(T, M\) are needed"),
    ({"y": Y.tolist()}, TypeError, "`y` must be a NumPy array, not list"),
    ({"y": Y.astype(int)}, TypeError, "`y` has dtype int64"),
    ({"w": W[0]}, ValueError, r"`w` has shape \(3,\); 2 axes \(N, M\) are needed"),
    ({"w": W.T}, ValueError, r"`w` has shape \(3, 4\): it takes 4 numbers.*\(2, 3\) has 3"),
    ({"w": W.astype(np.float32)}, TypeError, "one dtype.*`y` float64, `w` float32, `b` float64"),
    ({"b": B[:3]}, ValueError, r"`b` has shape \(3,\); one bias for each of the 4 rows"),
    ({"b": B[None]}, ValueError, r"`b` has shape \(1, 4\); 1 axes"),
    ({"b": B.astype(np.float32)}, TypeError, "one dtype.*`b` float32"),
]
BAD_BACKWARD = [
    ({"dz": DZ[:1]}, ValueError, r"`dz` has shape \(1, 4\); forward's output has shape \(2, 4\)"),
    ({"dz": DZ.T}, ValueError, r"`dz` has shape \(4, 2\); forward's output has shape \(2, 4\)"),
    ({"dz": DZ[0]}, ValueError, r"`dz` has shape \(4,\); 2 axes \(T, N\) are needed"),
    ({"dz": DZ.astype(np.float32)}, TypeError, "one dtype.*`dz` float32, `y` float64"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_affine_errors_name_argument_and_value(change, error, message):
    args = {"y": Y, "w": W, "b": B, **change}
    with pytest.raises(error, match=message):
        affine_forward(**args)
    with pytest.raises(error, match=message):
        affine_backward(DZ, **args)


@pytest.mark.parametrize(("change", "error", "message"), BAD_BACKWARD)
def test_affine_backward_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        affine_backward(**{"dz": DZ, "y": Y, "w": W, "b": B, **change})


BAD_FLATTEN = [
    (
        {"dz": np.zeros((2, 11))},
        ValueError,
        r"`dz` has shape \(2, 11\); .*\(=\(2, 3, 4\)\).*\(2, 12",
    ),
    ({"dz": np.zeros(24)}, ValueError, r"`dz` has shape \(24,\); 2 axes \(T, N\)"),
    ({"dz": np.zeros((2, 12), int)}, TypeError, "`dz` has dtype int64"),
    ({"shape": (2,)}, ValueError, r"`shape` \(=\(2,\)\) must have the sizes \(T, M, ...\)"),
    ({"shape": 24}, TypeError, r"`shape` \(=24\) must be a tuple of sizes \(T, M, ...\)"),
    ({"shape": (2, -3, -4)}, ValueError, r"`shape` \(=-3\) must be at least 0"),
    ({"shape": (2, 12.0)}, TypeError, r"`shape` \(=12.0\) must be a whole number"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_FLATTEN)
def test_flatten_backward_errors_name_argument_and_value(change, error, message):
    with pytest.raises(error, match=message):
        flatten_backward(**{"dz": np.zeros((2, 12)), "shape": (2, 3, 4), **change})


def test_flatten_forward_errors_name_argument_and_value():
    with pytest.raises(ValueError, match=r"`y` has shape \(3,\); the axes \(T, M, ...\)"):
        flatten_forward(np.zeros(3))
    with pytest.raises(TypeError, match="`y` must be a NumPy array, not list"):
        flatten_forward([[1.0]])
    with pytest.raises(TypeError, match="`y` has dtype int64"):
        flatten_forward(np.zeros((2, 3), int))
