"""Chapter 07's tasks: padding and its crop (stride 1).

y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out); `padding`
is ((top, bottom), (left, right)). Chapter 08 judges its layer with the same table: the layers
differ in their last argument, `how` forward went, which is a padding here and a stride there.
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import mixed_layout, read_only
from autograder.gradcheck import Gap, adjoint_gap, gradient_of_linear, widest
from autograder.task import Array, Case, Function, Output, Property, Shape, Task, distinct, switch
from autograder.tasks import shared
from autograder.tasks.ch06_dw import gradient_by_b, gradient_by_w
from solutions import conv_forward
from solutions.chapters import ch07_padding as answers

Margins = tuple[tuple[int, int], tuple[int, int]]
NO_PADDING: Margins = ((0, 0), (0, 0))

# ----- what is right, from forward alone -----


def forward_how(how: Any) -> dict[str, Any]:
    """The last argument as forward's keyword: a pair of pairs is a padding, else it is a stride."""
    is_padding = isinstance(how, tuple) and isinstance(how[0], tuple)
    return {"padding": how} if is_padding else {"stride": how}


def layer_shapes(dz: Array, y: Array, w: Array, b: Array, how: Any) -> tuple[Shape, ...]:
    return y.shape, w.shape, b.shape


def layer_expected(dz: Array, y: Array, w: Array, b: Array, how: Any) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y, in w and in b."""
    named = forward_how(how)
    dy = gradient_of_linear(lambda v: conv_forward(v, w, **named), dz, y.shape)
    return dy, gradient_by_w(dz, y, w.shape[2:], **named), gradient_by_b(dz)


def layer_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """The adjoint identity for y, for w and for b, each in a random direction; the worst of them."""
    dz, y, w, _, how = args
    named = forward_how(how)
    maps = (
        lambda v: conv_forward(v, w, **named),
        lambda v: conv_forward(y, v, **named),
        lambda v: conv_forward(0 * y, 0 * w, v, **named),
    )
    gaps = [
        adjoint_gap(linear, dz, got, np.asarray(rng.standard_normal(got.shape), dz.dtype))
        for linear, got in zip(maps, outputs, strict=True)
    ]
    return widest(gaps)


def cropped(dy_padded: Array, padding: Margins) -> Shape:
    """The shape of y."""
    T, M, *size = dy_padded.shape
    H, W = (n - sum(margin) for n, margin in zip(size, padding, strict=True))
    return T, M, H, W


def crop_expected(dy_padded: Array, padding: Margins) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as padding is linear in y."""
    border = ((0, 0), (0, 0), *padding)
    return (
        gradient_of_linear(lambda y: np.pad(y, border), dy_padded, cropped(dy_padded, padding)),
    )


# ----- cases -----


def layer(
    rng: np.random.Generator,
    maps: tuple[int, int, int],
    out: Shape,
    kernel: Shape,
    how: Any,
    rest: Shape = (0, 0),
) -> tuple[Any, ...]:
    """dz, y, w, b and `how`; `maps` is T, N, M. `rest` rows and columns of y are never reached."""
    T, N, M = maps
    named = forward_how(how)
    margins = named.get("padding", NO_PADDING)
    stride = named.get("stride", 1)
    strides = (stride, stride) if isinstance(stride, int) else stride
    size = [
        S * (o - 1) + k + more - sum(margin)
        for S, o, k, more, margin in zip(strides, out, kernel, rest, margins, strict=True)
    ]
    shapes = (T, N, *out), (T, M, *size), (N, M, *kernel), (N,)
    return (*(rng.standard_normal(shape) for shape in shapes), how)


def only(args: tuple[Any, ...], *outputs: str) -> Case:
    """The case made such that all gradients but these are zero: they are judged one by one.

    dw is zero where y is, dy where w is, and db where each map of dz sums to zero (up to rounding,
    in whatever order it is summed).
    """
    dz, y, w, b, how = args
    if "db" not in outputs:
        dz = dz - dz.mean(axis=(2, 3), keepdims=True)
    y, w = (y if "dw" in outputs else 0 * y), (w if "dy" in outputs else 0 * w)
    return Case(read_only(dz, y, w, b, how), floor=1e-9)


