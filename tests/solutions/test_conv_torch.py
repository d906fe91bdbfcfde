"""conv, conv1d and conv_transpose against PyTorch, forward and gradients, over the designed grids."""

import numpy as np
import pytest

from solutions.backend import use_backend
from solutions.conv import conv1d_backward, conv1d_forward, conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from tests.solutions import grids
from tests.solutions.grids import BACKENDS

torch = pytest.importorskip("torch", reason="PyTorch is the oracle; see requirements-dev.txt")
torch.set_num_threads(1)  # small arrays: threads would only wait for each other
F = torch.nn.functional


def conv(y, w, b, stride, padding, dilation, groups):
    (top, bottom), (left, right) = grids.borders(padding)
    padded = F.pad(y, (left, right, top, bottom))
    return F.conv2d(padded, w, b, stride=stride, dilation=dilation, groups=groups)


def rows(y, w, b, stride, padding, dilation, groups):
    padded = F.pad(y, grids.pair(padding))
    return F.conv1d(padded, w, b, stride=stride, dilation=dilation, groups=groups)


def transposed(y, w, b, stride, padding, output_padding, dilation, groups):
    """torch knows no asymmetric padding here: nothing is cropped by it, and then by slices."""
    (top, bottom), (left, right) = grids.borders(padding)
    z = F.conv_transpose2d(
        y, w, b, stride=stride, output_padding=output_padding, groups=groups, dilation=dilation
    )
    return z[:, :, top : z.shape[2] - bottom, left : z.shape[3] - right]


OPERATIONS = {
    "conv": (conv_forward, conv_backward, conv),
    "rows": (conv1d_forward, conv1d_backward, rows),
    "transposed": (conv_transpose_forward, conv_transpose_backward, transposed),
}
CASES = [(kind, case) for kind in OPERATIONS for case in grids.grid(kind)]
IDS = [f"{kind}-{grids.name(case)}" for kind, case in CASES]


def by_torch(peer, args, rest, dz):
    """z and the gradients as torch computes them; the second time of the absolute values."""
    leaves = [None if a is None else torch.tensor(a, requires_grad=True) for a in args]
    z = peer(*leaves, **rest)
    present = [leaf for leaf in leaves if leaf is not None]
    gradients = iter(torch.autograd.grad(z, present, torch.tensor(dz)))
    return [z.detach()] + [None if leaf is None else next(gradients) for leaf in leaves]


def absolute(args):
    return [None if a is None else np.abs(a) for a in args]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=IDS)
def test_conv_as_in_torch(kind, case):
    """float64 to 1e-12; float32 to 1e-6 of what the sum has when no terms cancel."""
    forward, backward, peer = OPERATIONS[kind]
    args, rest = grids.arrays(case, kind), grids.rest(case, kind)
    with use_backend("numpy"):
        z = forward(*args, **rest)
    dz = np.random.default_rng(1).standard_normal(z.shape)
    expected = by_torch(peer, args, rest, dz)
    scales = by_torch(peer, absolute(args), rest, np.abs(dz))
    for name in BACKENDS:
        with use_backend(name):
            for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-6)):
                cast = [None if a is None else a.astype(dtype) for a in args]
                got = [forward(*cast, **rest), *backward(dz.astype(dtype), *cast, **rest)]
                for ours, theirs, scale in zip(got, expected, scales, strict=True):
                    if theirs is None:
                        assert ours is None
                        continue
                    assert ours.shape == theirs.shape and ours.dtype == dtype
                    gap = np.abs(ours - theirs.numpy()).max(initial=0)
                    seen_against = (theirs if dtype == np.float64 else scale).abs().numpy()
                    assert gap <= tolerance * seen_against.max(initial=0), name
