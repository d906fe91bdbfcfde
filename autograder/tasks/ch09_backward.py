"""Chapter 09's tasks: the backward pass of a conv layer in general, and of a network without pooling.

y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out).
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.gradcheck import Gap, gradient_of_linear, norm
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
from solutions import conv_forward
from solutions.chapters import ch09_backward as answers

Stride = int | tuple[int, int]
Padding = tuple[tuple[int, int], tuple[int, int]]
Row = tuple[str, str, str]

NO_PADDING = ((0, 0), (0, 0))

# ----- what is right, from forward alone -----


def layer_shapes(
    dz: Array, y: Array, w: Array, b: Array, stride: Stride, padding: Padding
) -> tuple[Shape, ...]:
    return y.shape, w.shape, b.shape


def layer_expected(
    dz: Array, y: Array, w: Array, b: Array, stride: Stride = 1, padding: Padding = NO_PADDING
) -> tuple[Array, Array, Array]:
    """Differences with h = 1, exact as forward is linear in y, in w and in b.

    Unit pictures are stacked in the batch, unit filters in the out-maps: two forward calls do all.
    """
    dy = gradient_of_linear(lambda v: conv_forward(v, w, None, stride, padding), dz, y.shape)
    units = np.eye(w[0].size, dtype=w.dtype).reshape(-1, *w.shape[1:])
    responses = conv_forward(y, units, None, stride, padding)  # one map for each weight
    dw = np.einsum("tnrc,tkrc->nk", dz, responses).reshape(w.shape)
    ones = conv_forward(np.zeros_like(y), w, np.ones_like(b), stride, padding)
    return dy, dw, np.sum(dz * ones, axis=(0, 2, 3))


def layer_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """<dz, how forward moves with y, w and b along random directions> == <gradients, directions>."""
    dz, y, w, b, stride, padding = args
    vy, vw, vb = _directions(rng, y, w, b)
    moved = conv_forward(vy, w, vb, stride, padding) + conv_forward(y, vw, None, stride, padding)
    return _gap(dz, moved, outputs, (vy, vw, vb))


def network_shapes(
    dy: Array, image: Array, weights: list[Array], biases: list[Array]
) -> tuple[Any, ...]:
    return image.shape, [w.shape for w in weights], [b.shape for b in biases]


def network_forward(
    image: Array, weights: list[Array], biases: list[Array]
) -> tuple[list[Array], list[Array]]:
    """Each layer's input y, and whether its z is positive (last is no layer's input: the output)."""
    ys, positive = [image], []
    for w, b in zip(weights, biases, strict=True):
        z = conv_forward(ys[-1], w, b)
        positive.append(z > 0)
        ys.append(np.maximum(z, 0))
    return ys, positive


def network_expected(
    dy: Array, image: Array, weights: list[Array], biases: list[Array]
) -> tuple[Array, list[Array], list[Array]]:
    """Layer by layer, each convolution by differences with h = 1; between kinks ReLU is linear."""
    ys, positive = network_forward(image, weights, biases)
    dweights: list[Array] = []
    dbiases: list[Array] = []
    for y, w, b, above in reversed(list(zip(ys[:-1], weights, biases, positive, strict=True))):
        dy, dw, db = layer_expected(dy * above, y, w, b)
        dweights.insert(0, dw)
        dbiases.insert(0, db)
    return dy, dweights, dbiases


def network_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """The same with the network's output, moved along a random direction of all that goes in."""
    dy, image, weights, biases = args
    directions = _directions(rng, image, *weights, *biases)
    moved, vw, vb = directions[0], directions[1 : 1 + len(weights)], directions[1 + len(weights) :]
    ys, positive = network_forward(image, weights, biases)
    for k, w in enumerate(weights):
        moved = (conv_forward(moved, w, vb[k]) + conv_forward(ys[k], vw[k])) * positive[k]
    return _gap(dy, moved, outputs, directions)


def _directions(rng: np.random.Generator, *like: Array) -> tuple[Array, ...]:
    return tuple(np.asarray(rng.standard_normal(a.shape), a.dtype) for a in like)


def _gap(
    dz: Array, moved: Array, gradients: tuple[Array, ...], directions: tuple[Array, ...]
) -> Gap:
    told = sum(float(np.vdot(g, v)) for g, v in zip(gradients, directions, strict=True))
    return Gap(abs(float(np.vdot(dz, moved)) - told), norm(dz) * norm(moved))


# ----- cases of one layer -----


def _layer(
    rng: np.random.Generator,
    T: int,
    N: int,
    M: int,
    size: Shape,
    kernel: Shape,
    stride: Stride = 1,
    padding: Padding = NO_PADDING,
) -> Any:
    """Random arguments: y of this size, and a dz that fits."""
    y, w = rng.standard_normal((T, M, *size)), rng.standard_normal((N, M, *kernel))
    b = rng.standard_normal(N)
    dz = rng.standard_normal(conv_forward(y, w, b, stride, padding).shape)
    return dz, y, w, b, stride, padding


def _read_only(args: tuple[Any, ...]) -> tuple[Any, ...]:
    for a in args:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
    return args


def _other_layout(a: Any) -> Any:
    """The same values, with the axes of maps in another order in memory."""
    if not isinstance(a, np.ndarray) or a.ndim != 4:
        return a
    return np.ascontiguousarray(a.transpose(3, 1, 0, 2)).transpose(2, 1, 3, 0)


