"""Chapter 1's figure: every step against a scan computed another way."""

import gzip
import re

import numpy as np
import pytest
from figures.ch01_scanning import SCAN_B, SCAN_W, SCAN_Y, scan
from figures.element import html

FIGURE = scan()
ENTRIES = list(np.ndindex(2, 2, 2))
# z by windows and einsum, with 0, 1 or 2 in-maps in the sum
WINDOWS = np.lib.stride_tricks.sliding_window_view(SCAN_Y, (2, 2), axis=(1, 2))
STAGES = np.stack(
    [
        SCAN_B[:, None, None] + np.einsum("mrcij,nmij->nrc", WINDOWS[:m], SCAN_W[:, :m])
        for m in range(3)
    ],
    axis=-1,
)


def number(text: str) -> int:
    return int(text.replace("−", "-").strip("()"))


def test_there_is_a_step_for_every_entry_and_every_map() -> None:
    assert [step.at for step in FIGURE.steps] == list(np.ndindex(8, 3))
    assert FIGURE.columns == 3
    assert len(gzip.compress(html(FIGURE).encode())) < 10_000


@pytest.mark.parametrize("number_", range(24))
def test_every_step_is_the_sum_so_far(number_: int) -> None:
    step = FIGURE.steps[number_]
    row, stage = step.at
    n, r, c = ENTRIES[row]
    assert step.result == STAGES[n, r, c, stage]
    assert step.writes["sums"] == {(row, stage): step.result}
    assert step.marked("sums") == {"here": [(row, stage)]}
    last = step.text.splitlines()[-1]
    assert number(last.split(" = ")[-1]) == step.result
    if stage == 0:
        assert last.startswith(f"sum so far = b[{n}] = ")
        assert step.text.startswith(f"Filter {n}, place [{r},{c}]:")
        assert not step.marked("y0") and not step.marked("y1")
        return
    m = stage - 1
    block = {(r + i, c + j): (i, j) for i in range(2) for j in range(2)}
    assert step.marked(f"y{m}") == {"used": list(block)}
    assert step.marked(f"w{m}") == {"used": list(block.values())}
    assert not step.marked(f"y{1 - m}") and not step.marked(f"w{1 - m}")
    labels = {p: f"×{SCAN_W[n, m][q]}".replace("-", "−") for p, q in block.items()}
    assert step.labels[f"y{m}"] == labels
    first = step.text.splitlines()[0]
    pairs = re.findall(r"(\(?−?\d+\)?)·(−?\d+)", first)
    assert [(number(a), number(b)) for a, b in pairs] == [
        (SCAN_W[n, m][q], SCAN_Y[m][p]) for p, q in block.items()
    ]
    share = sum(number(a) * number(b) for a, b in pairs)
    assert share == STAGES[n, r, c, stage] - STAGES[n, r, c, m]
    assert number(first.split(" = ")[-1]) == share
    assert last.startswith(f"z[{n},{r},{c}]" if stage == 2 else "sum so far")
    before, added = last.split(" = ")[1].split(" + ")
    assert number(before) + number(added) == step.result


def test_the_grids_show_the_filter_at_work_and_the_finished_maps() -> None:
    for k, step in enumerate(FIGURE.steps):
        n = ENTRIES[step.at[0]][0]
        for m in range(2):
            shown = FIGURE.values(k, FIGURE.by_name[f"w{m}"])
            assert {cell: number(v) for cell, v in shown.items()} == dict(
                np.ndenumerate(SCAN_W[n, m])
            )
        finished = (k + 1) // 3
        z = [FIGURE.values(k, FIGURE.by_name[f"z{i}"]) for i in range(2)]
        values = [v for each in z for v in each.values()]
        assert [number(v) for v in values[:finished]] == STAGES[..., 2].ravel()[:finished].tolist()
        assert set(values[finished:]) <= {"·"}
        names = {(row, 0): "{},{},{}".format(*entry) for row, entry in enumerate(ENTRIES)}
        assert step.labels["sums"] == names


def test_no_two_entries_of_a_map_are_alike() -> None:
    for n in range(2):
        assert len(set(STAGES[n, ..., 2].flat)) == 4
