"""Activations against PyTorch, near zero, far from it and at zero."""

import numpy as np
import pytest

from solutions import activations

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")

F = torch.nn.functional
NAMES = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": lambda z: F.softplus(z, threshold=1e4),  # torch's threshold 20 cuts a digit off
    "gelu": lambda z: F.gelu(z, approximate="tanh"),
}


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 2, 7, 3), (6, 5), (11,), (0, 2, 3, 4)])
@pytest.mark.parametrize("scale", [1, 30])
@pytest.mark.parametrize("name", NAMES)
def test_activation_as_in_torch(name, scale, shape, dtype, tolerance):
    rng = np.random.default_rng(0)
    z = (scale * rng.standard_normal(shape)).astype(dtype)
    z[..., 1:2] = 0  # the kink too
    dy = rng.standard_normal(shape).astype(dtype)
    leaf = torch.tensor(z, requires_grad=True)
    y = NAMES[name](leaf)
    (dz,) = torch.autograd.grad(y, leaf, torch.tensor(dy))
    forward, backward = (getattr(activations, f"{name}_{way}") for way in ("forward", "backward"))
    for got, expected in ((forward(z), y.detach()), (backward(dy, z), dz)):
        assert got.dtype == dtype
        atol = tolerance * np.abs(expected.numpy()).max(initial=0)
        np.testing.assert_allclose(got, expected.numpy(), rtol=0, atol=atol)


@pytest.mark.parametrize("slope", [0.0, 0.25, 1.5])
def test_leaky_relu_with_a_slope_as_in_torch(slope):
    z, dy = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    leaf = torch.tensor(z, requires_grad=True)
    y = F.leaky_relu(leaf, slope)
    (dz,) = torch.autograd.grad(y, leaf, torch.tensor(dy))
    np.testing.assert_allclose(activations.leaky_relu_forward(z, slope), y.detach(), rtol=1e-15)
    np.testing.assert_allclose(activations.leaky_relu_backward(dy, z, slope), dz, rtol=1e-15)
