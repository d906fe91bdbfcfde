"""Chapter 08's tasks: resampling, and a convolution with a stride (no padding).

y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out); `factor`
and `stride` are an int or (rows, columns). The layer is judged with chapter 07's table.
"""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import mixed_layout, read_only
from autograder.gradcheck import gradient_of_linear
from autograder.task import Array, Case, Output, Property, Shape, Task, distinct, switch
from autograder.tasks import shared
from autograder.tasks.ch07_padding import (
    LAYER_ROWS,
    layer,
    layer_example,
    layer_examples,
    layer_expected,
    layer_identity,
    layer_properties,
    layer_shapes,
    wrong_conv_backward,
)
from solutions import conv_forward, downsample_forward, upsample_forward
from solutions.chapters import ch08_resampling as answers

Factor = int | tuple[int, int]

# ----- what is right, from forward alone -----


def down_expected(dz: Array, shape: Shape, factor: Factor) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as resampling is linear in y."""
    return (gradient_of_linear(lambda y: downsample_forward(y, factor), dz, shape),)


def up_expected(dz: Array, factor: Factor) -> tuple[Array, ...]:
    forward = lambda y: upsample_forward(y, factor)  # noqa: E731
    return (gradient_of_linear(forward, dz, up_shapes(dz, factor)[0]),)


def up_shapes(dz: Array, factor: Factor) -> tuple[Shape, ...]:
    T, M, *size = dz.shape
    H, W = ((n - 1) // F + 1 for n, F in zip(size, _pair(factor), strict=True))
    return ((T, M, H, W),)


def _pair(factor: Factor) -> tuple[int, int]:
    return (factor, factor) if isinstance(factor, int) else factor


# ----- cases -----


def _resampled(
    rng: np.random.Generator, down: bool, maps: Shape, small: Shape, factor: Factor, rest: Shape
) -> tuple[Any, ...]:
    """The arguments of a downsampling, or those of an upsampling, which knows no `rest`."""
    pairs = zip(small, _pair(factor), rest, strict=True)
    large = tuple(F * (n - 1) + 1 + more for n, F, more in pairs)
    if down:
        return rng.standard_normal((*maps, *small)), (*maps, *large), factor
    return rng.standard_normal((*maps, *large)), factor


def resampling_properties(down: bool) -> tuple[Property, ...]:
    """The same kinds of cases for both; only downsampling can leave rows over."""

    def one_factor(rng: np.random.Generator) -> list[Case]:
        side = int(rng.integers(3, 6))
        return [
            Case(read_only(*_resampled(rng, down, (1, 1), (side, side), F, (0, 0)))) for F in (2, 3)
        ]

    def two_factors(rng: np.random.Generator) -> list[Case]:
        H, W = distinct(rng, 3, 5, 2)
        return [
            Case(_resampled(rng, down, (1, 1), (H, W), F, (0, 0))) for F in ((2, 3), (3, 2), (4, 1))
        ]

    def rest(rng: np.random.Generator) -> list[Case]:
        H, W = distinct(rng, 2, 5, 2)
        more = ((1, 2), (3, 1)) if down else ((0, 0), (0, 0))
        small = ((H, W), (W, H)) if down else ((1, W), (H, 1))
        return [
            Case(_resampled(rng, down, (1, 1), size, 4, left))
            for size, left in zip(small, more, strict=True)
        ]

    def many(rng: np.random.Generator) -> list[Case]:
        T, M, H, W = distinct(rng, 2, 6, 4)
        dz, *others = _resampled(rng, down, (T, M), (H, W), 2, (0, 0))
        return [
            Case((mixed_layout(dz), *others)),
            Case((dz.astype(np.float32), *others), tolerance=1e-4),
        ]

    third = "rows and columns left over" if down else "one row, one column"
    return (
        Property("one factor", 0.5, one_factor),
        Property("a factor for rows, one for columns", 0.5, two_factors),
        Property(third, 0.5, rest),
        Property("many maps and pictures", 0.5, many),
    )


def stride_fits(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 3, 5, 2)
    return [
        Case(layer(rng, (1, 1, 1), (3, 3), (3, 3), 2)),
        Case(layer(rng, (1, 1, 1), (H_out, W_out), (2, 3), 2)),
    ]


def stride_leaves_rest(rng: np.random.Generator) -> list[Case]:
    H_out, W_out = distinct(rng, 3, 5, 2)
    return [
        Case(layer(rng, (1, 1, 1), (H_out, W_out), (3, 4), 3, rest=(1, 2))),
        Case(layer(rng, (1, 1, 1), (W_out, H_out), (4, 3), 3, rest=(2, 1))),
    ]


def stride_pair(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 3, 2)
    H_out, W_out = distinct(rng, 3, 5, 2)
    return [
        Case(layer(rng, (1, 1, 1), (H_out, W_out), (3, 2), (2, 3))),
        Case(layer(rng, (2, N, M), (3, 4), (2, 3), (3, 1))),
    ]


# ----- misconceptions -----


def wrong_downsample_backward(
    on: "frozenset[str]", dz: Array, shape: tuple[int, ...], factor: Any
) -> Array:
    """downsample_backward; each switch in `on` is one bug."""
    if isinstance(factor, int) and "int_not_read" in on:
        raise TypeError("an int is no pair")
    if not isinstance(factor, int) and "pair_not_read" in on:
        raise TypeError("a pair is no int")
    F, G = (factor, factor) if isinstance(factor, int) else factor
    if "pair_exchanged" in on:
        F, G = G, F
    if "rows_for_both" in on:
        G = F
    if "one_zero_too_many" in on:
        F, G = F + 1, G + 1
    H_out, W_out = dz.shape[2:]
    if "columns_forgotten" in on:
        G = 1
    if "downsampled_again" in on:
        return dz[:, :, ::F, ::G]
    if "shape_ignored" in on:
        shape = (*dz.shape[:2], F * (H_out - 1) + 1, G * (W_out - 1) + 1)
    if "factor_times_size" in on:
        shape = (*dz.shape[:2], F * H_out, G * W_out)
    if "repeated" in on:
        return dz.repeat(F, 2).repeat(G, 3)[:, :, : shape[2], : shape[3]]
    if "repeated_to_factor" in on:
        return dz.repeat(F, 2).repeat(G, 3)
    if "divided" in on:
        dz = dz / (F * G)
    dy = np.zeros(shape, dz.dtype)
    if "not_spread" in on:
        dy[:, :, :H_out, :W_out] = dz
    elif "last_of_block" in on:
        dy[:, :, F - 1 :: F, G - 1 :: G] = dz
    elif "last_of_block_cut" in on:
        places = dy[:, :, F - 1 :: F, G - 1 :: G]
        places[...] = dz[:, :, : places.shape[2], : places.shape[3]]
    elif "aligned_at_end" in on:
        dy[:, :, (shape[2] - 1) % F :: F, (shape[3] - 1) % G :: G] = dz
    elif "ends_early" in on:
        A, B = shape[2] // F, shape[3] // G
        dy[:, :, : F * A : F, : G * B : G] = dz[:, :, :A, :B]
    else:
        dy[:, :, ::F, ::G] = dz
    if "last_instance" in on:
        dy[:-1] = 0
    return dy


FACTOR_ROWS = (
    (
        "pair_exchanged",
        "the numbers of rows and columns exchanged",
        "Which number of the pair is about rows? It is (rows, columns).",
    ),
    (
        "rows_for_both",
        "the number of rows for the columns too",
        "Where does yours use the second number of the pair (rows, columns)?",
    ),
    (
        "pair_not_read",
        "a pair is not taken",
        "What is in the last argument when this line runs: an int, or a pair (rows, columns)? "
        "Both may come.",
    ),
    (
        "int_not_read",
        "an int is not taken",
        "What is in the last argument when this line runs: a pair (rows, columns), or an int? "
        "Both may come.",
    ),
)

DOWN_ROWS = (
    *FACTOR_ROWS,
    (
        "shape_ignored",
        "dy ends with the last row and column that were kept",
        "Which shape has y? Rows were dropped after the last that was kept, too: `shape` tells how "
        "many.",
    ),
    (
        "factor_times_size",
        "dy has F * H_out rows",
        "Which shape has y? Between H_out neighbours there are H_out - 1 gaps, and what is left "
        "over at the end only `shape` tells.",
    ),
    (
        "repeated",
        "dropped pixels get a copy of their neighbour's gradient",
        "How does z change when a pixel changes that forward dropped?",
    ),
    (
        "repeated_to_factor",
        "every gradient becomes a block of F x F copies",
        "How does z change when a pixel changes that forward dropped? And which shape has y?",
    ),
    (
        "not_spread",
        "dz is put into the corner as it is",
        "Which pixel of y is z[1, 1]: y[1, 1] or y[F, F]?",
    ),
    (
        "last_of_block",
        "the last of every F rows gets the gradient",
        "Which of the first F rows did forward keep: row 0 or row F - 1?",
    ),
    (
        "last_of_block_cut",
        "the last of every F rows gets the gradient, where there is one",
        "Which of the first F rows did forward keep: row 0 or row F - 1? Yours has no place for "
        "some dz: may a gradient be lost?",
    ),
    shared.last_picture("last_instance"),
    (
        "aligned_at_end",
        "the rows that are left over come first",
        "Which pixel of y is z[0, 0]? What is left over stands behind the last row that was kept.",
    ),
    (
        "ends_early",
        "only H // F rows of dz are put in place",
        "How many rows has dz, and how many of them does your loop reach? Put numbers in: H = 3 and "
        "F = 2.",
    ),
    (
        "columns_forgotten",
        "only the rows are spread",
        "Which axes did forward thin out: the rows, or the columns too?",
    ),
    (
        "one_zero_too_many",
        "F zeros between neighbours",
        "How many rows did forward drop between two that it kept? From F*r to F*(r + 1) it is F "
        "steps.",
    ),
    (
        "divided",
        "divided by the number of pixels in a block",
        "By how much does z change when a kept pixel grows by 1? Nothing was averaged.",
    ),
    (
        "downsampled_again",
        "dz is thinned once more",
        "Which is larger, y or z? Backward goes from the small map to the large one.",
    ),
)


def wrong_upsample_backward(on: "frozenset[str]", dz: Array, factor: Any) -> Array:
    """upsample_backward; each switch in `on` is one bug."""
    if isinstance(factor, int) and "int_not_read" in on:
        raise TypeError("an int is no pair")
    if not isinstance(factor, int) and "pair_not_read" in on:
        raise TypeError("a pair is no int")
    F, G = (factor, factor) if isinstance(factor, int) else factor
    if "pair_exchanged" in on:
        F, G = G, F
    if "rows_for_both" in on:
        G = F
    if "one_zero_too_many" in on:
        F, G = F + 1, G + 1
    if "columns_forgotten" in on:
        G = 1
    H, W = dz.shape[2:]
    if "not_thinned" in on:
        return dz.copy()
    if "upsampled_again" in on:
        spread = np.zeros((*dz.shape[:2], F * (H - 1) + 1, G * (W - 1) + 1), dz.dtype)
        spread[:, :, ::F, ::G] = dz
        return spread
    if "maps_thinned" in on:
        return dz[::F, ::G]
    if "last_dropped" in on:
        return dz[:, :, : H // F * F : F, : W // G * G : G]
    if "starts_late" in on:
        return dz[:, :, F - 1 :: F, G - 1 :: G]
    if "cut_to_size" in on:
        return dz[:, :, : (H - 1) // F + 1, : (W - 1) // G + 1]
    rows, columns = np.arange(0, H, F), np.arange(0, W, G)
    if "blocks_summed" in on or "blocks_averaged" in on:
        sums = np.add.reduceat(np.add.reduceat(dz, rows, axis=2), columns, axis=3)
        return sums / (F * G) if "blocks_averaged" in on else sums
    dy = dz[:, :, ::F, ::G].copy()
    if "last_instance" in on:
        dy[:-1] = 0
    return dy * (F * G) if "multiplied" in on else dy


UP_ROWS = (
    *FACTOR_ROWS,
    (
        "blocks_summed",
        "the gradients of a block are added up",
        "Which entries of z did forward fill with y[r, c]: a whole block of copies, or one?",
    ),
    (
        "blocks_averaged",
        "the gradients of a block are averaged",
        "Which entries of z did forward fill with y[r, c]: a whole block, or one? Nothing was "
        "averaged.",
    ),
    (
        "last_dropped",
        "the last row and column are lost",
        "How many rows has y, if z has F*(H - 1) + 1? Put numbers in: H = 3 and F = 2.",
    ),
    (
        "starts_late",
        "the first row taken is F - 1",
        "Where in z does y[0, 0] stand? Forward puts no zeros before the first row.",
    ),
    (
        "cut_to_size",
        "the first rows and columns as they are",
        "Where in z does y[1, 1] stand: at z[1, 1] or at z[F, F]?",
    ),
    (
        "columns_forgotten",
        "only the rows are thinned",
        "Which axes did forward spread: the rows, or the columns too?",
    ),
    (
        "one_zero_too_many",
        "every (F + 1)-th row",
        "How far apart stand two neighbours of y in z, with F - 1 zeros between them?",
    ),
    shared.last_picture("last_instance"),
    (
        "maps_thinned",
        "pictures and maps are left out",
        "Which axes does z[::F, ::F] thin out on an array with four axes?",
    ),
    (
        "multiplied",
        "multiplied by the size of a block",
        "By how much does z change when one pixel of y grows by 1?",
    ),
    (
        "not_thinned",
        "dz comes back as it is",
        "Which shape has y? The gradient of an inserted zero goes nowhere.",
    ),
    (
        "upsampled_again",
        "dz is spread once more",
        "Which is larger, y or z? Backward goes from the large map to the small one.",
    ),
)

_THINNED = (
    "Which y did weight w[0, 1] meet first: y[0, 1], or y[0, S]? Is y[0, 1] still there when y has "
    "been thinned?"
)
_FULL_SIZE = "How many rows would z have with stride 1, and how many has yours after dz was spread?"

STRIDE_ROWS = (
    (
        "stride_ignored",
        "every z one step from its neighbour",
        "Which window of y did z[1, 1] look at: the one that begins at y[1, 1], or at y[S, S]?",
    ),
    (
        "dy_stride_missing",
        "dy as with stride 1",
        "Where does dz[1, 1] write its block into dy: at row and column 1, or S?",
    ),
    (
        "dw_stride_missing",
        "dw as with stride 1",
        "Which y met w[i, j] for z[r, c]: y[r + i, c + j] or y[S*r + i, S*c + j]?",
    ),
    (
        "filter_spread",
        "the stride multiplies i and j",
        "Which letter does the stride multiply: the position r of z, or the offset i in the "
        "filter?",
    ),
    (
        "trailing_missing",
        "dy ends where the last filter ended",
        "Which shape has y? Where S does not divide H - KH, the last rows were never reached: "
        "they are in dy all the same.",
    ),
    (
        "zeros_in_front",
        "the rows that were never reached come first",
        "Which rows of y did the filter never reach: the first, or the last?",
    ),
    (
        "zeros_after_last",
        "S - 1 zeros behind the last dz too",
        "Between which neighbours do the zeros of an upsampled dz stand? Is dy as large as y for "
        "every size?",
    ),
    (
        "dw_too_large",
        "dw is as large as y and the upsampled dz say",
        "Which shape has w? Where S does not divide H - KH, dz could slide further over y than "
        "the filter has rows.",
    ),
    (
        "dw_unspread",
        "dw from dz as it came in, at as many places as it has on y",
        "Which dz does your sum for dw take: the small one that came in, or the one that was "
        "spread? Over y it slides to more places than the filter has weights.",
    ),
    (
        "dw_y_thinned",
        "dw from y thinned by the stride",
        f"{_THINNED} Which shape has dw in yours, which has w?",
    ),
    ("dw_y_thinned_cut", "dw from y thinned by the stride, cut at its end", _THINNED),
    (
        "dw_y_thinned_stretched",
        "dw from y thinned by the stride, where the last pixel is stretched",
        f"{_THINNED} And what does NumPy do with a slice that holds one pixel where dz has two?",
    ),
    (
        "dz_spread_into_y",
        "dz is spread into the shape of y, and dy is too large",
        f"{_FULL_SIZE} The shape of y is that of dy, not of the dz from which dy is made.",
    ),
    (
        "dw_spread_into_y",
        "dz is spread into the shape of y, and dw has one entry",
        f"{_FULL_SIZE} At how many places does a dz of y's size lie on y?",
    ),
    (
        "dz_repeated",
        "dz is spread by copies, not by zeros",
        "How does Div change with a z that forward dropped? What stands between two neighbours of "
        "the spread dz?",
    ),
    *FACTOR_ROWS,
)

# ----- small cases to show, with integers -----


def _down_example(small: Shape, large: Shape, factor: Factor) -> Case:
    dz = np.arange(1.0, 1 + np.prod(small)).reshape(1, 1, *small)
    return Case((dz, (1, 1, *large), factor))


DOWN_EXAMPLES = (
    _down_example((2, 2), (3, 3), 2),
    _down_example((2, 2), (3, 4), 2),
    _down_example((1, 2), (2, 4), 2),
    _down_example((2, 2), (4, 4), (3, 2)),
    _down_example((2, 3), (4, 3), (3, 1)),
    _down_example((1, 2), (3, 6), (3, 4)),
)


def _up_example(size: Shape, factor: Factor) -> Case:
    return Case((np.arange(1.0, 1 + np.prod(size)).reshape(1, 1, *size), factor))


UP_EXAMPLES = (
    _up_example((3, 3), 2),
    _up_example((3, 4), (2, 3)),
    _up_example((3, 2), (2, 1)),
    _up_example((1, 4), 3),
)

STRIDE_EXAMPLES = (
    *layer_examples(1),
    layer_example((1, 1, 1), (1, 2), (1, 2), 2),
    layer_example((1, 1, 1), (1, 2), (1, 3), 2),
    layer_example((1, 1, 1), (1, 2), (1, 2), 3, rest=(0, 1)),
    layer_example((1, 1, 1), (2, 1), (2, 1), 3, rest=(1, 0)),
    layer_example((1, 1, 1), (2, 2), (1, 1), (1, 2)),
)


TASKS = (
    Task(
        name="downsample_backward",
        solution=answers.downsample_backward,
        forward=downsample_forward,
        outputs=(Output("dy"),),
        shapes=lambda dz, shape, factor: (shape,),
        expected=down_expected,
        properties=resampling_properties(down=True),
        wrong=wrong_downsample_backward,
        misconceptions=(
            *(switch(wrong_downsample_backward, *row) for row in DOWN_ROWS),
            *behaviours(
                answers.downsample_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=DOWN_EXAMPLES,
    ),
    Task(
        name="upsample_backward",
        solution=answers.upsample_backward,
        forward=upsample_forward,
        outputs=(Output("dy"),),
        shapes=up_shapes,
        expected=up_expected,
        properties=resampling_properties(down=False),
        wrong=wrong_upsample_backward,
        misconceptions=(
            *(switch(wrong_upsample_backward, *row) for row in UP_ROWS),
            *behaviours(
                answers.upsample_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=UP_EXAMPLES,
    ),
    Task(
        name="strided_conv_backward",
        solution=answers.strided_conv_backward,
        forward=conv_forward,
        outputs=(Output("dy"), Output("dw"), Output("db")),
        shapes=layer_shapes,
        expected=layer_expected,
        identity=layer_identity,
        properties=layer_properties(
            1,
            "stride 1",
            ("a stride that divides the sizes", stride_fits),
            ("a stride that leaves rows over", stride_leaves_rest),
            ("a stride for rows, one for columns", stride_pair),
        ),
        wrong=wrong_conv_backward,
        misconceptions=(
            *(switch(wrong_conv_backward, *row) for row in (*STRIDE_ROWS, *LAYER_ROWS)),
            *behaviours(
                answers.strided_conv_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=STRIDE_EXAMPLES,
    ),
)
