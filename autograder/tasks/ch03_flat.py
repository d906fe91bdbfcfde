"""Chapter 03's tasks: the flat part, from the last maps to the loss.

T pictures; M numbers go in, N come out, C classes.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import ROUNDING, other_layout, read_only, single
from autograder.gradcheck import gradient_by_complex_step, gradient_of_linear
from autograder.task import Array, Case, Output, Property, Shape, Task, distinct, switch
from autograder.tasks import shared
from solutions import affine_forward, flatten_forward, softmax_forward
from solutions.chapters import ch03_flat as answers

# ----- flatten_backward -----


def flatten_expected(dz: Array, shape: Shape) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y."""
    return (gradient_of_linear(flatten_forward, dz, shape),)


def _flatten_case(rng: np.random.Generator, *shape: int) -> Case:
    return Case((rng.standard_normal((shape[0], int(np.prod(shape[1:])))), shape))


def flatten_one_map(rng: np.random.Generator) -> list[Case]:
    H, W = distinct(rng, 2, 6, 2)
    (dz, shape), other = _flatten_case(rng, 1, 1, H, W).args, _flatten_case(rng, 1, 1, W, W)
    return [Case((*read_only(dz), shape)), other]


def flatten_many_maps(rng: np.random.Generator) -> list[Case]:
    M, H, W = distinct(rng, 2, 6, 3)
    return [_flatten_case(rng, 1, M, 1, W), _flatten_case(rng, 1, M, H, 1)]


def flatten_batch(rng: np.random.Generator) -> list[Case]:
    T, W = distinct(rng, 2, 6, 2)
    return [_flatten_case(rng, T, 1, 1, W), _flatten_case(rng, T, 1, W, 1)]


def flatten_any_size(rng: np.random.Generator) -> list[Case]:
    T, M, H, W = distinct(rng, 2, 5, 4)
    dz, shape = _flatten_case(rng, T, M, H, W).args
    return [Case((dz, shape)), Case((other_layout(dz), shape)), single(Case((dz, shape)))]


def wrong_flatten_backward(on: "frozenset[str]", dz: Array, shape: Any) -> Any:
    """flatten_backward; each switch in `on` is one bug."""
    T, M, H, W = shape
    if "as_it_was" in on:
        return dz.copy()
    if "column_by_column" in on:
        return dz.reshape(shape, order="F").copy()
    if "batch_last" in on:
        return dz.reshape(M, H, W, T).transpose(3, 0, 1, 2)
    if "maps_last" in on:
        return dz.reshape(T, H, W, M).transpose(0, 3, 1, 2)
    if "maps_stay_last" in on:
        return dz.reshape(T, H, W, M)
    if "sizes_swapped" in on:
        return dz.reshape(T, M, W, H)
    if "maps_before_pictures" in on:
        return dz.reshape(M, T, H, W).swapaxes(0, 1)
    if "first_picture_only" in on:
        return np.broadcast_to(dz[0].reshape(M, H, W), shape).copy()
    if "backward_order" in on:
        return dz[:, ::-1].reshape(shape)
    if "last_picture_only" in on:
        dy = dz.reshape(shape).copy()
        dy[:-1] = 0
        return dy
    if on & {"height_for_width", "width_for_height", "sizes_in_reverse", "bracket_missing"}:
        m, r, c = np.indices((M, H, W))
        places = (m * H + r) * H + c
        if "width_for_height" in on:
            places = (m * W + r) * W + c
        if "sizes_in_reverse" in on:
            places = (m * W + r) * H + c
        if "bracket_missing" in on:
            places = m * H + r * W + c
        return dz[:, places]  # IndexError where there is no such place
    return dz.reshape(T, M, W, H).swapaxes(2, 3)  # "rows_and_columns_exchanged"


FLATTEN_ROWS = (
    (
        "rows_and_columns_exchanged",
        "rows and columns exchanged",
        "Which comes after y[t, m, 0, 0] in the row: its neighbour on the right or the one below?",
    ),
    (
        "column_by_column",
        "laid out column by column over all axes",
        'In which order does the reshape run through the axes? order="F" begins with the first '
        "axis, forward with the last.",
    ),
    (
        "batch_last",
        "the pictures are taken for the last axis",
        "Whose numbers stand in dz[0]: those of picture 0 alone, or one of each picture?",
    ),
    (
        "maps_last",
        "the maps are taken for the last axis",
        "What comes after y[t, 0, 0, 0] in the row: the same place of map 1, or the next place "
        "of map 0?",
    ),
    (
        "maps_stay_last",
        "the axes of another order",
        "In which order does `shape` name the axes? It is (T, M, H, W).",
    ),
    (
        "sizes_swapped",
        "height and width exchanged",
        "Which of the four numbers of `shape` is the height, and which the width?",
    ),
    (
        "height_for_width",
        "a row of H numbers where a row has W",
        "How many numbers stand between y[t, m, 0, 0] and y[t, m, 1, 0] in the row: H or W? On a "
        "square map they are equal.",
    ),
    (
        "width_for_height",
        "W rows in a map where there are H",
        "How many rows has a map, and how many numbers each? H and W are equal on square maps only.",
    ),
    (
        "sizes_in_reverse",
        "(m * W + r) * H + c",
        "What has a map in front of row r: r rows of H numbers, or r rows of W numbers? Which of "
        "the two sizes counts rows? On a square map they are equal.",
    ),
    (
        "bracket_missing",
        "m * H + r * W + c",
        "How many numbers come before map 1 in the row: H, or H * W? Count your brackets.",
    ),
    (
        "maps_before_pictures",
        "maps and pictures exchanged",
        "Whose numbers stand in dz[0]: all maps of picture 0, or map 0 of all pictures?",
    ),
    (
        "first_picture_only",
        "every picture gets the first one's gradient",
        "dz holds T rows. Where does row 1 of it go?",
    ),
    shared.last_picture("last_picture_only"),
    (
        "backward_order",
        "the rows of dz are reversed",
        "Which entry of a row belongs to y[t, 0, 0, 0]? Backward does not turn the order round.",
    ),
    (
        "as_it_was",
        "dz comes back as it was",
        "Which shape had y before it was flattened? dy has the same.",
    ),
)