def _float32(value: Any) -> Any:
    if isinstance(value, list):
        return [_float32(v) for v in value]
    return value.astype(np.float32) if isinstance(value, np.ndarray) else value


def _in_float32(case: Case) -> Case:
    return Case(tuple(map(_float32, case.args)), tolerance=1e-4, same_dtype=True)


def one_map(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 4, 7, 2)
    return [
        Case(_read_only(_layer(rng, 1, 1, 1, (H, H), (3, 3)))),
        Case(_layer(rng, 1, 1, 1, (H, W), (2, 3))),
        Case(_layer(rng, 1, 1, 1, (H, W), (3, 1))),
    ]


def many_maps(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 4, 2)
    H, W = distinct(rng, 4, 6, 2)
    return [
        Case(_layer(rng, 1, 2, 2, (4, 4), (2, 2))),
        Case(_layer(rng, 1, N, M, (H, W), (2, 3))),
        Case(_layer(rng, 1, M, N, (W, H), (1, 1))),
    ]


def batch(rng: np.random.Generator) -> list[Case]:
    T, M = distinct(rng, 2, 4, 2)
    args = _layer(rng, T, 1, M, (5, 4), (2, 3))
    return [Case(args), Case(tuple(map(_other_layout, _layer(rng, 3, 2, 1, (4, 5), (3, 2)))))]


def padding_alone(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 3, 6, 2)
    top, bottom, left, right = distinct(rng, 0, 3, 4)
    return [
        Case(_layer(rng, 1, 1, 1, (H, W), (3, 3), 1, ((1, 1), (1, 1)))),
        Case(_layer(rng, 1, 1, 1, (H, W), (2, 2), 1, ((1, 1), (2, 2)))),
        Case(_layer(rng, 1, 1, 1, (H, W), (3, 2), 1, ((1, 2), (3, 1)))),
        Case(_layer(rng, 1, 1, 1, (H, W), (2, 3), 1, ((0, 1), (2, 0)))),
        Case(_layer(rng, 2, 2, 3, (W, H), (3, 2), 1, ((top, bottom), (left, right)))),
    ]


def stride_alone(rng: np.random.Generator) -> list[Case]:
    extra = int(rng.integers(0, 2))
    return [
        Case(_layer(rng, 1, 1, 1, (7, 7), (3, 3), 2)),
        Case(_layer(rng, 1, 1, 1, (8 + 2 * extra, 6), (3, 3), 2)),  # rows are left over
        Case(_layer(rng, 1, 1, 1, (6, 7 + extra), (2, 3), (2, 3))),
        Case(_layer(rng, 1, 1, 1, (7 + extra, 6), (3, 2), (3, 1))),
        Case(_layer(rng, 1, 1, 1, (8, 9 + extra), (2, 1), 3)),  # larger than the filter
        Case(_layer(rng, 2, 2, 3, (7, 8 + extra), (3, 2), (2, 3))),
    ]


def stride_and_padding(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 5, 6, 2)
    T, N, M = distinct(rng, 2, 4, 3)
    return [  # in the last, rows of y are left over
        Case(_layer(rng, 1, 1, 1, (H, W), (3, 3), 2, ((1, 1), (1, 1)))),
        Case(_layer(rng, 1, 2, 1, (W, H), (2, 3), (2, 3), ((1, 2), (0, 3)))),
        Case(_layer(rng, T, N, M, (H, W), (3, 2), (3, 2), ((2, 0), (1, 1)))),
    ]


def layer_full_size(rng: np.random.Generator) -> list[Case]:
    side = 32 + int(rng.integers(0, 3))
    return [Case(_layer(rng, 1, 2, 2, (side, side + 1), (3, 3)), large=True)]


def layer_float32(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 4, 6, 2)
    return [_in_float32(Case(_layer(rng, 2, 3, 1, (H, W), (2, 3))))]


# ----- cases of a network -----


def _network(
    rng: np.random.Generator,
    T: int,
    maps: Shape,
    size: Shape,
    kernels: tuple[Shape, ...],
    signed: bool = False,
) -> Any:
    """Random arguments: maps[0] in-maps of this size, and one layer for each kernel.

    Pixels are positive if not `signed`: a ReLU at the image costs its own points only.
    """
    image = rng.standard_normal((T, maps[0], *size))
    image = image if signed else np.abs(image)
    y, weights, biases = image, [], []
    for M, N, kernel in zip(maps[:-1], maps[1:], kernels, strict=True):
        weights.append(rng.standard_normal((N, M, *kernel)))
        z = conv_forward(y, weights[-1])
        biases.append(dividing(z))
        y = np.maximum(z + biases[-1][:, None, None], 0)
    return rng.standard_normal(y.shape), image, weights, biases


def dividing(z: Array, least: float = 0.25, most: float = 0.75) -> Array:
    """Biases for which each map has z's on both sides of 0 and none near it: no ReLU is idle.

    A share of `least` to `most` of each map becomes negative.
    """
    values = np.sort(np.moveaxis(z, 1, 0).reshape(z.shape[1], -1))
    count = values.shape[1]
    low, high = int(least * count), max(int(most * count), 1)
    n, k = np.arange(len(values)), low + np.diff(values)[:, low:high].argmax(axis=1)
    middle: Array = (values[n, k] + values[n, k + 1]) / 2
    return -middle


def one_layer(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 4, 6, 2)
    M, N = distinct(rng, 2, 4, 2)
    return [
        Case(_read_only(_network(rng, 1, (1, 1), (5, 5), ((3, 3),), signed=True))),
        Case(_network(rng, 1, (1, 1), (H, W), ((2, 3),), signed=True)),
        Case(_network(rng, 1, (M, N), (W, H), ((3, 2),), signed=True)),
    ]


