"""Chapter 12's tasks (starred): the transposed convolution, forward and backward.

y (T, M, H, W), w (M, N, KH, KW), b (N,), z and dz (T, N, H_out, W_out) with H_out = SH*(H-1) + KH.

Backward returns three gradients. So that one bug costs its own points only, a property judges the
numbers of one of them; all three have to be arrays of the right shape.
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import read_only, single
from autograder.gradcheck import Gap, adjoint_gap, gradient_of_linear, widest
from autograder.task import (
    Array,
    Case,
    Output,
    Property,
    Shape,
    Task,
    distinct,
)
from autograder.tasks import shared
from autograder.tasks.pools import Pair, switches, turned
from solutions import conv_transpose_forward
from solutions.chapters import ch12_transposed as answers

# ----- what is right, from forward alone -----


def z_shape(y: Array, w: Array, stride: Pair) -> Shape:
    sides = ((H - 1) * S + K for H, S, K in zip(y.shape[2:], stride, w.shape[2:], strict=True))
    return (len(y), w.shape[1], *sides)


def backward_expected(dz: Array, y: Array, w: Array, b: Array, stride: Pair) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y, in w and in b.

    For dw the unit filters are stacked as out-maps: one forward call does all.
    """
    dy = gradient_of_linear(lambda v: conv_transpose_forward(v, w, None, stride), dz, y.shape)
    M, N, KH, KW = w.shape
    count = M * KH * KW
    units = np.eye(count).reshape(count, M, KH, KW).swapaxes(0, 1)
    responses = conv_transpose_forward(y.astype(np.float64), units, None, stride)
    dw = np.tensordot(responses, dz, axes=((0, 2, 3), (0, 2, 3)))  # (M*KH*KW, N)
    return dy, dw.reshape(M, KH, KW, N).transpose(0, 3, 1, 2), dz.sum(axis=(0, 2, 3))


def backward_identity(
    outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator
) -> Gap:
    """<dz, forward(v)> == <dv, v> for a random v in the place of y, of w: the worse of them.

    db has a property of its own.
    """
    dz, y, w, _, stride = args
    gaps = (
        adjoint_gap(
            lambda v: conv_transpose_forward(v, w, None, stride),
            dz, outputs[0], rng.standard_normal(y.shape),
        ),
        adjoint_gap(
            lambda v: conv_transpose_forward(y, v, None, stride),
            dz, outputs[1], rng.standard_normal(w.shape),
        ),
    )  # fmt: skip
    return widest(gaps)


# ----- cases -----


class Sizes:
    """The sizes of a case; `arrays(rng)` makes y, w and b."""

    def __init__(
        self, T: int, M: int, N: int, image: Shape, kernel: Shape, stride: Pair = (1, 1)
    ) -> None:
        self.y, self.w, self.b = (T, M, *image), (M, N, *kernel), (N,)
        self.stride = stride


def _one_map(rng: np.random.Generator) -> list[Sizes]:
    """Squares: one stamp, and some that overlap."""
    side = int(rng.integers(3, 6))
    return [Sizes(1, 1, 1, (1, 1), (3, 3)), Sizes(1, 1, 1, (side, side), (3, 3))]


def _rectangular(rng: np.random.Generator) -> list[Sizes]:
    H, W = distinct(rng, 3, 5, 2)
    return [Sizes(1, 1, 1, (H, W), (2, 3)), Sizes(1, 1, 1, (W, H), (4, 2))]


def _many_maps(rng: np.random.Generator) -> list[Sizes]:
    N, M = distinct(rng, 2, 4, 2)
    return [
        Sizes(1, M, 1, (3, 3), (2, 2)),
        Sizes(1, 1, N, (3, 3), (2, 2)),
        Sizes(1, 2, 2, (3, 3), (2, 2)),
        Sizes(1, M, N, (3, 3), (2, 2)),
    ]


def _batch(rng: np.random.Generator) -> list[Sizes]:
    return [Sizes(int(rng.integers(2, 5)), 1, 1, (3, 3), (2, 2))]