def _flatten_example(*shape: int) -> Case:
    return Case((np.arange(1.0, 1 + np.prod(shape)).reshape(shape[0], -1), shape))


FLATTEN_EXAMPLES = (
    _flatten_example(1, 1, 2, 3),
    _flatten_example(1, 2, 1, 3),
    _flatten_example(2, 1, 1, 3),
    _flatten_example(2, 3, 1, 2),
)


# ----- affine_backward -----


def affine_expected(dz: Array, y: Array, w: Array, b: Array) -> tuple[Array, ...]:
    """Differences with h = 1: exact, as forward is linear in y, in w and in b.

    w y[t] for all t is also y w[n] for all n: the rows of w take the place of the pictures.
    """
    dy = gradient_of_linear(lambda v: affine_forward(v, w), dz, y.shape)
    dw = gradient_of_linear(lambda v: affine_forward(v, y), dz.T, w.shape)
    steps = (affine_forward(0 * y, 0 * w, unit) for unit in np.eye(len(b), dtype=b.dtype))
    return dy, dw, np.array([np.vdot(dz, step) for step in steps])


def _affine(rng: np.random.Generator, T: int, M: int, N: int) -> Case:
    sizes = ((T, N), (T, M), (N, M), (N,))
    return Case(tuple(rng.standard_normal(size) for size in sizes))


def _only(output: str, *cases: Case) -> list[Case]:
    """The cases, of which one output counts: the three gradients are scored one by one."""
    return [replace(case, only=(output,)) for case in cases]


def affine_dy(rng: np.random.Generator) -> list[Case]:
    """One neuron, many, a batch; also as many inputs as neurons."""
    T, M, N = distinct(rng, 2, 6, 3)
    sizes = ((1, M, 1), (1, M, N), (T, M, N), (1, N, N))
    return _only("dy", *(Case(read_only(*_affine(rng, *size).args)) for size in sizes))


def affine_dw(rng: np.random.Generator) -> list[Case]:
    """The same for one picture: the sum over a batch is a property of its own."""
    M, N = distinct(rng, 2, 6, 2)
    sizes = ((1, M, 1), (1, M, N), (1, 1, N), (1, N, N))
    return _only("dw", *(Case(read_only(*_affine(rng, *size).args)) for size in sizes))


def affine_db(rng: np.random.Generator) -> list[Case]:
    T, M, N = distinct(rng, 2, 6, 3)
    return _only("db", *(_affine(rng, *size) for size in ((1, M, N), (T, M, N), (N, M, N))))


def affine_batch(rng: np.random.Generator) -> list[Case]:
    T, M = distinct(rng, 2, 6, 2)
    cases = _affine(rng, T, M, 1), _affine(rng, M, M, 1), single(_affine(rng, T, M, 1))
    return _only("dw", *cases)


def affine_any_size(rng: np.random.Generator) -> list[Case]:
    T, M, N = distinct(rng, 2, 6, 3)
    case = _affine(rng, T, M, N)
    return [case, _affine(rng, M, N, T), Case(tuple(map(other_layout, case.args)))]


def wrong_affine_backward(on: "frozenset[str]", dz: Array, y: Array, w: Array, b: Array) -> Any:
    """affine_backward; each switch in `on` is one bug."""
    T = len(dz)
    dy = dz @ (w.T if "w_transposed" in on else w)
    dw = dz.T @ y
    db = dz.sum(axis=0)
    if "overwrite" in on:
        dw, db = np.outer(dz[-1], y[-1]), dz[-1].copy()
    if "first_picture_only" in on:
        dw, db = np.outer(dz[0], y[0]), dz[0].copy()
    if "dw_overwrite" in on:
        dw = np.outer(dz[-1], y[-1])
    if "db_overwrite" in on:
        db = dz[-1].copy()
    if "pictures_mixed" in on:
        dw = np.outer(dz.sum(axis=0), y.sum(axis=0))
    if "dy_overwrite" in on:
        dy = dz[:, -1:] * w[-1]
    if "dy_last_picture" in on:
        dy[:-1] = 0
    if "dw_from_w" in on:
        dw = w * db[:, None]
    if "dw_without_dz" in on:
        dw = np.ones_like(dz).T @ y
    if "dw_without_y" in on:
        dw = dz.T @ np.ones_like(y)
    if "dy_without_dz" in on:
        dy = np.ones_like(dz) @ w
    if "dy_without_w" in on:
        dy = dz @ np.ones_like(w)
    if "dy_from_y" in on:
        dy = y * dz.sum(axis=1, keepdims=True)
    if "dy_summed" in on:
        dy[:] = dy.sum(axis=0)
    if "mean_over_batch" in on:
        dw, db = dw / T, db / T
    if "all_divided" in on:
        dy, dw, db = dy / T, dw / T, db / T
    if "db_mean" in on:
        db = db / T
    if "db_one" in on:
        db = np.ones_like(b)
    if "db_count" in on:
        db = np.full_like(b, T)
    if "db_times_b" in on:
        db = b * db
    if "db_of_all" in on:
        db = np.full_like(b, dz.sum())
    if "db_over_neurons" in on:
        db = dz.sum(axis=1)
    if "db_not_summed" in on:
        db = dz.copy()
    if "db_keepdims" in on:
        db = db[None]
    if "db_one_number" in on:
        db = np.array([dz.sum()])
    if "db_scalar" in on:
        db = dz.sum()
    if "dw_transposed" in on:
        dw = dw.T
    if "order" in on:
        return dw, db, dy
    return dy, dw, db


