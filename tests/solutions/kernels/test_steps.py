"""The small ends of a step: the formulas of `losses` and `training`."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.kernels import steps
from solutions.losses import cross_entropy_backward, cross_entropy_forward


@pytest.mark.parametrize("cross_entropy", [steps.cross_entropy, steps.cross_entropy.py_func])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_agrees_with_losses(cross_entropy, dtype):
    rng = np.random.default_rng(0)
    z, target = (40 * rng.standard_normal((7, 5))).astype(dtype), rng.integers(0, 7, 5)
    z[3, 2] = 3e38 if dtype == np.float32 else 1e300
    dz = np.full_like(z, np.nan)
    loss = cross_entropy(z, dz, target)
    assert loss == pytest.approx(cross_entropy_forward(z.T, target), rel=1e-14)
    expected = cross_entropy_backward(z.T, target).T
    np.testing.assert_allclose(dz, expected, rtol=0, atol=np.finfo(dtype).eps)


def test_cross_entropy_keeps_nan_and_refuses_other_classes():
    z = np.array([[1.0, 2.0], [np.nan, 1.0]])
    assert np.isnan(steps.cross_entropy(z, np.empty_like(z), np.array([0, 1])))
    for outside in (-1, 2):
        found = steps.cross_entropy(z[:, 1:].copy(), np.empty((2, 1)), np.array([outside]))
        assert found == steps.OUTSIDE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_move_is_numpys_to_the_last_bit(dtype):
    rng = np.random.default_rng(0)
    w, v, dw = rng.standard_normal((3, 1001)).astype(dtype)
    expected_v = v * 0.9
    expected_v -= 0.01 * dw
    expected_w = w + expected_v
    steps.move(w, v, dw, dtype(0.9), dtype(0.01))
    np.testing.assert_array_equal(v, expected_v)
    np.testing.assert_array_equal(w, expected_w)
