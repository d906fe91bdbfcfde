"""Chapter 9, "The complete backward": its worked example, a network of two layers, and its figure.

One dimension, one map a layer: y0 (6) under w1 (3) plus b1 gives z1 (4); y1 = max(z1, 0); y1 under
w2 (2) plus b2 gives z2 (3); y2 = max(z2, 0). A gradient is d and the name of its value. One z of
each layer is negative, so that each ReLU stops something.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from figures.steps import Cell, Grid, Step, StepFigure, show

Y0 = (1, 0, 2, 1, 0, 2)
W1, B1 = (-1, 1, 2), -1
W2, B2 = (-1, 1), 2
DY2 = (-3, 3, 2)

# Both grids have these rows, from the end of the network (top) to the picture; b stands behind w.
ROWS = ("y2", "z2", "w2", "y1", "z1", "w1", "y0")


def forward() -> dict[str, np.ndarray]:
    """All values by name."""
    value = {name: np.array(v) for name, v in (("y0", Y0), ("w1", W1), ("w2", W2))}
    value |= {"b1": np.array([B1]), "b2": np.array([B2])}
    for layer in (1, 2):
        z = np.correlate(value[f"y{layer - 1}"], value[f"w{layer}"], "valid") + value[f"b{layer}"]
        value |= {f"z{layer}": z, f"y{layer}": np.maximum(z, 0)}
    return value


def backward() -> StepFigure:
    """The way back through two layers, one entry of one gradient a step."""
    value = forward()
    names = {cell: name for name, cell in _places(value)}
    dy2 = {(0, k): v for k, v in enumerate(DY2)}
    grads: dict[str, int] = {f"y2[{k}]": v for k, v in enumerate(DY2)}
    labels = {
        "values": names,
        "gradients": {cell: f"d{name}" for cell, name in names.items()},
    }
    return StepFigure(
        alt="The gradient's way back through conv, ReLU, conv, ReLU, one entry a step.",
        grids=(
            Grid("values", _table(value, names, {}), "what forward kept", _absent(names)),
            Grid("gradients", _table({}, names, dy2), "gradients", _absent(names)),
        ),
        steps=tuple(_step(entry, grads, names, labels) for entry in _entries(value)),
        columns=4,
        pick="gradients",
    )


def _places(value: dict[str, np.ndarray]) -> Iterator[tuple[str, Cell]]:
    """The name of every entry and its cell; a bias, one number, has no index."""
    for row, name in enumerate(ROWS):
        for k in range(len(value[name])):
            yield f"{name}[{k}]", (row, k)
        if name[0] == "w":
            yield f"b{name[1]}", (row, len(value[name]))


def _table(
    value: dict[str, np.ndarray], names: dict[Cell, str], written: dict[Cell, int]
) -> np.ndarray:
    table = np.full((len(ROWS), len(Y0)), "", dtype=object)
    for cell, name in names.items():
        table[cell] = written.get(cell, "·")
        if value:
            table[cell] = int(_number(value, name))
    return table


def _absent(names: dict[Cell, str]) -> np.ndarray:
    absent = np.ones((len(ROWS), len(Y0)), bool)
    absent[tuple(np.transpose(list(names)))] = False
    return absent


def _number(value: dict[str, np.ndarray], name: str) -> Any:
    """The value called "z1[2]" or "b1"."""
    array, _, index = name.partition("[")
    return value[array][int(index.rstrip("]") or 0)]


@dataclass(frozen=True)
class _Entry:
    """One entry of a gradient: its products (a gradient's name, a factor, the factor's name)."""

    name: str
    products: tuple[tuple[str, int, str], ...]
    why: str


def _entries(value: dict[str, np.ndarray]) -> Iterator[_Entry]:
    """From the end of the network to the picture."""
    for layer in (2, 1):
        z, w, y = value[f"z{layer}"], value[f"w{layer}"], value[f"y{layer - 1}"]
        for c, number in enumerate(z):
            sign = "positive: the slope is 1" if number > 0 else "negative: the slope is 0"
            yield _Entry(
                f"z{layer}[{c}]",
                ((f"y{layer}[{c}]", int(number > 0), f"z{layer}[{c}]"),),
                f"ReLU {layer}. z{layer}[{c}] = {show(number)} is {sign}.",
            )
        for j in range(len(w)):
            products = tuple(
                (f"z{layer}[{c}]", int(y[c + j]), f"y{layer - 1}[{c + j}]") for c in range(len(z))
            )
            met = ", ".join(name for _, _, name in products)
            yield _Entry(f"w{layer}[{j}]", products, f"Conv {layer}. w{layer}[{j}] met {met}.")
        yield _Entry(
            f"b{layer}",
            tuple((f"z{layer}[{c}]", 1, "") for c in range(len(z))),
            f"Conv {layer}. b{layer} is in every z{layer}.",
        )
        for p in range(len(y)):
            products = tuple(
                (f"z{layer}[{p - j}]", int(w[j]), f"w{layer}[{j}]")
                for j in reversed(range(len(w)))
                if 0 <= p - j < len(z)
            )
            reached = ", ".join(f"{to} through {by}" for to, _, by in products)
            name = f"y{layer - 1}[{p}]"
            yield _Entry(name, products, f"Conv {layer}. {name} reached {reached}.")


def _step(
    entry: _Entry,
    grads: dict[str, int],
    names: dict[Cell, str],
    labels: dict[str, dict[Cell, str]],
) -> Step:
    """The step that works the entry out; `grads` gets its number."""
    cell_of = {name: cell for cell, name in names.items()}
    terms = [
        f"{_factor(grads[above])}·{_factor(factor)}" if by else _factor(grads[above])
        for above, factor, by in entry.products
    ]
    result = sum(grads[above] * factor for above, factor, _ in entry.products)
    grads[entry.name] = result
    here = cell_of[entry.name]
    return Step(
        at=here,
        text=f"{entry.why}\nd{entry.name} = {' + '.join(terms)} = {show(result)}",
        result=result,
        marks={
            "values": {"used": [cell_of[by] for _, _, by in entry.products if by]},
            "gradients": {
                "here": [here],
                "used": [cell_of[above] for above, _, _ in entry.products],
            },
        },
        labels=labels,
        writes={"gradients": {here: result}},
    )


def _factor(number: int) -> str:
    return f"({show(number)})" if number < 0 else show(number)