def alone(name: str, how: Any) -> Function:
    """Cases in which only one of dy, dw and db is not zero: one map, then many."""

    def cases(rng: np.random.Generator) -> list[Case]:
        (H_out, W_out), (KH, KW) = distinct(rng, 4, 6, 2), distinct(rng, 2, 3, 2)
        N, M = distinct(rng, 2, 4, 2)
        return [
            only(layer(rng, (1, 1, 1), (4, 4), (3, 3), how), name),
            only(layer(rng, (1, 1, 1), (H_out, W_out), (KH, KW), how), name),
            only(layer(rng, (1, 1, 1), (W_out, H_out), (KW, KH), how), name),
            only(layer(rng, (2, N, M), (3, 4), (2, 2), how), name),
        ]

    return cases


def all_at_once(how: Any) -> Function:
    """Cases with many maps and pictures, in which all three gradients are asked for."""

    def cases(rng: np.random.Generator) -> list[Case]:
        T, N, M, H_out, W_out = distinct(rng, 2, 6, 5)
        dz, y, w, b, _ = layer(rng, (T, N, M), (H_out, W_out), (3, 2), how)
        small = layer(rng, (3, 2, 1), (3, 4), (2, 1), how)[:-1]
        return [
            Case(layer(rng, (1, 2, 2), (3, 3), (2, 2), how)),
            Case((*(a.astype(np.float32) for a in small), how), tolerance=1e-4),
            Case((mixed_layout(dz), mixed_layout(y), mixed_layout(w), b, how)),
        ]

    return cases


def full_size(how: Any) -> Function:
    """Large maps: a difference quotient by each of their pixels takes too long."""

    def cases(rng: np.random.Generator) -> list[Case]:
        side = 48 + int(rng.integers(0, 3))
        return [Case(layer(rng, (1, 1, 2), (side, side + 1), (2, 3), how), large=True)]

    return cases


def layer_properties(how: Any, plain: str, *special: tuple[str, Function]) -> tuple[Property, ...]:
    """5 of 8 points where `how` is `plain`, and one for each special way of forward."""
    return (
        Property(f"dy, {plain}", 1.0, alone("dy", how)),
        Property(f"dw, {plain}", 1.0, alone("dw", how)),
        Property(f"db, {plain}", 1.0, alone("db", how)),
        Property(f"many maps and pictures, {plain}", 1.0, all_at_once(how)),
        *(Property(name, 1.0, cases) for name, cases in special),
        Property("full size, in time", 1.0, full_size(how), work=True),
    )


def same_on_all_sides(rng: np.random.Generator) -> list[Case]:
    side = int(rng.integers(5, 8))
    return [
        Case(layer(rng, (1, 1, 1), (side, side), (K, K), ((p, p), (p, p))))
        for K, p in ((3, 1), (2, 2))
    ]


def each_side_its_own(rng: np.random.Generator) -> list[Case]:
    top, bottom, left, right = distinct(rng, 1, 4, 4)
    H_out, W_out = distinct(rng, 8, 10, 2)
    padding = ((top, bottom), (left, right))
    return [Case(layer(rng, (1, 1, 1), (H_out, W_out), K, padding)) for K in ((2, 3), (3, 2))]


def on_some_sides(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 3, 2)
    one, two = distinct(rng, 1, 3, 2)
    return [
        Case(layer(rng, (1, 1, 1), (6, 5), (2, 3), ((0, one), (two, 0)))),
        Case(layer(rng, (2, N, M), (5, 6), (3, 2), ((two, 0), (0, one)))),
    ]


def _maps(rng: np.random.Generator, T: int, M: int, padding: Margins) -> tuple[Any, ...]:
    """dy_padded and the padding, around maps of a random rectangular size."""
    size = zip(distinct(rng, 3, 6, 2), padding, strict=True)
    return rng.standard_normal((T, M, *(n + sum(margin) for n, margin in size))), padding


def crop_same(rng: np.random.Generator) -> list[Case]:
    return [Case(read_only(*_maps(rng, 1, 1, ((p, p), (p, p))))) for p in (1, 2)]


