"""Max and mean pooling against PyTorch: 2x2 and 3x3 with stride 2, on 64 maps of 32 x 32.

    python benchmarks/pools.py [--json] [--batch 32 1] [--rounds 5] [--backend tiles im2col]

A figure is torch's time / ours: above 1 we are faster. Timed are the layers, checks included.
"""

import duel  # first: it asks for one thread
import numpy as np
import torch

from solutions.backend import use_backend
from solutions.pool import (
    max_pool_backward,
    max_pool_forward,
    mean_pool_backward,
    mean_pool_forward,
)

SHAPE = (64, 32, 32)
aten = torch.ops.aten


def ours(name, y, dz, pidx, size):
    """The layers, with this backend."""

    def under(layer, *args):
        def call():
            with use_backend(name):
                return layer(*args)

        return call

    return {
        "max forward": under(max_pool_forward, y, size, 2),
        "max backward": under(max_pool_backward, dz, pidx, y.shape),
        "mean forward": under(mean_pool_forward, y, size, 2),
        "mean backward": under(mean_pool_backward, dz, y.shape, size, 2),
    }


def theirs(y, dz, pidx, size):
    Y, DZ, P = map(torch.from_numpy, (y, dz, pidx))
    K, S = [size, size], [2, 2]
    return {
        "max forward": lambda: aten.max_pool2d_with_indices(Y, K, S),
        "max backward": lambda: aten.max_pool2d_with_indices_backward(
            DZ, Y, K, S, [0, 0], [1, 1], False, P
        ),
        "mean forward": lambda: aten.avg_pool2d(Y, K, S),
        "mean backward": lambda: aten.avg_pool2d_backward(DZ, Y, K, S, [0, 0], False, True, None),
    }


def main():
    args = duel.arguments(__doc__.splitlines()[0], ["tiles", "im2col"])
    print(duel.machine())
    ratios = {}
    for T in args.batch:
        print(f"\nbatch {T:<3}                torch  ", end="")
        print("".join(f"| {name:<17}" for name in args.backend))
        for size in (2, 3):
            rng = np.random.default_rng(0)
            y = rng.standard_normal((T, *SHAPE), np.float32)
            z, pidx = max_pool_forward(y, size, 2)
            dz = rng.standard_normal(z.shape, np.float32)
            peer = theirs(y, dz, pidx, size)
            calls = {name: ours(name, y, dz, pidx, size) for name in args.backend}
            for what in peer:
                rivals = {"torch": peer[what]} | {name: c[what] for name, c in calls.items()}
                times = duel.duel(rivals, args.rounds)
                print(f"{size}x{size}s2 {what:<14}{times['torch'] * 1e6:8.0f} us", end="")
                for name in args.backend:
                    ratio = times["torch"] / times[name]
                    ratios.setdefault((name, T), []).append(ratio)
                    print(f" |{times[name] * 1e6:8.0f} us {ratio:5.2f}x", end="")
                print(flush=True)
    print()
    for (name, T), values in ratios.items():
        print(
            f"{name}, batch {T}: geometric mean {duel.geomean(values):.2f}, min {min(values):.2f}"
        )
    if args.json:
        print(duel.summary(ratios))


if __name__ == "__main__":
    main()