AFFINE_ROWS = (
    (
        "dw_transposed",
        "dw is transposed",
        "Which shape has w? dw has the same: which axis of yours counts neurons n?",
    ),
    (
        "w_transposed",
        "w is transposed for dy",
        "Which index of w is summed over in dy[t, m]: n or m? On a square w both fit.",
    ),
    (
        "order",
        "dw, db, dy in place of dy, dw, db",
        "In which order does yours hand back the three? It is that of forward's arguments.",
    ),
    (
        "mean_over_batch",
        "dw and db are divided by T",
        "Where does the 1/T of the loss enter: here, or in dz already?",
    ),
    (
        "all_divided",
        "all three are divided by T",
        "Where does the 1/T of the loss enter: here, or in dz already?",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed, over t',
        "All T pictures use the same w. What happens to the share of picture t - 1 in dw when "
        "yours comes to picture t?",
    ),
    (
        "first_picture_only",
        "dw and db know the first picture only",
        "All T pictures use the same w. How many of them are in your dw and db?",
    ),
    (
        "dw_overwrite",
        '"=" where "+=" is needed in dw, over t',
        "All T pictures use the same w. What happens to the share of picture t - 1 in dw when "
        "yours comes to picture t? (db is right.)",
    ),
    (
        "db_overwrite",
        '"=" where "+=" is needed in db, over t',
        "All T pictures use the same b. What happens to the share of picture t - 1 in db when "
        "yours comes to picture t? (dw is right.)",
    ),
    (
        "dy_overwrite",
        '"=" where "+=" is needed in dy, over n',
        "How many neurons does y[t, m] enter? What happens to the share of neuron n - 1 in dy when "
        "yours comes to neuron n?",
    ),
    (
        "pictures_mixed",
        "every picture's dz meets every picture's y",
        "Which y did z[t] see: those of all pictures, or y[t]? Is the product taken before or "
        "after the sum over t?",
    ),
    shared.last_picture("dy_last_picture", "dy of the last picture only"),
    (
        "dw_from_w",
        "dw is made of w",
        "By how much does z[t, n] grow when w[n, m] grows by 1: is w itself in that?",
    ),
    (
        "dw_without_dz",
        "dz is left out of dw",
        "By the chain rule each path carries two factors: dDiv/dz and dz/dw. Where is dz in dw?",
    ),
    (
        "dw_without_y",
        "y is left out of dw",
        "By the chain rule each path carries two factors: dDiv/dz and dz/dw. Where is y in dw?",
    ),
    (
        "dy_without_dz",
        "dz is left out of dy",
        "By the chain rule each path carries two factors: dDiv/dz and dz/dy. Where is dz in dy?",
    ),
    (
        "dy_without_w",
        "w is left out of dy",
        "By the chain rule each path carries two factors: dDiv/dz and dz/dy. Where is w in dy?",
    ),
    (
        "dy_from_y",
        "dy is made of y",
        "By how much does z[t, n] grow when y[t, m] grows by 1: is y itself in that?",
    ),
    (
        "dy_summed",
        "dy is summed over the batch",
        "Does picture 0 influence the divergence of picture 1? The sum over t belongs to w and b.",
    ),
    (
        "db_mean",
        "db is a mean over the batch",
        "Is db a sum or a mean over the pictures? Do as with dw.",
    ),
    (
        "db_one",
        "db is 1 everywhere",
        "When b[n] grows by 1, all z[:, n] do. What does each of them carry on to Div?",
    ),
    (
        "db_count",
        "db is T everywhere",
        "When b[n] grows by 1, all z[:, n] do. What does each of them carry on to Div?",
    ),
    (
        "db_times_b",
        "db is multiplied by b",
        "By how much does z[t, n] grow when b[n] grows by 1: does that depend on b?",
    ),
    (
        "db_of_all",
        "every neuron gets the sum over all",
        "Which z's does b[n] enter: those of all neurons, or z[:, n]?",
    ),
    (
        "db_one_number",
        "one number for all neurons",
        "How many biases are there? Each gets the sum over its own z's.",
    ),
    (
        "db_scalar",
        "a number where each neuron has a bias",
        "How many biases are there, and how many numbers is your db? Over which axes does a sum "
        "run that is given none?",
    ),
    (
        "db_over_neurons",
        "db is summed over the neurons",
        "Over which axis of dz does the sum for b[n] run: over pictures or over neurons?",
    ),
    (
        "db_not_summed",
        "db is dz itself",
        "Which shape has b? Every picture uses the same b[n]: what is done with their shares?",
    ),
    (
        "db_keepdims",
        "db keeps an axis for the pictures",
        "Which shape has b: (N,) or (1, N)? db has the same.",
    ),
)