def _strides(rng: np.random.Generator) -> list[Sizes]:
    """Stamps that overlap, touch, leave gaps; at last all sizes differ."""
    H, W = distinct(rng, 3, 4, 2)
    T, M, N = distinct(rng, 2, 4, 3)
    return [
        Sizes(1, 1, 1, (3, 3), (3, 3), (2, 2)),
        Sizes(1, 1, 1, (3, 3), (2, 2), (2, 2)),
        Sizes(1, 1, 1, (H, W), (2, 1), (3, 2)),
        Sizes(T, M, N, (H, W), (4, 2), (2, 3)),
    ]


def _full(rng: np.random.Generator) -> list[Sizes]:
    side = 36 + int(rng.integers(0, 3))
    return [Sizes(1, 1, 2, (side, side + 1), (3, 3), (2, 1))]


def _forward_case(rng: np.random.Generator, sizes: Sizes, bias: bool = False) -> Case:
    y, w = rng.standard_normal(sizes.y), rng.standard_normal(sizes.w)
    b = rng.standard_normal(sizes.b) if bias else np.zeros(sizes.b)
    return Case((y, w, b, sizes.stride))


def _backward_case(rng: np.random.Generator, sizes: Sizes, *only: str) -> Case:
    y, w, b, stride = _forward_case(rng, sizes, bias=True).args
    return Case((rng.standard_normal(z_shape(y, w, stride)), y, w, b, stride), only=only)


def _hard(cases: list[Case]) -> list[Case]:
    """The same cases read-only, and the last one in another layout and in float32 as well."""
    for case in cases:
        read_only(*case.args[:-1])
    return [*cases, turned(cases[-1]), single(cases[-1])]


def forward_one(rng: np.random.Generator) -> list[Case]:
    return [_forward_case(rng, sizes) for sizes in _one_map(rng)]


def forward_rectangular(rng: np.random.Generator) -> list[Case]:
    return [_forward_case(rng, sizes) for sizes in _rectangular(rng)]


def forward_maps(rng: np.random.Generator) -> list[Case]:
    return _hard([_forward_case(rng, sizes) for sizes in _many_maps(rng)])


def forward_batch(rng: np.random.Generator) -> list[Case]:
    return [_forward_case(rng, sizes) for sizes in _batch(rng)]


def forward_bias(rng: np.random.Generator) -> list[Case]:
    """Many stamps on one element, many in-maps, many out-maps."""
    sizes = (Sizes(1, 1, 1, (3, 3), (2, 2)), Sizes(2, 2, 3, (2, 2), (1, 2)))
    return [_forward_case(rng, s, bias=True) for s in sizes]


def forward_strides(rng: np.random.Generator) -> list[Case]:
    return [_forward_case(rng, sizes) for sizes in _strides(rng)]


def forward_gaps(rng: np.random.Generator) -> list[Case]:
    sizes = Sizes(1, 1, 2, (2, 3), (2, 1), (3, 2))
    return [_forward_case(rng, sizes, bias=True)]


def forward_full(rng: np.random.Generator) -> list[Case]:
    return [Case(_forward_case(rng, sizes).args, large=True) for sizes in _full(rng)]


def dy_one(rng: np.random.Generator) -> list[Case]:
    return [_backward_case(rng, s, "dy") for s in (*_one_map(rng), *_rectangular(rng))]


def dy_many(rng: np.random.Generator) -> list[Case]:
    return _hard([_backward_case(rng, s, "dy") for s in (*_batch(rng), *_many_maps(rng))])


def dw_one(rng: np.random.Generator) -> list[Case]:
    return [_backward_case(rng, s, "dw") for s in (*_one_map(rng), *_rectangular(rng))]


def dw_many(rng: np.random.Generator) -> list[Case]:
    return _hard([_backward_case(rng, s, "dw") for s in (*_batch(rng), *_many_maps(rng))])


def db_alone(rng: np.random.Generator) -> list[Case]:
    side = int(rng.integers(2, 4))
    all_sizes = (Sizes(1, 1, 2, (side, side), (2, 2)), Sizes(3, 4, 2, (2, 3), (2, 1)))
    return [_backward_case(rng, sizes, "db") for sizes in all_sizes]


def dy_strides(rng: np.random.Generator) -> list[Case]:
    return [_backward_case(rng, sizes, "dy") for sizes in _strides(rng)]


def dw_strides(rng: np.random.Generator) -> list[Case]:
    return [_backward_case(rng, sizes, "dw") for sizes in _strides(rng)]