def crop_each_side(rng: np.random.Generator) -> list[Case]:
    top, bottom, left, right = distinct(rng, 1, 4, 4)
    return [
        Case(_maps(rng, 1, 1, ((top, bottom), (left, right)))),
        Case(_maps(rng, 1, 1, ((left, right), (top, bottom)))),
    ]


def crop_some_sides(rng: np.random.Generator) -> list[Case]:
    one, two = distinct(rng, 1, 3, 2)
    sides = (((0, one), (two, 0)), ((one, 0), (0, two)), ((0, 0), (one, two)), NO_PADDING)
    return [Case(_maps(rng, 1, 1, padding)) for padding in sides]


def crop_many(rng: np.random.Generator) -> list[Case]:
    T, M = distinct(rng, 2, 4, 2)
    dy_padded, padding = _maps(rng, T, M, ((1, 1), (1, 1)))
    return [
        Case((mixed_layout(dy_padded), padding)),
        Case((dy_padded.astype(np.float32), padding), tolerance=1e-4),
    ]


# ----- misconceptions -----


def wrong_conv_backward(
    on: "frozenset[str]", dz: Array, y: Array, w: Array, b: Array, *how: Any
) -> Any:
    """The backward of a convolution, for one element of the filter after the other.

    Each of `how` is a padding ((top, bottom), (left, right)) or a stride, an int or (rows,
    columns). Each switch in `on` is one bug.
    """
    (top, bottom), (left, right), SH, SW = (0, 0), (0, 0), 1, 1
    for value in how:
        if isinstance(value, tuple) and isinstance(value[0], tuple):
            (top, bottom), (left, right) = value
        elif isinstance(value, int):
            SH, SW = value, value
            if "int_not_read" in on:
                raise TypeError("an int is no pair")
        else:
            SH, SW = value
            if "pair_not_read" in on:
                raise TypeError("a pair is no int")
    if "one_margin" in on:
        bottom, left, right = top, top, top
    if "margins_exchanged" in on:
        top, bottom, left, right = left, right, top, bottom
    if "pairs_misread" in on:
        bottom, left = left, bottom
    if "padding_sides_exchanged" in on:
        top, bottom, left, right = bottom, top, right, left
    if "pads_above_only" in on:
        top, bottom, left, right = top + bottom, 0, left + right, 0
    if "pads_below_only" in on:
        top, bottom, left, right = 0, top + bottom, 0, left + right
    if "stride_ignored" in on:
        SH, SW = 1, 1
    if "pair_exchanged" in on:
        SH, SW = SW, SH
    if "rows_for_both" in on:
        SW = SH
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    H, W = y.shape[2:]
    if "maps_miscounted" in on and N != M:
        raise ValueError(f"{N} maps do not fit where {M} do")
    full_dz = dz
    if "first_instance" in on:
        dz = dz.copy()
        dz[1:] = 0
    if "dz_repeated" in on:
        dz = dz.repeat(SH, 2).repeat(SW, 3)
        dz = dz[:, :, : SH * (H_out - 1) + 1, : SW * (W_out - 1) + 1]
        (H_out, W_out), SH, SW = dz.shape[2:], 1, 1
    if "one_size" in on:
        if KH > KW:
            raise IndexError("there is no such column in the filter")
        w = w * (np.arange(KW) < KH)  # the others are never read, and dw is zero there
    padded = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dy = np.zeros_like(padded)
    seen = y if "y_not_padded" in on else padded
    if "y_not_shifted" in on:
        seen = np.pad(y, ((0, 0), (0, 0), (0, top + bottom), (0, left + right)))
    if "padded_by_edge" in on:
        seen = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)), "edge")

    def places(r: int, c: int, rows: int, columns: int, S: tuple[int, int]) -> Any:
        """So many rows and columns from (r, c) on, S apart."""
        down, right = slice(r, r + S[0] * (rows - 1) + 1, S[0]), c + S[1] * (columns - 1) + 1
        return (slice(None), slice(None), down, slice(c, right, S[1]))

    # dw: what each weight was multiplied by
    rows, columns = KH, KW
    if "dw_too_large" in on:
        rows, columns = H - SH * (H_out - 1), W - SW * (W_out - 1)
    if "dw_unspread" in on:
        rows, columns = H - H_out + 1, W - W_out + 1
    thinned = seen[:, :, ::SH, ::SW]
    if "dw_y_thinned" in on:  # the windows that lie in what is left of y
        rows, columns = thinned.shape[2] - H_out + 1, thinned.shape[3] - W_out + 1
    each = np.zeros((T, N, M, rows, columns), dz.dtype)
    for i, j in np.ndindex(rows, columns):
        at = places(i, j, H_out, W_out, (SH, SW))
        if "filter_spread" in on:
            at = places(SH * i, SW * j, H_out, W_out, (1, 1))
        if "dw_stride_missing" in on or "dw_unspread" in on:
            at = places(i, j, H_out, W_out, (1, 1))
        window = seen[at]
        if on & {"dw_y_thinned", "dw_y_thinned_cut", "dw_y_thinned_stretched"}:
            window = thinned[:, :, i : i + H_out, j : j + W_out]
            if "dw_y_thinned_cut" in on:  # what lies outside counts as zero
                missing = H_out - window.shape[2], W_out - window.shape[3]
                window = np.pad(window, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])))
        # one row or column too few is stretched by NumPy if it is all that is left
        if window.shape[2:] != (H_out, W_out) and "dw_y_thinned_stretched" not in on:
            raise ValueError("the window leaves the map")
        source = dz[:, :, ::-1, ::-1] if "dz_flipped" in on else dz
        if "dw_overwrite" in on:
            source, window = source[:, :, -1:, -1:], window[:, :, -1:, -1:]
        each[..., i, j] = np.einsum("tnrc,tmrc->tnm", source, window)
    dw = each.sum(axis=0)
    if "dw_last_instance" in on:
        dw = each[-1]
    if "dw_spread_into_y" in on:  # so large a dz has one place only on y
        dw = dw[:, :, :1, :1]
    if "one_size" in on:
        dw = dw * (np.arange(KW) < KH)
    if "dw_pictures_mixed" in on:  # the batch is one picture, the sum of all
        one = dz.sum(axis=0, keepdims=True), y.sum(axis=0, keepdims=True)
        dw = wrong_conv_backward(on - {"dw_pictures_mixed"}, *one, w, b, *how)[1]
    if "dw_batch_kept" in on:
        dw = each
    if "dw_flipped" in on:
        dw = dw[:, :, ::-1, ::-1]
    if "dw_maps_exchanged" in on:
        dw = dw.swapaxes(0, 1)
    # db: one for each map
    db = full_dz.sum(axis=(0, 2, 3))
    if "first_instance" in on:
        db = full_dz[0].sum(axis=(1, 2))
    if "divided_by_batch" in on:
        dw, db = dw / T, db / T
    other_db = {
        "db_mean": db / full_dz[:, 0].size,
        "db_batch_kept": full_dz.sum(axis=(2, 3)),
        "db_axes_kept": db[None, :, None, None],
        "db_last_instance": full_dz[-1].sum(axis=(1, 2)),
        "db_zero": np.zeros_like(db),
        "db_is_b": b,
        "db_none": None,
    }
    db = next((other for id, other in other_db.items() if id in on), db)
    # dy: where each weight sent dz
    if "no_flip" in on:
        w = w[:, :, ::-1, ::-1]
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
        KH, KW = KW, KH
    if "maps_exchanged" in on:  # an axis of size 1 is stretched without a word
        w = w.swapaxes(0, 1)
    if "maps_not_transposed" in on:
        if N != M:
            raise ValueError(f"{N} maps of dz meet {M} filters")
        w = w.swapaxes(0, 1)
    if "last_map_only" in on:
        dz = dz * (np.arange(N) == N - 1)[:, None, None]
    if "overwrite" in on:
        for r, c in np.ndindex(H_out, W_out):
            block = np.einsum("tn,nmij->tmij", dz[:, :, r, c], w)
            dy[places(SH * r, SW * c, KH, KW, (1, 1))] = block
    else:
        for i, j in np.ndindex(KH, KW):
            at = places(i, j, H_out, W_out, (SH, SW))
            if "filter_spread" in on:
                at = places(SH * i, SW * j, H_out, W_out, (1, 1))
            if "dy_stride_missing" in on:
                at = places(i, j, H_out, W_out, (1, 1))
            dy[at] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
    if "dz_padded_by_padding" in on:  # cut, or widened, to the size that a gather would have
        wide = np.pad(dy, ((0, 0), (0, 0), (top, bottom), (left, right)))
        H, W = H_out + top + bottom - KH + 1, W_out + left + right - KW + 1
        if H < 1 or W < 1:
            raise ValueError("the filter is larger than the map")
        dy = wide[:, :, KH - 1 : KH - 1 + H, KW - 1 : KW - 1 + W]
    elif "cropped_from_the_start" in on:
        dy = dy[:, :, :H, :W]
    elif "sides_exchanged" in on:
        dy = dy[:, :, bottom : bottom + H, right : right + W]
    elif "minus_the_end" in on:
        dy = dy[:, :, top:-bottom, left:-right]
    elif "end_not_cut" in on:
        dy = dy[:, :, top:, left:]
    elif "not_cropped" not in on:
        dy = dy[:, :, top : dy.shape[2] - bottom, left : dy.shape[3] - right]
    reached = SH * (H_out - 1) + KH, SW * (W_out - 1) + KW
    if "trailing_missing" in on:
        dy = dy[:, :, : reached[0], : reached[1]]
    if "zeros_in_front" in on:
        dy = np.roll(dy, (H - reached[0], W - reached[1]), (2, 3))
    if "zeros_after_last" in on:
        more = (0, SH - 1), (0, SW - 1)
        dy = np.pad(dy[:, :, : reached[0], : reached[1]], ((0, 0), (0, 0), *more))
    if "dz_spread_into_y" in on:
        dy = np.pad(dy, ((0, 0), (0, 0), (0, KH - 1), (0, KW - 1)))
    if "dy_last_instance" in on:
        dy[:-1] = 0
    if "dy_summed_over_batch" in on:
        dy = np.repeat(dy.sum(axis=0, keepdims=True), T, axis=0)
    if "db_missing" in on:
        return dy, dw
    if "weights_first" in on:
        return dw, db, dy
    if "order" in on:
        return dw, dy, db
    return dy, dw, db


