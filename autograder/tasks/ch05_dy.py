"""Chapter 05's tasks: dY, from one pixel to the flipped filter (stride 1, no padding).

dz (T, N, H_out, W_out), w (N, M, KH, KW), dy (T, M, H, W); H = H_out + KH - 1, W = W_out + KW - 1.
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import mixed_layout, read_only
from autograder.gradcheck import Gap, adjoint_gap, gradient_of_linear
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
from solutions.chapters import ch05_dy as answers

# ----- what is right, from forward alone -----


def dy_shapes(dz: Array, w: Array) -> tuple[Shape, ...]:
    T, _, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    return ((T, M, H_out + KH - 1, W_out + KW - 1),)


def dy_expected(dz: Array, w: Array) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y."""
    return (gradient_of_linear(lambda y: conv_forward(y, w), dz, dy_shapes(dz, w)[0]),)


def dy_identity(outputs: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator) -> Gap:
    """<dz, forward(v)> == <dy, v> for a random v."""
    dz, w = args
    v = np.asarray(rng.standard_normal(outputs[0].shape), dz.dtype)
    return adjoint_gap(lambda y: conv_forward(y, w), dz, outputs[0], v)


def pixel_expected(dz: Array, w: Array, t: int, m: int, r: int, c: int) -> tuple[float, ...]:
    """What z gains, weighted by dz, when the pixel grows by 1: the impulse experiment."""
    impulse = np.zeros((1, *dy_shapes(dz, w)[0][1:]))
    impulse[0, m, r, c] = 1.0
    return (float(np.vdot(dz[t], conv_forward(impulse, w)[0])),)


def mask_expected(r: int, c: int, KH: int, KW: int, H_out: int, W_out: int) -> tuple[Array, ...]:
    """Where a filter of ones answers to an impulse."""
    impulse = np.zeros((1, 1, H_out + KH - 1, W_out + KW - 1))
    impulse[0, 0, r, c] = 1.0
    return (conv_forward(impulse, np.ones((1, 1, KH, KW)))[0, 0] != 0,)


# ----- cases -----


def _arrays(rng: np.random.Generator, T: int, N: int, M: int, out: Shape, kernel: Shape) -> Any:
    return rng.standard_normal((T, N, *out)), rng.standard_normal((N, M, *kernel))


def one_map(rng: np.random.Generator) -> list[Case]:
    out, K = distinct(rng, 3, 6, 2), int(rng.integers(2, 4))
    return [
        Case(read_only(*_arrays(rng, 1, 1, 1, (side, side), (k, k))))
        for side, k in ((out[0], 3), (out[1], K))
    ]


def rectangular(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 4, 7, 2)
    KH, KW = distinct(rng, 2, 4, 2)
    return [
        Case(_arrays(rng, 1, 1, 1, (H_out, W_out), (KH, KW))),
        Case(_arrays(rng, 1, 1, 1, (W_out, H_out), (KW, KH))),
    ]


def out_maps(rng: np.random.Generator) -> list[Case]:
    N, side = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    return [Case(_arrays(rng, 1, N, 1, (side, side), (3, 3)))]


def in_maps(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 4, 2)
    dz, w = _arrays(rng, 1, N, M, (4, 4), (3, 3))
    return [
        Case(_arrays(rng, 1, 2, 2, (3, 3), (2, 2))),
        Case((dz, w)),
        Case((dz.astype(np.float32), w.astype(np.float32)), tolerance=1e-4),
    ]


def batch(rng: np.random.Generator) -> list[Case]:
    T, side = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    dz, w = _arrays(rng, T, 1, 1, (side, side), (3, 3))
    return [Case((dz, w)), Case((mixed_layout(dz), mixed_layout(w)))]


def any_size(rng: np.random.Generator) -> list[Case]:
    T, N, M, H_out, W_out = distinct(rng, 2, 6, 5)
    return [
        Case(_arrays(rng, 1, 1, 1, (H_out, W_out), (1, 1))),
        Case(_arrays(rng, 1, 1, 1, (1, 2), (4, 3))),
        Case(_arrays(rng, T, N, M, (H_out, W_out), (3, 2))),
    ]


def full_size(rng: np.random.Generator) -> list[Case]:
    side = 34 + int(rng.integers(0, 3))
    return [Case(_arrays(rng, 1, 2, 2, (side, side + 1), (3, 3)), large=True)]


def dy_properties(*points: float) -> tuple[Property, ...]:
    rows = (
        ("one map", one_map),
        ("rectangular maps and filters", rectangular),
        ("sum over all out-maps n", out_maps),
        ("a plane for every in-map m", in_maps),
        ("every picture of the batch", batch),
        ("any size, all at once", any_size),
        ("full size, in time", full_size),
    )
    return tuple(
        Property(name, p, cases, work=cases is full_size)
        for (name, cases), p in zip(rows, points, strict=True)
    )


def _pixels(
    rng: np.random.Generator, T: int, N: int, M: int, out: Shape, kernel: Shape, *at: Shape
) -> list[Case]:
    dz, w = _arrays(rng, T, N, M, out, kernel)
    return [
        Case((dz, w, int(rng.integers(0, T)) if T > 1 else 0, int(rng.integers(0, M)), r, c))
        for r, c in at
    ]


