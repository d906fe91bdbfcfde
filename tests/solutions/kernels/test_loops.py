"""The loops as written (`.py_func`) against the same loops compiled."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.kernels import loops, pool
from solutions.kernels.geometry import Geometry

GROUPS, STRIDE, DILATION = 2, (2, 1), (1, 2)
RNG = np.random.default_rng(0)
Y, W, DZ = (RNG.standard_normal(s) for s in ((2, 4, 7, 8), (6, 2, 3, 2), (2, 6, 3, 6)))


@pytest.mark.parametrize(
    ("kernel", "shape", "sources"),
    [
        (loops.add_forward, DZ.shape, (Y, W)),
        (loops.add_backward_y, Y.shape, (DZ, W)),
        (loops.add_backward_w, W.shape, (DZ, Y)),
    ],
)
def test_the_compiled_loops_do_what_is_written(kernel, shape, sources):
    written, compiled = np.zeros(shape), np.zeros(shape)
    kernel.py_func(written, *sources, GROUPS, *STRIDE, *DILATION)
    kernel(compiled, *sources, GROUPS, *STRIDE, *DILATION)
    assert written.any()
    np.testing.assert_allclose(compiled, written, rtol=1e-13, atol=1e-13)


def test_the_pool_loops_do_what_is_written():
    geometry = Geometry((7, 8), (2, 3), (2, 2), (1, 2), (1, 0), (2, 1), (4, 4))
    numbers = (*geometry.kernel, *geometry.numbers)
    for kernel, shapes, sources in (
        (pool.find_winners, [(2, 4, 4, 4)] * 2, (Y,)),
        (pool.add_windows, [(2, 4, 4, 4)], (Y,)),
        (pool.add_to_windows, [(2, 4, 7, 8)], (RNG.standard_normal((2, 4, 4, 4)),)),
    ):
        written, compiled = ([np.zeros(s) for s in shapes] for _ in range(2))
        if len(shapes) == 2:
            written[1], compiled[1] = written[1].astype(np.int64), compiled[1].astype(np.int64)
        kernel.py_func(*written, *sources, *numbers)
        kernel(*compiled, *sources, *numbers)
        for a, b in zip(compiled, written, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("kernel", [loops.add_forward, loops.add_backward_y, pool.find_winners])
def test_one_version_is_compiled_for_a_dtype(kernel):
    """Whatever layouts the layers were given: strided and read-only arrays never get here."""
    signatures = [signature[:3] for signature in kernel.signatures]
    assert len(signatures) == len(set(map(str, signatures)))
    assert all(
        "C" in str(array) and "readonly" not in str(array) for s in signatures for array in s
    )