def backward_full(rng: np.random.Generator) -> list[Case]:
    return [Case(_backward_case(rng, sizes).args, large=True) for sizes in _full(rng)]


# ----- misconceptions: one wrong implementation with switches for each direction -----


def wrong_conv_transpose_forward(
    on: "frozenset[str]", y: Array, w: Array, b: Array, stride: Pair
) -> Array:
    """conv_transpose_forward, stamp by stamp; each switch in `on` is one bug."""
    T, M, H, W = y.shape
    SH, SW = stride
    if "stride_ignored" in on:
        SH, SW = 1, 1
    if "stride_swapped" in on:
        SH, SW = SW, SH
    if "one_stride" in on:
        SW = SH
    if "one_zero_too_many" in on:
        SH, SW = SH + 1, SW + 1
    if "maps_exchanged" in on:
        w = w.swapaxes(0, 1)
        if len(w) < M:
            raise IndexError(f"there is no filter for map {len(w)}")
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
    if "flipped" in on:
        w = w[:, :, ::-1, ::-1]
    if "one_size" in on:
        if w.shape[2] > w.shape[3]:
            raise IndexError("there is no such column in the filter")
        w = w[:, :, :, : w.shape[2]]
    N, KH, KW = w.shape[1:]
    if "convolved" in on:  # an ordinary convolution with this stride
        if KH > H or KW > W:
            raise ValueError("the filter is larger than the map")
        windows = np.lib.stride_tricks.sliding_window_view(y, (KH, KW), axis=(2, 3))
        plain = np.tensordot(windows[:, :, ::SH, ::SW], w, axes=((1, 4, 5), (0, 2, 3)))
        return plain.transpose(0, 3, 1, 2) + b[:, None, None]
    H_out, W_out = SH * (H - 1) + KH, SW * (W - 1) + KW
    if "zeros_after_last" in on or "repeated" in on:
        H_out, W_out = SH * H + KH - 1, SW * W + KW - 1
    z = np.zeros((T, N, H_out, W_out), y.dtype)
    if "overwrite_bias_too" in on:
        z += b[:, None, None]
    for r, c in np.ndindex(H, W):
        stamps = y[:, :, r, c, None, None, None] * w  # (T, M, N, KH, KW)
        if "last_map_only" in on:
            stamps[:, :-1] = 0
        if "first_map_only" in on:
            stamps[:, 1:] = 0
        stamp = stamps.sum(axis=1)
        if "bias_per_stamp" in on:
            stamp = stamp + b[:, None, None]
        if "bias_per_product" in on:
            stamp = stamp + M * b[:, None, None]
        top, left = SH * r, SW * c
        if "placed_without_stride" in on:
            top, left = r, c
        if "rows_placed_only" in on:
            left = c
        if "overwrite" in on or "overwrite_bias_too" in on:
            z[:, :, top : top + KH, left : left + KW] = stamp
        elif "stride_on_filter" in on:
            for i, j in np.ndindex(KH, KW):
                z[:, :, r + SH * i, c + SW * j] += stamp[:, :, i, j]
        elif "repeated" in on:
            for down, right in np.ndindex(SH, SW):
                i, j = top + down, left + right
                z[:, :, i : i + KH, j : j + KW] += stamp
        else:
            z[:, :, top : top + KH, left : left + KW] += stamp
    if "mean_over_maps" in on:
        z /= M
    if "padding_missing" in on:  # windows of the upsampled y that lie wholly inside
        if H_out < 2 * KH - 1 or W_out < 2 * KW - 1:
            raise ValueError("the filter is larger than the map")
        z = z[:, :, KH - 1 : H_out - KH + 1, KW - 1 : W_out - KW + 1]
    if "size_times_stride" in on:
        if SH * (H - 1) + KH > SH * H or SW * (W - 1) + KW > SW * W:
            raise IndexError("a place outside z")
        z = np.pad(z, ((0, 0), (0, 0), (0, SH - KH), (0, SW - KW)))
    if "bias_over_columns" in on:
        z = z + b
    elif "bias_over_rows" in on:
        z += b[:, None]
    elif "bias_of_all_maps" in on:
        z += b.sum()
    elif not on & {"bias_missing", "bias_per_stamp", "bias_per_product", "overwrite_bias_too"}:
        times = M if "bias_per_in_map" in on else 1
        z += times * (b[0] if "first_bias" in on else b[:, None, None])
    if "batch_summed" in on:
        z[:] = z.sum(axis=0)
    if "first_instance" in on:
        z[1:] = 0
    if "last_instance" in on:
        z[:-1] = 0
    return z


