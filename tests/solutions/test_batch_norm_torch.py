"""Batch normalisation against PyTorch, in training and in use."""

import numpy as np
import pytest

from solutions.batch_norm import batch_norm_backward, batch_norm_forward, batch_norm_infer

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")

TOLERANCES = [(np.float64, 1e-12), (np.float32, 2e-5)]
SHAPES = [(2, 3, 4, 5), (5, 2, 1, 3), (1, 4, 3, 2), (7, 3, 2, 1), (4, 1, 3, 2), (16, 8, 13, 11)]


def random(shape, seed, dtype):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def close(got, expected, tolerance):
    """To `tolerance` of the largest entry."""
    expected = expected.detach().numpy()
    assert got.shape == expected.shape and got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("eps", [1e-5, 0.1])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_as_in_torch(shape, eps, dtype, tolerance):
    M = shape[1]
    args = 3 * random(shape, 0, dtype) + 2, random(M, 1, dtype), random(M, 2, dtype)
    y, gamma, beta = leaves = [torch.tensor(a, requires_grad=True) for a in args]
    z = torch.nn.functional.batch_norm(y, None, None, gamma, beta, training=True, eps=eps)
    close(batch_norm_forward(*args, eps), z, tolerance)
    dz = random(shape, 3, dtype)
    gradients = torch.autograd.grad(z, leaves, torch.tensor(dz))
    for got, expected in zip(batch_norm_backward(dz, *args, eps), gradients, strict=True):
        close(got, expected, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("shape", [*SHAPES, (1, 2, 1, 1)])
def test_batch_norm_infer_as_in_torch(shape, dtype, tolerance):
    M = shape[1]
    y, gamma, beta = (random(s, k, dtype) for k, s in enumerate((shape, M, M)))
    mean, var = random(M, 4, dtype), random(M, 5, dtype) ** 2
    tensors = [torch.tensor(a) for a in (y, mean, var, gamma, beta)]
    expected = torch.nn.functional.batch_norm(*tensors, training=False, eps=1e-5)
    close(batch_norm_infer(y, gamma, beta, mean, var), expected, tolerance)