def _affine_example(dz: Any, y: Any, w: Any, b: Any) -> Case:
    return Case(tuple(np.array(a, float) for a in (dz, y, w, b)))


AFFINE_EXAMPLES = (
    _affine_example([[3]], [[2, 5]], [[1, 4]], [7]),
    _affine_example([[1, 10]], [[2, 3, 4]], [[1, 2, 3], [4, 5, 6]], [7, 8]),
    _affine_example([[1, 10]], [[2, 3]], [[1, 2], [3, 4]], [5, 6]),
    _affine_example([[1], [10]], [[2, 3, 4], [5, 6, 7]], [[1, 2, 3]], [8]),
)


# ----- softmax, cross-entropy -----


def safe_softmax(z: Array) -> Array:
    """The softmax, safe for complex numbers: the maximum is taken of the real parts."""
    e = np.exp(z - z.real.max(axis=1, keepdims=True))
    y: Array = e / e.sum(axis=1, keepdims=True)
    return y


def safe_loss(z: Array, target: Array) -> Any:
    """The mean cross-entropy after a softmax, safe for complex and for large numbers."""
    shifted = z - z.real.max(axis=1, keepdims=True)
    logs = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(logs - shifted[np.arange(len(z)), target])


def cross_entropy_expected(z: Array, target: Array) -> tuple[Array, ...]:
    return (gradient_by_complex_step(lambda v: safe_loss(v, target), z, np.ones(())),)


def softmax_gradient(dy: Array, z: Array) -> tuple[Array, ...]:
    return (gradient_by_complex_step(safe_softmax, z, dy),)