def two_layers(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 5, 7, 2)
    return [
        Case(_network(rng, 1, (1, 1, 1), (6, 6), ((2, 2), (2, 2)))),
        Case(_network(rng, 1, (1, 1, 1), (H, W), ((2, 3), (3, 2)))),
    ]


def many_maps_network(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 5, 7, 2)
    A, B, C = distinct(rng, 1, 3, 3)
    return [
        Case(_network(rng, 1, (2, 2, 2), (5, 5), ((2, 2), (2, 2)))),
        Case(_network(rng, 1, (A, B, C), (H, W), ((2, 3), (3, 2)))),
    ]


def deep(rng: np.random.Generator) -> list[Case]:
    A, B, C = distinct(rng, 2, 4, 3)
    return [
        Case(_network(rng, 1, (1, B, C, A), (6, 5), ((2, 2), (3, 1), (1, 3)))),
        Case(_network(rng, 1, (1, 2, 1, 2, 1), (7, 6), ((2, 2), (1, 1), (2, 3), (3, 2)))),
    ]


def batch_network(rng: np.random.Generator) -> list[Case]:
    T, M, N = distinct(rng, 2, 4, 3)
    kernels = ((2, 2), (2, 1))
    dy, image, weights, biases = _network(rng, 3, (1, 2, 1), (4, 5), kernels, signed=True)
    others = [_other_layout(w) for w in weights]
    return [
        Case(_network(rng, T, (M, N), (4, 5), ((2, 3),))),
        Case((_other_layout(dy), _other_layout(image), others, biases)),
    ]


def network_full_size(rng: np.random.Generator) -> list[Case]:
    side = 28 + int(rng.integers(0, 2))
    kernels = ((3, 3), (3, 3))
    return [Case(_network(rng, 1, (1, 2, 2), (side, side + 1), kernels), large=True)]


def network_float32(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 4, 6, 2)
    return [_in_float32(Case(_network(rng, 1, (1, 2, 1), (H, W), ((2, 3), (3, 2)))))]


# ----- misconceptions: one wrong implementation with switches for each task -----


