"""Chapter 01's tasks: scanning along a line and over a picture, and counting what is learned.

y (T, M, H, W), w (N, M, KH, KW), b (N,), z (T, N, H_out, W_out); along a line without H. What is
said of both is said once, with `axes` the number of axes that are scanned: 1 or 2.
"""

from functools import partial
from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import other_layout, read_only, single
from autograder.task import (
    Array,
    Case,
    Function,
    Misconception,
    Output,
    Property,
    Shape,
    Task,
    distinct,
    switch,
)
from autograder.tasks import shared
from solutions import conv1d_forward, conv_forward
from solutions.chapters import ch01_scanning as answers

# ----- what is right -----


def scan_shapes(y: Array, w: Array, b: Array) -> tuple[Shape, ...]:
    sizes = (size - k + 1 for size, k in zip(y.shape[2:], w.shape[2:], strict=True))
    return ((y.shape[0], w.shape[0], *sizes),)


def count_forward(M: int, N: int, KH: int, KW: int) -> int:
    """The sizes of the arrays that such a layer's forward takes, added up."""
    w, b = np.zeros((N, M, KH, KW)), np.zeros(N)
    conv_forward(np.zeros((1, M, KH, KW)), w, b)  # refuses sizes that do not fit
    return w.size + b.size


# ----- cases -----


def _case(
    rng: np.random.Generator, T: int, M: int, N: int, size: Shape, kernel: Shape, bias: bool = False
) -> Case:
    """Random y and w; b is zero where it is not the point, so that a bug of the bias costs that.

    Drawn again until z has a negative number: else an activation too many would not be seen.
    """
    forward = conv1d_forward if len(size) == 1 else conv_forward
    b = 1.0 + rng.random(N) if bias else np.zeros(N)
    while True:
        y, w = rng.standard_normal((T, M, *size)), rng.standard_normal((N, M, *kernel))
        if forward(y, w, b).min() < 0:
            return Case((y, w, b))


def one_map(axes: int, rng: np.random.Generator) -> list[Case]:
    sides, K = distinct(rng, 5, 8, 2), int(rng.integers(2, 4))
    return [
        Case(read_only(*_case(rng, 1, 1, 1, (side,) * axes, (k,) * axes).args))
        for side, k in ((sides[0], 3), (sides[1], K))
    ]


def rectangular(axes: int, rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 5, 8, 2)
    KH, KW = distinct(rng, 2, 4, 2)
    return [
        _case(rng, 1, 1, 1, (H, W), (KH, KW)),
        _case(rng, 1, 1, 1, (W, H), (KW, KH)),
    ]


def in_maps(axes: int, rng: np.random.Generator) -> list[Case]:
    M, side = distinct(rng, 2, 6, 2)
    case = _case(rng, 1, M, 1, (side + 2,) * axes, (3,) * axes)
    return [case, single(case)]


def filters(axes: int, rng: np.random.Generator) -> list[Case]:
    N = int(rng.integers(3, 6))
    return [
        _case(rng, 1, 2, 2, (5,) * axes, (2,) * axes),
        _case(rng, 1, 1, N, (8,) * axes, (3,) * axes),
    ]


def bias(axes: int, rng: np.random.Generator) -> list[Case]:
    M, N = distinct(rng, 2, 4, 2)
    return [
        _case(rng, 1, 1, 1, (4,) * axes, (2,) * axes, True),
        _case(rng, 1, M, N, (6,) * axes, (2,) * axes, True),
    ]


def batch(axes: int, rng: np.random.Generator) -> list[Case]:
    T, side = distinct(rng, 2, 6, 2)
    y, w, b = _case(rng, T, 1, 1, (side + 2,) * axes, (3,) * axes).args
    return [Case((y, w, b)), Case((other_layout(y), other_layout(w), b))]


def any_size(axes: int, rng: np.random.Generator) -> list[Case]:
    T, M, N, H, W = distinct(rng, 2, 7, 5)
    return [
        _case(rng, T, M, N, (H, W)[:axes], (1,) * axes, True),
        _case(rng, 1, M, 1, (H, W)[:axes], (H, W)[:axes], True),
        _case(rng, T, M, N, (H + 3, W + 4)[:axes], (3, 4)[:axes], True),
    ]


def full_size(axes: int, rng: np.random.Generator) -> list[Case]:
    side = 36 + int(rng.integers(0, 3))
    size, kernel = ((30 * side,), (5,)) if axes == 1 else ((side, side + 1), (3, 3))
    return [Case(_case(rng, 1, 2, 3 if axes == 1 else 2, size, kernel).args, large=True)]


