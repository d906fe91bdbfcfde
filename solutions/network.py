"""A network is a list of rows: forward walks it, backward walks it reversed.

One row, a `Layer`, is a forward and its backward with the shapes of its parameters. There is no
graph and no tape: forward returns what each row must remember (its trace), backward takes it.

T pictures; M in-maps, N out-maps; a parameter is called "<row>.<name>", as in "conv1.w".
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from solutions import activations
from solutions.arguments import Array, IntOrPair, Padding, pair, whole
from solutions.backend import backend_name
from solutions.batch_norm import batch_norm_backward, batch_norm_forward, batch_norm_infer
from solutions.conv import conv_backward, conv_backward_params, conv_forward
from solutions.flat import affine_backward, affine_forward, flatten_backward, flatten_forward
from solutions.losses import cross_entropy_with_gradient
from solutions.pool import (
    max_pool_backward,
    max_pool_forward,
    mean_pool_backward,
    mean_pool_forward,
)

Params = dict[str, Array]
Kept = Any  # what a row's backward needs of its forward


@dataclass(frozen=True)
class Does:
    """What a row does, as ("conv", (stride, padding ...)), and the functions that do it."""

    kind: str
    settings: tuple[Any, ...]
    by: tuple[Any, ...]  # forward, backward, backward_params


@dataclass(frozen=True)
class Layer:
    """One row of a network.

    `forward(y, params, training) -> z, kept` and `backward(dz, kept, params) -> dy, gradients`;
    `params` and `gradients` are {name: array} of this row alone. `shapes` are the parameters'
    and `fan_in` says from how many values one output is summed (for He's initialisation);
    `constants` are parameters that no gradient reaches (running statistics). `backward_params`,
    where a row has it, is backward without dy, for the first row in training. `does` says what the
    functions do, for those who can do it in another way: `pictures_last`.
    """

    name: str
    forward: Callable[[Array, Params, bool], tuple[Array, Kept]]
    backward: Callable[[Array, Kept, Params], tuple[Array, Params]]
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fan_in: int = 1
    constants: Mapping[str, float] = field(default_factory=dict)
    backward_params: Callable[[Array, Kept, Params], Params] | None = None
    does: Does | None = None

    def kind(self) -> str:
        """What is known to be done here; "" once another function has been put in a place."""
        functions = self.forward, self.backward, self.backward_params
        return self.does.kind if self.does is not None and self.does.by == functions else ""


# ----- rows: one factory a kind -----


def conv(
    M: int,
    N: int,
    size: IntOrPair,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Layer:
    """A convolution from M in-maps to N out-maps with filters of `size`, and a bias."""
    KH, KW = pair("size", size)
    M, N = whole("M", M, 1), whole("N", N, 1)
    settings = (stride, padding, dilation, whole("groups", groups, 1))

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        return conv_forward(y, p["w"], p["b"], *settings), y

    def backward(dz: Array, y: Kept, p: Params) -> tuple[Array, Params]:
        dy, dw, db = conv_backward(dz, y, p["w"], p["b"], *settings)
        return dy, {"w": dw, "b": db}  # type: ignore[dict-item]  # db is there, as b is

    def backward_params(dz: Array, y: Kept, p: Params) -> Params:
        dw, db = conv_backward_params(dz, y, p["w"], p["b"], *settings)
        return {"w": dw, "b": db}  # type: ignore[dict-item]

    shapes = {"w": (N, M // groups, KH, KW), "b": (N,)}
    fan_in = M // groups * KH * KW
    return Layer(
        "conv", forward, backward, shapes, fan_in=fan_in, backward_params=backward_params,
        does=Does("conv", settings, (forward, backward, backward_params)),
    )  # fmt: skip


def affine(M: int, N: int) -> Layer:
    """An affine row from M values to N: z = y w^T + b."""
    M, N = whole("M", M, 1), whole("N", N, 1)

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        return affine_forward(y, p["w"], p["b"]), y

    def backward(dz: Array, y: Kept, p: Params) -> tuple[Array, Params]:
        dy, dw, db = affine_backward(dz, y, p["w"], p["b"])
        return dy, {"w": dw, "b": db}  # type: ignore[dict-item]

    shapes = {"w": (N, M), "b": (N,)}
    does = Does("affine", (), (forward, backward, None))
    return Layer("affine", forward, backward, shapes, fan_in=M, does=does)


def activation(kind: str) -> Layer:
    """relu, leaky_relu, sigmoid, tanh, softplus or gelu, element by element."""
    kinds = ("relu", "leaky_relu", "sigmoid", "tanh", "softplus", "gelu")
    if kind not in kinds:
        raise ValueError(f"`kind` (={kind!r}) must be one of {', '.join(kinds)}")
    f = getattr(activations, f"{kind}_forward")
    slope = getattr(activations, f"{kind}_backward")

    def forward(z: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        return f(z), z

    def backward(dy: Array, z: Kept, p: Params) -> tuple[Array, Params]:
        return slope(dy, z), {}

    return Layer(kind, forward, backward, does=Does(kind, (), (forward, backward, None)))


def relu() -> Layer:
    """max(z, 0)."""
    return activation("relu")


def max_pool(size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0) -> Layer:
    """The largest value of each window."""

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        z, pidx = max_pool_forward(y, size, stride, padding)
        return z, (pidx, y.shape)

    def backward(dz: Array, kept: Kept, p: Params) -> tuple[Array, Params]:
        return max_pool_backward(dz, *kept), {}

    does = Does("max_pool", (size, stride, padding), (forward, backward, None))
    return Layer("max_pool", forward, backward, does=does)


def mean_pool(size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0) -> Layer:
    """The mean of each window."""

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        return mean_pool_forward(y, size, stride, padding), y.shape

    def backward(dz: Array, shape: Kept, p: Params) -> tuple[Array, Params]:
        return mean_pool_backward(dz, shape, size, stride, padding), {}

    return Layer("mean_pool", forward, backward)


def flatten() -> Layer:
    """All maps of a picture as one row of values."""

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        return flatten_forward(y), y.shape

    def backward(dz: Array, shape: Kept, p: Params) -> tuple[Array, Params]:
        return flatten_backward(dz, shape), {}

    return Layer("flatten", forward, backward, does=Does("flatten", (), (forward, backward, None)))


def batch_norm(M: int, momentum: float = 0.1, eps: float = 1e-5) -> Layer:
    """Each of M maps to mean beta and deviation gamma; running statistics outside training.

    In training, running = (1 - momentum) * running + momentum * the batch's statistics.
    """
    M = whole("M", M, 1)
    if not 0 < momentum <= 1:
        raise ValueError(f"`momentum` (={momentum!r}) must be above 0 and at most 1")

    def forward(y: Array, p: Params, training: bool) -> tuple[Array, Kept]:
        if not training:
            return batch_norm_infer(y, p["gamma"], p["beta"], p["mean"], p["var"], eps), None
        for name, now in (("mean", y.mean((0, 2, 3))), ("var", y.var((0, 2, 3)))):
            p[name] += p[name].dtype.type(momentum) * (now - p[name])
        return batch_norm_forward(y, p["gamma"], p["beta"], eps), y

    def backward(dz: Array, y: Kept, p: Params) -> tuple[Array, Params]:
        if y is None:
            raise ValueError("backward needs a forward with `training` = True before it")
        dy, dgamma, dbeta = batch_norm_backward(dz, y, p["gamma"], p["beta"], eps)
        return dy, {"gamma": dgamma, "beta": dbeta}

    shapes = dict.fromkeys(("gamma", "beta", "mean", "var"), (M,))
    constants = {"gamma": 1.0, "mean": 0.0, "var": 1.0}
    return Layer("batch_norm", forward, backward, shapes, constants=constants)


# ----- the network -----


class Network:
    """Rows of layers with their parameters: `network.params["conv1.w"]`.

    Rows of one kind are numbered from 1 (conv1, relu1, conv2 ...). Parameters start as He et al.
    (2015) draw them: w normal with variance 2 / fan_in, b zero; `seed` decides the numbers.
    """

    def __init__(self, layers: Sequence[Layer], seed: int = 0, dtype: Any = np.float32) -> None:
        self.layers = tuple(_numbered(layers))
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise TypeError(f"`dtype` (={dtype!r}) must be float32 or float64")
        rng = np.random.default_rng(seed)
        self.params: Params = {
            f"{layer.name}.{name}": _start(layer, name, rng).astype(self.dtype)
            for layer in self.layers
            for name in layer.shapes
        }
        self._shapes = {name: value.shape for name, value in self.params.items()}
        self._rows: dict[tuple[int, ...], Any] = {}  # `pictures_last`, for each shape of a batch

    def forward(self, image: Array, training: bool = False) -> tuple[Array, list[Kept]]:
        """The output for a batch of pictures, and the trace that `backward` needs."""
        y, trace = image, []
        for layer in self.layers:
            y, kept = layer.forward(y, self._of(layer), training)
            trace.append(kept)
        return y, trace

    def backward(self, dy: Array, trace: Sequence[Kept]) -> tuple[Array, Params]:
        """The gradient by the pictures and {name: gradient}: the rows, walked in reverse.

        dy is the gradient of Div by `forward`'s output; source: "Backward layer l", A11.
        """
        return self._backward(dy, trace, by_pictures=True)

    def _backward(
        self, dy: Array, trace: Sequence[Kept], by_pictures: bool
    ) -> tuple[Array, Params]:
        gradients: Params = {}
        for layer, kept in zip(reversed(self.layers), reversed(trace), strict=True):
            if layer is self.layers[0] and not by_pictures and layer.backward_params:
                own = layer.backward_params(dy, kept, self._of(layer))
            else:
                dy, own = layer.backward(dy, kept, self._of(layer))
            gradients.update({f"{layer.name}.{name}": g for name, g in own.items()})
        return dy, {name: gradients[name] for name in self.params if name in gradients}

    def loss(self, image: Array, target: Array) -> tuple[float, Params]:
        """The mean cross-entropy of a batch, and its gradient by every parameter."""
        rows = self._rows_for(image)
        if rows is not None:
            from solutions import pictures_last

            return pictures_last.loss(rows, self.params, image, target)
        z, trace = self.forward(image, training=True)
        loss, dz = cross_entropy_with_gradient(z, target)
        return loss, self._backward(dz, trace, by_pictures=False)[1]

    def _rows_for(self, image: Array) -> Any:
        """The rows with pictures last, or None where the usual way is to be taken."""
        if backend_name() != "tiles" or not self._as_made(image):
            return None
        if image.shape not in self._rows:
            from solutions.kernels import tiles

            self._rows[image.shape] = tiles.rows_with_pictures_last(
                self.layers, image.shape, self.dtype
            )
        return self._rows[image.shape]

    def _as_made(self, image: Array) -> bool:
        """Are picture and parameters arrays as the network made them, in kind and shape?"""
        if not isinstance(image, np.ndarray) or image.dtype != self.dtype or image.ndim < 2:
            return False
        return all(
            isinstance(value := self.params[name], np.ndarray)
            and value.shape == shape
            and value.dtype == self.dtype
            and value.flags.carray
            for name, shape in self._shapes.items()
        )

    def predict(self, image: Array, batch: int = 256) -> Array:
        """The class with the largest output, (T,) int64, worked out `batch` pictures at a time."""
        batch = whole("batch", batch, 1)
        parts = [self.forward(image[t : t + batch])[0] for t in range(0, len(image), batch)]
        return np.concatenate([z.argmax(axis=1) for z in parts]) if parts else np.empty(0, np.int64)

    def accuracy(self, image: Array, target: Array) -> float:
        """The share of pictures whose class is predicted right."""
        if len(image) == 0 or len(image) != len(target):
            raise ValueError(f"`image` has {len(image)} pictures for {len(target)} targets")
        return float(np.mean(self.predict(image) == target))

    def save(self, path: str | Path) -> None:
        """All parameters as an .npz file, written whole or not at all; without pickle."""
        path = Path(path)
        fresh = path.with_name(path.name + ".new.npz")
        np.savez(fresh, **self.params)  # type: ignore[arg-type]
        os.replace(fresh, path)

    def load(self, path: str | Path) -> None:
        """Take the parameters from a file that `save` wrote.

        Raises ValueError, and changes nothing, if names or shapes are not this network's.
        """
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in stored.files}
        odd = sorted(found.keys() ^ self.params.keys())
        if odd:
            raise ValueError(f"`path` (={str(path)!r}) is of another network: {', '.join(odd)}")
        for name, value in found.items():
            if value.shape != self.params[name].shape:
                raise ValueError(
                    f"`path` (={str(path)!r}) holds {name} of shape {value.shape}; "
                    f"this network's has {self.params[name].shape}"
                )
        self.params.update({n: found[n].astype(self.dtype) for n in self.params})

    def _of(self, layer: Layer) -> Params:
        """The layer's own parameters, without its name in front."""
        return {name: self.params[f"{layer.name}.{name}"] for name in layer.shapes}


def _numbered(layers: Sequence[Layer]) -> list[Layer]:
    if not layers:
        raise ValueError("`layers` (=[]) must hold at least one layer")
    seen: dict[str, int] = {}
    rows = []
    for layer in layers:
        seen[layer.name] = seen.get(layer.name, 0) + 1
        rows.append(replace(layer, name=f"{layer.name}{seen[layer.name]}"))
    return rows


def _start(layer: Layer, name: str, rng: np.random.Generator) -> Array:
    shape = layer.shapes[name]
    if name == "w":
        return np.asarray(rng.normal(0, np.sqrt(2 / layer.fan_in), shape))
    return np.full(shape, layer.constants.get(name, 0.0))


def lenet(seed: int = 0, dtype: Any = np.float32, maps: tuple[int, int] = (6, 16)) -> Network:
    """The network of LeCun et al. (1998) in today's form, for pictures of 1 x 28 x 28.

    Two convolutions with ReLU and max pooling, then three affine rows; `maps` are the
    convolutions' out-maps.
    """
    first, second = maps
    rows = [
        conv(1, first, 5, padding=2), relu(), max_pool(2),
        conv(first, second, 5), relu(), max_pool(2),
        flatten(),
        affine(second * 25, 120), relu(),
        affine(120, 84), relu(),
        affine(84, 10),
    ]  # fmt: skip
    return Network(rows, seed, dtype)