def pixel_inside(rng: np.random.Generator) -> list[Case]:
    side = int(rng.integers(4, 7))
    return _pixels(rng, 1, 1, 1, (side, side), (3, 3), (2, 3), (3, 2))


def pixel_maps(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 4, 2)
    return [
        *_pixels(rng, 1, N, M, (5, 5), (3, 3), (2, 3)),
        *_pixels(rng, 1, 2, 2, (5, 5), (3, 3), (3, 2), (2, 4)),
    ]


def pixel_border(rng: np.random.Generator) -> list[Case]:
    side = int(rng.integers(5, 8))
    last = side + 1
    corners = ((0, 0), (0, last), (last, 0), (last, last), (1, side), (side, 1))
    return _pixels(rng, 1, 1, 1, (side, side), (3, 3), *corners)


def pixel_batch(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 5, 8, 2)
    KH, KW = distinct(rng, 2, 4, 2)
    dz, w = _arrays(rng, 3, 1, 1, (H_out, W_out), (KH, KW))
    return [Case((dz, w, t, 0, 4, 3)) for t in (2, 1)]


def mask_inside(rng: np.random.Generator) -> list[Case]:
    side = int(rng.integers(6, 9))
    return [Case((r, c, K, K, side, side)) for r, c, K in ((3, 4, 3), (4, 3, 3), (4, 3, 2))]


def mask_rectangular(rng: np.random.Generator) -> list[Case]:
    KH, KW = distinct(rng, 2, 4, 2)
    H_out, W_out = distinct(rng, 6, 9, 2)
    return [Case((4, 3, KH, KW, H_out, W_out)), Case((3, 5, KW, KH, W_out, H_out))]


def mask_border(rng: np.random.Generator) -> list[Case]:
    side, K = int(rng.integers(5, 8)), 3
    last = side + K - 2
    at = ((0, 0), (0, last), (last, 0), (last, last), (1, 4), (4, 1), (3, side), (side, 3))
    return [Case((r, c, K, K, side, side)) for r, c in at]


def mask_any_size(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 2, 5, 2)
    return [
        Case((1, 0, 1, 1, H_out, W_out)),
        Case((H_out + 2, 1, H_out + 3, 2, H_out, W_out)),
        Case((2, 0, 3, 4, 1, 2)),
    ]


# ----- misconceptions: one wrong implementation with switches for each kind of task -----