_B = "b[n] is added to every element of z[t, n], in every picture"
LAYER_ROWS = (
    (
        "no_flip",
        "the filter reaches dy the wrong way round",
        "Through which weight does dz[0, 0] reach the first pixel that it reaches? In a sliding "
        "form the filters are flipped, in a form with += they are not.",
    ),
    (
        "filter_transposed",
        "rows and columns of the filter exchanged in dy",
        "Which axis of w counts rows, which columns? w is (N, M, KH, KW).",
    ),
    (
        "maps_not_transposed",
        "in-maps and out-maps exchanged in dy",
        "Which filters see map m of y: the planes w[:, m] or the filter w[m]?",
    ),
    (
        "maps_miscounted",
        "an array has M maps where N are meant, or N where M are",
        "How many maps has each array that you make: N or M? Yours runs only where the two are "
        "equal. dz, and all that is spread or padded from it, has N.",
    ),
    (
        "maps_exchanged",
        "in-maps and out-maps exchanged in dy, and stretched where there is one",
        "Which filters see map m of y: the planes w[:, m] or the filter w[m]? An axis of size 1 "
        "is stretched without a word.",
    ),
    (
        "last_map_only",
        '"=" where "+=" is needed in dy, over n',
        "Each in-map reaches all N out-maps. Does your dy for map n replace the one for map "
        "n - 1, or is it added?",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed in dy',
        "The blocks that two neighbours of dz write into dy overlap. What happens in yours where "
        "they do?",
    ),
    (
        "dy_summed_over_batch",
        "dy summed over the pictures",
        "Does picture 0 influence the divergence of picture 1? The sum over t belongs to w and b, "
        "not to y.",
    ),
    shared.last_picture("dy_last_instance", "dy of the last picture only"),
    shared.SQUARE_FILTER,
    (
        "dz_flipped",
        "dz is flipped in dw",
        "For dw[n, m, 0, 0], which element of y does dz[t, n, 0, 0] meet? Does anything in the "
        "formula of dw run backward?",
    ),
    (
        "dw_flipped",
        "dw is flipped",
        "Which weight met the first y of each window: w[0, 0] or the last one? Is there a flip in "
        "forward?",
    ),
    (
        "dw_maps_exchanged",
        "in-maps and out-maps of dw exchanged",
        "Which comes first in dw, the out-map n or the in-map m? It has the shape of w.",
    ),
    (
        "dw_overwrite",
        '"=" where "+=" is needed in dw, over the positions',
        "At how many positions of z is one weight used? Which of these terms are left at the end "
        "of your loops?",
    ),
    shared.sum_over_pictures("dw_last_instance", "dw"),
    shared.pictures_mixed("dw_pictures_mixed", " in dw"),
    shared.sum_over_pictures("db_last_instance", "db"),
    (
        "dw_batch_kept",
        "a dw for each picture",
        "Which axes has dw? All pictures share one w: what happens to their gradients?",
    ),
    (
        "divided_by_batch",
        "dw and db are means over the pictures",
        "Is the mean over the batch taken here, or where dz comes from? The formulas have sums "
        "over t.",
    ),
    (
        "first_instance",
        "only the first picture of the batch",
        "dz holds T pictures. Are all of them in your three gradients?",
    ),
    ("db_mean", "db is a mean", f"{_B}, and paths add up: is there a reason to divide?"),
    (
        "db_batch_kept",
        "a db for each picture",
        f"{_B}. Over which axes of dz is db a sum, then? Print its shape.",
    ),
    (
        "db_axes_kept",
        "db keeps the axes that were summed over",
        "How many axes has b? Print the shape of your db.",
    ),
    ("db_zero", "db is zero", f"{_B}: does Div not change with it?"),
    ("db_is_b", "db is b", f"{_B}: how does Div change with it? Does the value of b matter?"),
    ("db_none", "db is None", "Which three values does the task ask for? b is an array here."),
    (
        "db_missing",
        "dy and dw only",
        "How many gradients does the task ask for? The slides leave out that of the bias.",
    ),
    (
        "weights_first",
        "dw, db, dy in this order",
        "In which order come the three gradients? In the order of forward's arguments: y, w, b.",
    ),
    (
        "order",
        "dw comes before dy",
        "In which order come the three gradients? In the order of forward's arguments: y, w, b.",
    ),
)

