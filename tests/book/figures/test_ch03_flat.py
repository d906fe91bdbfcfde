"""Chapter 3's figures: every step against numbers computed another way."""

import gzip
import re

import numpy as np
import pytest
from figures.ch03_flat import BATCH_DZ, BATCH_Y, FLAT_DZ, FLAT_SHAPE, over_the_batch, rolled_up
from figures.element import html

ROLL = rolled_up()
BATCH = over_the_batch()


def number(text: str) -> int:
    return int(text.replace("−", "-").strip("()"))


def row(text: str) -> list[int]:
    return [number(part) for part in text.strip("()").split(", ")]


def test_the_figures_are_small() -> None:
    for figure in (ROLL, BATCH):
        assert len(gzip.compress(html(figure).encode())) < 10_000


@pytest.mark.parametrize("k", range(12))
def test_each_entry_of_the_row_goes_back_to_its_place(k: int) -> None:
    step = ROLL.steps[k]
    m, r, c = np.unravel_index(k, FLAT_SHAPE)
    assert step.at == (0, k) and step.result == FLAT_DZ[k]
    assert step.marked("dz") == {"here": [(0, k)]}
    assert step.marked(f"dy{m}") == {"here": [(r, c)]}
    assert step.writes == {f"dy{m}": {(r, c): FLAT_DZ[k]}}
    first, last = step.text.splitlines()
    assert first.startswith(f"Map {m}, row {r}, column {c} ")
    a, H, b, W, d, k_said = map(int, re.findall(r"\d+", first.split("number")[1]))
    assert (a * H + b) * W + d == k_said == k and (a, b, d) == (m, r, c)
    assert last.startswith(f"dy[t,{m},{r},{c}] = dz[t,{k}] = ")
    assert number(last.split(" = ")[-1]) == FLAT_DZ[k]


def test_in_the_end_the_maps_are_the_row() -> None:
    shown = [ROLL.values(11, ROLL.by_name[f"dy{m}"]) for m in range(2)]
    assert [number(v) for each in shown for v in each.values()] == FLAT_DZ.tolist()
    assert set(ROLL.values(5, ROLL.by_name["dy1"]).values()) == {"·"}


@pytest.mark.parametrize("k", range(6))
def test_dw_and_db_grow_by_one_product_a_step(k: int) -> None:
    step = BATCH.steps[k]
    t, n = divmod(k, 2)
    seen = BATCH_DZ[: t + 1, n]
    dw, db = np.tensordot(seen, BATCH_Y[: t + 1], 1), seen.sum()
    assert step.at == (t, n) and step.result == db
    assert step.marked("dz") == {"here": [(t, n)]}
    assert step.marked("y") == {"used": [(t, m) for m in range(4)]}
    assert step.marked("dw") == {"used": [(n, m) for m in range(4)]}
    assert step.marked("db") == {"used": [(0, n)]}
    assert step.writes == {"dw": {(n, m): dw[m] for m in range(4)}, "db": {(0, n): db}}
    first, middle, last = step.text.splitlines()
    assert (
        first
        == f"Picture {t} reaches dw[{n}] with the factor dz[{t},{n}] = {seen[-1]}.".replace(
            "-", "−"
        )
    )
    before, factor, added, after = re.fullmatch(
        rf"dw\[{n}\] = (\(.*?\)) \+ (\S+)·(\(.*?\)) = (\(.*?\))", middle
    ).groups()
    assert row(added) == BATCH_Y[t].tolist() and number(factor) == seen[-1]
    assert row(after) == dw.tolist()
    assert (np.array(row(before)) + number(factor) * np.array(row(added))).tolist() == row(after)
    old, new, total = re.fullmatch(rf"db\[{n}\] = (\S+) \+ (\S+) = (\S+)", last).groups()
    assert number(old) + number(new) == number(total) == db


def test_in_the_end_dw_is_the_sum_over_all_pictures() -> None:
    shown = BATCH.values(5, BATCH.by_name["dw"])
    expected = sum(np.outer(BATCH_DZ[t], BATCH_Y[t]) for t in range(3))
    assert [number(v) for v in shown.values()] == expected.ravel().tolist()
