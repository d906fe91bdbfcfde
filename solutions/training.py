"""Gradient descent: the update rules, and the loop that trains a network.

step is the lecture's eta; a parameter w, its gradient dw, its velocity v.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from solutions.arguments import FLOATS, Array, whole
from solutions.backend import backend_name
from solutions.network import Network, Params


class Optimiser(Protocol):
    """Changes parameters in place, given their gradients; `step` may be made smaller from outside."""

    step: float

    def update(self, params: Params, gradients: Params) -> None: ...


@dataclass
class sgd:
    """v <- momentum * v - step * dw;  w <- w + v.

    `step` > 0, 0 <= `momentum` < 1. Source: "Gradient descent" of the lecture, with momentum.
    """

    step: float = 0.01
    momentum: float = 0.9
    velocity: Params = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        _positive("step", self.step)
        _share("momentum", self.momentum)

    def update(self, params: Params, gradients: Params) -> None:
        for name, dw in gradients.items():
            if name not in self.velocity:
                self.velocity[name] = np.zeros_like(params[name])
            self._move(params[name], self.velocity[name], dw)

    def _move(self, w: Array, v: Array, dw: Array) -> None:
        if backend_name() != "numpy" and _alike(w, v, dw):
            from solutions.kernels import steps

            number = w.dtype.type
            flat = w.reshape(-1), v.reshape(-1), dw.reshape(-1)
            steps.move(*flat, number(self.momentum), number(self.step))
        else:
            v *= self.momentum
            v -= self.step * dw
            w += v


def _alike(*arrays: Array) -> bool:
    """Do compiled loops take them: arrays of one shape and dtype, as NumPy makes them?"""
    w = arrays[0]
    return w.dtype in FLOATS and all(
        a.shape == w.shape and a.dtype == w.dtype and a.flags.carray for a in arrays
    )


@dataclass
class adam:
    """w <- w - step * mean / (sqrt(square) + eps), with both averages corrected for their start.

    mean <- beta1 * mean + (1 - beta1) * dw, square <- beta2 * square + (1 - beta2) * dw^2.
    Source: Kingma and Ba 2015, arXiv:1412.6980.
    """

    step: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    count: int = 0
    mean: Params = field(default_factory=dict, repr=False)
    square: Params = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        _positive("step", self.step)
        _positive("eps", self.eps)
        _share("beta1", self.beta1)
        _share("beta2", self.beta2)

    def update(self, params: Params, gradients: Params) -> None:
        self.count += 1
        for name, dw in gradients.items():
            mean = self.mean.setdefault(name, np.zeros_like(params[name]))
            square = self.square.setdefault(name, np.zeros_like(params[name]))
            mean += (1 - self.beta1) * (dw - mean)
            square += (1 - self.beta2) * (dw * dw - square)
            root = np.sqrt(square / (1 - self.beta2**self.count)) + self.eps
            params[name] -= self.step / (1 - self.beta1**self.count) * mean / root


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"`{name}` (={value!r}) must be above 0")


def _share(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"`{name}` (={value!r}) must be at least 0 and below 1")


Augment = Callable[[Array, np.random.Generator], Array]


def shifted(image: Array, rng: np.random.Generator, most: int = 2) -> Array:
    """Each picture moved by up to `most` pixels along both axes; zeros come in at the border."""
    T, M, H, W = image.shape
    padded = np.pad(image, ((0, 0), (0, 0), (most, most), (most, most)))
    r, c = rng.integers(0, 2 * most + 1, (2, T))
    rows = (r[:, None] + np.arange(H))[:, None, :, None]
    columns = (c[:, None] + np.arange(W))[:, None, None, :]
    t, m = np.arange(T)[:, None, None, None], np.arange(M)[None, :, None, None]
    return np.asarray(padded[t, m, rows, columns])


def fit(
    network: Network,
    image: Array,
    target: Array,
    optimiser: Optimiser,
    epochs: int = 10,
    batch: int = 64,
    seed: int = 0,
    held_out: tuple[Array, Array] | None = None,
    patience: int | None = None,
    augment: Augment | None = None,
    decay: float = 1.0,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train the network in place; one row of history an epoch: epoch, loss, seconds, accuracy.

    Each epoch walks once through the pictures in a new order (`seed` decides it), in batches;
    `augment(pictures, rng)` changes a batch before it is used; the optimiser's step is multiplied
    by `decay` after each epoch. With `held_out` = (image, target) the row has its "accuracy"; with
    `patience` too, training stops after so many epochs without a better one, and the best
    parameters are put back.

    Raises ValueError before any work for arguments that do not fit, and FloatingPointError as
    soon as the loss is not finite.
    """
    epochs, batch = whole("epochs", epochs, 0), whole("batch", batch, 1)
    _check_data("image", image, target)
    if held_out is not None:
        _check_data("held_out", *held_out)
    if patience is not None:
        whole("patience", patience, 1)
        if held_out is None:
            raise ValueError(f"`patience` (={patience!r}) needs `held_out` to judge by")
    rng = np.random.default_rng(seed)
    history: list[dict[str, float]] = []
    best: tuple[float, int, Params] = (-1.0, 0, {})
    bar = _Bar(epochs, progress)
    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        loss = _epoch(network, image, target, optimiser, batch, rng, augment)
        row = {"epoch": float(epoch), "loss": loss, "seconds": time.perf_counter() - started}
        if held_out is not None:
            row["accuracy"] = network.accuracy(*held_out)
            if row["accuracy"] > best[0]:
                best = (row["accuracy"], epoch, {n: p.copy() for n, p in network.params.items()})
        history.append(row)
        bar.show(row)
        optimiser.step *= decay
        if patience is not None and epoch - best[1] >= patience:
            break
    bar.close()
    if patience is not None and best[2]:
        network.params.update(best[2])
    return history


class _Bar:
    """A progress bar where tqdm is installed; nothing where it is not (in the browser)."""

    def __init__(self, epochs: int, wanted: bool) -> None:
        try:
            from tqdm import tqdm
        except ImportError:
            wanted = False
        self.bar = tqdm(total=epochs, desc="training", unit="epoch") if wanted else None

    def show(self, row: dict[str, float]) -> None:
        if self.bar is not None:
            self.bar.set_postfix({k: f"{row[k]:.4f}" for k in ("loss", "accuracy") if k in row})
            self.bar.update()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def _check_data(name: str, image: Array, target: Array) -> None:
    if len(image) == 0 or len(image) != len(target):
        raise ValueError(f"`{name}` has {len(image)} pictures for {len(target)} targets")


def _epoch(
    network: Network,
    image: Array,
    target: Array,
    optimiser: Optimiser,
    batch: int,
    rng: np.random.Generator,
    augment: Augment | None,
) -> float:
    """One walk through the pictures; the mean loss."""
    total = 0.0
    for chosen in _batches(len(image), batch, rng):
        pictures: Any = image[chosen] if augment is None else augment(image[chosen], rng)
        loss, gradients = network.loss(pictures, target[chosen])
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}: try a smaller `step`")
        optimiser.update(network.params, gradients)
        total += loss * len(chosen)
    return total / len(image)


def _batches(count: int, batch: int, rng: np.random.Generator) -> Iterator[Array]:
    order = rng.permutation(count)
    for start in range(0, count, batch):
        yield order[start : start + batch]
