"""Softmax and the losses against PyTorch."""

import numpy as np
import pytest

from solutions.losses import (
    cross_entropy_backward,
    cross_entropy_forward,
    softmax_backward,
    softmax_forward,
    squared_error_backward,
    squared_error_forward,
)

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")

TOLERANCES = [(np.float64, 1e-12), (np.float32, 1e-5)]
SHAPES = [(2, 3), (5, 4), (1, 7), (64, 10), (2, 5, 3, 4), (3, 2, 1, 4), (4, 11, 6, 5), (2, 4, 3)]


def arrays(shape, scale, dtype):
    """z, another array like it, and class indices."""
    rng = np.random.default_rng(0)
    z, other = (scale * rng.standard_normal((2, *shape))).astype(dtype)
    return z, other, rng.integers(0, shape[1], (shape[0], *shape[2:]))


def close(got, expected, tolerance):
    """To `tolerance` of the largest entry."""
    expected = expected.detach().numpy()
    assert np.shape(got) == expected.shape
    atol = tolerance * np.abs(expected).max(initial=0)
    np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_losses_as_in_torch(shape, scale, dtype, tolerance):
    z, other, target = arrays(shape, scale, dtype)
    leaf = torch.tensor(z, requires_grad=True)
    y = torch.softmax(leaf, 1)
    close(softmax_forward(z), y, tolerance)
    (dz,) = torch.autograd.grad(y, leaf, torch.tensor(other))
    # y * (dy - sum) takes numbers of dy's size off each other
    assert np.abs(softmax_backward(other, z) - dz.numpy()).max() <= tolerance * np.abs(other).max()

    loss = torch.nn.functional.cross_entropy(leaf, torch.tensor(target))
    close(cross_entropy_forward(z, target), loss, tolerance)
    (dz,) = torch.autograd.grad(loss, leaf)
    close(cross_entropy_backward(z, target), dz, tolerance)

    # torch's mean is over all numbers; ours over the pictures, of half the sum
    loss = torch.nn.functional.mse_loss(leaf, torch.tensor(other), reduction="sum") / 2 / len(z)
    close(squared_error_forward(z, other), loss, tolerance)
    (dy,) = torch.autograd.grad(loss, leaf)
    close(squared_error_backward(z, other), dy, tolerance)
