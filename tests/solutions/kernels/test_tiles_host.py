"""Tile sizes follow the processor: by its list of features, and computed right on each kind."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.kernels.tiles_host import ANY, AVX2, AVX512, as_lengths, host, host_with

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("+avx,+avx2,+avx512f,+fma,+sse4.2", AVX512),
        ("+avx,+avx2,-avx512f,+fma", AVX2),
        ("+avx,+avx2,-avx512f,-fma", ANY),  # a product and a sum in two instructions
        ("+sse2,-avx", ANY),
        ("", ANY),  # Numba's CPU name `generic`
        ("+neon,+fp-armv8", ANY),
    ],
)
def test_host_is_read_from_the_features(features, expected):
    assert host_with(features) == expected


@pytest.mark.parametrize("machine", [AVX512, AVX2, ANY])
def test_a_tile_and_its_operands_fit_into_the_registers(machine):
    registers = 32 if machine is AVX512 else 16
    for R, V in (machine.many, machine.one, machine.six, machine.few):
        assert R * V + V + 1 <= registers
        assert R <= 8  # addresses of rows: general registers are 16


def test_a_shape_is_a_type():
    assert [len(part) for part in as_lengths((8, 2))] == [8, 2]
    from numba import typeof

    assert typeof(as_lengths((8, 2))) != typeof(as_lengths((2, 8)))


RESTRICTED = """
import numpy as np
from solutions.backend import use_backend
from solutions.conv import conv_backward, conv_forward
from solutions.kernels import plain, tiles
from solutions.kernels.tiles_host import host
from solutions.network import lenet
print(host().register)
rng = np.random.default_rng(0)
for M, N, K, S in ((3, 5, 3, 1), (17, 18, 3, 1), (16, 9, 2, 2), (2, 33, 1, 1)):
    args = [rng.standard_normal(s).astype(np.float32)
            for s in ((2, M, 9, 7), (N, M, K, K), N)]
    with use_backend("numpy"):
        z = conv_forward(*args, S, 1)
        expected = z, *conv_backward(z, *args, S, 1)
    with use_backend("tiles"):
        got = conv_forward(*args, S, 1), *conv_backward(z, *args, S, 1)
    for a, b in zip(got, expected):
        assert np.abs(a - b).max() <= 3e-6 * np.abs(b).max(), (M, N, K, S)
network, image = lenet(), rng.standard_normal((16, 1, 28, 28)).astype(np.float32)
losses = []
for name in ("tiles", "numpy"):
    with use_backend(name):
        losses.append(network.loss(image, np.arange(16) % 10))
for name, b in losses[1][1].items():
    assert np.abs(losses[0][1][name] - b).max() <= 1e-5 * np.abs(b).max(), name
assert network._rows[image.shape] and not tiles._broken
"""


@pytest.mark.parametrize(
    ("cpu", "features", "register"),
    [("haswell", "+avx,+avx2,+fma,+sse4.2,-avx512f", 32), ("generic", "", 16)],
)
def test_conv_is_right_on_lesser_processors(cpu, features, register, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RESTRICTED],
        cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {
            "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": features,
            "NUMBA_CACHE_DIR": str(tmp_path),
        },
    )  # fmt: skip
    if features and done.returncode == -4:
        pytest.skip("this processor has no AVX2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(register)]


def test_this_machine_has_one_of_the_three():
    assert host() in (AVX512, AVX2, ANY)
    assert host().register % np.dtype(np.float64).itemsize == 0