def wrong_conv_backward(
    on: "frozenset[str]", dz: Array, y: Array, w: Array, b: Array, stride: Any, padding: Any
) -> Any:
    """conv_backward, scattered filter element by filter element; each switch in `on` is one bug."""
    SH, SW = (stride, stride) if isinstance(stride, int) else stride
    (top, bottom), (left, right) = padding
    if "stride_swapped" in on:
        SH, SW = SW, SH
    if "one_stride_for_both" in on:
        SW = SH
    if "stride_ignored" in on:
        SH = SW = 1
    if "padding_swapped" in on:
        (top, bottom), (left, right) = (left, right), (top, bottom)
    if "padding_ignored" in on:
        top = bottom = left = right = 0
    if "padding_sides_exchanged" in on:
        top, bottom, left, right = bottom, top, right, left
    if "pads_above_only" in on:
        top, bottom, left, right = top + bottom, 0, left + right, 0
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
    if "maps_not_transposed" in on:
        w = w.swapaxes(0, 1)
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[2:]
    if w.shape[:2] != (N, M):
        raise ValueError(f"filters of shape {w.shape} meet {N} out-maps and {M} in-maps")
    padded = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    if "pads_below_only" in on:
        padded = np.pad(y, ((0, 0), (0, 0), (0, top + bottom), (0, left + right)))
    if "one_size" in on:
        if KH > KW:
            raise IndexError("there is no such column in the filter")
        w = w * (np.arange(KW) < KH)  # the others are never read, and dw is zero there
    places = padded
    seen = padded
    if "y_not_shifted" in on:
        seen = np.pad(y, ((0, 0), (0, 0), (0, top + bottom), (0, left + right)))
    if "padded_by_edge" in on:
        seen = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)), "edge")
    if "size_from_dz" in on:
        places = padded[:, :, : SH * (H_out - 1) + KH, : SW * (W_out - 1) + KW]
    dy_padded, dw = np.zeros(places.shape, dz.dtype), np.zeros(w.shape, dz.dtype)
    flipped = w[:, :, ::-1, ::-1] if "dy_flipped" in on else w
    spread = dz
    if "dz_repeated" in on:  # np.repeat where zeros belong between the entries
        spread = dz.repeat(SH, 2).repeat(SW, 3)[
            :, :, : 1 + SH * (H_out - 1), : 1 + SW * (W_out - 1)
        ]
        SH = SW = 1
        H_out, W_out = spread.shape[2:]
    for i in range(KH):
        for j in range(KW):
            r, c = (SH * i, SW * j) if "stride_on_filter" in on else (i, j)
            rows, columns = SH, SW
            if "stride_on_filter" in on:
                rows = columns = 1
            down = slice(r, r + rows * (H_out - 1) + 1, rows)
            across = slice(c, c + columns * (W_out - 1) + 1, columns)
            at = (slice(None), slice(None), down, across)
            back = np.einsum("tnrc,nm->tmrc", spread, flipped[:, :, i, j])
            if "overwrite" in on:
                dy_padded[at] = back
            elif dy_padded[at].shape != back.shape:
                raise ValueError("a window leaves the map")
            else:
                dy_padded[at] += back
            if "dw_stride_ignored" in on:
                at = (*at[:2], slice(i, i + H_out), slice(j, j + W_out))
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", spread, seen[at])
            if "dw_pictures_mixed" in on:
                dw[:, :, i, j] = np.einsum("tnrc,smrc->nm", spread, seen[at])
    if "one_size" in on:
        dw *= np.arange(KW) < KH
    db = spread.sum((0, 2, 3)) if "dz_repeated" in on else dz.sum((0, 2, 3))
    dy = dy_padded[:, :, top : top + H, left : left + W].copy()
    if "cropped_from_bottom" in on:
        dy = dy_padded[:, :, bottom : bottom + H, right : right + W].copy()
    if "dy_last_picture" in on:
        dy[:-1] = 0
    if "not_cropped" in on:
        dy = dy_padded
    if "cropped_below_only" in on or "pads_below_only" in on:
        dy = dy_padded[:, :, :H, :W].copy()
    if "cropped_by_top_twice" in on:
        dy = dy_padded[:, :, top : H + bottom, left : W + right].copy()
    if "cropped_by_minus_zero" in on:
        dy = dy_padded[:, :, top:-bottom, left:-right].copy()
    if "first_map_only" in on:
        dy = wrong_conv_backward(
            on - {"first_map_only"}, dz[:, :1], y, w[:1], b[:1], stride, padding
        )[0]
    if "dw_of_unpadded_y" in on and (top or bottom or left or right):  # dz slides over y alone
        KH, KW = H - SH * (H_out - 1), W - SW * (W_out - 1)
        if KH < 1 or KW < 1:
            raise ValueError("dz is larger than y")
        dw = np.zeros((N, M, KH, KW), dz.dtype)
        for i in range(KH):
            for j in range(KW):
                seen = y[:, :, i : i + SH * (H_out - 1) + 1 : SH, j : j + SW * (W_out - 1) + 1 : SW]
                dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, seen)
    if "dw_unspread" in on or "dw_y_thinned" in on:  # at as many places as dz has on the map
        rows, columns = (SH, SW) if "dw_y_thinned" in on else (1, 1)
        windows = np.lib.stride_tricks.sliding_window_view(
            padded[:, :, ::rows, ::columns], (H_out, W_out), axis=(2, 3)
        )
        dw = np.einsum("tnrc,tmijrc->nmij", dz, windows)
    if "dw_maps_exchanged" in on:
        dw = dw.swapaxes(0, 1)
    if "dw_flipped" in on:
        dw = dw[:, :, ::-1, ::-1].copy()
    if "filter_transposed" in on:
        dw = dw.swapaxes(2, 3).copy()
    if "last_picture" in on or "first_picture" in on:
        t = slice(T - 1, T) if "last_picture" in on else slice(0, 1)
        less = on - {"last_picture", "first_picture"}
        _, dw, db = wrong_conv_backward(less, dz[t], y[t], w, b, stride, padding)
    if "dw_last_picture" in on:
        less = on - {"dw_last_picture"}
        dw = wrong_conv_backward(less, dz[-1:], y[-1:], w, b, stride, padding)[1]
    if "db_last_picture" in on:
        db = dz[-1].sum((1, 2))
    if "mean_over_batch" in on:
        dw, db = dw / T, db / T
    if "mean_over_positions" in on:
        dw, db = dw / (H_out * W_out), db / (H_out * W_out)
    if "db_mean" in on:
        db = dz.mean((0, 2, 3))
    if "db_zero" in on:
        db = np.zeros_like(db)
    if "db_per_picture" in on:
        db = dz.sum((2, 3))
    if "db_one_number" in on:
        db = np.full_like(db, dz.sum())
    if "dw_first" in on:
        return dw, dy, db
    if "float64" in on:
        return dy.astype(float), dw.astype(float), db.astype(float)
    return dy, dw, db