FORWARD_ROWS = (
    (
        "overwrite",
        '"=" where "+=" is needed',
        'What happens where two stamps overlap? With "=" only the later one is left.',
    ),
    (
        "overwrite_bias_too",
        '"=" where "+=" is needed, over the bias too',
        "What stands in z before the first stamp, and where is it after the last one? What happens "
        "where two stamps overlap?",
    ),
    shared.SQUARE_FILTER,
    (
        "flipped",
        "stamps come out flipped",
        "Where does a single y = 1 put w[0, 0] in yours: at the top left of its stamp or at the "
        "bottom right? A stamp is the filter as it is; a filter that slides over the map with "
        "zeros inserted has to be flipped for that.",
    ),
    (
        "filter_transposed",
        "rows and columns of the filter exchanged",
        "Which axis of w counts rows? w is (M, N, KH, KW), so the element is w[m, n, row, column].",
    ),
    (
        "maps_exchanged",
        "w read as (N, M, KH, KW)",
        "Which axis of w belongs to the in-maps? Here it is the first, other than in a convolution.",
    ),
    (
        "first_map_only",
        "only the first in-map stamps",
        "How many in-maps stamp onto z[:, n]? In yours only y[:, 0] is heard.",
    ),
    (
        "last_map_only",
        '"=" where "+=" is needed, over m',
        "How many in-maps stamp onto z[:, n]? Does the stamp of map m replace that of map m - 1, or "
        "is it added?",
    ),
    (
        "mean_over_maps",
        "the mean over in-maps instead of the sum",
        "All in-maps add to z[:, n]: is there a reason to divide by M?",
    ),
    (
        "bias_missing",
        "no bias",
        "What is z where no stamp falls at all? b has to enter somewhere.",
    ),
    (
        "bias_per_stamp",
        "the bias is in every stamp",
        "How often does an element get b[n] on which several stamps fall, and how often one on "
        "which none falls? It is to be once.",
    ),
    (
        "bias_per_product",
        "the bias is in every in-map's stamp",
        "How often does an element get b[n] on which several stamps fall? It is to be once.",
    ),
    (
        "bias_per_in_map",
        "the bias is added once for every in-map",
        "How often is b[n] added to map n: once, or M times? Look in which loop it stands.",
    ),
    (
        "first_bias",
        "all out-maps get b[0]",
        "Which element of b belongs to out-map n?",
    ),
    (
        "bias_over_columns",
        "the bias runs along the columns",
        "Along which axis of z does b run in yours? NumPy lines up two shapes from their last axes: "
        "print both.",
    ),
    (
        "bias_over_rows",
        "the bias runs along the rows",
        "Along which axis of z does b run in yours? NumPy lines up two shapes from their last axes: "
        "how many axes of z come after that of the maps?",
    ),
    (
        "bias_of_all_maps",
        "every map gets the sum of all biases",
        "Which element of b belongs to out-map n? In yours every map gets all of them.",
    ),
    (
        "placed_without_stride",
        "z has the right size, and the stamps stand one step apart",
        "Where does the stamp of y[r, c] begin in yours: at row r and column c? How far apart are "
        "the corners of two neighbouring stamps?",
    ),
    (
        "rows_placed_only",
        "stamps move by the stride along the rows' axis only",
        "At which column does the stamp of y[r, c] begin? The stride has two numbers.",
    ),
    (
        "stride_on_filter",
        "the stride multiplies i and j",
        "Which does the stride multiply: the place (r, c) of y, or the offset (i, j) in the stamp? "
        "A stamp is the filter as it is.",
    ),
    (
        "stride_ignored",
        "the stride plays no role",
        "How far apart are the corners of two neighbouring stamps? stride says it.",
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
        "Do stamps move by the same number of rows and columns? stride is a pair.",
    ),
    (
        "one_zero_too_many",
        "S zeros between neighbours instead of S - 1",
        "With stride 2, how many zeros stand between two neighbours? Stamps begin at 0, S, 2*S: "
        "count what is between.",
    ),
    (
        "zeros_after_last",
        "zeros after the last element too",
        "How many rows has the map after zeros were put between its H rows? S*H counts S - 1 more, "
        "behind the last one.",
    ),
    (
        "size_times_stride",
        "z has S*H rows",
        "Where does the last stamp end? It begins at S*(H - 1) and has KH rows.",
    ),
    (
        "repeated",
        "elements of y repeated where zeros belong",
        "What stands between two neighbours in the upsampled map: zeros, or copies of them? Each y "
        "stamps once.",
    ),
    (
        "padding_missing",
        "no zeros around the upsampled map",
        "How large must z be when H = 1? Without KH - 1 zeros on each side the stamps are cut.",
    ),
    (
        "convolved",
        "an ordinary convolution",
        "Which is larger here, y or z? Each element of y writes a block of KH x KW; a convolution "
        "reads one.",
    ),
    (
        "first_instance",
        "only the first picture of the batch",
        "How many pictures of the batch get an answer?",
    ),
    (
        "last_instance",
        "only the last picture is left",
        "In which loop does z begin? Print z[0] at the end: where is picture 0?",
    ),
    (
        "batch_summed",
        "the pictures of the batch are added up",
        "Does picture 0 of z depend on picture 1 of y?",
    ),
)