def wrong_conv_dy(on: "frozenset[str]", dz: Array, w: Array) -> Array:
    """conv_dy, gathered with the flipped filter; each switch in `on` is one bug."""
    T, _, H_out, W_out = dz.shape
    if "maps_not_transposed" in on or "maps_exchanged" in on:
        w = w.swapaxes(0, 1)
    if "maps_exchanged" in on and len(w) == 1:  # einsum and @ stretch an axis of size 1
        w = np.repeat(w, dz.shape[1], 0)
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
    if "one_size" in on:
        if w.shape[2] > w.shape[3]:
            raise IndexError("there is no such column in the filter")
        w = w[:, :, :, : w.shape[2]]
    N, M, KH, KW = w.shape
    if dz.shape[1] != N:
        raise ValueError(f"{dz.shape[1]} maps of dz meet {N} filters")
    if on & {"made_like_z", "shapes_meet"} and KH * KW > 1:
        raise IndexError("dy has no such row or column")
    if "filter_for_planes" in on:
        if M > N or (M < N and M > 1):
            raise ValueError(f"there is no filter {M - 1}, or its {M} planes meet {N} maps of dz")
        w = np.stack([np.broadcast_to(w[m], (N, KH, KW)) for m in range(M)], axis=1)
    if "batch_padded" in on:
        padded = np.pad(dz, KH - 1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
        found: Array = np.einsum("tnrcij,nmij->tmrc", windows, w[:, :, ::-1, ::-1])
        return found
    if "last_of_filter_missing" in on:
        w = w.copy()
        w[:, :, -1], w[:, :, :, -1] = 0, 0
    if "overwrite" in on or "overwrite_by_pixel" in on:
        dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1), dz.dtype)
        if "overwrite" in on:
            for n, m, i, j in np.ndindex(N, M, KH, KW):
                dy[:, m, i : i + H_out, j : j + W_out] = w[n, m, i, j] * dz[:, n]
        else:
            for n, m, r, c in np.ndindex(N, M, H_out, W_out):
                dy[:, m, r : r + KH, c : c + KW] = w[n, m] * dz[:, n, r, c, None, None]
        return dy
    if "minus" in on or "places_swapped" in on or "wrong_map_of_dz" in on or "same_map_only" in on:
        dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1), dz.dtype)
        for n, m, r, c in np.ndindex(N, M, H_out, W_out):
            if "same_map_only" in on and n != m:
                continue
            block = w[n, m] * dz[:, m if "wrong_map_of_dz" in on else n, r, c, None, None]
            if "minus" in on:
                for i, j in np.ndindex(KH, KW):
                    dy[:, m, r - i, c - j] += block[:, i, j]
            elif "places_swapped" in on:
                dy[:, m, c : c + KH, r : r + KW] += block
            else:
                dy[:, m, r : r + KH, c : c + KW] += block
        return dy
    flips = {
        "no_flip": (1, 1, 1, 1),
        "needless_flip": (1, 1, 1, 1),  # a scatter that flips is a gather that does not
        "needless_flip_rows": (1, 1, 1, -1),
        "needless_flip_columns": (1, 1, -1, 1),
        "flip_maps_only": (-1, -1, 1, 1),
        "flip_rows_only": (1, 1, -1, 1),
        "flip_columns_only": (1, 1, 1, -1),
        "flip_everything": (-1, -1, -1, -1),
    }
    steps = next((s for id, s in flips.items() if id in on), (1, 1, -1, -1))
    flipped = w[tuple(slice(None, None, s) for s in steps)]
    if "rotated_once" in on:
        flipped = np.rot90(w, 1, (2, 3))
        KH, KW = flipped.shape[2:]
    if "transposed_not_flipped" in on:
        flipped = w.swapaxes(2, 3)
        if KH != KW:  # a plane and a segment are multiplied: axes of size 1 are stretched
            if min(KH, KW) > 1:
                raise ValueError("the plane does not fit the segment")
            flipped = np.broadcast_to(w.sum((2, 3), keepdims=True), w.shape)
    rows, columns = (KH - 1, KH - 1), (KW - 1, KW - 1)
    if "padding_all_in_front" in on:
        rows, columns = (2 * KH - 2, 0), (2 * KW - 2, 0)
    if "padding_all_behind" in on:
        rows, columns = (0, 2 * KH - 2), (0, 2 * KW - 2)
    if "padding_missing" in on or "shrinks" in on:
        rows, columns = (0, 0), (0, 0)
    if "padding_one_sided" in on or "size_of_z" in on:
        rows, columns = (KH - 1, 0), (KW - 1, 0)
    if "padding_same" in on:
        rows, columns = (KH // 2, KH // 2), (KW // 2, KW // 2)
    if "padding_swapped" in on:
        rows, columns = (KW - 1, KW - 1), (KH - 1, KH - 1)
    if "starts_one_late" in on:
        rows, columns = (KH, KH - 2), (KW, KW - 2)
    padded = np.pad(
        dz, ((0, 0), (0, 0), rows, columns), "edge" if "padding_by_edge" in on else "constant"
    )
    if "pad_all_axes" in on:
        padded = np.pad(dz, KH - 1)[:T, :N, : H_out + 2 * (KH - 1), : W_out + 2 * (KW - 1)]
        if padded.shape[3] < W_out + 2 * (KW - 1):
            raise ValueError("the window leaves the padded map")
    H, W = padded.shape[2] - KH + 1, padded.shape[3] - KW + 1
    dy = np.zeros((T, M, H, W), dz.dtype)
    maps = range(N)
    if "first_map_only" in on:
        maps = range(1)
    if "last_map_only" in on:
        maps = range(N - 1, N)
    for n, i, j in np.ndindex(N, KH, KW):
        if n in maps:
            planes = flipped[n, :, i, j].reshape(1, M, 1, 1)
            dy += planes * padded[:, n : n + 1, i : i + H, j : j + W]
    if "summed_over_in_maps" in on:
        dy[:] = dy.sum(axis=1, keepdims=True)
    if "first_plane_for_all" in on:
        dy[:] = dy[:, :1]
    if "mean_over_maps" in on:
        dy /= N
    if "first_instance" in on:
        dy[1:] = 0
    if "last_instance" in on:
        dy[:-1] = 0
    if "batch_summed" in on:
        dy[:] = dy.sum(axis=0)
    if "divided_by_batch" in on:
        dy /= T
    if "output_flipped" in on:
        dy = dy[:, :, ::-1, ::-1]
    return dy


FLIP_ROWS = (
    (
        "no_flip",
        "the filter is not flipped",
        "Through which weight does dz[0, 0] reach dy[0, 0], and through which dy[KH-1, KW-1]? "
        "Yours looks like the filter slides over the padded dz as it is.",
    ),
    (
        "flip_rows_only",
        "the filter is flipped up-down only",
        "The rows of the filter run backward in yours; what about its columns?",
    ),
    (
        "flip_columns_only",
        "the filter is flipped left-right only",
        "The columns of the filter run backward in yours; what about its rows?",
    ),
    (
        "flip_everything",
        "the axes of the maps are flipped too",
        "Which axes does your flip reverse? Only rows and columns of a plane change places; "
        "n and m stay (np.flip without `axis` reverses all).",
    ),
    (
        "flip_maps_only",
        "the axes of the maps are flipped instead of rows and columns",
        "Which axes do your flips reverse? On a 4-D array w[::-1, ::-1], np.flipud and np.fliplr "
        "reverse n and m, not rows and columns.",
    ),
    (
        "rotated_once",
        "the filter is turned by 90 degrees",
        "By how much is the filter turned in yours? Left-right and up-down together are half "
        "a turn, not a quarter.",
    ),
    (
        "transposed_not_flipped",
        "the planes are transposed instead of flipped",
        "Where does a transposed plane put w[0, 0], and where does a flipped one? `.T` exchanges "
        "rows with columns.",
    ),
    (
        "padding_missing",
        "dz is not padded",
        "How large is y, if z is H_out x W_out? Without a border of zeros the corner of y, "
        "which only one z has seen, gets nothing.",
    ),
    (
        "padding_one_sided",
        "dy ends where z ends",
        "Has dy the size of y, and has dz its border of zeros below and on the right too? Yours "
        "stops before the last rows and columns of y.",
    ),
    (
        "padding_same",
        "dz is padded by half a filter",
        "For how many places of the filter does it still touch the unpadded dz with one "
        "element? K // 2 zeros are too few.",
    ),
    (
        "padding_all_in_front",
        "all zeros are put above and on the left",
        "On how many sides of dz do zeros stand in yours? The filter reaches over the bottom edge "
        "as far as over the top one.",
    ),
    (
        "padding_all_behind",
        "all zeros are put below and on the right",
        "On how many sides of dz do zeros stand in yours? The filter reaches over the top edge as "
        "far as over the bottom one.",
    ),
    (
        "padding_by_edge",
        "the border of dz is repeated where zeros belong",
        "What stands around dz in yours? Behind its border there is no z, so no gradient comes "
        "from there.",
    ),
    (
        "padding_swapped",
        "rows are padded by KW - 1 and columns by KH - 1",
        "How far does the filter reach over the top edge: KH - 1 or KW - 1?",
    ),
    (
        "pad_all_axes",
        "all four axes are padded",
        "Which axes does np.pad pad when it is given one number? Print the shape of the padded "
        "array: T and N must not grow.",
    ),
    (
        "batch_padded",
        "all four axes are padded, and the answer has more pictures",
        "Which axes does np.pad pad when it is given one number? Print the shape of the padded "
        "array: T and N must not grow.",
    ),
    (
        "shapes_meet",
        "an array has another shape than the loops think",
        "Which shapes have your padded dz and your dy on the case above? dy has y's size, not z's; "
        "np.pad with one number pads all four axes.",
    ),
    (
        "filter_for_planes",
        "w[m] where w[:, m] is meant",
        "Which planes of w see map m of y? w[m] is one whole filter, with a plane for each in-map: "
        "which of the four axes counts in-maps?",
    ),
    (
        "starts_one_late",
        "the map is put into the padding one row and column late",
        "At which index does dz start in the padded array? The slide's K counts from 1; "
        "NumPy's first index is 0.",
    ),
    (
        "output_flipped",
        "the output is flipped back",
        "To which pixel belongs the first sum? Flip the filters, and neither dz nor the output: "
        "the output is in place already.",
    ),
    (
        "last_of_filter_missing",
        "the last row and column of the filter are left out",
        "Which values do i and j take? Count them: 0 to KH - 1 are KH values.",
    ),
)

SCATTER_ROWS = (
    (
        "needless_flip",
        "the filter is flipped where nothing has to be",
        "Where does dz[0, 0] put w[0, 0]: at the top left or at the bottom right of its block? "
        "Forward read y[r + i, c + j] through w[i, j], without a flip.",
    ),
    (
        "needless_flip_rows",
        "the filter is flipped up-down",
        "The rows of the filter run backward in yours. Does forward's loop flip anything?",
    ),
    (
        "needless_flip_columns",
        "the filter is flipped left-right",
        "The columns of the filter run backward in yours. Does forward's loop flip anything?",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed, block by block',
        'How many z\'s does one pixel reach? With "=" only the last of their contributions '
        "is left.",
    ),
    (
        "overwrite_by_pixel",
        '"=" where "+=" is needed, pixel by pixel',
        "The blocks that two neighbours of dz write overlap. What happens in yours where they do?",
    ),
    (
        "minus",
        "r - i where r + i is needed",
        "Forward read y[r + i, c + j]. To which entry of dy does the gradient go back: to "
        "r - i or to r + i? A negative index wraps around without a word.",
    ),
    (
        "places_swapped",
        "rows and columns of the places exchanged",
        "Does dz[t, n, r, c] write its block at row r and column c, or at row c and column r?",
    ),
    (
        "shrinks",
        "dy is smaller than z",
        "Which is larger, y or z? Forward makes the maps smaller, so its gradient has to become "
        "larger again: each dz writes a block of KH x KW entries.",
    ),
    (
        "size_of_z",
        "dy ends where z ends",
        "Has dy the size of z or of y? The block of the last dz reaches KH - 1 rows further down.",
    ),
    (
        "made_like_z",
        "dy is made in z's size, and the blocks leave it",
        "Which shape has dy in yours: z's or y's? Where does the block of the last dz end: how "
        "many rows and columns does y have more than z?",
    ),
    (
        "starts_one_late",
        "every block one row and one column too far",
        "Where does the block of dz[0, 0] begin? NumPy counts from 0.",
    ),
    (
        "last_of_filter_missing",
        "the last row and column of the filter are left out",
        "Which values do i and j take? Count them: 0 to KH - 1 are KH values.",
    ),
    (
        "output_flipped",
        "the output is flipped",
        "Is there a flip left? Forward's loops, run backward, need none, neither of dz nor of dy.",
    ),
)

MAP_ROWS = (
    (
        "filter_transposed",
        "rows and columns of the filter exchanged",
        "Which axis of w counts rows and which columns? w is (N, M, KH, KW); yours uses "
        "w[n, m, j, i] where w[n, m, i, j] is meant.",
    ),
    shared.SQUARE_FILTER,
    (
        "maps_not_transposed",
        "in-maps and out-maps exchanged",
        "Which filters see map m of y: the planes w[:, m] or the filter w[m]? The lecture's "
        "W(l, i, j) needs its first two indices exchanged here.",
    ),
    (
        "maps_exchanged",
        "in-maps and out-maps exchanged, and stretched where there is one",
        "Which filters see map m of y: the planes w[:, m] or the filter w[m]? An axis of size 1 "
        "is stretched without a word.",
    ),
    (
        "last_map_only",
        '"=" where "+=" is needed, over n',
        "Each in-map reaches all N out-maps. Does your answer for map n replace the one for "
        "map n - 1, or is it added?",
    ),
    (
        "first_map_only",
        "only the first out-map counts",
        "How many out-maps does one pixel of y influence? Yours hears from z[:, 0] only.",
    ),
    (
        "same_map_only",
        "only the out-map n = m counts",
        "How many out-maps does one pixel of y influence? Yours hears from z[:, m] only.",
    ),
    (
        "wrong_map_of_dz",
        "dz of map m where map n is meant",
        "w[n, m] joins z[:, n] with y[:, m]. Which map of dz belongs to it?",
    ),
    (
        "mean_over_maps",
        "the mean over out-maps instead of the sum",
        "Paths add up: is there a reason to divide by N?",
    ),
    (
        "summed_over_in_maps",
        "every in-map gets the sum over all in-maps",
        "Do the planes of all in-maps enter dy[:, m], or only plane m of each filter? The "
        "slide's Wflip.segment multiplies all of them.",
    ),
    (
        "first_plane_for_all",
        "every in-map gets the first plane's gradient",
        "Does map m of dy use plane m of each filter? In yours all maps are the same.",
    ),
    (
        "first_instance",
        "only the first picture of the batch",
        "dz holds T pictures. Do all of them get their gradient?",
    ),
    shared.last_picture("last_instance"),
    (
        "batch_summed",
        "the pictures of the batch are added up",
        "Does picture 0 influence the divergence of picture 1? The sum over t belongs to the "
        "weights, not to y.",
    ),
    (
        "divided_by_batch",
        "divided by the number of pictures",
        "Is the mean over the batch taken here, or where dz comes from?",
    ),
)


def _dy_misconceptions(
    right: Function, own: tuple[tuple[str, str, str], ...]
) -> tuple[Misconception, ...]:
    return (
        *(switch(wrong_conv_dy, *row) for row in (*own, *MAP_ROWS)),
        *behaviours(right, "input_modified", "state", "type", "nothing", "nan"),
    )


def wrong_pixel_gradient(
    on: "frozenset[str]", dz: Array, w: Array, t: int, m: int, r: int, c: int
) -> float:
    """pixel_gradient over every place of Z; each switch in `on` is one bug."""
    if "maps_not_transposed" in on:
        w = w.swapaxes(0, 1)
    if "filter_transposed" in on:
        w = w.swapaxes(2, 3)
    if "position_swapped" in on:
        r, c = c, r
    if "first_instance" in on:
        t = 0
    N, _, KH, KW = w.shape
    _, _, H_out, W_out = dz.shape
    if "one_size" in on:
        KW = KH
    maps = range(N)
    if "first_map_only" in on:
        maps = range(1)
    if "last_map_only" in on:
        maps = range(N - 1, N)
    if "same_map_only" in on:
        maps = range(m, m + 1)  # IndexError where there is no out-map m
    if "maps_exchanged" in on:
        w = w.swapaxes(0, 1)  # IndexError where there is no w[m, n]
    if "negative_places_only" in on:  # IndexError where the filter is larger than Z
        return float(
            sum(
                w[n, m, i, j] * dz[t, n, r - i, c - j]
                for n in maps
                for i, j in np.ndindex(KH, KW)
                if r - i < H_out and c - j < W_out
            )
        )
    total = 0.0
    for n in maps:
        for row, column in np.ndindex(H_out, W_out):
            i, j = r - row, c - column
            if "looks_forward" in on:
                i, j = row - r, column - c
            inside = 0 <= i < KH and 0 <= j < KW
            if "first_of_filter_missing" in on:
                inside = inside and i > 0 and j > 0
            if "negative_indices" in on:
                inside = i < KH and j < KW
            if "all_weights" in on:
                inside = True
            if "border_dropped" in on:
                inside = inside and KH - 1 <= r < H_out and KW - 1 <= c < W_out
            if "starts_one_late" in on:
                inside = inside and i < KH - 1 and j < KW - 1
            if not inside:
                continue
            if "mirrored" in on:
                i, j = KH - 1 - i, KW - 1 - j
            weight = 1.0 if "weights_missing" in on else w[n, m, i, j]
            if "sums_over_in_maps" in on:
                weight = w[n, :, i, j].sum()
            term = weight * dz[t, m if "wrong_map_of_dz" in on else n, row, column]
            if "dz_missing" in on:
                term = weight
            total = term if "overwrite" in on else total + term
        if "negative_places" in on:
            total += sum(
                w[n, m, i, j] * dz[t, n, r - i, c - j]
                for i, j in np.ndindex(KH, KW)
                if min(r - i, c - j) < 0 or r - i >= H_out or c - j >= W_out
            )
        if "end_not_clipped" in on and (r >= H_out or c >= W_out):
            raise IndexError(f"z has no element ({r}, {c})")
    if "all_instances" in on:
        rest = wrong_pixel_gradient(on - {"all_instances"}, dz.sum(0, keepdims=True), w, 0, m, r, c)
        total = rest
    return float(total)


def _pixel_misconceptions() -> tuple[Misconception, ...]:
    rows = (
        (
            "looks_forward",
            "the z's below and to the right instead of above and to the left",
            "In forward z[r', c'] looks down and to the right, at y[r' + i, c' + j]. So which z's "
            "look at y[r, c]: those with r' <= r, or those with r' >= r?",
        ),
        (
            "mirrored",
            "the weights in reverse order",
            "z[r, c] itself sees y[r, c] through w[0, 0]. Through which weight in yours?",
        ),
        (
            "negative_indices",
            "negative indices read the filter from its end",
            "What does w[n, m, -1, 0] give in NumPy? Places outside the filter have to be left out: "
            "not every position of Z counts.",
        ),
        (
            "all_weights",
            "places of Z that the pixel does not reach",
            "For which r' and c' is there a w[n, m, r - r', c - c']? Places outside the filter, "
            "on either side, have to be left out.",
        ),
        (
            "negative_places",
            "negative indices read dz from its end",
            "What does dz[t, n, -1, 0] give in NumPy? Near the border r - i leaves Z: those terms "
            "do not exist.",
        ),
        (
            "negative_places_only",
            "negative indices read dz from its end; its own end is minded",
            "You look whether r - i is behind the last row of Z. Can it leave Z on the other side, "
            "too? NumPy takes a negative index without complaint.",
        ),
        (
            "end_not_clipped",
            "places behind the end of Z are not left out",
            "Which r' are there? They end at H_out - 1, and y has KH - 1 rows more than Z: what "
            "does yours do for a pixel in these last rows?",
        ),
        (
            "sums_over_in_maps",
            "summed over the in-maps too",
            "Which planes of the filters see in-map m? Only w[n, m]; the sum runs over n.",
        ),
        (
            "border_dropped",
            "pixels near the border get nothing",
            "Near the border fewer z's see the pixel, but some do: does yours return 0 there?",
        ),
        (
            "starts_one_late",
            "the last row and column of the filter are left out",
            "Which values does r - r' take? Count them: 0 to KH - 1 are KH values.",
        ),
        (
            "first_of_filter_missing",
            "the first row and column of the filter are left out",
            "May r - r' be 0? z[r, c] sees the pixel through w[0, 0].",
        ),
        (
            "position_swapped",
            "row and column exchanged",
            "Is r the row and c the column everywhere? The slides write (x, y) with x across.",
        ),
        (
            "filter_transposed",
            "rows and columns of the filter exchanged",
            "Which axis of w counts rows? w is (N, M, KH, KW): w[n, m, row, column].",
        ),
        (
            "maps_not_transposed",
            "in-maps and out-maps exchanged",
            "Which comes first in w, the out-map n or the in-map m? The lecture writes w(m, n).",
        ),
        (
            "maps_exchanged",
            "w[m, n] where w[n, m] is meant",
            "Which comes first in w, the out-map n or the in-map m? The lecture writes w(m, n).",
        ),
        (
            "first_map_only",
            "only the first out-map counts",
            "The pixel influences all N out-maps. Which of them are in your sum?",
        ),
        (
            "last_map_only",
            '"=" where "+=" is needed, over n',
            "What happens to the sum for map n - 1 when yours comes to map n?",
        ),
        (
            "same_map_only",
            "only the out-map n = m counts",
            "How many out-maps does the pixel influence: all N, or the one that has the in-map's "
            "number?",
        ),
        (
            "wrong_map_of_dz",
            "dz of map m where map n is meant",
            "w[n, m] joins z[:, n] with y[:, m]. Which map of dz belongs to it?",
        ),
        shared.SQUARE_FILTER,
        (
            "overwrite",
            '"=" where "+=" is needed',
            "How many terms are left at the end of your loops? Paths add up.",
        ),
        (
            "first_instance",
            "always the first picture",
            "Where does t enter your sum?",
        ),
        (
            "all_instances",
            "summed over the pictures of the batch",
            "Does y[t] influence the divergence of another picture?",
        ),
        (
            "dz_missing",
            "dz is left out",
            "By the chain rule each path carries two factors: dz/dy and dDiv/dz. Where is dz?",
        ),
        (
            "weights_missing",
            "the weights are left out",
            "By the chain rule each path carries two factors: dDiv/dz and dz/dy. Where is w?",
        ),
    )
    return (
        *(switch(wrong_pixel_gradient, *row) for row in rows),
        *behaviours(answers.pixel_gradient, "input_modified", "state", "nothing", "nan"),
    )


def wrong_influence_mask(
    on: "frozenset[str]", r: int, c: int, KH: int, KW: int, H_out: int, W_out: int
) -> Array:
    """influence_mask as one block of True; each switch in `on` is one bug."""
    shape = (H_out, W_out)
    if "sizes_swapped" in on:
        KH, KW = KW, KH
    if "one_size" in on:
        KW = KH
    if "position_swapped" in on:
        r, c = c, r
    if "shape_of_y" in on:
        shape = (H_out + KH - 1, W_out + KW - 1)
    mask = np.zeros(shape, bool)
    top, left, below, right = r - KH + 1, c - KW + 1, r + 1, c + 1
    if "looks_forward" in on:
        top, left, below, right = r, c, r + KH, c + KW
    if "centred" in on:
        top, left = r - KH // 2, c - KW // 2
        below, right = top + KH, left + KW
    if "centred_wide" in on:
        top, left, below, right = r - KH // 2, c - KW // 2, r + KH // 2 + 1, c + KW // 2 + 1
    if "centred_late" in on:
        top, left = r - (KH - 1) // 2, c - (KW - 1) // 2
        below, right = top + KH, left + KW
    if "end_left_out" in on:
        below, right = r, c
    if "one_too_many" in on:
        top, left = r - KH, c - KW
    if "one_too_few" in on:
        top, left = r - KH + 2, c - KW + 2
    if "not_clipped" not in on:
        top, left, below, right = max(top, 0), max(left, 0), max(below, 0), max(right, 0)
    mask[top:below, left:right] = True
    if "negative_places" in on:
        for i, j in np.ndindex(KH, KW):
            mask[r - i, c - j] = True
    if "below_too" in on:
        mask[top:, left:] = True
    if "above_too" in on:
        mask[:below, :right] = True
    if "border_dropped" in on and not (KH - 1 <= r < H_out and KW - 1 <= c < W_out):
        mask[:] = False
    if "same_place_only" in on:
        mask[:] = False
        mask[r : r + 1, c : c + 1] = True
    if "every_position" in on:
        mask[:] = True
    if "inverted" in on:
        mask = ~mask
    return mask


def _mask_misconceptions() -> tuple[Misconception, ...]:
    rows = (
        (
            "every_position",
            "every position of Z",
            "Can z[0, 0] see a pixel that is more than KH - 1 rows below it? w vanishes outside "
            "its KH x KW elements.",
        ),
        (
            "same_place_only",
            "only the z at the same place",
            "In how many places of the filter does it cover the pixel? Each of them is one z.",
        ),
        (
            "looks_forward",
            "the block below and to the right",
            "z[r', c'] looks down and to the right, at y[r' + i, c' + j]. On which side of (r, c) "
            "do those z's lie, then?",
        ),
        (
            "centred",
            "a block with the pixel in its middle",
            "With z[r', c'] at the top left corner of the filter, is the block centred on (r, c)?",
        ),
        (
            "centred_wide",
            "a block that reaches half a filter to all sides",
            "With z[r', c'] at the top left corner of the filter, is the block centred on (r, c)? "
            "And how many rows has it where KH is even?",
        ),
        (
            "centred_late",
            "a block with the pixel in its middle, rounded down",
            "With z[r', c'] at the top left corner of the filter, is the block centred on (r, c)?",
        ),
        (
            "end_left_out",
            "the last row and column of the block are missing",
            "Does z[r, c] itself see y[r, c]? Through w[0, 0]. Mind that a slice leaves out its "
            "end.",
        ),
        (
            "one_too_many",
            "one row and column too many",
            "Count the rows from r - KH to r: how many are they?",
        ),
        (
            "one_too_few",
            "the first row and column of the block are missing",
            "Which is the first row r' whose filter still reaches row r?",
        ),
        (
            "not_clipped",
            "negative indices wrap around",
            "What does mask[-1:2] select in NumPy? Near the border the block has to be cut at 0.",
        ),
        (
            "negative_places",
            "negative places wrap around",
            "What does mask[r - i, c - j] set when r - i is -1? Places outside Z have to be left "
            "out.",
        ),
        (
            "below_too",
            "places below and to the right as well",
            "r - r' < KH is one limit. Which one is missing: may r' be larger than r?",
        ),
        (
            "above_too",
            "all places above and to the left",
            "r' <= r is one limit. Which one is missing: how far down does the filter of z[r', c'] "
            "reach?",
        ),
        shared.SQUARE_FILTER,
        (
            "border_dropped",
            "pixels near the border influence nothing",
            "Near the border fewer z's see the pixel, but some do. Which?",
        ),
        (
            "sizes_swapped",
            "KH and KW exchanged",
            "Does KH count the filter's rows in yours, and KW its columns?",
        ),
        (
            "position_swapped",
            "row and column exchanged",
            "Is r the row in yours? The slides write (x, y), with x across.",
        ),
        (
            "shape_of_y",
            "a mask of the size of y",
            "Over which map does the mask say True or False: over Y or over Z?",
        ),
        (
            "inverted",
            "True and False exchanged",
            "Is the mask True where z uses the pixel, or where it does not?",
        ),
    )
    return (
        *(switch(wrong_influence_mask, *row) for row in rows),
        *behaviours(answers.influence_mask, "type", "nothing"),
    )


# ----- small cases to show, with integers -----


def _dy_example(T: int, N: int, M: int, out: Shape, kernel: Shape) -> Case:
    """dz with a 1 at its end and small weights: an impulse shows where each weight goes."""
    dz = np.zeros((T, N, *out))
    dz[..., -1, -1] = np.arange(1, T * N + 1).reshape(T, N)
    w = np.arange(1.0, 1 + N * M * np.prod(kernel)).reshape(N, M, *kernel)
    return Case((dz, w))


DY_EXAMPLES = (
    _dy_example(1, 1, 1, (1, 1), (2, 2)),
    _dy_example(1, 1, 1, (1, 2), (2, 2)),
    Case((np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))),
    _dy_example(1, 1, 1, (1, 2), (1, 3)),
    _dy_example(1, 1, 1, (2, 1), (3, 2)),
    _dy_example(1, 2, 1, (1, 1), (2, 2)),
    _dy_example(1, 1, 2, (1, 1), (2, 2)),
    _dy_example(1, 2, 2, (1, 1), (1, 2)),
    _dy_example(1, 2, 3, (1, 1), (1, 2)),
    _dy_example(2, 1, 1, (1, 1), (2, 2)),
    _dy_example(1, 1, 1, (2, 2), (1, 1)),
)


