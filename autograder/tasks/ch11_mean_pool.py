"""Chapter 11's tasks: mean pooling, forward and backward.

y and dy (T, M, H, W), z and dz (T, M, H_out, W_out). Both directions are linear: whatever is off
shows in any numbers.
"""

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
)
from autograder.tasks import pools
from autograder.tasks.pools import Pair
from solutions import mean_pool_forward
from solutions.chapters import ch11_mean_pool as answers

# ----- what is right, from forward alone -----


def backward_expected(dz: Array, shape: Shape, size: Pair, stride: Pair) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y."""
    return (gradient_of_linear(lambda y: mean_pool_forward(y, size, stride), dz, tuple(shape)),)


def backward_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """<dz, forward(v)> == <dy, v> for a random v."""
    dz, shape, size, stride = args
    v = rng.standard_normal(shape)
    return adjoint_gap(lambda y: mean_pool_forward(y, size, stride), dz, outputs[0], v)


# ----- cases -----


def forward_cases(pooled: pools.Pooled) -> Any:
    def cases(rng: np.random.Generator) -> list[Case]:
        found = [Case((rng.standard_normal(p.shape), p.size, p.stride)) for p in pooled(rng)]
        return pools.in_hard_kinds(pooled, found)

    return cases


def backward_cases(pooled: pools.Pooled) -> Any:
    def cases(rng: np.random.Generator) -> list[Case]:
        found = [Case((rng.standard_normal(p.out), p.shape, p.size, p.stride)) for p in pooled(rng)]
        return pools.in_hard_kinds(pooled, found)

    return cases


# ----- misconceptions: one wrong implementation with switches for each direction -----


def wrong_mean_pool_forward(on: "frozenset[str]", y: Array, size: Pair, stride: Pair) -> Array:
    """mean_pool_forward, window by window; each switch in `on` is one bug."""
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
    if "size_over_stride" in on or "size_over_stride_all" in on:
        H_out, W_out = H // SH, W // SW
    if "partial_windows" in on or "partial_windows_all" in on:
        H_out, W_out = (H - KH + SH - 1) // SH + 1, (W - KW + SW - 1) // SW + 1
    if "last_window_missing" in on:
        H_out, W_out = (H - KH) // SH, (W - KW) // SW
    z = np.zeros((T, M, H_out, W_out), np.result_type(y, np.float32))
    for r, c in np.ndindex(H_out, W_out):
        top, left = (r, c) if "starts_without_stride" in on else (SH * r, SW * c)
        below, right = top + KH, left + KW
        if "end_missing" in on or "end_missing_all" in on:
            below, right = below - 1, right - 1
        if "starts_one_late" in on:
            top, left, below, right = top + 1, left + 1, below + 1, right + 1
        window = y[:, :, top:below, left:right]
        if "corners_only" in on:
            window = window[:, :, :: max(KH - 1, 1), :: max(KW - 1, 1)]
        count = window.shape[2] * window.shape[3]
        if on & {"end_missing_all", "size_over_stride_all", "partial_windows_all"}:
            count = KH * KW
        if "divided_by_square" in on:
            count = KH * KH
        if "divided_by_stride" in on:
            count = SH * SW
        if "divided_by_windows" in on:
            count = H_out * W_out
        if "divided_by_map" in on:
            count = H * W
        if "divided_by_sides" in on:
            count = KH + KW
        if "not_divided" in on:
            count = 1
        total = window.sum(axis=(2, 3))
        if "over_maps" in on:
            total = 0 * total + total.mean(axis=1, keepdims=True)
        if "over_batch" in on:
            total = 0 * total + total.mean(axis=0)
        value = total / count if count else np.nan * total
        if "precedence" in on:
            value = total / KH * KW
        z[:, :, r, c] = window.max(axis=(2, 3)) if "maximum" in on else value
    if "rounded" in on:
        z = np.floor(z)
    if "first_map" in on:
        z[:, 1:] = 0
    if "first_instance" in on:
        z[1:] = 0
    if "last_map" in on:
        z[:, :-1] = 0
    if "last_instance" in on:
        z[:-1] = 0
    if "first_map_for_all" in on:
        z[:] = z[:, :1]
    return z.astype(y.dtype) if "dtype_of_y" in on else z


# ids, names and hints that hold for both directions
SHARE_ROWS = (
    (
        "not_divided",
        "the division is missing",
        "How many elements has a window, and by what is their sum divided in the mean?",
    ),
    (
        "divided_by_square",
        "divided by KH * KH",
        "How many elements has a window of 2 rows and 3 columns? The slide's K^2 is for square "
        "ones.",
    ),
    (
        "precedence",
        "/ KH * KW",
        "In which order does Python work out a / b * c? From left to right: is c below the line?",
    ),
    (
        "divided_by_stride",
        "divided by SH * SW",
        "How many elements has a window? That is up to its size, not to how far it moves.",
    ),
    (
        "divided_by_map",
        "divided by H * W",
        "Over how many elements is the mean taken: over those of the window, or of the whole map?",
    ),
    (
        "divided_by_sides",
        "divided by KH + KW",
        "How many elements has a window of 3 rows and 3 columns: 6 or 9?",
    ),
    (
        "corners_only",
        "only the corners of the window count",
        "Which elements are in the window? The slide's {i, i + K - 1} names its two ends; meant is "
        "everything between them too.",
    ),
)
FORWARD_ROWS = (
    (
        "divided_by_windows",
        "divided by the number of windows",
        "Over how many elements is one mean taken? H_out * W_out is the number of windows.",
    ),
    (
        "end_missing_all",
        "the last row and column of each window are left out of the sum",
        "How many rows does y[a : a + KH - 1] have? The slide's x + K - 1 is the last one, but a "
        "NumPy slice leaves out its end.",
    ),
    (
        "starts_one_late",
        "windows begin one row and one column late",
        "Where does the first window begin? The slides count from 1, NumPy from 0.",
    ),
    (
        "size_over_stride_all",
        "H // SH windows, some of them cut at the border, all divided by KH * KW",
        "Does the last window fit into the map? H // SH counts places where one could begin; it "
        "forgets that the window needs KH rows.",
    ),
    (
        "partial_windows_all",
        "rows that are left over make a window, divided by KH * KW",
        "What happens to rows that are left over at the end? Every window is whole here, so "
        "(H - KH) / SH is rounded down.",
    ),
    (
        "rounded",
        "the mean rounded down",
        "Which division is it, / or //? A mean need not be a whole number.",
    ),
    (
        "maximum",
        "the largest element instead of the mean",
        "Is z the mean of the window, or its largest element?",
    ),
)


def wrong_mean_pool_backward(
    on: "frozenset[str]", dz: Array, shape: Shape, size: Pair, stride: Pair
) -> Array:
    """mean_pool_backward, window by window; each switch in `on` is one bug."""
    T, M, H, W = shape
    H_out, W_out = dz.shape[2:]
    (KH, KW), (SH, SW) = size, stride
    if "size_swapped" in on:
        KH, KW = KW, KH
    if "one_size" in on:
        KW = KH
    if "windows_tile" in on or "repeated" in on:
        SH, SW = KH, KW
    if "stride_swapped" in on:
        SH, SW = SW, SH
    if "one_stride" in on:
        SW = SH
    if "starts_without_stride" in on:
        SH, SW = 1, 1
    if "size_of_z" in on or "size_of_z_cut" in on:
        H, W = H_out, W_out
    if "leftover_dropped" in on or "repeated" in on:
        H, W = SH * (H_out - 1) + KH, SW * (W_out - 1) + KW
    count = KH * KW
    if "divided_by_square" in on:
        count = KH * KH
    if "divided_by_stride" in on:
        count = SH * SW
    if "divided_by_map" in on:
        count = H * W
    if "divided_by_sides" in on:
        count = KH + KW
    if "not_divided" in on:
        count = 1
    if "divided_twice" in on:
        count = count * count
    dy, windows = np.zeros((T, M, H, W), dz.dtype), np.zeros((H, W))
    late = 1 if "starts_one_late" in on or "starts_one_late_cut" in on else 0
    for r, c in np.ndindex(H_out, W_out):
        top, left = SH * r + late, SW * c + late
        below, right, step, across = top + KH, left + KW, 1, 1
        if "end_missing" in on:
            below, right = below - 1, right - 1
        if ("size_of_z" in on or "starts_one_late" in on) and (below > H or right > W):
            raise IndexError("a place outside the map")
        if "corners_only" in on:
            step, across = max(KH - 1, 1), max(KW - 1, 1)
        if "corner_only" in on:
            below, right = top + 1, left + 1
        if "same_place" in on or "same_place_once" in on:
            top, left, below, right = r, c, r + 1, c + 1
        a, b = (0, 0) if "first_dz" in on else (r, c)
        share = dz[:, :, a : a + 1, b : b + 1] / count
        if "precedence" in on:
            share = dz[:, :, a : a + 1, b : b + 1] / KH * KW
        if "dz_missing" in on:
            share = 0 * share + 1 / count
        if "same_place" in on:  # all KH * KW shares in one place
            share = share * count
        if "overwrite" in on:
            dy[:, :, top:below:step, left:right:across] = share
        else:
            dy[:, :, top:below:step, left:right:across] += share
        windows[top:below, left:right] += 1
    if "divided_by_windows" in on:
        dy = dy / np.maximum(windows, 1)
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
    return dy


BACKWARD_ROWS = (
    (
        "overwrite",
        '"=" where "+=" is needed',
        "What does an element of y get that lies in two windows? Each of them sends it a share.",
    ),
    (
        "divided_by_windows",
        "the mean of the shares instead of their sum",
        "Paths add up: is there a reason to divide by the number of windows in which an element "
        "lies?",
    ),
    (
        "divided_twice",
        "divided by the window's size twice",
        "How often is dz divided by KH * KW in yours, and how often in forward?",
    ),
    (
        "same_place",
        "all of dz goes to the place (r, c)",
        "Which elements of y were in the window of z[t, m, r, c]? In yours every share goes to "
        "dy[t, m, r, c]; i and j play no role in the place.",
    ),
    (
        "same_place_once",
        "one share, and it goes to the place (r, c)",
        "How many elements of y were in the window of z[t, m, r, c], and where are they? The slide "
        "writes dy at dz's own place.",
    ),
    (
        "corner_only",
        "only the first element of each window gets a share",
        "How many elements has the window? All of them are in the mean.",
    ),
    (
        "size_of_z",
        "dy has the size of z",
        "Has dy the shape of dz or of y? The slide's zeros(D_l x W_l x H_l) is the smaller one.",
    ),
    (
        "size_of_z_cut",
        "dy has the size of z, and windows are cut",
        "Has dy the shape of dz or of y? The slide's zeros(D_l x W_l x H_l) is the smaller one.",
    ),
    (
        "leftover_dropped",
        "dy ends with the last window",
        "Which shape has y? Rows and columns that no window reached belong to it too; their "
        "gradient is 0.",
    ),
    (
        "repeated",
        "each dz repeated KH x KW times, side by side",
        "May windows overlap, or leave gaps? Repeating dz is right only where they tile the map.",
    ),
    (
        "starts_one_late",
        "every share one row and one column too far",
        "Where does the window of dz[0, 0] begin? The slide's i runs from 1, NumPy counts from 0.",
    ),
    (
        "starts_one_late_cut",
        "every window one row and one column too far, and cut at the border",
        "Where does the window of dz[0, 0] begin? The slide's i runs from 1, NumPy counts from 0.",
    ),
)


# ----- small cases to show, with integers -----


def _forward_example(pool: pools.Pool) -> Case:
    digits = np.array([3.0, 1, 4, 8, 5, 9, 2, 6, 7])
    return Case((np.resize(digits, pool.shape), pool.size, pool.stride))


def _backward_example(pool: pools.Pool) -> Case:
    dz = 36.0 * np.arange(1, np.prod(pool.out) + 1).reshape(pool.out)
    return Case((dz, pool.shape, pool.size, pool.stride))


TASKS = (
    Task(
        name="mean_pool_forward",
        solution=answers.mean_pool_forward,
        forward=mean_pool_forward,
        outputs=(Output("z"),),
        shapes=lambda y, size, stride: (pools.out_shape(y.shape, size, stride),),
        expected=lambda y, size, stride: (
            mean_pool_forward(np.asarray(y, np.result_type(y, np.float32)), size, stride),
        ),
        properties=(
            *pools.properties(forward_cases, 1.0, 1.25, 1.25, 1.0, 0.75, 0.5),
            Property(pools.WHOLE, 0.25, pools.whole_numbers),
        ),
        wrong=wrong_mean_pool_forward,
        misconceptions=(
            *pools.switches(
                wrong_mean_pool_forward,
                SHARE_ROWS,
                FORWARD_ROWS,
                pools.STRIDE_ROWS,
                pools.OUT_ROWS,
                pools.FORWARD_MAP_ROWS,
                pools.MAP_ROWS,
                (pools.DTYPE_ROW,),
            ),
            *behaviours(
                answers.mean_pool_forward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=tuple(map(_forward_example, pools.SMALLEST)),
    ),
    Task(
        name="mean_pool_backward",
        solution=answers.mean_pool_backward,
        forward=mean_pool_forward,
        outputs=(Output("dy"),),
        shapes=lambda dz, shape, size, stride: (tuple(shape),),
        expected=backward_expected,
        identity=backward_identity,
        properties=pools.properties(backward_cases, 1.0, 1.25, 1.5, 1.0, 0.75, 0.5),
        wrong=wrong_mean_pool_backward,
        misconceptions=(
            *pools.switches(
                wrong_mean_pool_backward,
                SHARE_ROWS,
                BACKWARD_ROWS,
                pools.STRIDE_ROWS,
                pools.MAP_ROWS,
                pools.BACKWARD_MAP_ROWS,
            ),
            *behaviours(
                answers.mean_pool_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=tuple(map(_backward_example, pools.SMALLEST)),
    ),
)