def wrong_conv_transpose_backward(
    on: "frozenset[str]", dz: Array, y: Array, w: Array, b: Array, stride: Pair
) -> "tuple[Array, ...]":
    """conv_transpose_backward, stamp by stamp; each switch in `on` is one bug."""
    T, M, H, W = y.shape
    N, KH, KW = w.shape[1:]
    SH, SW = stride
    if "stride_swapped" in on:
        SH, SW = SW, SH
    if "one_stride" in on:
        SW = SH
    if "stride_ignored" in on:
        SH, SW = 1, 1
    for_dy = (1, 1) if "dy_stride_ignored" in on else (SH, SW)
    for_dw = (1, 1) if "dw_stride_ignored" in on else (SH, SW)
    filters = w[:, :, ::-1, ::-1] if "dy_flipped" in on else w
    if "dy_filter_transposed" in on:
        filters = np.swapaxes(w, 2, 3)
        if KH != KW:
            raise ValueError("the filter does not fit onto the stamp")
    used = np.ones(KW)
    if "one_size" in on:
        if KH > KW:
            raise IndexError("there is no such column in the filter")
        used[KH:] = 0
        filters = filters * used
    dy, dw, db = np.zeros(y.shape, y.dtype), np.zeros(w.shape, w.dtype), dz.sum(axis=(0, 2, 3))
    per_place, corners = np.zeros(N, dz.dtype), np.zeros(N, dz.dtype)
    for r, c in np.ndindex(H, W):
        a, e = for_dy[0] * r, for_dy[1] * c
        seen = dz[:, :, a : a + KH, e : e + KW]
        if seen.shape[2:] != (KH, KW):
            raise ValueError("a stamp outside dz")
        per_place += seen.sum(axis=(0, 2, 3))
        corners += seen[:, :, 0, 0].sum(axis=0)
        shares = np.einsum("tnij,mnij->tmn", seen, filters)
        if "dy_last_map" in on:
            shares = shares[:, :, -1:]
        if "dy_first_map" in on:
            shares = shares[:, :, :1]
        dy[:, :, r, c] = shares.sum(axis=2)
        if "dy_last_tap" in on:
            dy[:, :, r, c] = np.einsum("tn,mn->tm", seen[:, :, -1, -1], filters[:, :, -1, -1])
        if "dy_one_tap" in on:
            dy[:, :, r, c] = np.einsum("tn,mn->tm", seen[:, :, 0, 0], filters[:, :, 0, 0])
        a, e = for_dw[0] * r, for_dw[1] * c
        term = np.einsum("tm,tnij->tmnij", y[:, :, r, c], dz[:, :, a : a + KH, e : e + KW])
        if "dw_last_place" in on:
            dw[:] = 0
        if "dw_first_instance" in on:
            term = term[:1]
        if "dw_last_instance" in on or "last_instance" in on:
            term = term[-1:]
        if "dw_pictures_mixed" in on:
            block = dz[:, :, a : a + KH, e : e + KW]
            term = np.einsum("tm,snij->tmnij", y[:, :, r, c], block)
        dw += term.sum(axis=0) * used
    if "dy_grows" in on:  # stamps once more, instead of looking at each stamp
        A, B = dz.shape[2:]
        dy = np.zeros((T, M, SH * (A - 1) + KH, SW * (B - 1) + KW), y.dtype)
        for r, c in np.ndindex(A, B):
            stamp = np.einsum("tn,mnij->tmij", dz[:, :, r, c], w)
            dy[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    if "dy_last_instance" in on:
        dy[:-1] = 0
    if "dy_batch_summed" in on:
        dy[:] = dy.sum(axis=0)
    if "dy_divided_by_batch" in on:
        dy /= T
    if "divided_by_batch" in on:
        dw, db = dw / T, db / T
    if "dw_divided_by_batch" in on:
        dw /= T
    if "dw_flipped" in on:
        dw = dw[:, :, ::-1, ::-1]
    if "dw_maps_exchanged" in on:
        dw = dw.swapaxes(0, 1)
    if "dw_mean" in on:
        dw /= H * W
    if "db_per_instance" in on:
        db = dz.sum(axis=(2, 3))
    if "db_first_instance" in on:
        db = dz[0].sum(axis=(1, 2))
    if "db_last_instance" in on or "last_instance" in on:
        db = dz[-1].sum(axis=(1, 2))
    if "db_divided_by_batch" in on:
        db = db / T
    if "db_mean" in on:
        db = dz.mean(axis=(0, 2, 3))
    if "db_per_place" in on:
        db = per_place
    if "db_of_corners" in on:
        db = corners
    if "db_times_in_maps" in on:
        db = M * db
    if "db_times_places" in on:
        db = H * W * db
    if "db_times_pictures" in on:
        db = T * db
    if "db_kept" in on:
        db = b.copy()
    if "db_missing" in on:
        db = 0 * db
    if "db_axes_kept" in on:
        db = db.reshape(1, N, 1, 1)
    if "order_changed" in on:
        return dw, dy, db
    return (dw, db, dy) if "dy_last" in on else (dy, dw, db)


BACKWARD_ROWS = (
    (
        "dy_flipped",
        "dy with flipped filters",
        "Forward put w[m, n, i, j] * y at z[SH*r + i, SW*c + j]. From which place does w[m, n, 0, 0] "
        "bring dz back? dy is a plain convolution here, without a flip.",
    ),
    (
        "dy_filter_transposed",
        "dy with rows and columns of the filter exchanged",
        "Which axis of w counts rows? w is (M, N, KH, KW).",
    ),
    (
        "dy_grows",
        "dy by one more transposed convolution",
        "Which shape has y? Forward made the maps larger; its gradient has to make them smaller: it "
        "reads a block of dz for each element of y.",
    ),
    (
        "dy_last_map",
        'dy: "=" where "+=" is needed, over n',
        "Each element of y stamps onto all N out-maps. Is the share of map n added to that of map "
        "n - 1, or does it replace it?",
    ),
    (
        "dy_first_map",
        "dy: only the first out-map counts",
        "Each element of y stamps onto all N out-maps. Which of them are in your sum?",
    ),
    (
        "dy_last_tap",
        'dy: "=" where "+=" is needed, over i and j',
        "On how many elements of z does the stamp of one y fall? dy is the sum over all of them.",
    ),
    (
        "dy_one_tap",
        "dy: only the stamp's corner counts",
        "On how many elements of z does the stamp of one y fall? dy is the sum over all of them.",
    ),
    (
        "dy_stride_ignored",
        "dy without the stride",
        "Where in dz does the stamp of y[r, c] begin? For dy you look at (r, c) whatever the stride.",
    ),
    (
        "dy_batch_summed",
        "dy summed over the batch",
        "Does picture 0 influence the divergence of picture 1? The sum over t belongs to dw and db.",
    ),
    (
        "dy_divided_by_batch",
        "dy divided by the number of pictures",
        "Is the mean over the batch taken here, or where dz comes from?",
    ),
    (
        "dw_last_place",
        'dw: "=" where "+=" is needed, over places',
        "How many elements of y are multiplied by w[m, n, i, j]? Is the share of each added, or does "
        "it replace the one before?",
    ),
    (
        "dw_first_instance",
        "dw of the first picture",
        "One filter serves all pictures of the batch: which of them are in dw?",
    ),
    (
        "dw_last_instance",
        'dw: "=" where "+=" is needed, over t',
        "One filter serves all pictures of the batch: is the share of picture t added to dw, or does "
        "it replace that of picture t - 1?",
    ),
    (
        "last_instance",
        'dw and db: "=" where "+=" is needed, over t',
        "Filter and bias serve all pictures of the batch: is the share of picture t added to dw and "
        "db, or does it replace that of picture t - 1?",
    ),
    (
        "db_last_instance",
        'db: "=" where "+=" is needed, over t',
        "One b[n] serves all pictures of the batch: is the share of picture t added to db, or does "
        "it replace that of picture t - 1?",
    ),
    (
        "dw_pictures_mixed",
        "dw: every picture's dz meets every picture's y",
        "Which y stamped onto z[t]: those of all pictures, or y[t]? Is the product taken before or "
        "after the sum over t?",
    ),
    shared.last_picture("dy_last_instance", "dy of the last picture only"),
    shared.SQUARE_FILTER,
    (
        "dw_stride_ignored",
        "dw without the stride",
        "Where in dz does the stamp of y[r, c] begin? For dw you look at (r, c) whatever the stride.",
    ),
    (
        "dw_flipped",
        "dw comes out flipped",
        "Which element of z did w[m, n, 0, 0] reach from y[0, 0]: the top left of the stamp or the "
        "bottom right? Nothing is flipped here.",
    ),
    (
        "dw_maps_exchanged",
        "dw as (N, M, KH, KW)",
        "Which shape has w, and which has dw? Here the in-map comes first.",
    ),
    (
        "dw_divided_by_batch",
        "dw divided by the number of pictures",
        "Is the mean over the batch taken here, or where dz comes from?",
    ),
    (
        "divided_by_batch",
        "dw and db divided by the number of pictures",
        "Is the mean over the batch taken here, or where dz comes from?",
    ),
    (
        "dw_mean",
        "dw as a mean over places",
        "Paths add up: is there a reason to divide by the number of places?",
    ),
    (
        "db_per_instance",
        "db for each picture",
        "Which shape has b? One b[n] serves all pictures of the batch.",
    ),
    (
        "db_axes_kept",
        "db keeps axes of size 1",
        "Which shape has b? Look at `keepdims`.",
    ),
    (
        "db_first_instance",
        "db of the first picture",
        "One b[n] serves all pictures of the batch: which of them are in db?",
    ),
    (
        "db_divided_by_batch",
        "db divided by the number of pictures",
        "Is the mean over the batch taken for db, or where dz comes from?",
    ),
    (
        "db_mean",
        "db as a mean",
        "What does z gain when b[n] grows by 1: every element of the map 1, or all together 1?",
    ),
    (
        "db_per_place",
        "db summed stamp by stamp",
        "How often does b[n] enter one element of z? Where stamps overlap yours counts dz more than "
        "once, and in the gaps not at all.",
    ),
    (
        "db_of_corners",
        "db summed over the corners of the stamps",
        "On which elements of z does b[n] act: on one for each stamp, or on all? Which dz are in "
        "your sum?",
    ),
    (
        "db_times_in_maps",
        "db counted once for every in-map",
        "How often does b[n] enter one element of z: once, or M times? In which loop does your db "
        "grow?",
    ),
    (
        "db_times_places",
        "db counted once for every element of a map of y",
        "How often does b[n] enter one element of z: once, or once for every (r, c) of y? In which "
        "loop does your db grow?",
    ),
    (
        "db_times_pictures",
        "db counted once for every picture",
        "Is the sum over pictures taken twice for db: in a loop over t, and once more inside it?",
    ),
    (
        "db_missing",
        "db is zero",
        "On which elements of z does b[n] act? db is the sum over their dz.",
    ),
    (
        "db_kept",
        "b instead of its gradient",
        "What is the third value that yours returns: b, or the gradient of Div by b?",
    ),
    (
        "stride_ignored",
        "the stride plays no role",
        "Where in dz does the stamp of y[r, c] begin when the stride is 2?",
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
        "Do stamps move by the same number of rows and columns? stride is a pair.",
    ),
    (
        "order_changed",
        "the gradients in another order",
        "In which order are the gradients asked for? In that of forward's arguments: y, w, b.",
    ),
    (
        "dy_last",
        "the gradients in the order dw, db, dy",
        "In which order are the gradients asked for? In that of forward's arguments: y, w, b.",
    ),
)


# ----- small cases to show, with integers -----

EXAMPLE_SIZES = (
    Sizes(1, 1, 1, (1, 1), (2, 2)),
    Sizes(1, 1, 1, (1, 2), (1, 2)),
    Sizes(1, 1, 1, (1, 2), (1, 2), (1, 2)),
    Sizes(1, 1, 1, (1, 2), (1, 3), (1, 2)),
    Sizes(1, 1, 1, (2, 1), (2, 1), (3, 1)),
    Sizes(1, 1, 1, (1, 2), (1, 1), (1, 3)),
    Sizes(1, 1, 1, (2, 2), (1, 1), (2, 1)),
    Sizes(1, 1, 1, (1, 1), (1, 3)),
    Sizes(1, 2, 1, (1, 1), (1, 2)),
    Sizes(1, 1, 2, (1, 1), (1, 2)),
    Sizes(1, 1, 2, (1, 1), (2, 1)),
    Sizes(1, 2, 2, (1, 1), (1, 1)),
    Sizes(2, 1, 1, (1, 1), (1, 2)),
    Sizes(1, 1, 1, (3, 3), (2, 2)),
    Sizes(1, 1, 1, (2, 2), (1, 1)),
)


def _count(shape: Shape, start: float = 1.0) -> Array:
    return start + np.arange(np.prod(shape), dtype=float).reshape(shape)


def _forward_example(sizes: Sizes) -> Case:
    return Case((_count(sizes.y), _count(sizes.w, 3.0), 100 * _count(sizes.b), sizes.stride))


def _backward_example(sizes: Sizes) -> Case:
    y, w, b, stride = _forward_example(sizes).args
    return Case((_count(z_shape(y, w, stride)), y, w, b, stride))


TASKS = (
    Task(
        name="conv_transpose_forward",
        solution=answers.conv_transpose_forward,
        forward=conv_transpose_forward,
        outputs=(Output("z"),),
        shapes=lambda y, w, b, stride: (z_shape(y, w, stride),),
        expected=lambda y, w, b, stride: (conv_transpose_forward(y, w, b, stride),),
        properties=(
            Property("one map", 1.0, forward_one),
            Property("rectangular maps and filters", 1.0, forward_rectangular),
            Property("sum over in-maps, for every out-map", 1.0, forward_maps),
            Property("every picture of the batch", 0.5, forward_batch),
            Property("the bias, once everywhere", 0.75, forward_bias),
            Property("strides", 1.0, forward_strides),
            Property("gaps between stamps hold the bias", 0.25, forward_gaps),
            Property("full size, in time", 0.5, forward_full, work=True),
        ),
        wrong=wrong_conv_transpose_forward,
        misconceptions=(
            *switches(wrong_conv_transpose_forward, FORWARD_ROWS),
            *behaviours(
                answers.conv_transpose_forward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=tuple(map(_forward_example, EXAMPLE_SIZES)),
    ),
    Task(
        name="conv_transpose_backward",
        solution=answers.conv_transpose_backward,
        forward=conv_transpose_forward,
        outputs=(Output("dy"), Output("dw"), Output("db")),
        shapes=lambda dz, y, w, b, stride: (y.shape, w.shape, b.shape),
        expected=backward_expected,
        identity=backward_identity,
        properties=(
            Property("dy, one map", 1.0, dy_one),
            Property("dy, many maps and pictures", 1.0, dy_many),
            Property("dw, one map", 1.0, dw_one),
            Property("dw, many maps, summed over pictures", 1.0, dw_many),
            Property("db, summed over places and pictures", 1.0, db_alone),
            Property("dy with a stride", 0.75, dy_strides),
            Property("dw with a stride", 0.75, dw_strides),
            Property("full size, in time", 0.5, backward_full, work=True),
        ),
        wrong=wrong_conv_transpose_backward,
        misconceptions=(
            *switches(wrong_conv_transpose_backward, BACKWARD_ROWS),
            *behaviours(
                answers.conv_transpose_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=tuple(map(_backward_example, EXAMPLE_SIZES)),
    ),
)
