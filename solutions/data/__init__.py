"""The digits that the book and the notebooks use, in a fixed shuffled order."""

from importlib.resources import files

import numpy as np

from solutions.arguments import Array


def load_mnist() -> tuple[Array, Array]:
    """10,000 handwritten digits of MNIST: pictures in [0, 1] and their classes.

    x (10000, 1, 28, 28) float32, label (10000,) int64. The order is shuffled and fixed: take
    the first 8,000 for training and the last 2,000 for testing.
    Source: LeCun, Cortes and Burges; see data/README.md.
    """
    with np.load(str(files("solutions.data") / "mnist10k.npz")) as stored:
        x, label = stored["x"], stored["y"]
    order = np.random.default_rng(11785).permutation(len(x))
    return x[order, None].astype(np.float32) / np.float32(255), label[order].astype(np.int64)
