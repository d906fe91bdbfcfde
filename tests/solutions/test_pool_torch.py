"""Max and mean pooling against PyTorch, values, winners and gradients."""

import numpy as np
import pytest

from solutions.backend import use_backend
from solutions.pool import (
    max_pool_backward,
    max_pool_forward,
    mean_pool_backward,
    mean_pool_forward,
)
from tests.solutions import grids
from tests.solutions.grids import BACKENDS

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")
torch.set_num_threads(1)  # small arrays: threads would only wait for each other
F = torch.nn.functional


CASES = grids.grid("pool")
each_case = pytest.mark.parametrize("case", CASES, ids=grids.name)


def padded(y, padding, value):
    """PyTorch's own padding is symmetric and counts differently; so the map is padded before."""
    (top, bottom), (left, right) = grids.borders(padding)
    return F.pad(y, (left, right, top, bottom), value=value)


def unpadded_index(winners, case):
    """From an index into the padded map to one into the map."""
    (top, _), (left, right) = grids.borders(case["padding"])
    W = case["map"][1]
    rows, columns = winners // (left + W + right), winners % (left + W + right)
    return (rows - top) * W + columns - left


@pytest.mark.parametrize("name", BACKENDS)
@each_case
def test_max_pool_as_in_torch(case, name):
    size, stride, padding, dilation = (case[k] for k in ("size", "stride", "padding", "dilation"))
    y = np.random.default_rng(0).standard_normal((case["T"], case["M"], *case["map"]))
    leaf = torch.tensor(y, requires_grad=True)
    expected, winners = F.max_pool2d(
        padded(leaf, padding, -np.inf), size, stride, 0, dilation, return_indices=True
    )
    with use_backend(name):
        z, pidx = max_pool_forward(y, size, stride, padding, dilation)
        np.testing.assert_array_equal(z, expected.detach().numpy())
        np.testing.assert_array_equal(pidx, unpadded_index(winners.numpy(), case))
        dz = np.random.default_rng(1).standard_normal(z.shape)
        (dy,) = torch.autograd.grad(expected, leaf, torch.tensor(dz))
        np.testing.assert_allclose(max_pool_backward(dz, pidx, y.shape), dy, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("count_padding", [True, False])
@pytest.mark.parametrize("name", BACKENDS)
@each_case
def test_mean_pool_as_in_torch(case, name, count_padding):
    size, stride, padding = (case[k] for k in ("size", "stride", "padding"))
    if not grids.pool_fits(case | {"dilation": 1}):
        padding = 0
    y = np.random.default_rng(0).standard_normal((case["T"], case["M"], *case["map"]))
    if any(k > n for k, n in zip(grids.pair(size), case["map"], strict=True)) and not padding:
        size = stride = 1
    leaf = torch.tensor(y, requires_grad=True)
    expected = F.avg_pool2d(padded(leaf, padding, 0.0), size, stride)
    if not count_padding:
        ones = torch.ones((1, 1, *case["map"]), dtype=leaf.dtype)
        expected = expected / F.avg_pool2d(padded(ones, padding, 0.0), size, stride)
    with use_backend(name):
        z = mean_pool_forward(y, size, stride, padding, count_padding)
        np.testing.assert_allclose(z, expected.detach().numpy(), rtol=1e-12, atol=1e-14)
        dz = np.random.default_rng(1).standard_normal(z.shape)
        (dy,) = torch.autograd.grad(expected, leaf, torch.tensor(dz))
        got = mean_pool_backward(dz, y.shape, size, stride, padding, count_padding)
        np.testing.assert_allclose(got, dy, rtol=1e-12, atol=1e-14)
