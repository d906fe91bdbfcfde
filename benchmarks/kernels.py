"""Convolution against PyTorch: 7 layers x forward, dY, dW; each backend asked for, one thread.

    python benchmarks/kernels.py [--json] [--batch 32 1] [--rounds 5] [--backend tiles im2col]

A figure is torch's time / ours: above 1 we are faster. Timed is what a layer calls once its
arguments are checked (what the checks cost is said at the end); dW includes db on both sides.
"""

from functools import partial
from typing import NamedTuple

import duel  # first: it asks for one thread
import numpy as np
import torch

from solutions.backend import backend, use_backend
from solutions.conv import bias_gradient, conv_forward, conv_geometry


class Layer(NamedTuple):
    name: str
    M: int
    N: int
    K: int
    H: int
    stride: int
    padding: int


LAYERS = [
    Layer("L1 1>6 5x5 28p2", 1, 6, 5, 28, 1, 2),
    Layer("L2 6>16 5x5 14", 6, 16, 5, 14, 1, 0),
    Layer("L3 3>32 3x3 32p1", 3, 32, 3, 32, 1, 1),
    Layer("L4 32>32 3x3 32p1", 32, 32, 3, 32, 1, 1),
    Layer("L5 64>64 3x3 16p1", 64, 64, 3, 16, 1, 1),
    Layer("L6 64>128 3x3s2 16", 64, 128, 3, 16, 2, 1),
    Layer("L7 128>128 1x1 8", 128, 128, 1, 8, 1, 0),
]


def data(layer, T):
    """y, w, b, dz, and the geometry."""
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.standard_normal(shape, np.float32)  # noqa: E731
    y, b = draw(T, layer.M, layer.H, layer.H), draw(layer.N)
    w = draw(layer.N, layer.M, layer.K, layer.K) / np.float32(layer.K * layer.M**0.5)
    geometry = conv_geometry(y, w, b, layer.stride, layer.padding, 1, 1)
    return y, w, b, draw(T, layer.N, *geometry.out), geometry


def ours(name, y, w, b, dz, geometry):
    """What this backend does for forward, dY and dW."""
    with use_backend(name):
        kernels = backend()
    return {
        "forward": lambda: kernels.forward(y, w, b, geometry),
        "dY": lambda: kernels.backward_y(dz, w, geometry),
        "dW": lambda: (kernels.backward_w(dz, y, geometry), bias_gradient(dz)),
    }


def theirs(y, w, b, dz, geometry):
    """The same of PyTorch: only the gradient that is asked for."""
    Y, W, B, DZ = map(torch.from_numpy, (y, w, b, dz))
    stride, padding = geometry.stride, (geometry.rows[0], geometry.columns[0])
    gradient = partial(
        torch.ops.aten.convolution_backward,
        DZ, Y, W, [len(b)], stride, padding, [1, 1], False, [0, 0], 1,
    )  # fmt: skip
    return {
        "forward": lambda: torch.nn.functional.conv2d(Y, W, B, stride, padding),
        "dY": lambda: gradient([True, False, False]),
        "dW": lambda: gradient([False, True, True]),
    }


def cost_of_checks():
    """Seconds that a layer spends on its arguments, on the smallest layer there is."""
    y, w, b = (np.ones(s, np.float32) for s in ((1, 1, 1, 1), (1, 1, 1, 1), 1))
    geometry = conv_geometry(y, w, b, 1, 0, 1, 1)
    rivals = {
        "layer": lambda: conv_forward(y, w, b),
        "kernel": lambda: backend().forward(y, w, b, geometry),
    }
    times = duel.duel(rivals, 3, 0.05)
    return times["layer"] - times["kernel"]


def main():
    args = duel.arguments(__doc__.splitlines()[0], ["tiles", "im2col"])
    peak = duel.peak()
    print(duel.machine())
    print(f"peak: {peak / 1e9:.0f} GFLOP/s (product of 1024 x 1024, float32)")
    ratios = {}
    for T in args.batch:
        print(f"\nbatch {T:<3}                       torch  ", end="")
        print("".join(f"| {name:<25}" for name in args.backend))
        for layer in LAYERS:
            *arrays, geometry = data(layer, T)
            work = 2 * T * layer.N * layer.M * layer.K**2 * geometry.out[0] * geometry.out[1]
            peer = theirs(*arrays, geometry)
            calls = {name: ours(name, *arrays, geometry) for name in args.backend}
            for what in peer:
                rivals = {"torch": peer[what]} | {name: c[what] for name, c in calls.items()}
                times = duel.duel(rivals, args.rounds)
                print(f"{layer.name:<19} {what:<8}{times['torch'] * 1e6:8.0f} us", end="")
                for name in args.backend:
                    ratio, rate = times["torch"] / times[name], work / times[name]
                    ratios.setdefault((name, T), []).append(ratio)
                    print(f" |{times[name] * 1e6:8.0f} us {ratio:5.2f}x {rate / peak:5.0%}", end="")
                print(flush=True)
    print()
    for (name, T), values in ratios.items():
        forward, dy, dw = (duel.geomean(values[k::3]) for k in range(3))
        print(
            f"{name}, batch {T}: geometric mean {duel.geomean(values):.2f} "
            f"(forward {forward:.2f}, dY {dy:.2f}, dW {dw:.2f}), min {min(values):.2f}"
        )
    print(f"checking the arguments of one call: {cost_of_checks() * 1e6:.0f} us, in addition")
    if args.json:
        print(duel.summary(ratios))


if __name__ == "__main__":
    main()
