"""The graph's figure: slopes and gradients against differences, shares against sums over paths."""

import re

import numpy as np
from figures.ch02_paths import NAMES, X, Y, backward, edges, values

H = 1e-4


def step_of(name):
    """A function that computes `name` from a table of the values that are already known."""
    return {
        "u": lambda a: a["x"] + a["y"],
        "v": lambda a: a["x"] * a["u"],
        "q": lambda a: a["u"] ** 2,
        "Div": lambda a: a["v"] * a["q"],
    }[name]


def local_slope(start, end):
    up, down = dict(values()), dict(values())
    up[start] += H
    down[start] -= H
    return (step_of(end)(up) - step_of(end)(down)) / (2 * H)


def div_from(name, value):
    """Div when `name` has this value and all that comes after it follows."""
    known = {"x": X, "y": Y}
    for each in NAMES:
        if each == name:
            known[each] = value
        elif each not in known:
            known[each] = step_of(each)(known)
    return known["Div"]


def paths(start):
    """All ways from `start` to Div, as lists of edges."""
    if start == "Div":
        return [[]]
    ends = [end for begin, end in edges() if begin == start]
    return [[(start, end), *rest] for end in ends for rest in paths(end)]


def product(path):
    return np.prod([local_slope(*edge) for edge in path])


def numbers(text):
    return [int(n) for n in re.findall(r"-?\d+", text.replace("−", "-"))]


def test_slopes_are_those_of_the_forward_lines():
    for (start, end), (_, slope) in edges().items():
        assert np.isclose(slope, local_slope(start, end))


def test_gradients_are_differences_of_div_and_sums_over_paths():
    figure, a = backward(), values()
    assert len(figure.steps) == len(edges()) == 7
    last = len(figure.steps) - 1
    nodes = figure.by_name["nodes"]
    shown = figure.values(last, nodes)
    for row, name in enumerate(NAMES, 1):
        gradient = (div_from(name, a[name] + H) - div_from(name, a[name] - H)) / (2 * H)
        assert np.isclose(float(shown[row, 2].replace("−", "-")), gradient, atol=1e-4)
        assert np.isclose(sum(map(product, paths(name))), gradient, atol=1e-4)
        assert shown[row, 1] == str(a[name]).replace("-", "−")
    assert len(paths("x")) == 3


def test_every_step_adds_its_edge():
    figure = backward()
    gradient = dict.fromkeys(NAMES, 0) | {"Div": 1}
    open_edges = list(edges())
    for step in figure.steps:
        start, end = open_edges.pop(0)
        share = round(local_slope(start, end)) * gradient[end]
        row, column = NAMES.index(start) + 1, NAMES.index(end) - 1
        assert step.at == (row, column)
        assert figure.by_name["edges"].values[row, column] == str(round(local_slope(start, end)))
        first, second = step.text.splitlines()
        assert first.startswith(f"Edge {start} → {end}, slope ")
        assert numbers(first)[-1] == round(local_slope(start, end))
        assert numbers(second.split(". ")[0])[-3:] == [
            share,
            gradient[start],
            gradient[start] + share,
        ]
        gradient[start] += share
        assert step.result == gradient[start]
        assert step.writes == {"nodes": {(row, 2): gradient[start]}}
        assert step.labels == {"nodes": {(row, 2): f"+{share}"}}
        assert step.marks == {
            "edges": {"here": [(row, column)]},
            "nodes": {"here": [(row, 2)], "used": [(NAMES.index(end) + 1, 2)]},
        }
        waits = any(begin == start for begin, _ in open_edges)
        assert second.endswith("waits for one more path." if waits else "is complete.")
        # all of the end's own paths have arrived before it is sent on
        assert not any(begin == end for begin, _ in open_edges)


def test_numbers_differ_where_a_mix_up_would_hide():
    a = values()
    assert len(set(a.values())) == len(a)