LAYER_ROWS: tuple[Row, ...] = (
    (
        "stride_ignored",
        "the stride is left out",
        "Forward reads y_padded[t, m, SH*r + i, SW*c + j]. Where does the next dz, one column to "
        "the right, write in yours?",
    ),
    (
        "dw_stride_ignored",
        "dw without the stride",
        "dy and dw meet the same elements of y_padded. Does the sum for dw step by SH and SW too?",
    ),
    (
        "dw_unspread",
        "dw from dz as it came in, at as many places as it has on y_padded",
        "Which dz does your sum for dw take: the small one that came in, or one that was spread by "
        "the stride? Over y_padded it slides to more places than the filter has weights.",
    ),
    (
        "dw_y_thinned",
        "dw from a y_padded thinned by the stride",
        "Which y did weight w[0, 1] meet first: y_padded[0, 1], or y_padded[0, SW]? Is the first "
        "still there when the map has been thinned?",
    ),
    (
        "stride_on_filter",
        "the filter index is multiplied by the stride",
        "Which index does the stride multiply: the place r of the filter, or the element i inside "
        "it? The filter itself is not spread out.",
    ),
    (
        "dz_repeated",
        "dz is repeated where zeros belong",
        "What stands between two entries of the upsampled dz? The positions that forward skipped "
        "have no z, so no gradient comes from them.",
    ),
    (
        "stride_swapped",
        "the two strides exchanged",
        "stride is (rows, columns). Which of the two multiplies r in yours?",
    ),
    (
        "one_stride_for_both",
        "one stride for rows and columns",
        "What does yours do with the stride (2, 3)? Rows and columns have each their own.",
    ),
    (
        "size_from_dz",
        "the size of dy is worked out from dz",
        "Can dz tell how many rows y has? Where the stride does not divide, the last rows of y "
        "reach no z; they are in dy all the same, with gradient 0.",
    ),
    (
        "padding_ignored",
        "the padding is left out",
        "Forward slides over y_padded: it has top + H + bottom rows, and y[0, 0] is not its first "
        "element. Which line of yours leaves that out?",
    ),
    (
        "not_cropped",
        "the border is not cut off",
        "Which shape has dy in yours, which has y? The zeros of the border are no function of y.",
    ),
    (
        "cropped_below_only",
        "the border is cut off below and on the right only",
        "Where does y begin inside y_padded: at [0, 0] or at [top, left]? Cut there.",
    ),
    shared.PADS_BELOW_ONLY,
    shared.PADS_ABOVE_ONLY,
    shared.PADDING_SIDES_EXCHANGED,
    (
        "cropped_from_bottom",
        "the crop begins at row `bottom` and column `right`",
        "How many rows of zeros stand before y's first row in y_padded? Cut as many off there.",
    ),
    (
        "cropped_by_top_twice",
        "as much is cut off below as above",
        "Need bottom be the same as top, or right the same as left? Try padding ((1, 0), (0, 2)).",
    ),
    (
        "cropped_by_minus_zero",
        "a slice that ends at -0",
        "What does a[1:-0] select in NumPy? On a side without padding nothing may be cut off.",
    ),
    (
        "padding_swapped",
        "the padding of rows and of columns exchanged",
        "padding is ((top, bottom), (left, right)). Which pair pads axis 2 of y, the rows?",
    ),
    (
        "dw_of_unpadded_y",
        "dw is taken from y without its border",
        "Which map did the filter slide over in forward: y, or y_padded? The sum for dw needs "
        "the same one.",
    ),
    (
        "y_not_shifted",
        "dw from y as if its first pixel were the padded map's first",
        "Which pixel of y stands at row SH*r + i of y_padded: the one of that row, or another one? "
        "How many rows of zeros come before it?",
    ),
    shared.PADDED_BY_EDGE,
    (
        "overwrite",
        '"=" where "+=" is needed',
        "How many z's does one pixel of y reach? Of all their contributions, how many are left "
        "in your dy?",
    ),
    shared.SQUARE_FILTER,
    shared.last_picture("dy_last_picture", "dy of the last picture only"),
    (
        "dy_flipped",
        "the filter is flipped for dy where nothing has to be",
        "Where does dz[0, 0] put w[0, 0]: at the top left or at the bottom right of its block in "
        "dy? (Only the gather over a padded dz needs the flip.)",
    ),
    (
        "dw_flipped",
        "dw is flipped",
        "Which y does w[0, 0] meet at z[0, 0]? Its gradient belongs at dw[0, 0]: is there a flip "
        "too much?",
    ),
    (
        "filter_transposed",
        "rows and columns of the filter exchanged",
        "Which axis of w counts rows? w is (N, M, KH, KW): w[n, m, row, column].",
    ),
    (
        "maps_not_transposed",
        "in-maps and out-maps exchanged",
        "Which comes first in w, the out-map n or the in-map m? The slides write w(m, n) in one "
        "place and w(l, j, i) in another.",
    ),
    (
        "dw_maps_exchanged",
        "in-maps and out-maps of dw exchanged",
        "Which comes first in dw, the out-map n or the in-map m? It has the shape of w.",
    ),
    (
        "first_map_only",
        "dy hears from the first out-map only",
        "Each in-map reaches all N out-maps. How many of them are in the sum for dy?",
    ),
    (
        "last_picture",
        "dw and db of the last picture",
        "All T pictures were scanned with the same filters. Does a picture's share of dw replace "
        "that of the one before?",
    ),
    (
        "first_picture",
        "dw and db of the first picture",
        "All T pictures were scanned with the same filters. Whose share is in your dw and db?",
    ),
    shared.sum_over_pictures("dw_last_picture", "dw"),
    shared.sum_over_pictures("db_last_picture", "db"),
    shared.pictures_mixed("dw_pictures_mixed", " in dw"),
    (
        "mean_over_batch",
        "dw and db are divided by the number of pictures",
        "Is there a 1/T in the formula? Where the loss is a mean, dz holds it already.",
    ),
    (
        "mean_over_positions",
        "dw and db are divided by the number of positions",
        "Paths add up: is there a reason to divide by H_out * W_out?",
    ),
    (
        "db_mean",
        "db is a mean",
        "b[n] is added at every position of every picture. Is its gradient the sum of the dz's, "
        "or their mean?",
    ),
    (
        "db_zero",
        "db is left at zero",
        "Has b no influence on z? The slides leave its gradient out; here it is asked for.",
    ),
    (
        "db_per_picture",
        "db is not summed over the batch",
        "Which axes has b, which has your db? One bias serves all T pictures.",
    ),
    (
        "db_one_number",
        "db is summed over the maps too",
        "b[n] belongs to map n alone. Over which axes of dz does its sum run?",
    ),
    (
        "dw_first",
        "the gradients come back in another order",
        "In which order are the gradients asked for? That of the arguments: y, w, b.",
    ),
    (
        "float64",
        "float64 comes back where float32 went in",
        "Which dtype does np.zeros make when it is not told? Compare the dtype of each gradient "
        "with the one that went in.",
    ),
)


