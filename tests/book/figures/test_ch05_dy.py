"""Chapter 5's sum over n, against stamps: dy by scattering, where the figure gathers."""

import gzip
import re

import numpy as np
from figures.ch05_dy import MAPS_DZ, MAPS_W, sum_over_n
from figures.element import html


def stamped(dz: np.ndarray, w: np.ndarray) -> np.ndarray:
    """One map's share of dy: each dz stamps the plane, unflipped, where its window was."""
    share = np.zeros(np.add(dz.shape, w.shape) - 1, int)
    for (r, c), value in np.ndenumerate(dz):
        share[r : r + w.shape[0], c : c + w.shape[1]] += value * w
    return share


SHARES = np.array([stamped(dz, w) for dz, w in zip(MAPS_DZ, MAPS_W, strict=True)])
DY = SHARES.sum(axis=0)


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def test_example_hides_no_mistake() -> None:
    assert len(set(DY.flat)) == DY.size
    assert (SHARES != DY).all(), "one share alone is nowhere right"
    unflipped = [stamped(dz, w[::-1, ::-1]) for dz, w in zip(MAPS_DZ, MAPS_W, strict=True)]
    assert (sum(unflipped) != DY).any()


def test_sum_over_n_equals_the_stamps_at_every_step() -> None:
    figure = sum_over_n()
    assert [step.at for step in figure.steps] == list(np.ndindex(DY.shape))
    assert figure.pick == "dy" and figure.columns == DY.shape[1]
    for step in figure.steps:
        r, c = step.at
        window = [(r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)]
        on_dz = [k for k, (a, b) in enumerate(window) if a in (1, 2) and b in (1, 2)]
        *shares, total = step.text.replace("−", "-").splitlines()
        for n, line in enumerate(shares):
            products = [(int(a), int(b)) for a, b in re.findall(r"\(?(-?\d+)\)?·\(?(-?\d+)", line)]
            assert len(products) == len(on_dz)
            assert sum(a * b for a, b in products) == SHARES[n, r, c] == int(line.split()[-1])
            assert line.startswith(f"n = {n}: ")
            assert step.marked(f"dz{n}") == {"used": window}
            weights = MAPS_W[n].ravel()[::-1]
            labels = step.labels[f"dz{n}"]
            assert [number(labels[p][1:]) for p in window] == weights.tolist()
            assert step.marked(f"flipped{n}") == {"used": [divmod(k, 2) for k in on_dz]}
        assert len(shares) == 2
        assert total.startswith(f"dy[{r},{c}] = ") and int(total.split()[-1]) == DY[r, c]
        assert [int(a) for a in re.findall(r"-?\d+", total.split("=")[1])] == [*SHARES[:, r, c]]
        assert step.result == DY[r, c]
        assert step.marked("dy") == {"here": [(r, c)]}
        assert step.writes == {"dy": {(r, c): DY[r, c]}}


def test_grids_show_the_padded_maps_and_the_flipped_planes() -> None:
    figure = sum_over_n()
    for n in range(2):
        grid = figure.by_name[f"dz{n}"]
        assert np.array_equal(grid.values.astype(int), np.pad(MAPS_DZ[n], 1))
        assert np.array_equal(grid.dashed, np.pad(MAPS_DZ[n], 1) == 0)
        flipped = figure.by_name[f"flipped{n}"].values.astype(int)
        assert np.array_equal(flipped, np.fliplr(np.flipud(MAPS_W[n])))
    shown = figure.values(len(figure.steps) - 1, figure.by_name["dy"])
    assert {cell: number(text) for cell, text in shown.items()} == dict(np.ndenumerate(DY))


def test_figure_is_small() -> None:
    assert len(gzip.compress(html(sum_over_n()).encode())) < 10_000