_PAD = "The gradient of the padded map has the border's gradient too. "
CROP_ROWS = (
    (
        "not_cropped",
        "the border is not cut off",
        f"{_PAD}Which shape has dy? Is the border's gradient the gradient of anything?",
    ),
    (
        "minus_the_end",
        "the end of a slice is minus the margin",
        "What does a[2:-0] select in NumPy? Nothing: a margin may be 0.",
    ),
    (
        "end_not_cut",
        "only the first rows and columns are cut off",
        f"{_PAD}You cut at the top and on the left; what about the bottom and the right?",
    ),
    (
        "sides_exchanged",
        "top and bottom, left and right exchanged",
        "Which rows of the padded map are y's? They begin at `top` and leave `bottom` rows behind "
        "them.",
    ),
    (
        "margins_exchanged",
        "rows and columns exchanged",
        "Which pair of `padding` is about rows: the first, (top, bottom), or the second?",
    ),
    (
        "pairs_misread",
        "padding read as ((top, left), (bottom, right))",
        "What are the two numbers of padding[0]: top and bottom, or top and left?",
    ),
    (
        "one_margin",
        "one margin for all four sides",
        "How many numbers does `padding` hold? Each of the four sides has its own.",
    ),
)

PADDING_ROWS = (
    *CROP_ROWS,
    (
        "cropped_from_the_start",
        "the border is cut off at the end only",
        "Where in the padded map does y begin: at row 0, or at row `top`?",
    ),
    (
        "y_not_padded",
        "dw from the y without its padding",
        "Which y did the filters slide over in forward? dz has a value for every place of the "
        "padded map.",
    ),
    (
        "y_not_shifted",
        "dw from y as if its first pixel were the padded map's first",
        "Which pixel of y stands at row r + i of the padded map: y[r + i], or another one? How many "
        "rows of zeros come before it?",
    ),
    shared.PADDED_BY_EDGE,
    shared.PADS_ABOVE_ONLY,
    shared.PADS_BELOW_ONLY,
    shared.PADDING_SIDES_EXCHANGED,
    (
        "dz_padded_by_padding",
        "dz is padded as y was",
        "For how many places does a filter with KH rows touch a map with one element? By so much "
        "dz is padded for dy: does it depend on forward's padding?",
    ),
)