def wrong_convnet_backward(
    on: "frozenset[str]", dy: Array, image: Array, weights: Any, biases: Any
) -> Any:
    """convnet_backward; each switch in `on` is one bug."""

    def scan(y: Array, w: Array) -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(y, w.shape[2:], axis=(2, 3))
        z: Array = np.einsum("tmrcij,nmij->tnrc", windows, w)
        return z

    def back(dz: Array, y: Array, w: Array) -> Any:
        (H_out, W_out), (KH, KW) = dz.shape[2:], w.shape[2:]
        dy, dw = np.zeros(y.shape, dz.dtype), np.zeros(w.shape, dz.dtype)
        kernel = w[:, :, ::-1, ::-1] if "dy_flipped" in on else w
        if "maps_not_transposed" in on:
            kernel = kernel.swapaxes(0, 1)
        for i in range(KH):
            for j in range(KW):
                block = np.einsum("tnrc,nm->tmrc", dz, kernel[:, :, i, j])
                at = (slice(None), slice(None), slice(i, i + H_out), slice(j, j + W_out))
                dy[at] = block if "overwrite" in on else dy[at] + block
                dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y[at])
        return dy, dw[:, :, ::-1, ::-1].copy() if "dw_flipped" in on else dw

    T, L = len(image), len(weights)
    ys, zs = [np.maximum(image, 0) if "image_through_relu" in on else image], []
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = scan(ys[-1], w)
        if "bias_missing" not in on:
            z = z + b[:, None, None]
        zs.append(z)
        ends = "forward_last_relu_missing" in on and layer == L - 1
        ys.append(z if ends or "forward_relu_missing" in on else np.maximum(z, 0))
    dweights, dbiases = [], []
    for layer in reversed(range(1 if "first_layer_forgotten" in on else 0, L)):
        z, y, w = zs[layer], ys[layer], weights[layer]
        above = z > 0
        if "relu_missing" in on or ("last_relu_missing" in on and layer == L - 1):
            above = np.ones_like(above)
        if "last_relu_only" in on and layer < L - 1:
            above = np.ones_like(above)
        if "slope_of_input" in on:
            above = y > 0
        other = {
            "slope_of_other_z": zs[layer - 1],
            "slope_of_first_z": zs[0],
            "slope_of_last_z": zs[-1],
        }
        above = next((v > 0 for id, v in other.items() if id in on), above)
        if "slope_of_dy" in on:
            above = dy > 0
        if "slope_reversed" in on:
            above = z < 0
        if "mask_one_layer_early" in on:
            above = np.ones_like(above)
        dz = dy * above
        if "z_for_slope" in on:
            dz = dy * np.maximum(z, 0)
        if "z_for_y" in on and layer:
            y = zs[layer - 1]
        before, dw = back(dz, y, w)
        db = dz.sum((0, 2, 3))
        if "db_of_dy" in on:
            db = dy.sum((0, 2, 3))
        if "dw_of_dy" in on:
            dw = back(dy, y, w)[1]
        if "first_picture" in on or "last_picture" in on:
            t = slice(0, 1) if "first_picture" in on else slice(T - 1, T)
            dw, db = back(dz[t], y[t], w)[1], dz[t].sum((0, 2, 3))
        if "dw_last_picture" in on:
            dw = back(dz[-1:], y[-1:], w)[1]
        if "db_last_picture" in on:
            db = dz[-1].sum((1, 2))
        if "dw_pictures_mixed" in on:
            dw = back(dz.sum(0, keepdims=True), y.sum(0, keepdims=True), w)[1]
        if "mask_one_layer_early" in on:
            before = before * (y > 0)
        if "dy_last_picture" in on:
            before[:-1] = 0
        if "mean_over_batch" in on:
            dw, db = dw / T, db / T
        if "db_zero" in on:
            db = np.zeros_like(db)
        if "db_per_picture" in on:
            db = dz.sum((2, 3))
        dweights.append(dw)
        dbiases.append(db)
        if "stops_early" in on and layer == 0:
            before = dz
        dy = before
    if "dimage_masked" in on:
        dy = dy * (image > 0)
    if "reversed" not in on:
        dweights, dbiases = dweights[::-1], dbiases[::-1]
    if "float64" in on:
        dy, dweights = dy.astype(float), [dw.astype(float) for dw in dweights]
        dbiases = [db.astype(float) for db in dbiases]
    return dy, dweights, dbiases


