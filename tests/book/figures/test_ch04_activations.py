"""Chapter 4's figure against one-sided differences of max(z, 0)."""

import gzip
import re

import numpy as np
import pytest
from figures.ch04_activations import EXAMPLE_DY, EXAMPLE_Z, map_of_chapters, relu_gate
from figures.element import html

# A step to the left of each z: the slope that max(z, 0) has there, and 0 at the kink.
SLOPE = np.maximum(EXAMPLE_Z, 0) - np.maximum(EXAMPLE_Z - 1, 0)
DZ = EXAMPLE_DY * SLOPE


def number(text: str) -> int:
    return int(text.replace("−", "-"))


def test_example_has_all_pairs_of_signs_and_one_kink() -> None:
    pairs = set(zip(np.sign(EXAMPLE_Z).flat, np.sign(EXAMPLE_DY).flat, strict=True))
    assert pairs >= {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    assert (EXAMPLE_Z == 0).sum() == 1 and (EXAMPLE_DY != 0).all()


def test_relu_gate_gives_dz_at_every_step() -> None:
    figure = relu_gate()
    assert [step.at for step in figure.steps] == list(np.ndindex(EXAMPLE_Z.shape))
    assert figure.pick == "z" and figure.columns == EXAMPLE_Z.shape[1]
    for step in figure.steps:
        r, c = step.at
        assert step.result == DZ[r, c] == number(step.text.split()[-1])
        last = step.text.splitlines()[-1].replace("−", "-")
        ((a, b),) = re.findall(r"\(?(-?\d+)\)?·(\d)", last)
        assert (int(a), int(b)) == (EXAMPLE_DY[r, c], SLOPE[r, c])
        shown_z = f"z[{r},{c}] = {EXAMPLE_Z[r, c]} is ".replace("-", "−")
        assert step.text.startswith(shown_z)
        assert (
            f"the slope {SLOPE[r, c]}" in step.text or f"and the slope {SLOPE[r, c]}" in step.text
        )
        word = {1: "is above 0", 0: "is 0, the kink", -1: "is below 0"}[
            int(np.sign(EXAMPLE_Z[r, c]))
        ]
        assert word in step.text
        assert {name: step.marked(name) for name in step.marks} == {
            "z": {"here": [(r, c)]},
            "dy": {"used": [(r, c)]},
            "dz": {"used": [(r, c)]},
        }
        assert step.labels == {"dy": {(r, c): f"×{SLOPE[r, c]}"}}
        assert step.writes == {"dz": {(r, c): DZ[r, c]}}
    shown = figure.values(len(figure.steps) - 1, figure.by_name["dz"])
    assert {cell: number(text) for cell, text in shown.items()} == dict(np.ndenumerate(DZ))


def test_figure_is_small() -> None:
    assert len(gzip.compress(html(relu_gate()).encode())) < 10_000


def test_map_names_each_chapter() -> None:
    texts = " ".join(text.get_text() for text in map_of_chapters().axes[0].texts)
    for word in ("dz(l)", "4 (here)", "5, 7, 8", "10, 11", "6, 7, 8"):
        assert word in texts


@pytest.mark.parametrize("values", [EXAMPLE_Z, EXAMPLE_DY])
def test_examples_cannot_be_changed(values: np.ndarray) -> None:
    with pytest.raises(ValueError):
        values[0] = 0