def wrong_pad_backward(on: "frozenset[str]", dy_padded: Array, padding: Any) -> Array:
    """pad_backward; each switch in `on` is one bug."""
    (top, bottom), (left, right) = padding
    rows, columns = dy_padded.shape[2:]
    if "margins_exchanged" in on:
        top, bottom, left, right = left, right, top, bottom
    if "pairs_misread" in on:
        bottom, left = left, bottom
    if "one_margin" in on:
        bottom, left, right = top, top, top
    if "starts_for_both" in on:
        bottom, right = top, left
    if "sides_exchanged" in on:
        top, bottom, left, right = bottom, top, right, left
    if "padded_again" in on:
        return np.pad(dy_padded, ((0, 0), (0, 0), (top, bottom), (left, right)))
    if "not_cropped" in on:
        return dy_padded.copy()
    if "minus_the_end" in on:
        return dy_padded[:, :, top:-bottom, left:-right]
    if "end_not_cut" in on:
        return dy_padded[:, :, top:, left:]
    if "start_not_cut" in on:
        return dy_padded[:, :, : rows - bottom, : columns - right]
    if "all_in_front" in on:
        return dy_padded[:, :, top + bottom :, left + right :]
    if "all_behind" in on:
        return dy_padded[:, :, : rows - top - bottom, : columns - left - right]
    if "last_instance" in on:
        dy_padded = dy_padded.copy()
        dy_padded[:-1] = 0
    if "end_counted_from_start" in on:
        return dy_padded[:, :, top : rows - top - bottom, left : columns - left - right]
    if "ends_one_early" in on:
        return dy_padded[:, :, top : rows - bottom - 1, left : columns - right - 1]
    dy = dy_padded[:, :, top : rows - bottom, left : columns - right].copy()
    if "border_zeroed" in on:
        return np.pad(dy, ((0, 0), (0, 0), (top, bottom), (left, right)))
    if "border_added" in on:  # to the pixels at the edge: the gradient of repeating the edge
        nearest_row = np.clip(np.arange(rows) - top, 0, dy.shape[2] - 1)
        nearest_column = np.clip(np.arange(columns) - left, 0, dy.shape[3] - 1)
        dy[:] = 0
        for r, c in np.ndindex(rows, columns):
            dy[:, :, nearest_row[r], nearest_column[c]] += dy_padded[:, :, r, c]
    return dy


