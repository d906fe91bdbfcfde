"""Chapter 6's figures against gradients by differences: what one more unit of each weight adds."""

import gzip
import re

import numpy as np
import pytest
from figures.ch06_dw import (
    EXAMPLE_DZ,
    EXAMPLE_W,
    EXAMPLE_Y,
    MAPS_DZ,
    MAPS_Y,
    dz_slides,
    every_pair,
)
from figures.element import html
from figures.steps import Step, StepFigure


def forward(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """y (M, H, W), w (N, M, KH, KW) -> z (N, H_out, W_out)."""
    windows = np.lib.stride_tricks.sliding_window_view(y, w.shape[2:], axis=(1, 2))
    return np.einsum("mrcij,nmij->nrc", windows, w)


def dw_by_differences(dz: np.ndarray, y: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Forward is linear in w: a unit of one weight adds just its derivative to Div = sum dz·z."""
    units = np.eye(int(np.prod(shape)), dtype=int).reshape(-1, *shape)
    return np.array([np.sum(dz * forward(y, unit)) for unit in units]).reshape(shape)


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def products(step: Step) -> list[tuple[int, int]]:
    line = step.text.splitlines()[-1].replace("−", "-")
    return [(int(a), int(b)) for a, b in re.findall(r"\(?(-?\d+)\)?·(-?\d+)", line)]


def steps(figure: StepFigure, shape: tuple[int, int]) -> list[tuple[tuple[int, int], Step]]:
    """The steps with the cells that lead to them: all cells, row by row."""
    assert [step.at for step in figure.steps] == list(np.ndindex(shape))
    assert figure.pick == "dw" and figure.columns == shape[1]
    return [(step.at, step) for step in figure.steps]


DW = dw_by_differences(EXAMPLE_DZ[None], EXAMPLE_Y[None], (1, 1, *EXAMPLE_W.shape))[0, 0]
PAIRS = dw_by_differences(MAPS_DZ, MAPS_Y, (2, 3, 1, 1))[:, :, 0, 0]


def test_example_hides_no_mistake() -> None:
    assert forward(EXAMPLE_Y[None], EXAMPLE_W[None, None]).shape[1:] == EXAMPLE_DZ.shape
    assert len(set(DW.flat)) == DW.size and len(set(PAIRS.flat)) == PAIRS.size
    flipped = dw_by_differences(EXAMPLE_DZ[None, ::-1, ::-1], EXAMPLE_Y[None], (1, 1, 3, 2))
    assert (flipped[0, 0] != DW).all()


def test_dz_slides_gives_dw_at_every_step() -> None:
    figure = dz_slides()
    H_out, W_out = EXAMPLE_DZ.shape
    for (i, j), step in steps(figure, DW.shape):
        window = [(i + r, j + c) for r in range(H_out) for c in range(W_out)]
        assert step.result == DW[i, j] == number(step.text.split()[-1])
        assert sum(a * b for a, b in products(step)) == DW[i, j]
        assert len(products(step)) == EXAMPLE_DZ.size
        assert step.marked("y") == {"used": window}
        assert step.marked("dw") == {"here": [(i, j)]}
        assert step.writes == {"dw": {(i, j): DW[i, j]}}
        labels = step.labels["y"]
        assert [labels[p].replace("−", "-") for p in window] == [f"×{v}" for v in EXAMPLE_DZ.flat]
        assert step.text.startswith(f"w[{i},{j}] met 8 values of y: rows {i} to {i + 1}, ")
        assert f"columns {j} to {j + 3}." in step.text


def test_dz_slides_ends_with_the_whole_dw() -> None:
    figure = dz_slides()
    shown = figure.values(len(figure.steps) - 1, figure.by_name["dw"])
    assert {cell: number(text) for cell, text in shown.items()} == dict(np.ndenumerate(DW))


def test_every_pair_gives_its_plane() -> None:
    for (n, m), step in steps(every_pair(), PAIRS.shape):
        assert step.result == PAIRS[n, m] == number(step.text.split()[-1])
        assert sum(a * b for a, b in products(step)) == PAIRS[n, m]
        assert products(step) == list(zip(MAPS_DZ[n].flat, MAPS_Y[m].flat, strict=True))
        whole = list(np.ndindex(2, 2))
        assert {name: step.marked(name) for name in step.marks} == {
            f"y{m}": {"used": whole},
            f"dz{n}": {"used": whole},
            "dw": {"here": [(n, m)]},
        }
        assert step.writes == {"dw": {(n, m): PAIRS[n, m]}}
        assert step.text.startswith(f"Plane {m} of filter {n} joins in-map {m} and out-map {n},")
        assert f"dw[{n},{m}] = sum of dz[0,{n}]·y[0,{m}] = " in step.text


@pytest.mark.parametrize("figure", [dz_slides(), every_pair()], ids=["dz_slides", "every_pair"])
def test_figures_are_small_and_complete(figure: StepFigure) -> None:
    page = html(figure)
    assert len(gzip.compress(page.encode())) < 10_000
    assert page.count("<li>") == 6


@pytest.mark.parametrize("values", [EXAMPLE_Y, EXAMPLE_DZ, EXAMPLE_W, MAPS_Y, MAPS_DZ])
def test_examples_cannot_be_changed(values: np.ndarray) -> None:
    with pytest.raises(ValueError):
        values[0] = 0
