"""Down- and upsampling against PyTorch's slices and its transposed convolution with a 1x1 filter."""

import numpy as np
import pytest

from solutions.resample import (
    downsample_backward,
    downsample_forward,
    upsample_backward,
    upsample_forward,
)

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")

SHAPES = [(2, 3, 5, 7), (1, 2, 8, 6), (4, 5, 9, 1), (3, 1, 2, 11), (0, 2, 3, 4)]
FACTORS = [1, 2, 3, (4, 1), (2, 5)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("shape", SHAPES)
def test_resample_as_in_torch(shape, factor, dtype):
    rng = np.random.default_rng(0)
    y = rng.standard_normal(shape).astype(dtype)
    FH, FW = factor if isinstance(factor, tuple) else (factor, factor)
    M = shape[1]
    leaf = torch.tensor(y, requires_grad=True)
    one = torch.ones((M, 1, 1, 1), dtype=leaf.dtype)
    small = leaf[:, :, ::FH, ::FW]
    large = torch.nn.functional.conv_transpose2d(leaf, one, stride=(FH, FW), groups=M)
    for expected, forward, backward in (
        (small, downsample_forward, lambda dz: downsample_backward(dz, shape, factor)),
        (large, upsample_forward, lambda dz: upsample_backward(dz, factor)),
    ):
        np.testing.assert_array_equal(forward(y, factor), expected.detach().numpy())
        dz = rng.standard_normal(tuple(expected.shape)).astype(dtype)
        (dy,) = torch.autograd.grad(expected, leaf, torch.tensor(dz))
        np.testing.assert_array_equal(backward(dz), dy.numpy())
