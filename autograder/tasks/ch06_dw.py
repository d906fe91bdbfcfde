"""Chapter 06's tasks: dW and db (stride 1, no padding).

y (T, M, H, W), dz (T, N, H_out, W_out), dw (N, M, KH, KW), db (N,); KH = H - H_out + 1 and
KW = W - W_out + 1. Chapters 07 and 08 take the differences by w and b from here.
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import mixed_layout, read_only
from autograder.gradcheck import Gap, adjoint_gap
from autograder.task import (
    Array,
    Case,
    Misconception,
    Output,
    Property,
    Shape,
    Task,
    distinct,
    switch,
)
from autograder.tasks import shared
from solutions import conv_forward
from solutions.chapters import ch06_dw as answers

# ----- what is right, from forward alone -----


def gradient_by_w(dz: Array, y: Array, kernel: Shape, **how: Any) -> Array:
    """Differences with h = 1 by each weight: exact, as forward is linear in w.

    The unit filters are stacked as out-maps, so that one forward call does all. `how` is forward's
    stride or padding.
    """
    M = y.shape[1]
    entries = M * int(np.prod(kernel))
    units = np.eye(entries, dtype=dz.dtype).reshape(entries, M, *kernel)
    sums = np.tensordot(dz, conv_forward(y, units, **how), ((0, 2, 3), (0, 2, 3)))
    return sums.reshape(dz.shape[1], M, *kernel)


def gradient_by_b(dz: Array) -> Array:
    """What z gains, weighted by dz, when every bias grows by 1: each map has its own."""
    T, N, H_out, W_out = dz.shape
    y, w = np.zeros((T, 1, H_out, W_out), dz.dtype), np.zeros((N, 1, 1, 1), dz.dtype)
    gains: Array = np.sum(dz * conv_forward(y, w, np.ones(N, dz.dtype)), axis=(0, 2, 3))
    return gains


def kernel_of(dz: Array, y: Array) -> Shape:
    """(KH, KW)"""
    return y.shape[2] - dz.shape[2] + 1, y.shape[3] - dz.shape[3] + 1


def dw_identity(outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator) -> Gap:
    """<dz, forward by filters v> == <dw, v> for random filters v."""
    dz, y = args
    v = np.asarray(rng.standard_normal(outputs[0].shape), dz.dtype)
    return adjoint_gap(lambda w: conv_forward(y, w), dz, outputs[0], v)


# ----- cases -----


def arrays(rng: np.random.Generator, T: int, N: int, M: int, out: Shape, kernel: Shape) -> Any:
    """dz and y for a filter of this size."""
    size = tuple(o + k - 1 for o, k in zip(out, kernel, strict=True))
    return rng.standard_normal((T, N, *out)), rng.standard_normal((T, M, *size))


def one_map(rng: np.random.Generator) -> list[Case]:
    sides = distinct(rng, 4, 7, 2)
    return [
        Case(read_only(*arrays(rng, 1, 1, 1, (side, side), (K, K))))
        for side, K in zip(sides, (3, 2), strict=True)
    ]


def rectangular(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 5, 8, 2)
    KH, KW = distinct(rng, 2, 4, 2)
    return [
        Case(arrays(rng, 1, 1, 1, (H_out, W_out), (KH, KW))),
        Case(arrays(rng, 1, 1, 1, (W_out, H_out), (KW, KH))),
    ]


def out_maps(rng: np.random.Generator) -> list[Case]:
    N, side = int(rng.integers(2, 5)), int(rng.integers(4, 7))
    return [Case(arrays(rng, 1, N, 1, (side, side), (3, 3)))]


def in_maps(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 4, 2)
    dz, y = arrays(rng, 1, N, M, (4, 4), (3, 3))
    return [
        Case(arrays(rng, 1, 2, 2, (4, 4), (2, 2))),
        Case((dz, y)),
        Case((dz.astype(np.float32), y.astype(np.float32)), tolerance=1e-4),
    ]


def batch(rng: np.random.Generator) -> list[Case]:
    T, side = int(rng.integers(2, 5)), int(rng.integers(4, 7))
    dz, y = arrays(rng, T, 1, 1, (side, side), (3, 3))
    return [Case((dz, y)), Case((mixed_layout(dz), mixed_layout(y)))]


def any_size(rng: np.random.Generator) -> list[Case]:
    T, N, M, H_out, W_out = distinct(rng, 2, 6, 5)
    return [
        Case(arrays(rng, 1, 1, 1, (H_out, W_out), (1, 1))),
        Case(arrays(rng, 1, 1, 1, (1, 2), (4, 3))),
        Case(arrays(rng, T, N, M, (H_out, W_out), (3, 2))),
    ]


def full_size(rng: np.random.Generator) -> list[Case]:
    """Large filters: a difference quotient by each of their weights takes too long."""
    K = 15 + int(rng.integers(0, 3))
    return [Case(arrays(rng, 1, 3, 4, (3, 5), (K, K + 1)), large=True)]


def db_one_map(rng: np.random.Generator) -> list[Case]:
    return [Case(read_only(rng.standard_normal((1, 1, *distinct(rng, 2, 6, 2)))))]


def db_maps(rng: np.random.Generator) -> list[Case]:
    N, H_out, W_out = distinct(rng, 2, 6, 3)
    return [Case((rng.standard_normal((1, N, H_out, W_out)),))]


def db_batch(rng: np.random.Generator) -> list[Case]:
    T, H_out, W_out = distinct(rng, 2, 6, 3)
    return [Case((rng.standard_normal((T, 1, H_out, W_out)),))]


def db_any_size(rng: np.random.Generator) -> list[Case]:
    T, N, H_out, W_out = distinct(rng, 2, 6, 4)
    dz = rng.standard_normal((T, N, H_out, W_out))
    return [
        Case((rng.standard_normal((T, N, 1, 1)),)),
        Case((mixed_layout(dz),)),
        Case((dz.astype(np.float32),), tolerance=1e-4),
    ]


# ----- misconceptions -----


def wrong_conv_dw(on: "frozenset[str]", dz: Array, y: Array) -> Array:
    """conv_dw, weight by weight; each switch in `on` is one bug."""
    T, N, H_out, W_out = dz.shape
    M = y.shape[1]
    KH, KW = y.shape[2] - H_out + 1, y.shape[3] - W_out + 1
    if "dz_flipped" in on:
        dz = dz[:, :, ::-1, ::-1]
    if "y_flipped" in on:
        y = y[:, :, ::-1, ::-1]
    if "y_padded" in on:
        y = np.pad(y, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
        KH, KW = 3 * KH - 2, 3 * KW - 2
    if "one_too_small" in on:
        KH, KW = KH - 1, KW - 1
    if "one_size" in on:
        if KH > KW:
            raise ValueError("the window leaves the map")
        KW = KH
    if "windows_of_the_filter" in on:  # ValueError where the two shapes are not one
        windows = np.lib.stride_tricks.sliding_window_view(y, (KH, KW), axis=(2, 3))
        found: Array = np.einsum("tnij,tmrcij->nmrc", dz, windows)
        return found
    if "positions_of_the_filter" in on:
        if KH > H_out or KW > W_out:
            raise IndexError("z has no such row or column")
        dz = dz[:, :, :KH, :KW]
        H_out, W_out = KH, KW
    if "dz_missing" in on:
        dz = np.ones_like(dz)
    if "last_of_dz_missing" in on:
        dz = dz.copy()
        dz[:, :, -1], dz[:, :, :, -1] = 0, 0
    if "overwrite" in on or "overwrite_by_position" in on:
        kept = np.zeros_like(dz)
        kept[:, :, -1, -1] = dz[:, :, -1, -1]
        dz = kept
    if "last_instance" in on or "overwrite" in on:
        dz, y = dz[-1:], y[-1:]
    if "first_instance" in on:
        dz, y = dz[:1], y[:1]
    if "pictures_mixed" in on:
        dz, y = dz.sum(axis=0, keepdims=True), y.sum(axis=0, keepdims=True)
    if "summed_over_in_maps" in on:
        y = np.repeat(y.sum(axis=1, keepdims=True), M, axis=1)
    if "summed_over_out_maps" in on:
        dz = np.repeat(dz.sum(axis=1, keepdims=True), N, axis=1)
    each = np.zeros((len(dz), N, M, KH, KW), dz.dtype)
    for i, j in np.ndindex(KH, KW):
        seen = y[:, :, i : i + H_out, j : j + W_out]
        if "minus" in on:
            seen = y[:, :, np.arange(H_out) - i][:, :, :, np.arange(W_out) - j]
        if "window_transposed" in on:  # an axis of size 1 is stretched without a word
            seen = y[:, :, i : i + W_out, j : j + H_out]
        if "window_of_the_filter" in on:
            seen = y[:, :, i : i + KH, j : j + KW]
        each[..., i, j] = np.einsum("tnrc,tmrc->tnm", dz, seen)
    if "wrong_map_of_y" in on:
        each = np.repeat(each[:, range(N), range(N)][:, :, None], M, axis=2)
    if "wrong_map_of_dz" in on:
        each = np.repeat(each[:, range(M), range(M)][:, None], N, axis=1)
    if "batch_kept" in on:
        return each
    dw: Array = each.sum(axis=0)
    if "same_map_only" in on:
        dw *= np.eye(N, M)[:, :, None, None]
    if "divided_by_batch" in on or "mean_of_all" in on:
        dw /= T
    if "divided_by_positions" in on or "mean_of_all" in on:
        dw /= H_out * W_out
    if "output_flipped" in on:
        dw = dw[:, :, ::-1, ::-1]
    if ("maps_exchanged_in_place" in on and N != M) or ("transposed_in_place" in on and KH != KW):
        raise IndexError("an index leaves its axis of dw")
    if "maps_exchanged" in on or "maps_exchanged_in_place" in on:
        dw = dw.swapaxes(0, 1)
    if "filter_transposed" in on or "transposed_in_place" in on:
        dw = dw.swapaxes(2, 3)
    return dw


_FLIPPED = (
    "At which element of y[t, m] does dz[t, n, 0, 0] stand for dw[n, m, 0, 0], and at which dz's "
    "last element? "
)
_WINDOW = (
    "Which part of y does one weight meet, place by place: a window of KH x KW, or one as large as "
    "dz's map? Which of the two slides over y here: the filter or dz?"
)
_MAPS = (
    "Which comes first in dw, the out-map n or the in-map m? w is (N, M, KH, KW); the slides write "
    "dw(l, m, n)."
)
_ROWS = "Which axis of dw counts rows, and which columns? The slides write x, which runs across."

DW_ROWS = (
    (
        "dz_flipped",
        "dz is flipped before it slides over y",
        f"{_FLIPPED}Does anything in the formula run backward?",
    ),
    (
        "output_flipped",
        "dw is flipped",
        "To which weight belongs the sum over dz[0, 0] * y[0, 0], dz[0, 1] * y[0, 1] ...? Is there "
        "a flip in forward?",
    ),
    (
        "y_flipped",
        "y is flipped before dz slides over it",
        f"{_FLIPPED}Is y read in the order in which forward read it?",
    ),
    ("maps_exchanged", "in-maps and out-maps of dw exchanged", _MAPS),
    ("maps_exchanged_in_place", "in-maps and out-maps exchanged where dw is written", _MAPS),
    ("filter_transposed", "rows and columns of dw exchanged", _ROWS),
    ("transposed_in_place", "rows and columns exchanged where dw is written", _ROWS),
    (
        "window_transposed",
        "the window of y has as many rows as dz has columns",
        "Has the window of y the shape of dz's map: H_out rows and W_out columns? Which of the two "
        "stands where in your slice?",
    ),
    ("window_of_the_filter", "the window of y is as large as the filter", _WINDOW),
    ("windows_of_the_filter", "a window of y for each place of the filter", _WINDOW),
    (
        "positions_of_the_filter",
        "r and c run over KH x KW places of z",
        "At how many places of z is one weight used: at KH x KW, or at H_out x W_out? Which values "
        "do r and c take in yours?",
    ),
    (
        "one_too_small",
        "one row and one column of weights too few",
        "How many rows has the filter, if H rows of y make H_out rows of z? Try H = H_out: is the "
        "filter empty then?",
    ),
    (
        "y_padded",
        "y is padded first",
        "How many places has dz inside of y? Forward put no zeros around y, and dw has just KH x "
        "KW entries.",
    ),
    (
        "minus",
        "r - i where r + i is needed",
        "Which y did forward multiply by w[i, j] for z[r, c]: y[r + i, c + j] or y[r - i, c - j]? "
        "A negative index wraps around without a word.",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed',
        "At how many positions and in how many pictures is one weight used? Which of these terms "
        "are left at the end of your loops?",
    ),
    (
        "overwrite_by_position",
        '"=" where "+=" is needed, over the positions',
        "At how many positions of z is one weight used? Which of these terms are left at the end "
        "of your loops?",
    ),
    (
        "last_of_dz_missing",
        "the last row and column of dz are left out",
        "Which values do r and c take? Count them: 0 to H_out - 1 are H_out values.",
    ),
    (
        "dz_missing",
        "dz is left out",
        "By the chain rule each term carries two factors: dDiv/dz and dz/dw. Where is dz?",
    ),
    (
        "last_instance",
        "only the last picture of the batch",
        'What becomes of the sum of picture t - 1 when yours comes to picture t: "=" or "+="?',
    ),
    (
        "first_instance",
        "only the first picture of the batch",
        "In how many pictures is one weight used? Which of them are in your sum?",
    ),
    shared.pictures_mixed("pictures_mixed"),
    (
        "one_size",
        "as many columns of weights as rows",
        "Has dw as many columns as rows in yours? How many places has dz inside of y from left to "
        "right, how many from top to bottom?",
    ),
    (
        "divided_by_batch",
        "the mean over the pictures",
        "Is the mean over the batch taken here, or where dz comes from? The formula has a sum over "
        "t.",
    ),
    (
        "divided_by_positions",
        "the mean over the positions",
        "One weight is used at H_out * W_out positions, and paths add up: is there a reason to "
        "divide?",
    ),
    (
        "mean_of_all",
        "the mean over pictures and positions",
        "Paths add up: is there a reason to divide by the number of terms?",
    ),
    (
        "batch_kept",
        "a gradient for each picture",
        "Which axes has dw? All pictures share one w: what happens to their gradients?",
    ),
    (
        "same_map_only",
        "only the planes n = m",
        "Which in-maps does the filter n read? For each of them it has a plane of its own.",
    ),
    (
        "wrong_map_of_y",
        "y of map n where map m is meant",
        "Plane m of filter n joins y[:, m] with z[:, n]. Which map of y do you read?",
    ),
    (
        "wrong_map_of_dz",
        "dz of map m where map n is meant",
        "Plane m of filter n joins y[:, m] with z[:, n]. Which map of dz do you read?",
    ),
    (
        "summed_over_in_maps",
        "every plane gets the sum over all in-maps",
        "Which in-maps does plane m of a filter touch: all of them, or y[:, m] alone?",
    ),
    (
        "summed_over_out_maps",
        "every filter gets the sum over all out-maps",
        "Which out-maps does filter n write: all of them, or z[:, n] alone? The sum over n belongs "
        "to dY.",
    ),
)


def wrong_conv_db(on: "frozenset[str]", dz: Array) -> Any:
    """conv_db; each switch in `on` is one bug."""
    T, N, H_out, W_out = dz.shape
    each = dz.sum(axis=(2, 3))
    db = each.sum(axis=0)
    results = {
        "mean": dz.mean(axis=(0, 2, 3)),
        "divided_by_batch": db / T,
        "divided_by_positions": db / (H_out * W_out),
        "first_instance": each[0],
        "last_instance": each[-1],
        "batch_kept": each,
        "positions_kept": dz.sum(axis=0),
        "axes_kept": db[None, :, None, None],
        "column": db[:, None],
        "scalar": dz.sum(),
        "total": np.full(N, dz.sum()),
        "wrong_axis": dz.sum(axis=(1, 2, 3)),
        "counted": np.full(N, float(T * H_out * W_out)),
    }
    return next((result for id, result in results.items() if id in on), db)


_SUM = "b[n] is added to every element of z[t, n], and paths add up: is there a reason to divide"
_AXES = "How many biases are there, and how many axes has b? "
DB_ROWS = (
    ("mean", "the mean instead of the sum", f"{_SUM}?"),
    ("divided_by_batch", "the mean over the pictures", f"{_SUM} by T?"),
    ("divided_by_positions", "the mean over the positions", f"{_SUM} by H_out * W_out?"),
    (
        "first_instance",
        "only the first picture of the batch",
        "In how many pictures is b[n] added? Which of them are in your sum?",
    ),
    (
        "last_instance",
        "only the last picture of the batch",
        'What becomes of the sum of picture t - 1 when yours comes to picture t: "=" or "+="?',
    ),
    (
        "batch_kept",
        "a sum for each picture",
        f"{_AXES}All pictures share one b: over which axis is still to be summed?",
    ),
    (
        "positions_kept",
        "a sum for each position",
        f"{_AXES}One b[n] serves all positions: over which axes is still to be summed?",
    ),
    (
        "axes_kept",
        "the axes that were summed over stay",
        f"{_AXES}Print the shape of yours: what does keepdims do?",
    ),
    ("column", "a column instead of one axis", f"{_AXES}Print the shape of yours."),
    (
        "scalar",
        "one number instead of one for each map",
        f"{_AXES}Over which axes does np.sum run when it is given none?",
    ),
    (
        "total",
        "every bias gets the sum over all maps",
        "Which maps does b[n] reach: all of them, or z[:, n] alone?",
    ),
    (
        "wrong_axis",
        "summed over the maps, not over the pictures",
        "Which axis of dz counts the maps? That one stays; the others are summed over.",
    ),
    (
        "counted",
        "dz is left out",
        "By the chain rule each term carries two factors: dDiv/dz and dz/db, which is 1. Where is "
        "dz?",
    ),
)


def _switches(wrong: Any, rows: tuple[tuple[str, str, str], ...]) -> tuple[Misconception, ...]:
    return tuple(switch(wrong, *row) for row in rows)


# ----- small cases to show, with integers -----


def _example(T: int, N: int, M: int, out: Shape, kernel: Shape) -> Case:
    """y counts up, and dz is 1, 10 ...: each digit of the answer is one product."""
    size = tuple(o + k - 1 for o, k in zip(out, kernel, strict=True))
    dz = 10.0 ** np.arange(T * N * np.prod(out)).reshape(T, N, *out)
    y = np.arange(1.0, 1 + T * M * np.prod(size)).reshape(T, M, *size)
    return Case((dz, y))


DW_EXAMPLES = (
    _example(1, 1, 1, (1, 2), (1, 2)),
    _example(1, 1, 1, (2, 2), (1, 1)),
    _example(1, 1, 1, (2, 2), (2, 2)),
    _example(1, 1, 1, (1, 2), (2, 2)),
    _example(1, 1, 1, (2, 1), (2, 3)),
    _example(1, 2, 1, (1, 1), (1, 2)),
    _example(1, 1, 2, (1, 1), (1, 2)),
    _example(1, 2, 2, (1, 1), (1, 2)),
    _example(1, 2, 3, (1, 1), (1, 2)),
    _example(1, 3, 2, (1, 1), (1, 2)),
    _example(2, 1, 1, (1, 2), (1, 2)),
)


def _db_example(*shape: int) -> Case:
    return Case((np.arange(1.0, 1 + np.prod(shape)).reshape(shape),))


DB_EXAMPLES = (
    _db_example(1, 1, 2, 2),
    _db_example(1, 2, 1, 2),
    _db_example(2, 1, 1, 2),
    _db_example(3, 2, 1, 1),
)


TASKS = (
    Task(
        name="conv_dw",
        solution=answers.conv_dw,
        forward=conv_forward,
        outputs=(Output("dw"),),
        shapes=lambda dz, y: ((dz.shape[1], y.shape[1], *kernel_of(dz, y)),),
        expected=lambda dz, y: (gradient_by_w(dz, y, kernel_of(dz, y)),),
        identity=dw_identity,
        properties=(
            Property("one map", 1.0, one_map),
            Property("rectangular maps and filters", 1.0, rectangular),
            Property("a filter for every out-map n", 1.0, out_maps),
            Property("a plane for every in-map m", 1.0, in_maps),
            Property("sum over the pictures of the batch", 1.0, batch),
            Property("any size, all at once", 0.5, any_size),
            Property("full size, in time", 0.5, full_size, work=True),
        ),
        wrong=wrong_conv_dw,
        misconceptions=(
            *_switches(wrong_conv_dw, DW_ROWS),
            *behaviours(answers.conv_dw, "input_modified", "state", "type", "nothing", "nan"),
        ),
        examples=DW_EXAMPLES,
    ),
    Task(
        name="conv_db",
        solution=answers.conv_db,
        forward=conv_forward,
        outputs=(Output("db"),),
        shapes=lambda dz: ((dz.shape[1],),),
        expected=lambda dz: (gradient_by_b(dz),),
        properties=(
            Property("one map", 0.5, db_one_map),
            Property("a sum for every out-map n", 0.5, db_maps),
            Property("sum over the pictures of the batch", 0.5, db_batch),
            Property("any size, all at once", 0.5, db_any_size),
        ),
        wrong=wrong_conv_db,
        misconceptions=(
            *_switches(wrong_conv_db, DB_ROWS),
            *behaviours(answers.conv_db, "input_modified", "state", "type", "nothing", "nan"),
        ),
        examples=DB_EXAMPLES,
    ),
)