CROP_ONLY_ROWS = (
    *CROP_ROWS,
    (
        "starts_for_both",
        "top used for the bottom too, and left for the right",
        "Which of the four numbers of `padding` does yours never read?",
    ),
    (
        "start_not_cut",
        "only the last rows and columns are cut off",
        f"{_PAD}You cut at the bottom and on the right; what about the top and the left?",
    ),
    (
        "all_in_front",
        "all margins are cut off at the top and on the left",
        "On how many sides of y do zeros stand? Which row of the padded map is y's first?",
    ),
    (
        "all_behind",
        "all margins are cut off at the bottom and on the right",
        "On how many sides of y do zeros stand? Which row of the padded map is y's first?",
    ),
    shared.last_picture("last_instance"),
    (
        "end_counted_from_start",
        "H is taken for the row at which y ends",
        "y has H rows and begins at row `top`. At which row does it end: at H?",
    ),
    (
        "ends_one_early",
        "one row and one column too many are cut off",
        "Does a slice take in its end? Count the rows that yours leaves.",
    ),
    (
        "border_zeroed",
        "the border is set to zero, not cut off",
        "Which shape has y: is its border of zeros part of it?",
    ),
    (
        "border_added",
        "the border's gradient is added at the edge",
        "Do the zeros of the border depend on y? Where does the gradient of a constant go?",
    ),
    (
        "padded_again",
        "the map is padded once more",
        "Which is larger, y or y_padded? Backward goes from the padded map to the map.",
    ),
)