NETWORK_ROWS: tuple[Row, ...] = (
    (
        "relu_missing",
        "the ReLUs are left out on the way back",
        "dy is the gradient by a layer's y. Through what does it have to go before it meets the "
        "convolution, which put out z?",
    ),
    (
        "last_relu_missing",
        "dy is taken for the last dz",
        "Is the dy that is handed over the gradient by the last y, or by the last z? There is a "
        "ReLU between the two.",
    ),
    (
        "last_relu_only",
        "only the last ReLU is gone through",
        "How many ReLUs are there? Each layer has one of its own.",
    ),
    (
        "slope_of_input",
        "the slope is taken from the layer's input",
        "Which numbers went into this ReLU in forward: the layer's own z, or the y that the layer "
        "began with? (They are of different sizes, unless the filter is 1 x 1.)",
    ),
    (
        "slope_of_other_z",
        "the slope is taken from z of the layer before, and at the first from that of the last",
        "Whose z decides in your ReLU of layer 1: z[1], or that of layer 0? (zs[-1] is the last "
        "entry of a list. Which entry belongs to which layer?)",
    ),
    (
        "slope_of_first_z",
        "every slope is taken from the first layer's z",
        "Which z went into the ReLU of the last layer in forward: its own, or that of a layer "
        "before it?",
    ),
    (
        "slope_of_last_z",
        "every slope is taken from the last layer's z",
        "Which z went into the ReLU of the first layer in forward: its own, or that of a layer "
        "after it?",
    ),
    (
        "dimage_masked",
        "a ReLU between the image and the first convolution, on the way back only",
        "What did forward do with a negative pixel of the image before the first convolution? Is "
        "there a ReLU for the gradient to go through?",
    ),
    (
        "image_through_relu",
        "the image goes through a ReLU first",
        "What do the first filters slide over in forward: the image, or max(image, 0)?",
    ),
    (
        "mask_one_layer_early",
        "each ReLU is gone through one layer too early",
        "Through which ReLU does the dy that is handed over go first? And is there a ReLU between "
        "the image and the first convolution?",
    ),
    (
        "slope_of_dy",
        "the slope is taken from dy",
        "Whose sign decides whether a ReLU lets the gradient through: that of z in forward, or "
        "that of dy?",
    ),
    (
        "slope_reversed",
        "gradients go through where z is negative",
        "Where is the slope of max(z, 0) 1, and where 0?",
    ),
    (
        "z_for_slope",
        "dy times y instead of dy times the slope",
        "What is the slope of max(z, 0) at z = 3: 3, or 1?",
    ),
    (
        "bias_missing",
        "forward without its biases",
        "Where do the biases enter your forward pass? The slides' loops start z at 0; with the "
        "wrong z's, the ReLUs let the wrong gradients through.",
    ),
    (
        "forward_relu_missing",
        "forward without its ReLUs",
        "What does the second layer see in forward: z or y = max(z, 0)?",
    ),
    (
        "z_for_y",
        "dw is taken from z of the layer before",
        "What did the filters of the second layer slide over: z of the first layer, or its y?",
    ),
    (
        "db_of_dy",
        "db is summed over dy",
        "b is added into z. Is its gradient a sum over dz, or over dy?",
    ),
    (
        "dw_of_dy",
        "dw is taken with dy",
        "w makes z. Which gradient does its dw need: that by z, or that by y?",
    ),
    (
        "reversed",
        "the lists are in the order of the way back",
        "Which layer does your dweights[0] belong to? The lists keep forward's order.",
    ),
    (
        "first_layer_forgotten",
        "the layer next to the image is not reached",
        "At which layer does your way back end? L layers have L gradients.",
    ),
    (
        "stops_early",
        "dimage is the gradient by the first z",
        "Which shape has dimage, which has image? One convolution is left to go through.",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed',
        "How many z's does one pixel of y reach? Of all their contributions, how many are left?",
    ),
    (
        "dy_flipped",
        "the filters are flipped for dy where nothing has to be",
        "Where does dz[0, 0] put w[0, 0]: at the top left or at the bottom right of its block? "
        "Try it with one layer of one filter.",
    ),
    (
        "dw_flipped",
        "dw is flipped",
        "Which y does w[0, 0] meet at z[0, 0]? Its gradient belongs at dw[0, 0].",
    ),
    (
        "maps_not_transposed",
        "in-maps and out-maps exchanged",
        "Which comes first in w, the out-map n or the in-map m?",
    ),
    (
        "first_picture",
        "dweights and dbiases of the first picture",
        "All T pictures go through the same filters. Whose shares are in your dweights?",
    ),
    (
        "last_picture",
        "dweights and dbiases of the last picture",
        "All T pictures go through the same filters. Does one picture's share replace that of the "
        "one before?",
    ),
    (
        "dw_last_picture",
        "dweights of the last picture",
        'What becomes of dw of picture t - 1 when yours comes to picture t: "=" or "+="?',
    ),
    (
        "db_last_picture",
        "dbiases of the last picture",
        'What becomes of db of picture t - 1 when yours comes to picture t: "=" or "+="?',
    ),
    (
        "dw_pictures_mixed",
        "every picture's dz meets every picture's y in dweights",
        "Which y made z[t]: those of all pictures, or y[t]? Is the product taken before or after "
        "the sum over t?",
    ),
    (
        "dy_last_picture",
        "only the last picture goes back through a layer",
        "In which loop does a layer's dy begin as zeros? Print its dy[0]: where is picture 0?",
    ),
    (
        "mean_over_batch",
        "divided by the number of pictures",
        "Is there a 1/T in the formulas? Where the loss is a mean, dy holds it already.",
    ),
    (
        "db_zero",
        "dbiases are left at zero",
        "Have the biases no influence? The slides' loops leave db out; here it is asked for.",
    ),
    (
        "db_per_picture",
        "dbiases are not summed over the batch",
        "Which axes has b, which has your db? One bias serves all T pictures.",
    ),
    (
        "float64",
        "float64 comes back where float32 went in",
        "Which dtype does np.zeros make when it is not told? Compare the dtype of each gradient "
        "with the one that went in.",
    ),
)


def _misconceptions(
    wrong: Function, rows: tuple[Row, ...], right: Function
) -> tuple[Misconception, ...]:
    return (
        *(switch(wrong, *row) for row in rows),
        *behaviours(right, "input_modified", "state", "type", "nothing", "nan"),
    )


# ----- small cases to show, with integers -----