def _pixel_example(case: Case, *position: int) -> Case:
    return Case((*case.args, *position))


_DZ = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
_W = np.arange(1.0, 5.0).reshape(1, 1, 2, 2)
PIXEL_EXAMPLES = (
    _pixel_example(DY_EXAMPLES[0], 0, 0, 0, 1),
    _pixel_example(Case((_DZ, _W)), 0, 0, 1, 2),
    _pixel_example(Case((_DZ, _W)), 0, 0, 0, 0),
    _pixel_example(Case((_DZ, _W)), 0, 0, 3, 3),
    _pixel_example(DY_EXAMPLES[4], 0, 0, 1, 1),
    _pixel_example(DY_EXAMPLES[5], 0, 0, 0, 0),
    _pixel_example(DY_EXAMPLES[8], 0, 2, 0, 1),
    _pixel_example(DY_EXAMPLES[9], 1, 0, 0, 1),
)

MASK_EXAMPLES = (
    Case((1, 2, 2, 2, 3, 4)),
    Case((0, 1, 2, 2, 2, 3)),
    Case((2, 1, 2, 3, 3, 4)),
    Case((3, 3, 2, 2, 3, 3)),
    Case((0, 0, 1, 1, 2, 2)),
)


TASKS = (
    Task(
        name="influence_mask",
        solution=answers.influence_mask,
        forward=conv_forward,
        outputs=(Output("mask", "mask"),),
        shapes=lambda r, c, KH, KW, H_out, W_out: ((H_out, W_out),),
        expected=mask_expected,
        properties=(
            Property("inside: a block of KH x KW", 0.5, mask_inside),
            Property("rectangular maps and filters", 0.5, mask_rectangular),
            Property("near the border: the block is cut", 0.5, mask_border),
            Property("any size", 0.5, mask_any_size),
        ),
        wrong=wrong_influence_mask,
        misconceptions=_mask_misconceptions(),
        examples=MASK_EXAMPLES,
    ),
    Task(
        name="pixel_gradient",
        solution=answers.pixel_gradient,
        forward=conv_forward,
        outputs=(Output("dy[t, m, r, c]", "number"),),
        shapes=lambda dz, w, t, m, r, c: ((),),
        expected=pixel_expected,
        properties=(
            Property("inside, one map", 1.0, pixel_inside),
            Property("sum over all out-maps n", 1.0, pixel_maps),
            Property("near the border", 1.0, pixel_border),
            Property("rectangular, in a batch", 1.0, pixel_batch),
        ),
        wrong=wrong_pixel_gradient,
        misconceptions=_pixel_misconceptions(),
        examples=PIXEL_EXAMPLES,
    ),
    *(
        Task(
            name=solution.__name__,
            solution=solution,
            forward=conv_forward,
            outputs=(Output("dy"),),
            shapes=dy_shapes,
            expected=dy_expected,
            identity=dy_identity,
            properties=dy_properties(1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5),
            wrong=wrong_conv_dy,
            misconceptions=_dy_misconceptions(solution, own),
            examples=DY_EXAMPLES,
        )
        for solution, own in (
            (answers.conv_dy_scatter, SCATTER_ROWS),
            (answers.conv_dy_flip, FLIP_ROWS),
        )
    ),
)