# ----- small cases to show, with integers -----


def layer_example(
    maps: tuple[int, int, int], out: Shape, kernel: Shape, how: Any, rest: Shape = (0, 0)
) -> Case:
    """w and y count up, and dz is 1, 10 ...: each digit of the answer is one product."""
    dz, y, w, b, _ = layer(np.random.default_rng(0), maps, out, kernel, how, rest)
    dz = 10.0 ** np.arange(dz.size).reshape(dz.shape)
    y, w = (np.arange(1.0, 1 + a.size).reshape(a.shape) for a in (y, w))
    return Case((dz, y, w, np.zeros(b.shape), how))


def layer_examples(how: Any) -> tuple[Case, ...]:
    """The smallest layers without padding and stride."""
    return (
        layer_example((1, 1, 1), (1, 1), (1, 2), how),
        layer_example((1, 1, 1), (1, 2), (1, 2), how),
        layer_example((1, 1, 1), (1, 2), (2, 1), how),
        layer_example((1, 2, 1), (1, 1), (1, 2), how),
        layer_example((1, 1, 2), (1, 1), (1, 2), how),
        layer_example((1, 2, 2), (1, 1), (1, 1), how),
        layer_example((2, 1, 1), (1, 2), (1, 1), how),
    )


PADDING_EXAMPLES = (
    *layer_examples(NO_PADDING),
    layer_example((1, 1, 1), (1, 3), (1, 1), ((0, 0), (1, 1))),
    layer_example((1, 1, 1), (1, 3), (1, 1), ((0, 0), (0, 2))),
    layer_example((1, 1, 1), (3, 1), (1, 1), ((1, 0), (0, 0))),
    layer_example((1, 1, 1), (2, 3), (1, 1), ((1, 0), (0, 2))),
    layer_example((1, 1, 1), (1, 1), (1, 3), ((0, 0), (0, 1))),
)

_MAP = np.arange(1.0, 13.0).reshape(1, 1, 3, 4)
CROP_EXAMPLES = tuple(
    Case((_MAP, padding))
    for padding in (
        ((1, 1), (1, 1)),
        ((1, 0), (0, 1)),
        ((0, 1), (2, 0)),
        ((0, 0), (1, 2)),
        NO_PADDING,
    )
)


TASKS = (
    Task(
        name="pad_backward",
        solution=answers.pad_backward,
        forward=np.pad,
        outputs=(Output("dy"),),
        shapes=lambda dy_padded, padding: (cropped(dy_padded, padding),),
        expected=crop_expected,
        properties=(
            Property("the same padding on all sides", 0.5, crop_same),
            Property("every side its own padding", 0.5, crop_each_side),
            Property("no padding on some sides", 0.5, crop_some_sides),
            Property("many maps and pictures", 0.5, crop_many),
        ),
        wrong=wrong_pad_backward,
        misconceptions=(
            *(switch(wrong_pad_backward, *row) for row in CROP_ONLY_ROWS),
            *behaviours(answers.pad_backward, "input_modified", "state", "type", "nothing", "nan"),
        ),
        examples=CROP_EXAMPLES,
    ),
    Task(
        name="padded_conv_backward",
        solution=answers.padded_conv_backward,
        forward=conv_forward,
        outputs=(Output("dy"), Output("dw"), Output("db")),
        shapes=layer_shapes,
        expected=layer_expected,
        identity=layer_identity,
        properties=layer_properties(
            NO_PADDING,
            "no padding",
            ("the same padding on all sides", same_on_all_sides),
            ("every side its own padding", each_side_its_own),
            ("no padding on some sides", on_some_sides),
        ),
        wrong=wrong_conv_backward,
        misconceptions=(
            *(switch(wrong_conv_backward, *row) for row in (*PADDING_ROWS, *LAYER_ROWS)),
            *behaviours(
                answers.padded_conv_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=PADDING_EXAMPLES,
    ),
)
