"""Chapter 10's tasks: max pooling forward, with the winners' places, and backward.

y (T, M, H, W), z, pidx and dz (T, M, H_out, W_out). All values of y differ, and all are positive,
unless a property is about just that. Ties are judged through pidx alone.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.gradcheck import Gap, adjoint_gap, gradient_of_linear
from autograder.task import (
    Array,
    Case,
    Output,
    Property,
    Shape,
    Task,
    distinct,
)
from autograder.tasks import pools
from autograder.tasks.pools import Pair, Pool
from solutions import max_pool_forward
from solutions.chapters import ch10_max_pool as answers

# ----- what is right, from forward alone -----


def winners(y: Array, pidx: Array) -> Array:
    """What stands at pidx: z as a linear function of y, the choice being made.

    y holds one picture for each of pidx's, or any number where pidx has one.
    """
    T, M = y.shape[:2]
    flat = np.take_along_axis(y.reshape(T, M, -1), pidx.reshape(len(pidx), M, -1), axis=2)
    return flat.reshape(T, M, *pidx.shape[2:])


def backward_expected(dz: Array, pidx: Array, shape: Shape) -> tuple[Array, ...]:
    """Differences with h = 1, picture by picture: each has its own winners."""

    def of_picture(t: int) -> Array:
        own = slice(t, t + 1)
        return gradient_of_linear(lambda y: winners(y, pidx[own]), dz[own], (1, *shape[1:]))

    return (np.concatenate([of_picture(t) for t in range(shape[0])]),)


def backward_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """<dz, the winners of v> == <dy, v> for a random v."""
    dz, pidx, shape = args
    return adjoint_gap(lambda y: winners(y, pidx), dz, outputs[0], rng.standard_normal(shape))


# ----- cases -----


def _different(rng: np.random.Generator, shape: Shape) -> Array:
    """1, 2, 3, ... in random order, and a little more: no ties, nothing below 1."""
    count = int(np.prod(shape))
    return (rng.permutation(count) + 1.0 + 0.5 * rng.random(count)).reshape(shape)


def _with_winner(y: Array, row: int, column: int) -> Array:
    """y with its largest values at this place of every map."""
    y[:, :, row, column] += y.size
    return y


def _with_large_negative(y: Array) -> Array:
    """y with its smallest value negative and of the largest magnitude; the winner stays."""
    y.flat[y.argmin()] = -2 * y.max()
    return y


def _maps(rng: np.random.Generator, pooled: pools.Pooled) -> list[tuple[Array, Pool]]:
    """Values without ties. The middle wins every window that it lies in; a single one, a corner."""
    found = [(_different(rng, pool.shape), pool) for pool in pooled(rng)]
    corners = ((0, -1), (-1, 0), (-1, -1))
    for k, (y, pool) in enumerate(found):
        H, W = pool.shape[2:]
        _with_winner(y, *(corners[k] if pooled is pools.one_window else (H // 2, W // 2)))
    return found


def _case(y: Array, pool: Pool) -> Case:
    return Case((y, pool.size, pool.stride))


def forward_cases(pooled: pools.Pooled) -> Any:
    """The cases of a property that both poolings have."""

    def cases(rng: np.random.Generator) -> list[Case]:
        made = pools.in_hard_kinds(pooled, [_case(y, pool) for y, pool in _maps(rng, pooled)])
        return [replace(case, only=("z",)) for case in made]

    return cases


def places(rng: np.random.Generator) -> list[Case]:
    """What pidx alone is judged by: whole maps as windows, then windows that overlap, strides.

    At last a map in which a negative number is the largest in magnitude.
    """
    kinds = (pools.one_window, pools.rows_and_columns, pools.every_map, pools.overlapping)
    made = [_case(y, pool) for kind in (*kinds, pools.strides) for y, pool in _maps(rng, kind)]
    made += [_case(_with_large_negative(y), pool) for y, pool in _maps(rng, pools.one_window)[:1]]
    return [replace(case, only=("pidx",)) for case in made]


def backward_cases(pooled: pools.Pooled) -> Any:
    """The same maps and windows, with the pidx that forward finds and a random dz."""

    def cases(rng: np.random.Generator) -> list[Case]:
        found = []
        for y, pool in _maps(rng, pooled):
            _, pidx = max_pool_forward(y, pool.size, pool.stride)
            found.append(Case((rng.standard_normal(pool.out), pidx, pool.shape)))
        return pools.in_hard_kinds(pooled, found)

    return cases


def negative(rng: np.random.Generator) -> list[Case]:
    """Nothing is above 0 in any window."""
    K = 2 + 2 * int(rng.integers(0, 2))
    H, W = distinct(rng, 3, 5, 2)
    shapes = (Pool((1, 1, K, K), (K, K)), Pool((1, 1, H, W), (1, W)), Pool((1, 1, W, H), (W, 1)))
    made = [_case(-_different(rng, pool.shape), pool) for pool in shapes]
    return [replace(case, only=("z",)) for case in made]


def ties(rng: np.random.Generator) -> list[Case]:
    """The largest value stands in several places of a window, or of the map."""
    low, high = (float(v) for v in np.sort(rng.choice(np.arange(1, 9), 2, replace=False)))
    square = np.array([[0, 0, 1], [0, 1, 0], [1, 1, 0]], bool)
    row = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1]], bool)
    made = (
        _case(np.where(square, high, low)[None, None], Pool((1, 1, 3, 3), (3, 3))),
        _case(np.where(row, high, low)[None, None], Pool((1, 1, 3, 4), (1, 4))),
        _case(np.where(row.T, high, low)[None, None], Pool((1, 1, 4, 3), (4, 1))),
        _case(np.full((1, 1, 2, 2), high), Pool((1, 1, 2, 2), (2, 2))),
    )
    return [replace(case, only=("pidx",)) for case in made]


# ----- misconceptions: one wrong implementation with switches for each direction -----


def wrong_max_pool_forward(
    on: "frozenset[str]", y: Array, size: Pair, stride: Pair
) -> tuple[Array, Array]:
    """max_pool_forward, window by window; each switch in `on` is one bug."""
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    if "size_swapped" in on:
        KH, KW = KW, KH
    if "one_size" in on:
        KW = KH
    if "windows_tile" in on:
        SH, SW = KH, KW
    if "stride_ignored" in on:
        SH, SW = 1, 1
    if "stride_swapped" in on:
        SH, SW = SW, SH
    if "one_stride" in on:
        SW = SH
    H_out, W_out = (H - KH) // SH + 1, (W - KW) // SW + 1
    if "size_over_stride" in on:
        H_out, W_out = H // SH, W // SW
    if "partial_windows" in on:
        H_out, W_out = (H - KH + SH - 1) // SH + 1, (W - KW + SW - 1) // SW + 1
    if "last_window_missing" in on:
        H_out, W_out = (H - KH) // SH, (W - KW) // SW
    floating = y.dtype if "dtype_of_y" in on else np.result_type(y, np.float32)
    z, pidx = np.zeros((T, M, H_out, W_out), floating), np.zeros((T, M, H_out, W_out), np.int64)
    picture, channel = np.indices((T, M))
    for r, c in np.ndindex(H_out, W_out):
        top, left = (r, c) if "starts_without_stride" in on else (SH * r, SW * c)
        short = 1 if "end_missing" in on else 0
        window = y[:, :, top : top + KH - short, left : left + KW - short]
        if "largest_magnitude" in on:
            window = np.abs(window)
        if "over_maps" in on:
            window = np.broadcast_to(window.max(1, keepdims=True), window.shape)
        if "over_batch" in on:
            window = np.broadcast_to(window.max(0, keepdims=True), window.shape)
        kh, kw = window.shape[2:]
        flat = window.reshape(T, M, -1)
        winner = flat.argmax(2)
        if on & {"magnitude_decides", "place_by_magnitude"}:
            winner = np.abs(flat).argmax(2)
        if "last_of_ties" in on:
            winner = kh * kw - 1 - flat[:, :, ::-1].argmax(2)
        i, j = winner // kw, winner % kw
        if "ties_by_column" in on:
            down = window.swapaxes(2, 3).reshape(T, M, -1).argmax(2)
            i, j = down % kh, down // kh
        if "window_by_height" in on:
            i, j = winner // kh, winner % kh
        row, column = top + i, left + j
        z[:, :, r, c] = flat.mean(2) if "mean" in on else flat.max(2)
        if "magnitude_decides" in on:
            z[:, :, r, c] = np.take_along_axis(flat, winner[:, :, None], 2)[:, :, 0]
        place = row * W + column
        if "added_to_corner" in on:
            place = top * W + left + winner
        if "added_to_row_and_column" in on:
            place = top + left + winner
        if "added_to_place_of_z" in on:
            place = r * W_out + c + winner
        if "row_plus_column" in on:
            place = row + column
        if "row_without_stride" in on:
            place = (r + i) * W + column
        if "column_without_stride" in on:
            place = row * W + c + j
        if "index_in_window" in on:
            place = i * kw + j
        if "window_offset_missing" in on:
            place = i * W + j
        if "place_in_z" in on:
            place = (r + i) * W + c + j
        if "place_of_window" in on:
            place = 0 * row + top * W + left
        if "place_of_z" in on:
            place = 0 * row + r * W_out + c
        if "row_times_height" in on:
            place = row * H + column
        if "row_times_out" in on:
            place = row * W_out + column
        if "column_first" in on:
            place = column * H + row
        if "row_column_exchanged" in on:
            place = column * W + row
        if "bracket_missing" in on:
            place = top + i * W + column
        if "index_in_batch" in on:
            place = place + (picture * M + channel) * H * W
        if "counts_from_one" in on:
            place = place + 1
        if "found_in_map" in on:
            seen = y.reshape(T, M, -1)
            place = (seen == z[:, :, r, c][:, :, None]).argmax(2)
        if "starts_at_zero" in on or "starts_at_zero_corner" in on:
            nothing = z[:, :, r, c] < 0
            start = 0 if "starts_at_zero" in on else top * W + left
            place = np.where(nothing, start, place)
            z[:, :, r, c] = np.where(nothing, 0, z[:, :, r, c])
        pidx[:, :, r, c] = place
    if "first_map" in on:
        z[:, 1:], pidx[:, 1:] = 0, 0
    if "first_instance" in on:
        z[1:], pidx[1:] = 0, 0
    if "last_map" in on:
        z[:, :-1], pidx[:, :-1] = 0, 0
    if "last_instance" in on:
        z[:-1], pidx[:-1] = 0, 0
    if "first_map_for_all" in on:
        z[:], pidx[:] = z[:, :1], pidx[:, :1]
    return z, pidx


FORWARD_ROWS = (
    (
        "index_in_window",
        "pidx counted in the window",
        "Which element does y[t, m].flat[pidx] give? np.argmax of a window counts in the window; "
        "pidx has to count in the whole map.",
    ),
    (
        "window_offset_missing",
        "pidx as if every window began at the top left corner",
        "i * W + j is right for the first window. Where does the window of z[0, 0, 0, 1] begin?",
    ),
    (
        "added_to_corner",
        "the place in the window added to that of its corner",
        "A row of the window has KW elements, a row of the map W. How many places of the map lie "
        "between an element of the window and the one below it?",
    ),
    (
        "added_to_row_and_column",
        "the place in the window added to row and column of its corner",
        "Which pidx has the corner of a window alone, at row SH * r and column SW * c of the map? "
        "And how long is a row that you go down from there: KW or W?",
    ),
    (
        "added_to_place_of_z",
        "the place in the window added to z's own place",
        "Which pidx has the corner of a window in the map y[t, m]? Yours begins to count at another "
        "place.",
    ),
    (
        "row_plus_column",
        "row + column",
        "Which pidx has the first element of row 1? One row of the map has to be jumped over.",
    ),
    (
        "row_without_stride",
        "pidx with the stride in the column alone",
        "At which row of the map does the window of z[t, m, r, c] begin: at r?",
    ),
    (
        "column_without_stride",
        "pidx with the stride in the row alone",
        "At which column of the map does the window of z[t, m, r, c] begin: at c?",
    ),
    (
        "place_in_z",
        "pidx without the stride",
        "Row and column in the map are those of the window's corner plus (i, j). Where is that "
        "corner when the stride is not 1: at (r, c)?",
    ),
    (
        "place_of_window",
        "pidx of the window's corner",
        "Which element of the window does pidx name in yours: the largest, or the first?",
    ),
    (
        "place_of_z",
        "pidx of z's own place",
        "Where in y did z[t, m, r, c] come from? pidx is a place in y, not in z.",
    ),
    (
        "row_times_height",
        "row * H + column",
        "How many elements has one row of the map? That many must be jumped over for each row.",
    ),
    (
        "row_times_out",
        "row * W_out + column",
        "pidx counts in the map y[t, m]: how long are its rows, W or W_out?",
    ),
    (
        "column_first",
        "counted column by column",
        "In which order does y[t, m].ravel() put the elements: row by row or column by column?",
    ),
    (
        "row_column_exchanged",
        "column * W + row",
        "Which of the two is multiplied by W, the row or the column?",
    ),
    (
        "bracket_missing",
        "SH * r + i * W in place of (SH * r + i) * W",
        "What is multiplied by W: the row in the window, or the row in the map? Count your brackets.",
    ),
    (
        "window_by_height",
        "the place in the window unravelled by KH",
        "A window's elements stand row by row, and a row has KW of them: by what do you divide to "
        "get the row?",
    ),
    (
        "index_in_batch",
        "pidx counted in all of y",
        "Where does pidx start to count: in y, or in the map y[t, m]? Every map begins with 0.",
    ),
    (
        "counts_from_one",
        "pidx counted from 1",
        "Which pidx has the top left element of a map? NumPy counts from 0.",
    ),
    (
        "found_in_map",
        "pidx is where the value stands first in the whole map",
        "Could the same value stand in the map outside the window, and earlier? Then pidx must "
        "still be inside it.",
    ),
    (
        "starts_at_zero",
        "the search for the largest begins at 0",
        "What comes out when all elements of a window are negative? Which number is below all of "
        "them?",
    ),
    (
        "starts_at_zero_corner",
        "the search for the largest begins at 0, at the window's corner",
        "What comes out when all elements of a window are negative? Which number is below all of "
        "them?",
    ),
    (
        "largest_magnitude",
        "the largest magnitude instead of the largest value",
        "Which is larger, -3 or 2? There is no absolute value in max pooling.",
    ),
    (
        "magnitude_decides",
        "the value of the largest magnitude",
        "Which is larger, -3 or 2? There is no absolute value in max pooling.",
    ),
    (
        "place_by_magnitude",
        "pidx of the largest magnitude",
        "z is right: does pidx say where it was found? For pidx yours takes -3 for larger than 2.",
    ),
    (
        "last_of_ties",
        "the last of equals wins",
        "When two elements of a window are equal, which of them does pidx name? Look at > and >=, "
        "or at the end of the list from which you take it.",
    ),
    (
        "ties_by_column",
        "the first of equals, column by column",
        "When two elements of a window are equal, the first wins: reading row by row, or column by "
        "column?",
    ),
    (
        "mean",
        "the mean of the window in z",
        "Is z the largest element of the window, or the mean of all of them?",
    ),
)


def wrong_max_pool_backward(on: "frozenset[str]", dz: Array, pidx: Array, shape: Shape) -> Array:
    """max_pool_backward, element by element; each switch in `on` is one bug."""
    T, M, H, W = shape
    if "first_pidx" in on:
        pidx = np.broadcast_to(pidx[:1, :1], pidx.shape)
    if "counts_from_one" in on:
        pidx = pidx - 1
    where = pidx.reshape(T, M, -1)
    row, column = where // W, where % W
    if "row_by_height" in on:
        row, column = where // H, where % H
    if "column_first" in on:
        row, column = where % H, where // H
    if "row_column_exchanged" in on:
        row, column = where % W, where // W
    if "same_place" in on:
        row, column = (i.reshape(1, 1, -1) + 0 * where for i in np.indices(dz.shape[2:]))
    if np.any(row >= H) or np.any(column >= W):
        raise IndexError("a place outside the map")
    if "size_of_z" in on:
        if np.any(row >= dz.shape[2]) or np.any(column >= dz.shape[3]):
            raise IndexError("a place outside the map")
        H, W = dz.shape[2:]
    picture, channel, _ = np.indices(where.shape)
    if "index_over_all" in on:
        picture, channel, row, column = np.unravel_index(where, shape)
    flat = dz.reshape(where.shape)
    if "dz_missing" in on:
        flat = np.ones_like(flat)
    if "first_dz" in on:
        flat = np.broadcast_to(flat[:, :, :1], flat.shape)
    at = (picture, channel, row, column)
    dy, count = np.zeros((T, M, H, W), dz.dtype), np.zeros((T, M, H, W))
    np.add.at(count, at, 1.0)
    if "overwrite" in on:
        dy[at] = flat
    elif "first_only" in on:
        for k in reversed(range(flat.shape[2])):
            dy[at[0][..., k], at[1][..., k], at[2][..., k], at[3][..., k]] = flat[..., k]
    else:
        np.add.at(dy, at, flat)
    if "mean_of_shares" in on:
        dy /= np.maximum(count, 1)
    if "first_map" in on:
        dy[:, 1:] = 0
    if "first_instance" in on:
        dy[1:] = 0
    if "last_map" in on:
        dy[:, :-1] = 0
    if "last_instance" in on:
        dy[:-1] = 0
    if "first_map_for_all" in on:
        dy[:] = dy[:, :1]
    if "maps_summed" in on:
        dy[:] = dy.sum(1, keepdims=True)
    if "batch_summed" in on:
        dy[:] = dy.sum(0)
    if "divided_by_batch" in on:
        dy /= T
    return dy.reshape(T, M, -1) if "flat_maps" in on else dy


BACKWARD_ROWS = (
    (
        "overwrite",
        '"=" where "+=" is needed, or an indexed += that counts each place once',
        "What does an element of y get that won two windows? (For NumPy dy[index] += dz takes each "
        "place of `index` once: there np.add.at, or a loop, adds them all.)",
    ),
    (
        "first_only",
        "a winner keeps only its first share",
        "What does an element of y get that won two windows? Each of them sends it a gradient.",
    ),
    (
        "mean_of_shares",
        "the mean of the shares instead of their sum",
        "Paths add up: is there a reason to divide by the number of windows that were won?",
    ),
    (
        "index_over_all",
        "pidx taken as an index into all of dy",
        "Where does pidx start to count: in y, or in the map y[t, m]? With many maps yours sends "
        "everything into the first one.",
    ),
    (
        "row_by_height",
        "row and column worked out with H",
        "pidx = row * W + column. By what do you divide to get the row: by H or by W?",
    ),
    (
        "column_first",
        "pidx taken as column * H + row",
        "In which order are a map's elements counted: row by row or column by column?",
    ),
    (
        "row_column_exchanged",
        "row and column exchanged",
        "pidx = row * W + column: which of the two is the quotient, which the remainder?",
    ),
    (
        "size_of_z",
        "dy has the size of z",
        "Has dy the shape of dz or of y? The slide's zeros(D_l x W_l x H_l) is the smaller one.",
    ),
    (
        "same_place",
        "dz goes to its own place instead of the winner's",
        "Where in y was the largest element of the window? pidx knows; r and c belong to z.",
    ),
    (
        "first_pidx",
        "the winners of the first map for all",
        "Do all maps of all pictures have their largest elements in the same places? pidx has axes "
        "t and m too.",
    ),
    (
        "counts_from_one",
        "pidx taken as counted from 1",
        "Which element has pidx 0? NumPy counts from 0, and -1 is the last one.",
    ),
    (
        "flat_maps",
        "dy's maps are left flat",
        "Which axes does dy have? Each map is to be (H, W) again.",
    ),
)


# ----- small cases to show, with integers -----


def _descending(pool: Pool) -> Array:
    """Small integers, the largest not at the end: 3 1 4 1 5 9 2 6 without its repetition."""
    digits = np.array([3.0, 1, 4, 8, 5, 9, 2, 6, 7])
    return np.resize(digits, pool.shape)


FORWARD_EXAMPLES = (
    *(_case(_descending(pool), pool) for pool in pools.SMALLEST),
    _case(np.array([[[[-3.0, -1.0], [-4.0, -2.0]]]]), Pool((1, 1, 2, 2), (2, 2))),
    _case(np.array([[[[-3.0, -1.0, -4.0]]]]), Pool((1, 1, 1, 3), (1, 2))),
    _case(np.array([[[[2.0, -3.0]]]]), Pool((1, 1, 1, 2), (1, 2))),
    _case(np.array([[[[1.0, 2.0], [2.0, 2.0]]]]), Pool((1, 1, 2, 2), (2, 2))),
    _case(np.array([[[[2.0, 1.0], [1.0, 2.0]]]]), Pool((1, 1, 2, 2), (1, 2))),
)


def _backward_example(case: Case) -> Case:
    _, pidx = max_pool_forward(*case.args)
    dz = 10.0 * np.arange(1, pidx.size + 1).reshape(pidx.shape)
    return Case((dz, pidx, case.args[0].shape))


BACKWARD_EXAMPLES = (
    _backward_example(_case(np.array([[[[1.0, 9.0, 2.0]]]]), Pool((1, 1, 1, 3), (1, 2)))),
    *map(_backward_example, FORWARD_EXAMPLES[: len(pools.SMALLEST)]),
)


TASKS = (
    Task(
        name="max_pool_forward",
        solution=answers.max_pool_forward,
        forward=max_pool_forward,
        outputs=(Output("z"), Output("pidx", "indices")),
        shapes=lambda y, size, stride: (pools.out_shape(y.shape, size, stride),) * 2,
        expected=lambda y, size, stride: max_pool_forward(
            np.asarray(y, np.result_type(y, np.float32)), size, stride
        ),
        properties=(
            *pools.properties(forward_cases, 0.75, 0.5, 1.0, 0.5, 0.5, 0.5),
            Property(pools.WHOLE, 0.25, pools.whole_numbers),
            Property("negative numbers", 0.5, negative),
            Property("pidx: where in the map the winner stands", 0.75, places),
            Property("pidx of equal numbers: the first counts", 0.75, ties),
        ),
        wrong=wrong_max_pool_forward,
        misconceptions=(
            *pools.switches(
                wrong_max_pool_forward,
                FORWARD_ROWS,
                pools.STRIDE_ROWS,
                pools.OUT_ROWS,
                pools.FORWARD_MAP_ROWS,
                pools.MAP_ROWS,
                (pools.DTYPE_ROW,),
            ),
            *behaviours(answers.max_pool_forward, "input_modified", "type", "nothing"),
        ),
        examples=FORWARD_EXAMPLES,
    ),
    Task(
        name="max_pool_backward",
        solution=answers.max_pool_backward,
        forward=max_pool_forward,
        outputs=(Output("dy"),),
        shapes=lambda dz, pidx, shape: (tuple(shape),),
        expected=backward_expected,
        identity=backward_identity,
        properties=pools.properties(backward_cases, 0.75, 1.0, 1.25, 1.5, 0.75, 0.75),
        wrong=wrong_max_pool_backward,
        misconceptions=(
            *pools.switches(
                wrong_max_pool_backward, BACKWARD_ROWS, pools.MAP_ROWS, pools.BACKWARD_MAP_ROWS
            ),
            *behaviours(
                answers.max_pool_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=BACKWARD_EXAMPLES,
    ),
)