def _shown(
    T: int,
    N: int,
    M: int,
    size: Shape,
    kernel: Shape,
    stride: Stride = 1,
    padding: Padding = NO_PADDING,
) -> Case:
    """w = 1, 2, 3 ..., y the same, and in dz powers of ten: each term of a sum can be read off."""
    y = np.arange(1.0, 1 + T * M * np.prod(size)).reshape(T, M, *size)
    w = np.arange(1.0, 1 + N * M * np.prod(kernel)).reshape(N, M, *kernel)
    z = conv_forward(y, w, None, stride, padding)
    dz = 10.0 ** np.arange(z.size).reshape(z.shape)
    return Case((dz, y, w, np.zeros(N), stride, padding))


LAYER_EXAMPLES = (
    _shown(1, 1, 1, (2, 2), (2, 2)),
    _shown(1, 1, 1, (1, 3), (1, 2)),
    _shown(1, 1, 1, (2, 3), (2, 2)),
    _shown(1, 2, 1, (1, 2), (1, 2)),
    _shown(1, 1, 2, (1, 2), (1, 2)),
    _shown(1, 2, 2, (1, 1), (1, 1)),
    _shown(1, 2, 3, (1, 1), (1, 1)),
    _shown(2, 1, 1, (1, 2), (1, 2)),
    _shown(1, 1, 1, (1, 2), (1, 2), 1, ((0, 0), (1, 1))),
    _shown(1, 1, 1, (1, 2), (1, 2), 1, ((0, 0), (1, 0))),
    _shown(1, 1, 1, (1, 2), (2, 2), 1, ((1, 0), (0, 1))),
    _shown(1, 1, 1, (1, 4), (1, 2), 2),
    _shown(1, 1, 1, (1, 5), (1, 2), 2),
    _shown(1, 1, 1, (1, 5), (1, 2), 3),
    _shown(1, 1, 1, (2, 3), (1, 1), (1, 2)),
    _shown(1, 1, 1, (1, 2), (1, 2), 2, ((0, 0), (1, 1))),
    _in_float32(_shown(1, 1, 1, (1, 3), (1, 2))),
)


def _shown_network(image: list[float], *filters: tuple[list[float], float], T: int = 1) -> Case:
    """One map of one row through small filters; dy = 1, 10, 100 ..."""
    first = np.array(image).reshape(T, 1, 1, -1)
    weights = [np.array(w).reshape(1, 1, 1, -1) for w, _ in filters]
    biases = [np.array([b]) for _, b in filters]
    last = network_forward(first, weights, biases)[0][-1]
    return Case((10.0 ** np.arange(last.size).reshape(last.shape), first, weights, biases))


_TWO_MAPS = (
    10.0 ** np.arange(2).reshape(1, 2, 1, 1),
    np.array([2.0, 3.0]).reshape(1, 2, 1, 1),
    [np.array([[1.0, 2.0], [3.0, -1.0]]).reshape(2, 2, 1, 1)],
    [np.array([0.0, 1.0])],
)
NETWORK_EXAMPLES = (
    _shown_network([2.0, 3.0], ([4.0], -9.0)),
    _shown_network([2.0, 3.0, 5.0], ([1.0, 2.0], 0.0)),
    _shown_network([-2.0, 3.0], ([4.0], 9.0)),
    Case((-_TWO_MAPS[0], *_TWO_MAPS[1:])),
    _shown_network([2.0, 3.0], ([1.0], 1.0), ([2.0], -7.0)),
    _shown_network([2.0, 3.0, 1.0], ([1.0, -1.0], 3.0), ([2.0], 1.0)),
    _shown_network([2.0, 3.0], ([-1.0], 2.5), ([2.0], 1.0)),
    _shown_network([2.0, 3.0], ([1.0], -1.0), T=2),
    _in_float32(_shown_network([2.0, 3.0, 5.0], ([1.0, 2.0], 0.0))),
)


TASKS = (
    Task(
        name="conv_backward",
        solution=answers.conv_backward,
        forward=conv_forward,
        outputs=(Output("dy"), Output("dw"), Output("db")),
        shapes=layer_shapes,
        expected=layer_expected,
        identity=layer_identity,
        properties=(
            Property("one map", 1.0, one_map),
            Property("many maps", 1.0, many_maps),
            Property("every picture of the batch", 1.0, batch),
            Property("padding", 1.25, padding_alone),
            Property("stride", 1.25, stride_alone),
            Property("stride and padding", 0.75, stride_and_padding),
            Property("full size, in time", 1.0, layer_full_size, work=True),
            Property("float32 stays float32", 0.75, layer_float32),
        ),
        wrong=wrong_conv_backward,
        misconceptions=_misconceptions(wrong_conv_backward, LAYER_ROWS, answers.conv_backward),
        examples=LAYER_EXAMPLES,
    ),
    Task(
        name="convnet_backward",
        solution=answers.convnet_backward,
        forward=network_forward,
        outputs=(Output("dimage"), Output("dweights", "list"), Output("dbiases", "list")),
        shapes=network_shapes,
        expected=network_expected,
        identity=network_identity,
        properties=(
            Property("one layer", 1.0, one_layer),
            Property("two layers", 1.0, two_layers),
            Property("many maps", 1.0, many_maps_network),
            Property("three layers and four", 1.0, deep),
            Property("every picture of the batch", 0.75, batch_network),
            Property("full size, in time", 0.75, network_full_size, work=True),
            Property("float32 stays float32", 0.5, network_float32),
        ),
        wrong=wrong_convnet_backward,
        misconceptions=_misconceptions(
            wrong_convnet_backward, NETWORK_ROWS, answers.convnet_backward
        ),
        examples=NETWORK_EXAMPLES,
    ),
)
