"""conv, conv1d and conv_transpose over the designed grids: every backend, and each against itself.

The identities need no second implementation: forward is linear in y, in w and in b, so that each
gradient is an adjoint, and a difference with the step h = 1 has no truncation error.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.gradcheck import adjoint_gap, largest_gap
from solutions.backend import use_backend
from solutions.conv import conv1d_backward, conv1d_forward, conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from tests.solutions import grids
from tests.solutions.grids import BACKENDS

OPERATIONS = {
    "conv": (conv_forward, conv_backward),
    "rows": (conv1d_forward, conv1d_backward),
    "transposed": (conv_transpose_forward, conv_transpose_backward),
}
CASES = [(kind, case) for kind in OPERATIONS for case in grids.grid(kind)]
IDS = [f"{kind}-{grids.name(case)}" for kind, case in CASES]
each_case = pytest.mark.parametrize(("kind", "case"), CASES, ids=IDS)


def upstream(z, seed=1):
    return np.random.default_rng(seed).standard_normal(z.shape).astype(z.dtype)


def all_four(kind, args, rest):
    """z, dy, dw, db, for a dz that depends on z's shape only."""
    forward, backward = OPERATIONS[kind]
    z = forward(*args, **rest)
    return [z, *backward(upstream(z), *args, **rest)]


def assert_adjoint(kind, args, rest):
    forward, backward = OPERATIONS[kind]
    y, w, b = args
    z = forward(y, w, b, **rest)
    dz = upstream(z)
    dy, dw, db = backward(dz, y, w, b, **rest)
    rng = np.random.default_rng(2)
    v, u = rng.standard_normal(y.shape), rng.standard_normal(w.shape)
    assert adjoint_gap(lambda v: forward(v, w, **rest), dz, dy, v).within(1e-13)
    assert adjoint_gap(lambda u: forward(y, u, **rest), dz, dw, u).within(1e-13)
    assert (db is None) == (b is None)
    if b is not None:
        zero = np.zeros_like(w)
        assert adjoint_gap(lambda d: forward(y, zero, d, **rest), dz, db, b).within(1e-13)


@each_case
def test_conv_backward_is_the_adjoint_in_all_backends(kind, case):
    for name in BACKENDS:
        with use_backend(name):
            assert_adjoint(kind, grids.arrays(case, kind), grids.rest(case, kind))


@each_case
def test_conv_is_the_same_in_all_backends(kind, case):
    """float64 to rounding; float32 against float64, seen against the sum of absolute values."""
    args, rest = grids.arrays(case, kind), grids.rest(case, kind)
    with use_backend("numpy"):
        expected = all_four(kind, args, rest)
        magnitudes = [np.abs(a) for a in args if a is not None]
        sizes = [
            np.abs(a).max(initial=0) for a in all_four(kind, magnitudes, rest) if a is not None
        ]
    for name in BACKENDS:
        with use_backend(name):
            for got, wanted in zip(all_four(kind, args, rest), expected, strict=True):
                assert (got is None) == (wanted is None)
                if got is not None:
                    assert got.shape == wanted.shape and got.dtype == np.float64
                    assert largest_gap(got, wanted)[0].within(1e-13)
            single = [None if a is None else a.astype(np.float32) for a in args]
            for got, wanted in zip(all_four(kind, single, rest), expected, strict=True):
                if got is not None:
                    assert got.dtype == np.float32
                    scale = 1 + max(sizes)
                    assert np.abs(got - wanted).max(initial=0) <= 3e-5 * scale


@pytest.mark.parametrize("kind", OPERATIONS)
@pytest.mark.parametrize("name", BACKENDS)
def test_conv_backward_is_the_difference_with_step_one(kind, name):
    """<dz, forward(moved) - forward(here)> is the gradient's entry, exactly (up to rounding)."""
    forward, backward = OPERATIONS[kind]
    cases = [c for c in grids.grid(kind) if c["bias"] and c["T"]][:12]
    with use_backend(name):
        for case in cases:
            args, rest = grids.arrays(case, kind), grids.rest(case, kind)
            z = forward(*args, **rest)
            dz = upstream(z)
            for which, gradient in enumerate(backward(dz, *args, **rest)):
                for at in list(np.ndindex(gradient.shape))[:: 1 + gradient.size // 5]:
                    moved = [a.copy() for a in args]
                    moved[which][at] += 1.0
                    quotient = np.vdot(dz, forward(*moved, **rest) - z)
                    assert gradient[at] == pytest.approx(quotient, rel=1e-11, abs=1e-11)


sizes = st.integers(1, 6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    maps=st.tuples(st.integers(0, 3), sizes, sizes, sizes, sizes),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    borders=st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
    groups=st.integers(1, 3),
)
def test_conv_has_the_promised_shapes_or_a_clear_error(
    maps, kernel, stride, dilation, borders, groups
):
    T, m, n, H, W = maps
    y, w = np.ones((T, m * groups, H, W)), np.ones((n * groups, m, *kernel))
    padded = [size + sum(b) for size, b in zip((H, W), borders, strict=True)]
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    for name in BACKENDS:
        with use_backend(name):
            if any(span > size for span, size in zip(spans, padded, strict=True)):
                with pytest.raises(ValueError, match="reaches over"):
                    conv_forward(y, w, None, stride, borders, dilation, groups)
                continue
            out = [(p - d) // s + 1 for p, d, s in zip(padded, spans, stride, strict=True)]
            z = conv_forward(y, w, None, stride, borders, dilation, groups)
            assert z.shape == (T, n * groups, *out)
            # each filter element of ones meets at most m ones; all of them away from the border
            assert z.max(initial=0) <= m * kernel[0] * kernel[1]
            dy, dw, _ = conv_backward(z, y, w, None, stride, borders, dilation, groups)
            assert dy.shape == y.shape and dw.shape == w.shape
            # the adjoint of the adjoint: a convolution undoes the shape of its transpose
            more = [(p - d) % s for p, d, s in zip(padded, spans, stride, strict=True)]
            back = conv_transpose_forward(
                z, w, None, stride, borders, tuple(more), dilation, groups
            )
            np.testing.assert_allclose(back, dy, rtol=1e-13)
