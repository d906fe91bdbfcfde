"""How well and how fast a LeNet learns MNIST here, and how fast PyTorch eager trains the same one.

    python benchmarks/training.py [--epochs 40] [--seeds 3] [--rounds 12] [--json]

Accuracy: 8,000 digits with shifts of up to 2 pixels, tested on 2,000, mean over the seeds.
Speed: blocks of 25 steps (batch 64, SGD with momentum, one thread) of each contender in turn, in
one run; images/s of the best block and the median of the blocks' ratios. The last line is JSON.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

from solutions import load_mnist, use_backend
from solutions.network import lenet
from solutions.training import adam, fit, sgd, shifted

BATCH, STEPS = 64, 25


def accuracies(epochs: int, seeds: int) -> list[float]:
    """The test accuracy for each seed."""
    x, label = load_mnist()
    found = []
    for seed in range(seeds):
        network = lenet(seed, maps=(16, 32))
        started = time.perf_counter()
        fit(
            network, x[:8000], label[:8000], adam(0.002), epochs=epochs, batch=BATCH, seed=seed,
            augment=shifted, decay=0.05 ** (1 / epochs),
        )  # fmt: skip
        found.append(network.accuracy(x[8000:], label[8000:]))
        seconds = time.perf_counter() - started
        print(f"seed {seed}: {100 * found[-1]:.2f} % in {seconds:.0f} s", flush=True)
    return found


def ours(backend: str) -> Callable[[], None]:
    """A function that trains our LeNet for a block of steps."""
    x, label = load_mnist()
    network, rule = lenet(), sgd(0.01, 0.9)

    def block() -> None:
        with use_backend(backend):
            for k in range(STEPS):
                chosen = slice(k * BATCH, (k + 1) * BATCH)
                rule.update(network.params, network.loss(x[chosen], label[chosen])[1])

    return block


def torchs() -> Callable[[], None]:
    """The same for PyTorch eager."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    x, label = (torch.from_numpy(a) for a in load_mnist())
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    rule, loss = torch.optim.SGD(network.parameters(), 0.01, 0.9), nn.CrossEntropyLoss()

    def block() -> None:
        for k in range(STEPS):
            chosen = slice(k * BATCH, (k + 1) * BATCH)
            rule.zero_grad()
            loss(network(x[chosen]), label[chosen]).backward()
            rule.step()

    return block


def speeds(rounds: int, backends: list[str]) -> dict[str, dict[str, float]]:
    """Images/s and the ratio to PyTorch, for each contender."""
    contenders = {"torch": torchs(), **{name: ours(name) for name in backends}}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for block in contenders.values():
        block()  # compile, warm the caches
    for _ in range(rounds):
        for name, block in contenders.items():
            started = time.process_time()  # not the clock: the machine may be shared, see `duel`
            block()
            seconds[name].append(time.process_time() - started)
    found = {}
    for name, taken in seconds.items():
        ratios = [t / o for t, o in zip(seconds["torch"], taken, strict=True)]
        found[name] = {
            "images_per_s": round(BATCH * STEPS / min(taken)),
            "ratio": round(statistics.median(ratios), 2),
        }
        print(
            f"{name:8} {found[name]['images_per_s']:7,.0f} images/s   x{found[name]['ratio']:.2f}"
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--backends", nargs="+", default=["numpy", "im2col", "tiles"])
    parser.add_argument("--json", action="store_true", help="the last line is JSON in any case")
    args = parser.parse_args()
    training = speeds(args.rounds, args.backends)
    reached = accuracies(args.epochs, args.seeds)
    print(f"mean accuracy: {100 * np.mean(reached):.2f} % over {args.seeds} seeds")
    print(json.dumps({"training": training, "accuracy": [round(a, 4) for a in reached]}))


if __name__ == "__main__":
    main()
