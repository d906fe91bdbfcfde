"""Flatten and the affine map against PyTorch."""

import numpy as np
import pytest

from solutions.flat import affine_backward, affine_forward, flatten_backward, flatten_forward

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")

TOLERANCES = [(np.float64, 1e-12), (np.float32, 1e-5)]
SIZES = [(2, 3, 4), (5, 1, 2), (1, 7, 3), (4, 6, 1), (17, 120, 84), (0, 3, 2)]


def close(got, expected, tolerance):
    """To `tolerance` of the largest entry."""
    expected = expected.detach().numpy()
    assert got.shape == expected.shape and got.dtype == expected.dtype
    atol = tolerance * np.abs(expected).max(initial=0)
    np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("with_b", [True, False])
@pytest.mark.parametrize("sizes", SIZES)
def test_affine_as_in_torch(sizes, with_b, dtype, tolerance):
    T, M, N = sizes
    rng = np.random.default_rng(0)
    y, w, b, dz = (rng.standard_normal(s).astype(dtype) for s in ((T, M), (N, M), (N,), (T, N)))
    args = (y, w, b) if with_b else (y, w)
    leaves = [torch.tensor(a, requires_grad=True) for a in args]
    z = torch.nn.functional.linear(*leaves)
    close(affine_forward(*args), z, tolerance)
    gradients = torch.autograd.grad(z, leaves, torch.tensor(dz))
    for got, expected in zip(affine_backward(dz, *args), gradients, strict=with_b):
        close(got, expected, tolerance)


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 6, 2, 3), (4, 7), (0, 2, 3, 4)])
def test_flatten_as_in_torch(shape):
    y = np.random.default_rng(0).standard_normal(shape)
    leaf = torch.tensor(y, requires_grad=True)
    z = torch.flatten(leaf, 1)
    np.testing.assert_array_equal(flatten_forward(y), z.detach().numpy())
    dz = np.random.default_rng(1).standard_normal(tuple(z.shape))
    (dy,) = torch.autograd.grad(z, leaf, torch.tensor(dz))
    np.testing.assert_array_equal(flatten_backward(dz, shape), dy.numpy())