ROWS = (
    ("one map", one_map),
    ("rectangular maps and filters", rectangular),
    ("sum over all in-maps m", in_maps),
    ("a map for every filter n", filters),
    ("the bias", bias),
    ("every picture of the batch", batch),
    ("any size, all at once", any_size),
    ("full size, in time", full_size),
)


def scan_properties(axes: int, *points: float) -> tuple[Property, ...]:
    """No points for what is not there: a line cannot be rectangular."""
    return tuple(
        Property(name, p, partial(cases, axes), work=cases is full_size)
        for (name, cases), p in zip(ROWS, points, strict=True)
        if p
    )


def _counts(*args: Shape) -> list[Case]:
    return [Case(a) for a in args]


def count_one_map(rng: np.random.Generator) -> list[Case]:
    K, L = distinct(rng, 2, 7, 2)
    return _counts((1, 1, K, K), (1, 1, L, L))


def count_rectangular(rng: np.random.Generator) -> list[Case]:
    K, L = distinct(rng, 2, 7, 2)
    return _counts((1, 1, K, L), (1, 1, L, K))


def count_in_maps(rng: np.random.Generator) -> list[Case]:
    M, K = distinct(rng, 2, 9, 2)
    return _counts((M, 1, K, K), (M + K, 1, 1, 1))


def count_filters(rng: np.random.Generator) -> list[Case]:
    M, N, KH, KW = distinct(rng, 2, 9, 4)
    return _counts((1, N, KH, KH), (M, N, KH, KW), (N, M, KW, KH))


# ----- misconceptions -----


