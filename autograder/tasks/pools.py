"""What chapters 10 and 11 share: which maps are pooled by which windows, and what can go wrong there.

A `Pool` is the shape of y, (T, M, H, W), with the window's size and stride. Where stride is not
what a property is about, windows are so chosen that all strides agree: whole maps, whole rows.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograder.cases import other_layout, read_only, single
from autograder.observe import arrays_in
from autograder.task import Case, Function, Misconception, Property, Shape, distinct, switch

Pair = tuple[int, int]


class Pool(NamedTuple):
    """A pooling: the shape of y, the window's rows and columns, its steps."""

    shape: Shape
    size: Pair
    stride: Pair = (1, 1)

    @property
    def out(self) -> Shape:
        """The shape of z."""
        return out_shape(self.shape, self.size, self.stride)


def out_shape(shape: Shape, size: Pair, stride: Pair) -> Shape:
    """(T, M, H_out, W_out): windows begin at 0, stride, 2 * stride, ... and end inside the map."""
    places = ((H - K) // S + 1 for H, K, S in zip(shape[2:], size, stride, strict=True))
    return (*shape[:2], *places)


# ----- one function per property -----


def one_window(rng: np.random.Generator) -> list[Pool]:
    """The whole map is one window."""
    K = 2 + 2 * int(rng.integers(0, 2))
    return [Pool((1, 1, side, side), (side, side)) for side in (3, K, 3)]


def rows_and_columns(rng: np.random.Generator) -> list[Pool]:
    """A window is a row, a column, a rectangle."""
    H, W = distinct(rng, 3, 5, 2)
    return [
        Pool((1, 1, H, W), (1, W)),
        Pool((1, 1, W, H), (W, 1)),
        Pool((1, 1, H, W), (H, W)),
        Pool((1, 1, W, H), (W, H)),
    ]


def every_map(rng: np.random.Generator) -> list[Pool]:
    """Many maps, many pictures, both; the last is judged in float32."""
    T, M = distinct(rng, 2, 4, 2)
    H, W = distinct(rng, 3, 5, 2)
    return [
        Pool((1, M, H, W), (1, W)),
        Pool((T, 1, H, W), (H, 1)),
        Pool((2, 2, H, W), (H, W)),
        Pool((T, M, H, W), (1, W)),
    ]


def overlapping(rng: np.random.Generator) -> list[Pool]:
    """Stride 1, windows larger than that."""
    side = int(rng.integers(5, 7))
    H, W = distinct(rng, 4, 6, 2)
    return [
        Pool((1, 1, side, side), (3, 3)),
        Pool((1, 1, H, W), (2, 3)),
        Pool((1, 1, W, H), (3, 2)),
    ]


def strides(rng: np.random.Generator) -> list[Pool]:
    """Windows that tile, overlap, leave gaps, leave a rest; at last all sizes differ."""
    T, M = distinct(rng, 2, 3, 2)
    H, W = 8 + int(rng.integers(0, 2)), 11 + int(rng.integers(0, 2))
    more = int(rng.integers(0, 2))
    return [
        Pool((1, 1, 6, 4), (2, 2), (2, 2)),
        Pool((1, 1, 8 + 4 * more, 8 + 4 * more), (3, 3), (2, 2)),
        Pool((1, 1, 5, 5), (1, 1), (3, 3)),
        Pool((T, M, H, W), (4, 2), (3, 5)),
    ]


def full_size(rng: np.random.Generator) -> list[Pool]:
    """Large enough that only as many steps as there are products are in time."""
    side = 127 + 6 * int(rng.integers(0, 3))  # always with a rest
    return [Pool((1, 1, side, side + 1), (2, 3), (3, 2))]


Pooled = Callable[[np.random.Generator], list[Pool]]

# Most points hold whatever becomes of the stride: a program that is wrong only there keeps them.
GEOMETRY: tuple[tuple[str, Pooled], ...] = (
    ("one window", one_window),
    ("a row, a column, a rectangle as window", rows_and_columns),
    ("every map of every picture", every_map),
    ("windows that overlap", overlapping),
    ("strides, also such that leave a rest", strides),
    ("full size, in time", full_size),
)


def properties(cases: Callable[[Pooled], Any], *points: float) -> tuple[Property, ...]:
    """The six properties of both poolings; `cases(pooled)` makes the cases of one of them."""
    return tuple(
        Property(name, p, cases(pooled), work=pooled is full_size)
        for (name, pooled), p in zip(GEOMETRY, points, strict=True)
    )


def in_hard_kinds(pooled: Pooled, cases: list[Case]) -> list[Case]:
    """Read-only; many maps also in another layout and in float32; the full size by identity."""
    for case in cases:
        read_only(*arrays_in(case.args))
    if pooled is every_map:
        return [*cases, turned(cases[-1]), single(cases[-1])]
    return [Case(case.args, large=pooled is full_size) for case in cases]


def turned(case: Case) -> Case:
    """The case with its arrays in another layout."""
    args = (other_layout(a) if isinstance(a, np.ndarray) else a for a in case.args)
    return replace(case, args=tuple(args))


def switches(
    wrong: Function, *tables: tuple[tuple[str, str, str], ...]
) -> tuple[Misconception, ...]:
    """All rows (id, name, hint) of some tables as switches of one wrong implementation."""
    return tuple(switch(wrong, *row) for table in tables for row in table)


def whole_numbers(rng: np.random.Generator) -> list[Case]:
    """y of an integer dtype, the whole map as window: z has a floating dtype all the same."""
    found = []
    for H, W in ((2, 3), (3, 3)):
        y = rng.permutation(9)[: H * W].reshape(1, 1, H, W)
        y[..., -1, -1] = 10  # the largest stands last, whatever the numbers
        found.append(Case((y, (H, W), (1, 1)), only=("z",)))
    return found


WHOLE = "whole numbers in y: z has a floating dtype"
DTYPE_ROW = (
    "dtype_of_y",
    "z has the dtype of y",
    "Which dtype has z when y holds whole numbers? The task asks for a floating one.",
)

# The smallest of them, for the examples.
SMALLEST = (
    Pool((1, 1, 1, 1), (1, 1)),
    Pool((1, 1, 2, 2), (2, 2)),
    Pool((1, 1, 3, 3), (3, 3)),
    Pool((1, 1, 1, 3), (1, 2)),
    Pool((1, 1, 2, 3), (2, 2)),
    Pool((1, 1, 2, 3), (1, 3)),
    Pool((1, 1, 3, 2), (3, 1)),
    Pool((1, 2, 1, 2), (1, 2)),
    Pool((2, 1, 1, 2), (1, 2)),
    Pool((1, 1, 1, 4), (1, 2), (1, 2)),
    Pool((1, 1, 4, 1), (2, 1), (2, 1)),
    Pool((1, 1, 1, 5), (1, 3), (1, 2)),
    Pool((1, 1, 1, 4), (1, 1), (1, 3)),
    Pool((1, 1, 1, 4), (1, 3), (1, 2)),
)


# ----- hints that hold for both poolings, in both directions -----

STRIDE_ROWS = (
    (
        "starts_without_stride",
        "windows begin at (r, c) instead of (SH*r, SW*c)",
        "Where does the window of z[0, 0, 1, 1] begin when the stride is 2? In yours the next "
        "window seems to begin one element further, whatever the stride.",
    ),
    (
        "windows_tile",
        "the window's size is taken for the stride",
        "By how much does your window move: by `size` or by `stride`? They are equal only where "
        "windows tile the map.",
    ),
    (
        "stride_swapped",
        "rows' and columns' strides exchanged",
        "stride is (SH, SW): does yours step by SH along the rows' axis, and by SW along the "
        "columns'?",
    ),
    (
        "one_stride",
        "the rows' stride for both",
        "Does your window move by the same number of rows and columns? stride is a pair.",
    ),
    (
        "size_swapped",
        "rows and columns of the window exchanged",
        "size is (KH, KW): how many rows has the window in yours, how many columns?",
    ),
    (
        "one_size",
        "a square window with KH rows and columns",
        "Is the window square in yours? size is a pair, rows and columns.",
    ),
    (
        "end_missing",
        "the last row and column of each window are left out",
        "How many rows does y[a : a + KH - 1] have? The slide's x + K - 1 is the last one, but a "
        "NumPy slice leaves out its end.",
    ),
)
OUT_ROWS = (
    (
        "stride_ignored",
        "the stride plays no role",
        "How many windows are there when the stride is 2? In yours they begin at every row and "
        "column.",
    ),
    (
        "size_over_stride",
        "H // SH windows, some of them cut at the border",
        "Does the last window fit into the map? H // SH counts places where one could begin; it "
        "forgets that the window needs KH rows.",
    ),
    (
        "partial_windows",
        "rows that are left over make a window of their own",
        "What happens to rows that are left over at the end? Every window is whole here, so "
        "(H - KH) / SH is rounded down.",
    ),
    (
        "last_window_missing",
        "the last window is missing",
        "How many windows of 2 fit into 2 columns? With stride 1 they begin at 0 ... W - KW, both "
        "included, and range leaves out its end.",
    ),
)
FORWARD_MAP_ROWS = (
    (
        "over_maps",
        "all maps of a picture pooled into one",
        "Does map 0 of z depend on map 1 of y? Each map is pooled for itself.",
    ),
    (
        "over_batch",
        "all pictures of the batch pooled into one",
        "Does picture 0 of z depend on picture 1 of y? Each picture is pooled for itself.",
    ),
)
MAP_ROWS = (
    (
        "first_map",
        "only the first map is filled",
        "How many maps get an answer? Look at where your loop over m ends, and at what stands "
        "inside it.",
    ),
    (
        "first_instance",
        "only the first picture is filled",
        "How many pictures of the batch get an answer? Look at where your loop over t ends, and at "
        "the indentation of `return`.",
    ),
    (
        "last_map",
        "only the last map is left",
        "In which loop does the answer begin as zeros? Print its map 0 at the end: where is it?",
    ),
    (
        "last_instance",
        "only the last picture is left",
        "In which loop does the answer begin as zeros? Print its picture 0 at the end: where is it?",
    ),
    (
        "first_map_for_all",
        "all maps get the first one's answer",
        "Where does m enter? In yours all maps of a picture are the same.",
    ),
)
BACKWARD_MAP_ROWS = (
    (
        "maps_summed",
        "every map gets the sum over all maps",
        "Does dz of map 1 belong to map 0 of y? Each map was pooled for itself.",
    ),
    (
        "batch_summed",
        "the pictures of the batch are added up",
        "Does picture 0 of y influence the divergence of picture 1? Each has its own dy.",
    ),
    (
        "divided_by_batch",
        "divided by the number of pictures",
        "Is the mean over the batch taken here, or where dz comes from?",
    ),
    (
        "dz_missing",
        "dz is left out",
        "By the chain rule each path carries two factors: dz/dy and dDiv/dz. Where is dz?",
    ),
    (
        "first_dz",
        "every window gets dz of the first one",
        "Which dz belongs to the window of z[t, m, r, c]? In yours r and c play no role in it.",
    ),
)
