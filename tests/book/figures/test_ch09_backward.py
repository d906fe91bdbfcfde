"""Chapter 9's figure: every step against differences of the forward pass, started anew halfway."""

import re

import numpy as np
import pytest
from figures import ch09_backward as ch09
from figures.element import html

FIGURE = ch09.backward()
ROWS = {"y2": 3, "z2": 3, "w2": 2, "y1": 4, "z1": 4, "w1": 3, "y0": 6}
CELLS = {  # "z1[2]" -> its cell; a bias stands behind its filter
    **{f"{name}[{k}]": (row, k) for row, name in enumerate(ROWS) for k in range(ROWS[name])},
    "b2": (2, 2),
    "b1": (5, 3),
}
ORDER = [  # the way back
    *(f"z2[{k}]" for k in range(3)), "w2[0]", "w2[1]", "b2", *(f"y1[{k}]" for k in range(4)),
    *(f"z1[{k}]" for k in range(4)), "w1[0]", "w1[1]", "w1[2]", "b1", *(f"y0[{k}]" for k in range(6)),
]  # fmt: skip


def run(changed: str = "", by: float = 0.0) -> tuple[dict[str, float], float]:
    """Forward with plain loops, one value moved where it arises; all values, and Div."""
    value: dict[str, float] = {}

    def put(name: str, number: float) -> None:
        value[name] = number + (by if name == changed else 0)

    for name, numbers in (("y0", ch09.Y0), ("w1", ch09.W1), ("w2", ch09.W2)):
        for k, number in enumerate(numbers):
            put(f"{name}[{k}]", number)
    put("b1", ch09.B1)
    put("b2", ch09.B2)
    for layer, places, K in ((1, 4, 3), (2, 3, 2)):
        for c in range(places):
            terms = (value[f"w{layer}[{j}]"] * value[f"y{layer - 1}[{c + j}]"] for j in range(K))
            put(f"z{layer}[{c}]", value[f"b{layer}"] + sum(terms))
            put(f"y{layer}[{c}]", max(value[f"z{layer}[{c}]"], 0))
    return value, sum(d * value[f"y2[{c}]"] for c, d in enumerate(ch09.DY2))


def difference(name: str, h: float = 2.0**-6) -> float:
    """Exact: no z is so near to 0, and between the kinks Div is linear in each single value."""
    return (run(name, h)[1] - run(name, -h)[1]) / (2 * h)


VALUES = run()[0]
GRADS = {name: difference(name) for name in CELLS}


def number(text: str) -> float:
    return float(text.strip("()").replace("−", "-"))


def test_the_steps_go_back_through_the_network():
    assert [step.at for step in FIGURE.steps] == [CELLS[name] for name in ORDER]
    assert FIGURE.pick == "gradients"


@pytest.mark.parametrize("k", range(len(ORDER)), ids=ORDER)
def test_step_is_right(k):
    step, name = FIGURE.steps[k], ORDER[k]
    assert step.result == GRADS[name]
    assert step.writes == {"gradients": {CELLS[name]: GRADS[name]}}
    why, line = step.text.splitlines()
    left, *sums = line.split(" = ")
    assert left == f"d{name}" and number(sums[-1]) == GRADS[name]
    products = [[number(f) for f in term.split("·")] for term in sums[0].split(" + ")]
    assert sum(np.prod(p) for p in products) == GRADS[name]
    marks = step.marks["gradients"]
    assert marks["here"] == [CELLS[name]]
    above = [n for cell in marks["used"] for n in CELLS if CELLS[n] == cell]
    assert [GRADS[n] for n in above] == [p[0] for p in products]
    factors = [n for cell in step.marks["values"]["used"] for n in CELLS if CELLS[n] == cell]
    if name[0] == "z":
        assert [p[1] for p in products] == [float(VALUES[name] > 0)] and factors == [name]
        assert why.endswith(f"{name} = {show(VALUES[name])} is {sign(VALUES[name])}.")
    elif name[0] == "b":
        assert not factors and all(len(p) == 1 for p in products)
    else:
        assert [VALUES[n] for n in factors] == [p[1] for p in products]
        assert set(re.findall(r"[a-z]\d\[\d\]", why)) == (
            {name, *factors} if name[0] == "w" else {name, *factors, *above}
        )


def show(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def sign(value: float) -> str:
    return "positive: the slope is 1" if value > 0 else "negative: the slope is 0"


@pytest.mark.parametrize("k", range(len(ORDER)))
def test_used_values_are_all_that_the_entry_touches(k):
    """Moving a marked value (or the gradient above) is the only way to move the entry's number."""
    step, name = FIGURE.steps[k], ORDER[k]
    used = {n for n in CELLS if CELLS[n] in step.marks["gradients"]["used"]}
    if name[0] in "yw":  # the z's that the entry reaches directly: those that move with it
        layer = int(name[1]) + (name[0] == "y")
        moved = run(name, 0.5)[0]
        reach = {f"z{layer}[{c}]" for c in range(4) if f"z{layer}[{c}]" in CELLS}
        assert {n for n in reach if moved[n] != VALUES[n]} <= used <= reach


def test_both_grids_show_values_and_names():
    values, gradients = FIGURE.grids
    for name, cell in CELLS.items():
        assert values.values[cell] == VALUES[name]
        assert FIGURE.steps[0].labels["values"][cell] == name
        assert FIGURE.steps[0].labels["gradients"][cell] == f"d{name}"
        given = int(name[3]) if name.startswith("y2") else None
        assert gradients.values[cell] == ("·" if given is None else ch09.DY2[given])
        assert not values.dashed[cell]
    assert values.dashed.sum() == values.values.size - len(CELLS)
    last = FIGURE.values(len(ORDER) - 1, gradients)
    assert {name: number(last[cell]) for name, cell in CELLS.items()} == GRADS


def test_the_figure_is_small():
    import gzip

    assert len(gzip.compress(html(FIGURE).encode())) < 10_000