def wrong_scan(on: "frozenset[str]", y: Array, w: Array, b: Array) -> Array:
    """conv_scan, and conv1d_scan as pictures of one row; each switch in `on` is one bug."""
    line = y.ndim == 3
    if line:
        y, w = y[:, :, None], w[:, :, None]
    if "maps_exchanged" in on:
        w = w.swapaxes(0, 1)
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
    flips = {
        "flipped": (1, 1, -1, -1),
        "flipped_rows": (1, 1, -1, 1),
        "flipped_columns": (1, 1, 1, -1),
        "flipped_maps": (-1, -1, 1, 1),
        "flipped_everything": (-1, -1, -1, -1),
    }
    for id, steps in flips.items():
        if id in on:
            w = w[tuple(slice(None, None, s) for s in steps)]
    if "one_size" in on and not line:
        if w.shape[2] > w.shape[3]:
            raise IndexError("there is no such column in the filter")
        w = w[:, :, :, : w.shape[2]]
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    if w.shape[1] != M or len(b) != N:
        raise ValueError("the filters do not fit the maps")
    if "padded" in on:
        rows, columns = (KH // 2, KH - 1 - KH // 2), (KW // 2, KW - 1 - KW // 2)
        y = np.pad(y, ((0, 0), (0, 0), rows, columns))
    if "padded_full" in on:
        y = np.pad(y, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    if "sizes_swapped" in on:
        H_out, W_out = W - KH + 1, H - KW + 1
    else:
        H_out, W_out = y.shape[2] - KH + 1, y.shape[3] - KW + 1
    if "picture_transposed" in on:
        y = y.swapaxes(2, 3)
    if "last_place_missing" in on:
        H_out, W_out = H_out - (not line), W_out - 1
    down, right = 1, 1
    if "jumps" in on:
        down, right = KH, KW
        H_out, W_out = H // KH, W // KW
    used = np.ones(w.shape[1:])  # which of a filter's weights enter the sum
    if "last_of_filter_missing" in on:
        used[:, :, -1] = 0
        if not line:
            used[:, -1] = 0
    if "overwrite" in on:
        used[:] = 0
        used[-1, -1, -1] = 1
    if "first_map_only" in on:
        used[1:] = 0
    if "last_map_only" in on:
        used[:-1] = 0
    z = np.zeros((T, N, max(H_out, 0), max(W_out, 0)), y.dtype)
    for n, r, c in np.ndindex(*z.shape[1:]):
        top, left = (c, r) if "places_swapped" in on else (down * r, right * c)
        if "minus" in on:
            segment = y[:, :, r - np.arange(KH)[:, None], c - np.arange(KW)]
        else:
            segment = y[:, :, top : top + KH, left : left + KW]
        if segment.shape[2:] != (KH, KW):
            raise ValueError("the block leaves the map")
        if "same_map_only" in on:
            used = np.zeros(w.shape[1:])
            used[n] = 1  # IndexError where there is no in-map n
        terms = segment * w[0 if "first_filter_only" in on else n] * used
        z[:, n, r, c] = terms.mean((1, 2, 3)) if "mean" in on else terms.sum((1, 2, 3))
    if "maps_added" in on:
        z[:] = z.sum(1, keepdims=True)
    if "batch_summed" in on:
        z[:] = z.sum(0)
    if "first_instance" in on:
        z[1:] = 0
    if "last_instance" in on:
        z[:-1] = 0
    if "bias_in_the_loop" in on:
        b = b * M
    if "bias_for_each_weight" in on:
        b = b * (M * KH * KW)
    if "first_bias_only" in on:
        b = np.full_like(b, b[0])
    if "bias_missing" in on:
        b = 0 * b
    if "bias_on_columns" in on:
        z = z + b
    else:
        z = z + b[:, None, None]
    if "activated" in on:
        z = np.maximum(z, 0)
    return z[:, :, 0] if line else z


SCAN_ROWS = (
    (
        "flipped",
        "the filter is flipped",
        "Which weight meets the first number of the block: the first of the filter or the last? "
        "What signal processing calls a convolution (np.convolve, too) flips the filter.",
    ),
    (
        "flipped_everything",
        "the filter and its maps are flipped",
        "Is there anything to flip? Forward takes weight [m, i, j] with map m and offset i, j as "
        "they stand.",
    ),
    (
        "flipped_maps",
        "the maps are reversed",
        "Which filter makes z[:, 0], and which plane of it sees y[:, 0]? [::-1, ::-1] reverses "
        "the first two axes of w.",
    ),
    (
        "last_place_missing",
        "the last place is left out",
        "How many places has a filter of 2 on a map of 3? Count them with a finger, at the end "
        "too.",
    ),
    (
        "padded",
        "the map is padded to keep its size",
        "May the filter stick out of the map? Without padding z is smaller than y: by how much?",
    ),
    (
        "padded_full",
        "the map is padded by a filter less one",
        "May the filter stick out of the map? Without padding z is smaller than y: by how much?",
    ),
    (
        "jumps",
        "the filter jumps by its own size",
        "By how much does the filter move from one place to the next: by 1, or by its size?",
    ),
    (
        "minus",
        "c - j where c + j is needed",
        "On which side of its place does the filter look: at y[c + j] or y[c - j]? A negative "
        "index reads from the end without a word.",
    ),
    (
        "last_of_filter_missing",
        "the end of the filter is left out",
        "Which values do the offsets take? Count them: 0 to KW - 1 are KW values.",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed',
        "How many products are left in each z at the end of your loops? They have to be added.",
    ),
    (
        "last_map_only",
        '"=" where "+=" is needed, over the in-maps',
        "What happens to the sum for map m - 1 when yours comes to map m?",
    ),
    (
        "first_map_only",
        "only the first in-map is looked at",
        "A filter has a plane for each in-map. Which of the planes are in your sum?",
    ),
    (
        "same_map_only",
        "filter n looks at in-map n only",
        "At how many in-maps does each filter look at once? There is a w[n, m] for every m.",
    ),
    (
        "maps_exchanged",
        "in-maps and out-maps exchanged",
        "Which axis of w counts filters? w is (N, M, ...): as many filters as out-maps, as many "
        "planes in each as in-maps.",
    ),
    (
        "maps_added",
        "every out-map is the sum of all",
        "Over which of n and m does the sum run? Each filter keeps an out-map of its own.",
    ),
    (
        "first_filter_only",
        "the first filter makes all out-maps",
        "Where does n enter your sum? Here all maps of z are made by the same weights.",
    ),
    (
        "mean",
        "the mean of the products in place of their sum",
        "Is there a mean in the formula? The products are added, and divided by nothing.",
    ),
    (
        "bias_missing",
        "the bias is left out",
        "What should z be where all of y is 0? Some of the lecture's loops begin at 0 too.",
    ),
    (
        "bias_in_the_loop",
        "the bias is added for each in-map",
        "How often is b[n] added to one z? Look which loops your line with b stands in.",
    ),
    (
        "bias_for_each_weight",
        "the bias is added with each product",
        "How often is b[n] added to one z? Look which loops your line with b stands in.",
    ),
    (
        "first_bias_only",
        "every map gets the first bias",
        "Which bias belongs to map n of z?",
    ),
    (
        "bias_on_columns",
        "the bias is laid along the columns",
        "Along which axis of z does NumPy lay b? It matches the last axes; yours must match n.",
    ),
    (
        "activated",
        "negative numbers are cut off",
        "Where did the negative numbers go? This layer is the affine map alone; the activation "
        "comes after it.",
    ),
    (
        "batch_summed",
        "the pictures of the batch are added up",
        "Does z[0] depend on picture 1? Look over which axes your sum runs.",
    ),
    (
        "first_instance",
        "only the first picture of the batch",
        "y holds T pictures. Do all of them get scanned?",
    ),
    (
        "last_instance",
        "only the last picture is left",
        "In which loop does z begin as zeros? Print z[0] at the end: what has become of picture 0?",
    ),
)

PICTURE_ROWS = (
    (
        "flipped_rows",
        "the filter is flipped up-down",
        "Which row of the filter meets the top row of the block? Forward flips nothing.",
    ),
    (
        "flipped_columns",
        "the filter is flipped left-right",
        "Which column of the filter meets the left column of the block? Forward flips nothing.",
    ),
    (
        "filter_transposed",
        "rows and columns of the filter exchanged",
        "Which axis of w counts rows and which columns? The slides write (x, y) with x across; "
        "w is (N, M, KH, KW).",
    ),
    (
        "picture_transposed",
        "rows and columns of the picture exchanged",
        "Is the row the first of the two indices of a map in yours, for y and for z? The slides "
        "write (x, y) with x across.",
    ),
    (
        "places_swapped",
        "the block of (c, r) where that of (r, c) is meant",
        "Does z[t, n, r, c] look at the block whose corner is row r and column c, or row c and "
        "column r?",
    ),
    (
        "sizes_swapped",
        "height and width exchanged",
        "Which of y.shape[2] and y.shape[3] is the height? On a square map the two look alike.",
    ),
    shared.SQUARE_FILTER,
)


def _scan_misconceptions(
    right: Function, rows: tuple[tuple[str, str, str], ...]
) -> tuple[Misconception, ...]:
    return (
        *(switch(wrong_scan, *row) for row in rows),
        *behaviours(right, "input_modified", "state", "type", "nothing", "nan"),
    )


def wrong_count_parameters(on: "frozenset[str]", M: int, N: int, KH: int, KW: int) -> Any:
    """count_parameters; each switch in `on` is one bug."""
    plane, planes, biases = KH * KW, M * N, N
    if "only_height" in on:
        plane = KH * KH
    if "only_width" in on:
        plane = KW * KW
    if "outline" in on:
        plane = KH + KW
    if "in_maps_missing" in on:
        planes = N
    if "out_maps_missing" in on:
        planes, biases = M, 1
    if "biases_of_in_maps" in on:
        biases = M
    if "bias_for_each_plane" in on:
        biases = M * N
    if "one_bias" in on:
        biases = 1
    if "bias_missing" in on:
        biases = 0
    if "bias_for_each_weight" in on:
        biases = M * N * plane
    total = planes * plane + biases
    if "maps_added" in on:
        total = (M + N) * plane + biases
    return float(total) if "float" in on else total


COUNT_ROWS = (
    (
        "bias_missing",
        "the biases are left out",
        "What does each filter learn besides its weights? The slides count the weights alone.",
    ),
    (
        "one_bias",
        "one bias for the whole layer",
        "How many biases has a layer with N out-maps? Each out-map has b[n].",
    ),
    (
        "bias_for_each_plane",
        "a bias for every plane of every filter",
        "How many biases does one sum z[t, n, r, c] contain: one for each in-map, or one in all?",
    ),
    (
        "bias_for_each_weight",
        "a bias for every weight",
        "How many biases does one sum z[t, n, r, c] contain: one for each weight, or one in all?",
    ),
    (
        "biases_of_in_maps",
        "as many biases as in-maps",
        "Does the bias belong to the map that is read or to the map that is made?",
    ),
    (
        "in_maps_missing",
        "the planes for the other in-maps are left out",
        "How many maps does each filter read at once? It has a plane for every one of them.",
    ),
    (
        "out_maps_missing",
        "one filter only",
        "How many filters are there? One for each out-map.",
    ),
    (
        "maps_added",
        "in-maps and out-maps are added",
        "Each of N filters has M planes: how many planes are that together?",
    ),
    (
        "only_height",
        "the filter is taken for square, KH x KH",
        "How many weights are in one plane of 2 rows and 4 columns? Where does KW enter?",
    ),
    (
        "only_width",
        "the filter is taken for square, KW x KW",
        "How many weights are in one plane of 2 rows and 4 columns? Where does KH enter?",
    ),
    (
        "outline",
        "KH and KW are added",
        "How many weights are in one plane of 2 rows and 4 columns?",
    ),
    (
        "float",
        "a float in place of an int",
        "Can there be half a parameter? The task asks for an int: is there a / or a float in "
        "yours?",
    ),
)


# ----- small cases to show, with integers -----


def _example(y: Any, w: Any, b: Any = None) -> Case:
    b = [0] * len(w) if b is None else b
    return Case((np.array(y, float), np.array(w, float), np.array(b, float)))


LINE_EXAMPLES = (
    _example([[[1, 2, -4]]], [[[10, 1]]]),
    _example([[[1, 2, 4, -8, 16]]], [[[100, 10, 1]]]),
    _example([[[1, 2], [3, 5]]], [[[10], [1]]]),
    _example([[[1, 2, 4]]], [[[1]], [[10]]]),
    _example([[[1, 2], [3, 4]]], [[[1], [10]], [[100], [1000]]]),
    _example([[[1, 2, 4]]], [[[10, 1]]], [100]),
    _example([[[1, 2], [3, 5]]], [[[10], [1]]], [100]),
    _example([[[1, 2]]], [[[1]], [[10]]], [100, 200]),
    _example([[[1, 2]], [[3, 4]]], [[[10, 1]]]),
)

PICTURE_EXAMPLES = (
    _example([[[[1, 2, 3], [4, 5, 6], [-7, 8, 9]]]], [[[[1000, 100], [10, 1]]]]),
    _example([[[[1, 2, 3], [4, 5, 6]]]], [[[[10, 1]]]]),
    _example([[[[1, 2], [4, 5], [7, 8]]]], [[[[10, 1]]]]),
    _example([[[[1, 2]], [[3, 5]]]], [[[[10]], [[1]]]]),
    _example([[[[1, 2, 4]]]], [[[[1]]], [[[10]]]]),
    _example([[[[1, 2]], [[3, 4]]]], [[[[1]], [[10]]], [[[100]], [[1000]]]]),
    _example([[[[1, 2, 4]]]], [[[[10, 1]]]], [100]),
    _example([[[[1, 2]], [[3, 5]]]], [[[[10]], [[1]]]], [100]),
    _example([[[[1, 2]]]], [[[[1]]], [[[10]]]], [100, 200]),
    _example([[[[1, 2]]], [[[3, 4]]]], [[[[10, 1]]]]),
)

COUNT_EXAMPLES = tuple(_counts((1, 1, 3, 3), (3, 1, 3, 3), (1, 2, 3, 3), (3, 2, 2, 4)))


TASKS = (
    Task(
        name="conv1d_scan",
        solution=answers.conv1d_scan,
        forward=conv1d_forward,
        outputs=(Output("z"),),
        shapes=scan_shapes,
        expected=lambda y, w, b: (conv1d_forward(y, w, b),),
        properties=scan_properties(1, 1.0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
        wrong=wrong_scan,
        misconceptions=_scan_misconceptions(answers.conv1d_scan, SCAN_ROWS),
        examples=LINE_EXAMPLES,
    ),
    Task(
        name="conv_scan",
        solution=answers.conv_scan,
        forward=conv_forward,
        outputs=(Output("z"),),
        shapes=scan_shapes,
        expected=lambda y, w, b: (conv_forward(y, w, b),),
        properties=scan_properties(2, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5),
        wrong=wrong_scan,
        misconceptions=_scan_misconceptions(answers.conv_scan, (*SCAN_ROWS, *PICTURE_ROWS)),
        examples=PICTURE_EXAMPLES,
    ),
    Task(
        name="count_parameters",
        solution=answers.count_parameters,
        forward=count_forward,
        outputs=(Output("the count", "whole"),),
        shapes=lambda M, N, KH, KW: ((),),
        expected=lambda M, N, KH, KW: (count_forward(M, N, KH, KW),),
        properties=(
            Property("one map, one filter", 0.25, count_one_map),
            Property("rectangular filters", 0.25, count_rectangular),
            Property("many in-maps", 0.25, count_in_maps),
            Property("many filters", 0.25, count_filters),
        ),
        wrong=wrong_count_parameters,
        misconceptions=(
            *(switch(wrong_count_parameters, *row) for row in COUNT_ROWS),
            *behaviours(answers.count_parameters, "nothing"),
        ),
        examples=COUNT_EXAMPLES,
    ),
)