def _large(rng: np.random.Generator, T: int, C: int) -> Array:
    """Rows of numbers around 1000, 0 and -1000, half of them 2000 smaller."""
    z = rng.uniform(-1, 1, (T, C)) + 1000.0 * (1 - np.arange(T) % 3)[:, None]
    z[:, : C // 2] -= 2000
    return z


def softmax_one(rng: np.random.Generator) -> list[Case]:
    a, b = distinct(rng, 2, 6, 2)
    return [Case(read_only(2 * rng.standard_normal((1, C)))) for C in (a, b)]


def softmax_batch(rng: np.random.Generator) -> list[Case]:
    T, C = distinct(rng, 2, 6, 2)
    z = 2 * rng.standard_normal((T, C))
    return [
        Case((z,), tolerance=LOOSE),
        Case((2 * rng.standard_normal((C, C)),), tolerance=LOOSE),
        Case((other_layout(z),), tolerance=LOOSE),
        single(Case((z,))),
    ]


def softmax_large(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(4, 7))
    return [Case((_large(rng, 1, C) + shift,), tolerance=LOOSE) for shift in (0.0, -2000.0)]


def softmax_mixed(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(4, 7))
    return [Case((_large(rng, 3, C),), tolerance=LOOSE)]


LOOSE = 1e-6  # a small number added below the line, to be safe, is nobody's fault


def wrong_softmax_stable(on: "frozenset[str]", z: Array) -> Any:
    """softmax_stable; each switch in `on` is one bug."""
    over = {"over_the_batch": 0, "over_everything": None}
    axis = next((a for id, a in over.items() if id in on), 1)
    taken = z.max(axis=axis, keepdims=True)
    if "nothing_taken_off" in on:
        taken = 0.0
    if "one_maximum_for_all" in on:
        taken = z.max()
    if "maximum_over_the_batch" in on:
        taken = z.max(axis=0, keepdims=True)
    if "minimum_taken_off" in on:
        taken = z.min(axis=1, keepdims=True)
    if "mean_taken_off" in on:
        taken = z.mean(axis=1, keepdims=True)
    if "size_taken_off" in on:
        taken = np.abs(z).max(axis=1, keepdims=True)
    if "divided_by_the_maximum" in on:
        z, taken = z / z.max(axis=1, keepdims=True), 0.0
    if "clipped" in on:
        z, taken = np.clip(z, -500, 500), 0.0
    e = np.exp(z - taken)
    if "not_divided" in on:
        return e
    if "above_the_line_only" in on:
        return e / np.exp(z).sum(axis=1, keepdims=True)
    if "each_alone" in on:
        return 1 / (1 + np.exp(-z))
    if "without_exp" in on:
        return z / z.sum(axis=1, keepdims=True)
    if "sum_over_everything" in on:
        return e / e.sum()
    if "sum_over_the_batch" in on:
        return e / e.sum(axis=0)
    y = e / e.sum(axis=axis, keepdims=True)
    return np.log(y) if "logarithm" in on else y


SOFTMAX_ROWS = (
    (
        "nothing_taken_off",
        "nothing is taken off before exp",
        "What is exp(1000.)? Which number can be taken off all z of a picture so that the "
        "largest is 0?",
    ),
    (
        "one_maximum_for_all",
        "one maximum for all pictures",
        "What is left of a picture whose z's are 2000 below the largest of the batch? Each "
        "picture may have a maximum of its own.",
    ),
    (
        "maximum_over_the_batch",
        "the maximum of each class over the batch",
        "Must the number that is taken off be the same within a picture, or within a class?",
    ),
    (
        "minimum_taken_off",
        "the minimum is taken off",
        "Which numbers are left after yours takes off the minimum: how large can exp of them "
        "become?",
    ),
    (
        "mean_taken_off",
        "the mean is taken off",
        "How large can a z still be after its row's mean is taken off?",
    ),
    (
        "size_taken_off",
        "the largest size is taken off",
        "If all z of a picture are near -1000, what is left after yours takes off 1000?",
    ),
    (
        "clipped",
        "large numbers are cut off",
        "What does yours give for a row of 1000. and 999.? Cut off they are equal, but they are "
        "not.",
    ),
    (
        "divided_by_the_maximum",
        "z is divided by its maximum",
        "Does the softmax stay the same when z is divided by a number, or when a number is "
        "taken off?",
    ),
    (
        "above_the_line_only",
        "the maximum is taken off above the line only",
        "Is the same number taken off in every exp, above and below the line?",
    ),
    (
        "over_the_batch",
        "summed over the batch",
        "Which axis counts classes? The numbers of one picture sum to 1: z is (T, C).",
    ),
    (
        "over_everything",
        "summed over everything",
        "What do the numbers of one picture sum to in yours? Every picture has a sum of its own.",
    ),
    (
        "sum_over_everything",
        "one sum for the whole batch",
        "What do the numbers of one picture sum to in yours? Over which axes does a sum run that "
        "is given none?",
    ),
    (
        "sum_over_the_batch",
        "divided by sums over the batch",
        "What do the numbers of one picture sum to in yours? Which axis counts its classes?",
    ),
    (
        "not_divided",
        "not divided by the sum",
        "What do the numbers of one picture sum to in yours?",
    ),
    (
        "each_alone",
        "a sigmoid of each number",
        "Does y[t, 0] change in yours when z[t, 1] does? What do the numbers of a picture sum to?",
    ),
    (
        "without_exp",
        "exp is left out",
        "What if a z is negative? Each number goes through exp first.",
    ),
    ("logarithm", "the logarithm of the softmax", "Are your numbers between 0 and 1?"),
)


def _softmax_example(*z: list[int]) -> Case:
    return Case((np.array(z, float),), tolerance=LOOSE)


SOFTMAX_EXAMPLES = (
    _softmax_example([0, 0]),
    _softmax_example([2, -1, -1]),
    _softmax_example([0, 0], [0, 0], [0, 0]),
    _softmax_example([1000, 999, -1000]),
    _softmax_example([-1000, -1000]),
    _softmax_example([1000, 1000], [-1000, -1000]),
)


def _targets(rng: np.random.Generator, z: Array) -> Any:
    """Classes with the first and the last among them, where there is room for both."""
    T, C = z.shape
    target = rng.integers(0, C, T)
    target[0] = C - 1
    target[-1] = 0 if T > 1 else C - 1
    return target


def _entropy(rng: np.random.Generator, T: int, C: int) -> Case:
    z = rng.standard_normal((T, C))
    return Case((z, _targets(rng, z)))


def entropy_one(rng: np.random.Generator) -> list[Case]:
    cases = [_entropy(rng, 1, C) for C in distinct(rng, 3, 6, 2)]
    return [Case(read_only(*case.args)) for case in cases]


def entropy_batch(rng: np.random.Generator) -> list[Case]:
    T, C = distinct(rng, 3, 6, 2)
    return [_entropy(rng, T, C), _entropy(rng, C, C)]


def entropy_large(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(3, 6))
    z = _large(rng, 1, C)
    return [Case((z, np.array([k]))) for k in (0, C - 1)]


def entropy_any_size(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(3, 6))
    z, target = _entropy(rng, 2, 7).args
    return [
        _entropy(rng, 7, C),
        Case((z, np.array([6, 6]))),
        Case((z, np.array([0, 2]))),  # the last class is nobody's
        Case((other_layout(z), target.astype(np.int32))),
        single(Case((z, target))),
        Case((_large(rng, 2, 4), np.array([3, 2]))),  # a maximum for each picture
    ]


def wrong_cross_entropy_backward(on: "frozenset[str]", z: Array, target: Array) -> Any:
    """cross_entropy_backward; each switch in `on` is one bug."""
    T, C = z.shape
    axis = 0 if "softmax_over_the_batch" in on else 1
    taken = 0.0 if "overflow" in on else z.max(axis=axis, keepdims=True)
    if "one_maximum_for_all" in on:
        taken = z.max()
    e = np.exp(z - taken)
    y = e / e.sum(axis=None if "softmax_over_everything" in on else axis, keepdims=True)
    if "softmax_sum_over_the_batch" in on:
        y = e / e.sum(axis=0)
    if "softmax_missing" in on:
        y = z
    if "softmax_twice" in on:
        y = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    if "classes_of_the_batch" in on:  # ValueError, or stretched where it is one column
        return (y - np.eye(target.max() + 1)[target]) / T
    right = target
    if "counts_from_one" in on:
        right = target - 1
    if "first_target_for_all" in on:
        right = np.full_like(target, target[0])
    one = np.zeros_like(z)
    one[np.arange(T), right] = 1
    if "columns_of_all" in on:
        one[:, target] = 1
    if "rows_by_class" in on:
        one[:] = 0
        one[target] = 1  # IndexError where there is no picture of that number
    if "one_missing" in on:
        one[:] = 0
    dz = y - one
    if "y_not_divided" in on:
        return y - one / T
    if "one_not_divided" in on:
        return y / T - one
    if "sign" in on:
        dz = one - y
    if "right_class_only" in on:
        dz = one * dz
    if "softmax_alone" in on:
        dz = y
    if "through_log_only" in on:
        dz = -one / y
    if "slope_of_each_alone" in on:
        dz = (y - one) * y * (1 - y)
    if "loss" in on:
        dz = -one * np.log(y)
    if "mean_missing" in on:
        return dz
    if "divided_by_classes" in on:
        return dz / C
    if "divided_by_all" in on:
        return dz / (T * C)
    if "divided_twice" in on:
        return dz / T**2
    return dz / T


ENTROPY_ROWS = (
    (
        "mean_missing",
        "not divided by T",
        "Is the loss a sum over the batch or a mean? What does that do to the gradient?",
    ),
    (
        "y_not_divided",
        "only the 1 is divided by T",
        "In which order does Python work out a - b / T? What has to be divided: the 1, or y less 1?",
    ),
    (
        "one_not_divided",
        "only y is divided by T",
        "In which order does Python work out a / T - b? What has to be divided: y, or y less 1?",
    ),
    (
        "classes_of_the_batch",
        "as many classes as the largest target says",
        "How many columns has z, and how many has your one-hot array when class C - 1 is nobody's "
        "target?",
    ),
    (
        "sign",
        "one-hot less y",
        "Should the loss shrink or grow when z of the right class grows? dz has the sign of that.",
    ),
    (
        "one_missing",
        "1 is not taken off at the right class",
        "Where does `target` enter? At the right class the gradient is y - 1.",
    ),
    (
        "right_class_only",
        "only the right class gets a gradient",
        "Does z of a wrong class influence y of the right one? What do the entries of a row of "
        "dz sum to?",
    ),
    (
        "columns_of_all",
        "every picture gets all targets",
        "Which entries does y[:, target] name: one in each row, or all those columns in every row?",
    ),
    (
        "rows_by_class",
        "the class is taken for a row",
        "Which entries does y[target] name: rows or columns? Both indices are needed.",
    ),
    (
        "first_target_for_all",
        "every picture gets the first target",
        "Which class is right for picture 1?",
    ),
    (
        "counts_from_one",
        "classes are counted from 1",
        "Which column belongs to class 0: z[:, 0] or z[:, -1]?",
    ),
    (
        "softmax_missing",
        "z in place of y",
        "What sums to 1 over the classes: z, or its softmax y?",
    ),
    (
        "softmax_twice",
        "the softmax is taken twice",
        "How often does z go through a softmax in yours?",
    ),
    (
        "softmax_over_the_batch",
        "the softmax over the batch",
        "Which axis counts classes? The numbers of one picture sum to 1: z is (T, C).",
    ),
    (
        "softmax_over_everything",
        "the softmax over everything",
        "What do the y's of one picture sum to in yours? Every picture has a sum of its own.",
    ),
    (
        "softmax_sum_over_the_batch",
        "the softmax divided by sums over the batch",
        "What do the y's of one picture sum to in yours? Which axis counts its classes?",
    ),
    (
        "through_log_only",
        "through the logarithm only",
        "-1/y is the gradient by y of the right class. Which layer lies between that and z?",
    ),
    (
        "slope_of_each_alone",
        "a slope y * (1 - y) too many",
        "Is y - 1 the gradient by y or by z already? The softmax's slope is in it.",
    ),
    (
        "loss",
        "the loss in place of its gradient",
        "Is -log(y) what the layer puts out, or how fast that grows with z?",
    ),
    (
        "divided_by_classes",
        "divided by the number of classes",
        "Over what does the loss take its mean: over pictures or over classes?",
    ),
    (
        "divided_by_all",
        "divided by pictures and classes",
        "How many terms has the mean in the loss: T, or T times C?",
    ),
    (
        "divided_twice",
        "divided by T twice",
        "How often does yours divide by T?",
    ),
    (
        "overflow",
        "nothing is taken off before exp",
        "What is exp(1000.)? Take the largest z of each picture off first.",
    ),
    (
        "one_maximum_for_all",
        "one maximum for all pictures",
        "What is left of a picture whose z's are 2000 below the largest of the batch? Each "
        "picture may have a maximum of its own.",
    ),
)


def _entropy_example(z: list[Any], target: list[int]) -> Case:
    return Case((np.array(z, float), np.array(target)))


ENTROPY_EXAMPLES = (
    _entropy_example([[0, 0, 0, 0]], [3]),
    _entropy_example([[2, 0, -1]], [0]),
    _entropy_example([[0, 0, 0], [0, 0, 0]], [0, 2]),
    _entropy_example([[0, 1, 2], [0, 0, 0]], [1, 0]),
    _entropy_example([[1000, 1000]], [1]),
)


def _pair(rng: np.random.Generator, T: int, C: int) -> Case:
    return Case((rng.standard_normal((T, C)), rng.standard_normal((T, C))), floor=ROUNDING)


def through_softmax_one(rng: np.random.Generator) -> list[Case]:
    cases = [_pair(rng, 1, C) for C in distinct(rng, 3, 6, 2)]
    return [replace(case, args=read_only(*case.args)) for case in cases]


def through_softmax_batch(rng: np.random.Generator) -> list[Case]:
    T, C = distinct(rng, 3, 6, 2)
    return [_pair(rng, T, C), _pair(rng, C, C)]


def through_softmax_large(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(4, 7))
    rows = (_large(rng, 1, C), _large(rng, 1, C) - 2000, _large(rng, 3, C))
    return [Case((rng.standard_normal(z.shape), z), floor=ROUNDING) for z in rows]


def through_softmax_any_size(rng: np.random.Generator) -> list[Case]:
    C = int(rng.integers(3, 6))
    case = _pair(rng, 2, 7)
    return [
        _pair(rng, 7, C),
        replace(case, args=tuple(map(other_layout, case.args))),
        replace(single(case), floor=1e-6),
    ]


def wrong_softmax_backward(on: "frozenset[str]", dy: Array, z: Array) -> Any:
    """softmax_backward; each switch in `on` is one bug."""
    axis = 0 if "softmax_over_the_batch" in on else 1
    taken = 0.0 if "overflow" in on else z.max(axis=axis, keepdims=True)
    if "one_maximum_for_all" in on:
        taken = z.max()
    e = np.exp(z - taken)
    y = e / e.sum(axis=axis, keepdims=True)
    if "softmax_over_everything" in on:
        y = e / e.sum()
    if "z_for_y" in on:
        y = z
    if "softmax_twice" in on:
        y = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    if "softmax_of_dy" in on:
        y = np.exp(dy) / np.exp(dy).sum(axis=1, keepdims=True)
    if "diagonal_only" in on:
        return dy * y * (1 - y)
    if "dy_missing" in on:
        return y * (1 - y)
    if "overwrite" in on:
        dz = -y * (y * dy)[:, -1:]
        dz[:, -1] += y[:, -1] * dy[:, -1]
        return dz
    weighted = y * dy
    total = weighted.sum(axis=1, keepdims=True)
    if "sum_over_everything" in on:
        total = weighted.sum()
    if "sum_over_the_batch" in on:
        total = weighted.sum(axis=0, keepdims=True)
    if "sum_not_weighted" in on:
        total = dy.sum(axis=1, keepdims=True)
    if "mean_for_sum" in on:
        total = dy.mean(axis=1, keepdims=True)
    if "scattered" in on:
        return weighted * (1 - y.sum(axis=1, keepdims=True))
    if "own_slope_missing" in on:
        return -y * total
    if "sum_alone" in on:
        return weighted - total
    if "own_path_only" in on:
        return weighted
    if "others_only" in on:
        return y * (weighted - total)
    if "others_added" in on:
        return y * (dy + total)
    if "outer_y_missing" in on:
        return dy - total
    if "divided_by_batch" in on:
        return y * (dy - total) / len(z)
    if "cross_entropy" in on:
        return y - dy
    if "sign" in on:
        return y * (total - dy)
    return y * (dy - total)


THROUGH_SOFTMAX_ROWS = (
    (
        "diagonal_only",
        "each z moves its own y only",
        "When z[t, 0] grows, what happens to y[t, 1], if the y's sum to 1? How many paths lead "
        "from one z to Div?",
    ),
    (
        "own_path_only",
        "y * dy alone",
        "When z[t, 0] grows, what happens to the other y's of the picture? Which sign have their "
        "slopes?",
    ),
    (
        "others_only",
        "the path over the own y is left out",
        "Which slope has y[t, k] by its own z[t, k]? That is the case i == k.",
    ),
    (
        "own_slope_missing",
        "the 1 at i == k is left out",
        "Which slope has y[t, k] by its own z[t, k]: does it grow or shrink? Where is the 1 of the "
        "case i == k?",
    ),
    (
        "scattered",
        "i and k exchanged: dy[t, k] is carried, or dz[t, i] gets the term",
        "The answer is zero everywhere: is nothing ever added, or do its terms cancel? Which entry "
        "of dy does a term carry, i or k, and to which entry of dz does it go?",
    ),
    (
        "sum_alone",
        "the sum is not multiplied by y[t, k]",
        "Which factor have all slopes by z[t, k] in common, also those with i != k? In yours, is "
        "the sum that is taken off multiplied by it?",
    ),
    (
        "others_added",
        "the other paths have the wrong sign",
        "When z[t, 0] grows, do the other y's of the picture grow or shrink?",
    ),
    (
        "overwrite",
        '"=" where "+=" is needed, over i',
        "How many terms of the sum over i are left at the end of your loops? Paths add up.",
    ),
    (
        "dy_missing",
        "dy is left out",
        "By the chain rule each path carries dy[t, i] and a slope. Where is dy?",
    ),
    (
        "z_for_y",
        "z in place of y",
        "Does the argument z hold y already? The slope is written with y = softmax(z).",
    ),
    (
        "softmax_twice",
        "the softmax is taken twice",
        "How often does z go through a softmax in yours?",
    ),
    (
        "softmax_of_dy",
        "the softmax of dy",
        "Which of the two arguments goes through the softmax in forward: dy or z?",
    ),
    (
        "sum_not_weighted",
        "the sum is over dy alone",
        "Which factor has dy[t, i] on its path to z[t, k]? It depends on i: y[t, i].",
    ),
    (
        "mean_for_sum",
        "the plain mean of dy",
        "Which weights has the mean that is taken off: all alike, or y[t, i]?",
    ),
    (
        "sum_over_everything",
        "the sum runs over the whole batch",
        "Do the y's of picture 1 depend on the z's of picture 0? Over which axis does your sum "
        "run?",
    ),
    (
        "sum_over_the_batch",
        "the sum runs over pictures",
        "Which axis counts classes? The sum over i is a sum over classes.",
    ),
    (
        "softmax_over_the_batch",
        "the softmax over the batch",
        "Which axis counts classes? The numbers of one picture sum to 1: z is (T, C).",
    ),
    (
        "softmax_over_everything",
        "the softmax over everything",
        "What do the y's of one picture sum to in yours? Every picture has a sum of its own.",
    ),
    (
        "outer_y_missing",
        "the factor y[t, k] is left out",
        "Which factor have all slopes by z[t, k] in common? Look at dz where y[t, k] is nearly 0.",
    ),
    (
        "divided_by_batch",
        "divided by T",
        "Where does the 1/T of the loss enter: here, or in dy already?",
    ),
    (
        "cross_entropy",
        "y - dy",
        "y less one-hot is the gradient through cross-entropy and softmax together. Which loss "
        "is there here?",
    ),
    ("sign", "the sign is wrong", "When z[t, k] grows, does y[t, k] grow or shrink?"),
    (
        "overflow",
        "nothing is taken off before exp",
        "What is exp(1000.)? Take the largest z of each picture off first.",
    ),
    (
        "one_maximum_for_all",
        "one maximum for all pictures",
        "What is left of a picture whose z's are 2000 below the largest of the batch? Each "
        "picture may have a maximum of its own.",
    ),
)


def _pair_example(dy: list[Any], z: list[Any]) -> Case:
    return Case((np.array(dy, float), np.array(z, float)), floor=ROUNDING)


THROUGH_SOFTMAX_EXAMPLES = (
    _pair_example([[4, 0]], [[0, 0]]),
    _pair_example([[16, 4, 0, -8]], [[0, 0, 0, 0]]),
    _pair_example([[8, 0], [0, 4], [4, 12]], [[0, 0], [0, 0], [1, 1]]),
    _pair_example([[1, 2, 4]], [[3, 0, -1]]),
    _pair_example([[4, 8]], [[1000, 1000]]),
)


TASKS = (
    Task(
        name="flatten_backward",
        solution=answers.flatten_backward,
        forward=flatten_forward,
        outputs=(Output("dy"),),
        shapes=lambda dz, shape: (shape,),
        expected=flatten_expected,
        properties=(
            Property("one map", 0.25, flatten_one_map),
            Property("many maps", 0.25, flatten_many_maps),
            Property("a batch", 0.25, flatten_batch),
            Property("any size, all at once", 0.25, flatten_any_size),
        ),
        wrong=wrong_flatten_backward,
        misconceptions=(
            *(switch(wrong_flatten_backward, *row) for row in FLATTEN_ROWS),
            *behaviours(answers.flatten_backward, "state", "type", "nothing", "nan"),
        ),
        examples=FLATTEN_EXAMPLES,
    ),
    Task(
        name="affine_backward",
        solution=answers.affine_backward,
        forward=affine_forward,
        outputs=(Output("dy"), Output("dw"), Output("db")),
        shapes=lambda dz, y, w, b: (y.shape, w.shape, b.shape),
        expected=affine_expected,
        properties=(
            Property("dy: from all neurons", 1.0, affine_dy),
            Property("dw: one picture", 1.0, affine_dw),
            Property("db", 0.5, affine_db),
            Property("dw: the sum over the batch", 0.5, affine_batch),
            Property("any size, all at once", 1.0, affine_any_size),
        ),
        wrong=wrong_affine_backward,
        misconceptions=(
            *(switch(wrong_affine_backward, *row) for row in AFFINE_ROWS),
            *behaviours(
                answers.affine_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=AFFINE_EXAMPLES,
    ),
    Task(
        name="softmax_stable",
        solution=answers.softmax_stable,
        forward=softmax_forward,
        outputs=(Output("y"),),
        shapes=lambda z: (z.shape,),
        expected=lambda z: (softmax_forward(z),),
        properties=(
            Property("one picture", 0.5, softmax_one),
            Property("every picture by itself", 0.5, softmax_batch),
            Property("large numbers", 0.5, softmax_large),
            Property("large and small in one batch", 0.5, softmax_mixed),
        ),
        wrong=wrong_softmax_stable,
        misconceptions=(
            *(switch(wrong_softmax_stable, *row) for row in SOFTMAX_ROWS),
            *behaviours(
                answers.softmax_stable, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=SOFTMAX_EXAMPLES,
    ),
    Task(
        name="cross_entropy_backward",
        solution=answers.cross_entropy_backward,
        forward=safe_loss,
        outputs=(Output("dz"),),
        shapes=lambda z, target: (z.shape,),
        expected=cross_entropy_expected,
        properties=(
            Property("one picture: softmax less one-hot", 1.0, entropy_one),
            Property("the mean over the batch", 1.0, entropy_batch),
            Property("large numbers", 0.5, entropy_large),
            Property("any size", 0.5, entropy_any_size),
        ),
        wrong=wrong_cross_entropy_backward,
        misconceptions=(
            *(switch(wrong_cross_entropy_backward, *row) for row in ENTROPY_ROWS),
            *behaviours(
                answers.cross_entropy_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=ENTROPY_EXAMPLES,
    ),
    Task(
        name="softmax_backward",
        solution=answers.softmax_backward,
        forward=safe_softmax,
        outputs=(Output("dz"),),
        shapes=lambda dy, z: (z.shape,),
        expected=softmax_gradient,
        properties=(
            Property("one picture", 1.0, through_softmax_one),
            Property("every picture by itself", 1.0, through_softmax_batch),
            Property("large numbers", 0.5, through_softmax_large),
            Property("any size", 0.5, through_softmax_any_size),
        ),
        wrong=wrong_softmax_backward,
        misconceptions=(
            *(switch(wrong_softmax_backward, *row) for row in THROUGH_SOFTMAX_ROWS),
            *behaviours(
                answers.softmax_backward, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=THROUGH_SOFTMAX_EXAMPLES,
    ),
)
