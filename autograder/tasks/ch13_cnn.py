"""Chapter 13's tasks: the gradients of a small CNN, a step of gradient descent, and training.

image (T, M, H, W), target (T,); params holds conv_w (N, M, KH, KW), conv_b (N,), affine_w (C, F) and
affine_b (C,), with F = N * H_out//2 * W_out//2.
"""

from functools import cache, partial
from typing import Any

import numpy as np

import solutions
from autograder.behaviours import behaviours
from autograder.cases import ROUNDING
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
from autograder.tasks.ch09_backward import dividing
from solutions.chapters import ch13_cnn as answers

Params = dict[str, Array]
Row = tuple[str, str, str]

# ----- what is right -----


def scores_of(image: Array, params: Params) -> tuple[Array, ...]:
    """Forward, with all that backward needs: z1, the pooled maps, pidx, flat, z2."""
    z1 = solutions.conv_forward(image, params["conv_w"], params["conv_b"])
    pooled, pidx = solutions.max_pool_forward(solutions.relu_forward(z1), 2)
    flat = solutions.flatten_forward(pooled)
    z2 = solutions.affine_forward(flat, params["affine_w"], params["affine_b"])
    return z1, pooled, pidx, flat, z2


def loss_of(image: Array, target: Array, params: Params) -> float:
    """The loss that cnn_gradients differentiates."""
    return solutions.cross_entropy_forward(scores_of(image, params)[-1], target)


def gradients_expected(image: Array, target: Array, params: Params) -> tuple[Params]:
    """By the reference package's layers (tests hold them against differences of `loss_of`)."""
    z1, pooled, pidx, flat, z2 = scores_of(image, params)
    dz2 = solutions.cross_entropy_backward(z2, target)
    affine_w, affine_b = params["affine_w"], params["affine_b"]
    dflat, daffine_w, daffine_b = solutions.affine_backward(dz2, flat, affine_w, affine_b)
    dpooled = solutions.flatten_backward(dflat, pooled.shape)
    dz1 = solutions.relu_backward(solutions.max_pool_backward(dpooled, pidx, z1.shape), z1)
    _, dconv_w, dconv_b = solutions.conv_backward(dz1, image, params["conv_w"], params["conv_b"])
    assert dconv_b is not None and daffine_b is not None
    return ({"conv_w": dconv_w, "conv_b": dconv_b, "affine_w": daffine_w, "affine_b": daffine_b},)


def gradients_shapes(image: Array, target: Array, params: Params) -> tuple[dict[str, Shape]]:
    return ({name: value.shape for name, value in params.items()},)


def step_expected(
    w: Array, dw: Array, v: Array, step: float, momentum: float
) -> tuple[Array, Array]:
    moved = momentum * v - step * dw
    return w + moved, moved


# ----- cases of cnn_gradients -----

AFFINE = ("gradients['affine_w']", "gradients['affine_b']")


def _network(
    rng: np.random.Generator, T: int, M: int, N: int, C: int, size: Shape, kernel: Shape
) -> Any:
    """Random arguments. In each map some windows have a positive z1, and some have none at all."""
    H_out, W_out = size[0] - kernel[0] + 1, size[1] - kernel[1] + 1
    features = N * (H_out // 2) * (W_out // 2)
    image, conv_w = rng.standard_normal((T, M, *size)), rng.standard_normal((N, M, *kernel))
    largest, _ = solutions.max_pool_forward(solutions.conv_forward(image, conv_w), 2)
    params = {
        "conv_w": conv_w,
        "conv_b": dividing(largest, 0.1, 0.4),
        "affine_w": rng.standard_normal((C, features)) / features**0.5,
        "affine_b": 0.5 * rng.standard_normal(C),
    }
    return image, rng.integers(0, C, T), params


def _read_only(args: Any) -> Any:
    image, target, params = args
    for a in (image, target, *params.values()):
        a.flags.writeable = False
    return args


def _float32(args: Any) -> Any:
    image, target, params = args
    return image.astype(np.float32), target, {k: a.astype(np.float32) for k, a in params.items()}


def affine_part(rng: np.random.Generator) -> list[Case]:
    return [
        Case(_network(rng, 1, 1, 1, 3, (8, 8), (3, 3)), only=AFFINE, floor=ROUNDING),
        Case(_network(rng, 1, 1, 2, 4, (5, 7), (2, 2)), only=AFFINE, floor=ROUNDING),
    ]


def one_map(rng: np.random.Generator) -> list[Case]:
    return [
        Case(_read_only(_network(rng, 1, 1, 1, 3, (8, 8), (3, 3))), floor=ROUNDING),
        Case(_network(rng, 1, 1, 1, 4, (8, 10), (3, 3)), floor=ROUNDING),
    ]


def many_maps(rng: np.random.Generator) -> list[Case]:
    M, N = distinct(rng, 2, 4, 2)
    return [
        Case(_network(rng, 1, 1, 3, 4, (8, 8), (3, 3)), floor=ROUNDING),
        Case(_network(rng, 1, M, N, 5, (8, 8), (3, 3)), floor=ROUNDING),
    ]


def batch(rng: np.random.Generator) -> list[Case]:
    T = int(rng.integers(3, 6))
    image, target, params = _network(rng, T, 1, 2, 3, (6, 6), (3, 3))
    layout = np.ascontiguousarray(image.transpose(3, 2, 1, 0)).transpose(3, 2, 1, 0)
    return [
        Case(_network(rng, 2, 1, 1, 4, (6, 6), (3, 3)), floor=ROUNDING),
        Case((layout, target, params), floor=ROUNDING),
        Case(_float32((image, target, params)), tolerance=1e-4, floor=1e-6),
    ]


def any_size(rng: np.random.Generator) -> list[Case]:
    KH, KW = distinct(rng, 1, 4, 2)
    rows, columns = distinct(rng, 2, 3, 2)
    T, M, N = distinct(rng, 2, 4, 3)
    size = (2 * rows + KH - 1, 2 * columns + KW - 1)
    return [
        Case(_network(rng, 1, 1, 1, 3, (7, 5), (2, 4)), floor=ROUNDING),
        Case(_network(rng, T, M, N, 5, size, (KH, KW)), floor=ROUNDING),
    ]


def full_size(rng: np.random.Generator) -> list[Case]:
    T = 3 + int(rng.integers(0, 2))
    return [Case(_network(rng, T, 1, 16, 10, (8, 8), (3, 3)), large=True, floor=ROUNDING)]


# ----- cases of sgd_step -----


def _step(rng: np.random.Generator, shape: Shape, step: float, momentum: float) -> Case:
    w, dw, v = (rng.standard_normal(shape) for _ in range(3))
    for a in (w, dw, v):
        a.flags.writeable = False
    return Case((w, dw, v, step, momentum))


def without_momentum(rng: np.random.Generator) -> list[Case]:
    w, dw = rng.standard_normal((2, 4))
    return [_step(rng, (3,), 0.1, 0.0), Case((w, dw, rng.standard_normal(4), 0.5, 0.0))]


def first_step(rng: np.random.Generator) -> list[Case]:
    w, dw = rng.standard_normal((2, 5))
    return [Case((w, dw, np.zeros(5), 0.05, 0.9)), Case((dw, w, np.zeros(5), 0.25, 0.5))]


def with_momentum(rng: np.random.Generator) -> list[Case]:
    return [_step(rng, (4,), 0.1, 0.9), _step(rng, (3,), 0.5, 0.25)]


def any_axes(rng: np.random.Generator) -> list[Case]:
    N, M, KH, KW = distinct(rng, 1, 4, 4)
    return [_step(rng, (N, M, KH, KW), 0.02, 0.8), _step(rng, (M, N), 0.1, 0.5)]


# ----- train_cnn: judged by what its parameters are good for -----

TRAINING = 1437  # load_digits: train on the first so many
ASKED = {"in place": 0.85, "up or down": 0.75, "left or right": 0.75, "both ways": 0.65}
DIRECTIONS = {
    "in place": [(0, 0)],
    "up or down": [(-1, 0), (1, 0)],
    "left or right": [(0, -1), (0, 1)],
    "both ways": [(-1, -1), (-1, 1), (1, -1), (1, 1)],
}

digits = cache(solutions.load_digits)


def train_shapes(image: Array, target: Array, seed: int) -> tuple[dict[str, Shape]]:
    return (
        {
            "conv_w": (16, 1, 3, 3),
            "conv_b": (16,),
            "affine_w": (10, 144),
            "affine_b": (10,),
        },
    )


def moved(image: Array, rows: int, columns: int) -> Array:
    """The pictures one pixel further down (rows = 1) or to the right; zeros come in."""
    H, W = image.shape[2:]
    padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return padded[:, :, 1 - rows : 1 - rows + H, 1 - columns : 1 - columns + W]


def share_right(params: Params, image: Array, target: Array) -> float:
    guess = scores_of(np.ascontiguousarray(image, float), params)[-1].argmax(axis=1)
    return float(np.mean(guess == target))


def accept(answer: tuple[Array, ...], args: tuple[Any, ...], rng: np.random.Generator) -> str:
    """Enough of a secret part of the held-out digits, moved as the property says, are right."""
    direction = args[-1]
    params = {
        k: np.asarray(answer[i], float) for i, k in enumerate(sorted(train_shapes(*args[:3])[0]))
    }
    image, target = digits()[0][TRAINING:], digits()[1][TRAINING:]
    chosen = rng.permutation(len(image))[:240]
    ways = DIRECTIONS[direction]
    rows, columns = ways[int(rng.integers(0, len(ways)))]
    right = share_right(params, moved(image[chosen], rows, columns), target[chosen])
    if right >= ASKED[direction]:
        return ""
    asked = f"{right:.0%} of unseen digits are right, {ASKED[direction]:.0%} are asked for"
    return f"{diagnosis(params)}: {asked}"


def diagnosis(params: Params) -> str:
    """What the parameters do with digits in place: the reason why they are not good enough."""
    image, target = digits()
    unseen, classes = np.asarray(image[TRAINING:], float), target[TRAINING:]
    scores = scores_of(unseen, params)[-1]
    counts = np.zeros((10, 10))  # [digit, what it is taken for]
    np.add.at(counts, (classes, scores.argmax(axis=1)), 1)
    right = np.trace(counts) / len(classes)
    taken_for = counts.argmax(axis=1)
    standard = (unseen - image[:TRAINING].mean()) / image[:TRAINING].std()
    if np.ptp(scores, axis=0).max() < 1e-6:
        return "the same scores for every picture"
    if right >= ASKED["in place"]:
        return "right in place, not when moved"
    if np.mean(scores.argmin(axis=1) == classes) > 0.5:
        return "the right class has the lowest score"
    if max(share_right(params, x, classes) for x in (16 * unseen, standard)) > 0.8:
        return "right for pixel values of another range"
    if len(set(taken_for)) == 10 and not np.any(taken_for == np.arange(10)):
        return "each digit is taken for another one, always the same"
    if right < 0.25:
        return "no better than guessing"
    if share_right(params, image[:40], target[:40]) > right + 0.12:
        return "right on the first pictures of the training part only"
    return "better than guessing, not good enough"


def train_cases(direction: str) -> Any:
    def cases(rng: np.random.Generator) -> list[Case]:
        image, target = digits()
        return [Case((image[:TRAINING], target[:TRAINING], 0), hidden=(direction,))]

    return cases


# ----- misconceptions: one wrong implementation with switches for each task -----


def wrong_cnn_gradients(on: "frozenset[str]", image: Array, target: Array, params: Params) -> Any:
    """cnn_gradients; each switch in `on` is one bug."""
    w, v = params["conv_w"], params["affine_w"]
    kernel = w[:, :, ::-1, ::-1] if "filter_flipped" in on else w
    windows = np.lib.stride_tricks.sliding_window_view(image, w.shape[2:], axis=(2, 3))
    z = np.einsum("tmrcij,nmij->tnrc", windows, kernel)
    if "conv_bias_missing" not in on:
        z = z + params["conv_b"][:, None, None]
    T, N, H, W = z.shape
    y = z if "forward_relu_missing" in on else np.maximum(z, 0)
    y = y.reshape(T, N, H // 2, 2, W // 2, 2).swapaxes(3, 4).reshape(T, N, H // 2, W // 2, 4)
    winner = y.argmax(axis=4)[..., None]
    if "first_of_window" in on:
        winner[:] = 0
    pooled = y.max(axis=4)
    if "mean_pool" in on:
        pooled = y.mean(axis=4)
    flat = pooled.reshape(T, -1)
    if "maps_last" in on:
        flat = pooled.transpose(0, 2, 3, 1).reshape(T, -1)
    if "columns_first" in on:
        flat = pooled.swapaxes(2, 3).reshape(T, -1)
    scores = flat @ v.T
    if "affine_bias_missing" not in on:
        scores = scores + params["affine_b"]
    axis = 0 if "softmax_over_pictures" in on else 1
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    softmax = e / e.sum(axis=axis, keepdims=True)
    if "softmax_missing" in on:
        softmax = scores
    desired = np.eye(len(v))[target]
    if "target_missing" in on:
        desired = np.zeros_like(desired)
    dscores = softmax - desired
    if "sign" in on:
        dscores = -dscores
    if "right_class_only" in on:
        dscores = dscores * desired
    if "softmax_twice" in on:  # the softmax's own Jacobian once more
        dscores = softmax * (dscores - (softmax * dscores).sum(axis=1, keepdims=True))
    if "mean_twice" in on:
        dscores = dscores / T**2
    elif "mean_missing" not in on:
        dscores = dscores / T
    if "mean_over_classes" in on:
        dscores = dscores / len(v)
    if "y_not_divided" in on:
        dscores = softmax - desired / T
    if "one_not_divided" in on:
        dscores = softmax / T - desired
    dflat = dscores @ v
    dpooled = dflat.reshape(pooled.shape)
    if "maps_last" in on or "unflattened_maps_last" in on:
        dpooled = dflat.reshape(T, H // 2, W // 2, N).transpose(0, 3, 1, 2)
    if "columns_first" in on:
        dpooled = dflat.reshape(T, N, W // 2, H // 2).swapaxes(2, 3)
    dy = np.zeros_like(y)
    np.put_along_axis(dy, winner, dpooled[..., None], axis=4)
    if "to_all_of_window" in on:
        dy[:] = dpooled[..., None]
    if "spread_over_window" in on or "mean_pool" in on:
        dy[:] = dpooled[..., None] / 4
    dy = dy.reshape(T, N, H // 2, W // 2, 2, 2).swapaxes(3, 4).reshape(z.shape)
    dz = dy if "relu_missing" in on or "forward_relu_missing" in on else dy * (z > 0)
    if "slope_of_dy" in on:
        dz = dy * (dy > 0)
    daffine_w, daffine_b = dscores.T @ flat, dscores.sum(axis=0)
    dconv_w, dconv_b = np.einsum("tnrc,tmrcij->nmij", dz, windows), dz.sum(axis=(0, 2, 3))
    if "dw_flipped" in on or "filter_flipped" in on:
        dconv_w = dconv_w[:, :, ::-1, ::-1].copy()
    if "conv_b_zero" in on:
        dconv_b = np.zeros_like(dconv_b)
    if "conv_b_mean" in on:
        dconv_b = dz.mean(axis=(0, 2, 3))
    if "affine_b_mean" in on:
        daffine_b = dscores.mean(axis=0)
    if "last_picture" in on:
        daffine_w, daffine_b = np.outer(dscores[-1], flat[-1]), dscores[-1]
        dconv_w, dconv_b = np.einsum("nrc,mrcij->nmij", dz[-1], windows[-1]), dz[-1].sum((1, 2))
    if "conv_last_picture" in on:
        dconv_b = dz[-1].sum((1, 2))
    if "conv_last_picture" in on or "conv_w_last_picture" in on:
        dconv_w = np.einsum("nrc,mrcij->nmij", dz[-1], windows[-1])
    if "affine_w_last_picture" in on:
        daffine_w = np.outer(dscores[-1], flat[-1])
    if "conv_pictures_mixed" in on:
        dconv_w = np.einsum("tnrc,smrcij->nmij", dz, windows)
    if "affine_pictures_mixed" in on:
        daffine_w = np.outer(dscores.sum(axis=0), flat.sum(axis=0))
    found = {"conv_w": dconv_w, "conv_b": dconv_b, "affine_w": daffine_w, "affine_b": daffine_b}
    dimage = np.zeros_like(image)
    for i, j in np.ndindex(w.shape[2:]):
        dimage[:, :, i : i + H, j : j + W] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
    others = {
        "conv_w_is_dimage": {"conv_w": dimage},
        "conv_one_off": {"conv_w": dimage, "conv_b": dconv_w},
        "conv_w_is_dz": {"conv_w": dz},
        "conv_w_is_dy": {"conv_w": dy},
        "conv_b_of_dy": {"conv_b": dy.sum(axis=(0, 2, 3))},
        "conv_b_per_picture": {"conv_b": dz.sum(axis=(2, 3))},
        "conv_w_zero": {"conv_w": np.zeros_like(w)},
        "affine_w_transposed": {"affine_w": daffine_w.T},
        "affine_w_is_dflat": {"affine_w": dflat},
        "affine_one_off": {"affine_w": dflat, "affine_b": daffine_w},
        "affine_b_per_picture": {"affine_b": dscores},
        "affine_w_zero": {"affine_w": np.zeros_like(v)},
        "affine_b_zero": {"affine_b": np.zeros_like(daffine_b)},
    }
    for id, other in others.items():
        found |= other if id in on else {}
    if "keys_with_d" in on:
        return {f"d{name}": value for name, value in found.items()}
    return found


GRADIENT_ROWS: tuple[Row, ...] = (
    (
        "mean_missing",
        "the sum over the pictures instead of the mean",
        "The loss is a mean over T pictures. Where does 1/T enter your way back?",
    ),
    (
        "mean_twice",
        "divided by T twice",
        "How many times does yours divide by T? After the first time, all gradients hold it.",
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
        "mean_over_classes",
        "divided by the number of classes too",
        "The loss is a mean over the pictures. Is it one over the classes, too?",
    ),
    (
        "softmax_missing",
        "scores instead of their softmax",
        "What do the entries of y in y - (1 at the right class) sum to, for each picture?",
    ),
    (
        "softmax_over_pictures",
        "the softmax over the pictures instead of the classes",
        "Along which axis do the softmax's numbers sum to 1: over the classes of one picture, or "
        "over the pictures?",
    ),
    (
        "softmax_twice",
        "through the softmax twice",
        "y - (1 at the right class): is this the gradient by y, or already the one by z2?",
    ),
    (
        "target_missing",
        "the desired output is left out",
        "What does the gradient at the right class have that the others have not?",
    ),
    (
        "right_class_only",
        "only the right class gets a gradient",
        "If z2 of a wrong class grows, does the loss stay the same? The softmax joins them all.",
    ),
    (
        "sign",
        "the gradients with the other sign",
        "In which direction does the loss grow: is it y less the desired output, or the other way "
        "round?",
    ),
    (
        "conv_bias_missing",
        "forward without conv_b",
        "Where does conv_b enter your forward pass? It decides which z1 are positive.",
    ),
    (
        "affine_bias_missing",
        "forward without affine_b",
        "Where does affine_b enter your forward pass? Softmax sees it.",
    ),
    (
        "forward_relu_missing",
        "no ReLU at all",
        "What does the pooling see: z1 or y1? A window may hold negative numbers only.",
    ),
    (
        "relu_missing",
        "the ReLU is left out on the way back",
        "Through which layer does dy1 have to go before it meets the convolution?",
    ),
    (
        "slope_of_dy",
        "the ReLU's slope is taken from dy",
        "Whose sign decides whether the ReLU lets a gradient through: that of z1, or that of dy1?",
    ),
    (
        "filter_flipped",
        "forward flips the filters",
        "Does z1[t, n, 0, 0] multiply image[t, m, 0, 0] by conv_w[n, m, 0, 0] in yours? Forward "
        "does not flip (np.convolve and its like do).",
    ),
    (
        "dw_flipped",
        "the filters' gradient is flipped",
        "Which pixel does conv_w[n, m, 0, 0] meet at z1[t, n, 0, 0]? Its gradient belongs at "
        "[n, m, 0, 0].",
    ),
    (
        "mean_pool",
        "mean pooling",
        "Which number does a window hand on: its largest, or its mean?",
    ),
    (
        "to_all_of_window",
        "all four of a window get the gradient",
        "Which of the four numbers in a window has z2 seen? What happens to the loss when one of "
        "the others changes a little?",
    ),
    (
        "spread_over_window",
        "the gradient is spread over the window",
        "Which of the four numbers in a window has z2 seen? A quarter for each is the way back of "
        "mean pooling.",
    ),
    (
        "first_of_window",
        "the top left of the window gets the gradient",
        "Where in its window did the largest number stand? The gradient goes back there.",
    ),
    (
        "maps_last",
        "flattened with the maps last",
        "Which number of `flat` is the second: the next column of map 0, or the same place of "
        "map 1? The task says which.",
    ),
    (
        "columns_first",
        "flattened column by column",
        "Which number of `flat` is the second: the next one in the row, or in the column?",
    ),
    (
        "unflattened_maps_last",
        "unflattened in another order than flattened",
        "To which map and place does dflat[t, 1] belong? Flatten, then unflatten a picture: is it "
        "the same again?",
    ),
    (
        "affine_w_transposed",
        "affine_w's gradient as (F, C)",
        "Which axis of affine_w counts the classes? z2[t, k] takes affine_w[k, f]: where does the "
        "gradient of that weight belong?",
    ),
    (
        "affine_w_is_dflat",
        "the gradient by flat under affine_w",
        "By what is the gradient under affine_w in yours: by affine_w, or by flat? Print its shape.",
    ),
    (
        "affine_one_off",
        "the gradients by flat and affine_w under affine_w and affine_b",
        "In which order come the three gradients of an affine layer? Print the shapes of those that "
        "stand under affine_w and affine_b.",
    ),
    (
        "affine_b_per_picture",
        "a gradient of affine_b for each picture",
        "Which axes has affine_b, which has your gradient? One affine_b serves all pictures.",
    ),
    (
        "affine_w_zero",
        "affine_w's gradient is left at zero",
        "What fills the gradient of affine_w in yours? It is still zero at the end.",
    ),
    (
        "affine_b_zero",
        "affine_b's gradient is left at zero",
        "Has affine_b no influence on the loss? Its gradient is still zero at the end.",
    ),
    (
        "conv_w_is_dimage",
        "the gradient by the image under conv_w",
        "By what is the gradient under conv_w in yours: by conv_w, or by the image? Print its "
        "shape.",
    ),
    (
        "conv_one_off",
        "the gradients by image and conv_w under conv_w and conv_b",
        "In which order come the three gradients of a conv layer? Print the shapes of those that "
        "stand under conv_w and conv_b.",
    ),
    (
        "conv_w_is_dz",
        "the gradient by z1 under conv_w",
        "By what is the gradient under conv_w in yours: by conv_w, or by z1? One layer is left to "
        "go through.",
    ),
    (
        "conv_w_is_dy",
        "the gradient by y1 under conv_w",
        "By what is the gradient under conv_w in yours: by conv_w, or by y1? Two layers are left "
        "to go through.",
    ),
    (
        "conv_w_zero",
        "conv_w's gradient is left at zero",
        "What fills the gradient of conv_w in yours? It is still zero at the end.",
    ),
    (
        "conv_b_of_dy",
        "conv_b's gradient is summed over dy1",
        "conv_b is added into z1. Is its gradient a sum over dz1, or over dy1?",
    ),
    (
        "conv_b_per_picture",
        "a gradient of conv_b for each picture",
        "Which axes has conv_b, which has your gradient? One conv_b serves all pictures.",
    ),
    (
        "conv_b_zero",
        "conv_b's gradient is left at zero",
        "Has conv_b no influence on the loss? The slides leave db out; here it is asked for.",
    ),
    (
        "conv_b_mean",
        "conv_b's gradient is a mean",
        "conv_b[n] is added at every position. Is its gradient the sum of the dz's, or their mean?",
    ),
    (
        "affine_b_mean",
        "affine_b's gradient is a mean over pictures once more",
        "The 1/T is in dz2 already. Is affine_b's gradient its sum over t, or its mean?",
    ),
    (
        "last_picture",
        "the gradients of the last picture",
        "Does one picture's share replace that of the one before, or is it added?",
    ),
    (
        "conv_last_picture",
        "conv_w and conv_b of the last picture",
        "All pictures go through the same filters. Does one picture's share replace that of the one "
        "before?",
    ),
    (
        "conv_w_last_picture",
        "conv_w of the last picture",
        "All pictures go through the same filters. Does one picture's share replace that of the one "
        "before? (conv_b is right.)",
    ),
    (
        "affine_w_last_picture",
        "affine_w of the last picture",
        "All pictures go through the same affine_w. Does one picture's share replace that of the "
        "one before?",
    ),
    (
        "conv_pictures_mixed",
        "every picture's dz1 meets every image in conv_w",
        "Which image made z1[t]: all of them, or image[t]? Is the product taken before or after the "
        "sum over t?",
    ),
    (
        "affine_pictures_mixed",
        "every picture's dz2 meets every picture's flat in affine_w",
        "Which row of flat made z2[t]: all of them, or flat[t]? Is the product taken before or "
        "after the sum over t?",
    ),
    (
        "keys_with_d",
        "keys with a d in front",
        "Which keys has params, which has your dict? They are asked to be the same.",
    ),
)


def wrong_sgd_step(
    on: "frozenset[str]", w: Array, dw: Array, v: Array, step: float, momentum: float
) -> Any:
    """sgd_step; each switch in `on` is one bug."""
    if "momentum_missing" in on:
        momentum = 0.0
    if "step_missing" in on:
        step = 1.0
    if "damped" in on:
        step = (1 - momentum) * step
    if "uphill" in on:
        step = -step
    new = momentum * v - step * dw
    if "momentum_on_both" in on:
        new = momentum * (v - step * dw)
    moved = w + new
    if "old_velocity" in on:
        moved = w + v
    if "velocity_not_used" in on:
        moved = w - step * dw
    if "nesterov" in on:
        moved = w + momentum * new - step * dw
    if "minus_velocity" in on:
        moved = w - new
    if "other_convention" in on:
        new = momentum * v + dw
        moved = w - step * new
    if "velocity_of_other_sign" in on:
        new = momentum * v + step * dw
        moved = w - new
    if "velocity_kept" in on:
        new = v.copy()
    return (new, moved) if "velocity_first" in on else (moved, new)


STEP_ROWS: tuple[Row, ...] = (
    (
        "uphill",
        "a step along the gradient",
        "In which direction does the loss grow: along dw, or against it?",
    ),
    (
        "minus_velocity",
        "the velocity is taken off w",
        "v_new holds -step * dw: with which sign does it move w, then?",
    ),
    (
        "velocity_of_other_sign",
        "the velocity points uphill, and is taken off w",
        "Which sign has step * dw inside v_new, and which has v_new in w_new? Both signs the other "
        "way round give another v, and another w as soon as there is momentum.",
    ),
    (
        "old_velocity",
        "w moves by the old v",
        "By which velocity does w move: the one that came in, or the new one?",
    ),
    (
        "velocity_not_used",
        "w moves by the gradient alone",
        "What does v do for w in yours? With momentum, w moves by v_new.",
    ),
    (
        "velocity_kept",
        "the velocity that comes back is the old one",
        "Which v will the next step need?",
    ),
    (
        "momentum_missing",
        "the momentum is left out",
        "Where does the argument `momentum` enter your formula?",
    ),
    (
        "momentum_on_both",
        "the momentum scales the gradient, too",
        "Which of the two terms of v_new does the momentum scale?",
    ),
    (
        "damped",
        "the gradient is scaled by 1 - momentum",
        "Is v_new a weighted mean in the formula, or is the whole step taken off?",
    ),
    (
        "step_missing",
        "the step size is left out",
        "Where does the argument `step` enter your formula?",
    ),
    (
        "nesterov",
        "a look ahead",
        "Which formula gives w_new: w + v_new, or one that uses the gradient once more?",
    ),
    (
        "other_convention",
        "v without the step size",
        "Does v hold steps or gradients? In the formula here, step is inside v_new.",
    ),
    (
        "velocity_first",
        "v comes back first",
        "In which order are the two arrays asked for?",
    ),
)


def wrong_train_cnn(on: "frozenset[str]", image: Array, target: Array, seed: int) -> Any:
    """Parameters in no time: random filters, then least squares; each switch is one bug."""
    rng = np.random.default_rng(seed)
    conv_w, conv_b = 0.5 * rng.standard_normal((16, 1, 3, 3)), np.zeros(16)
    count = 40 if "few_pictures" in on else 300
    image, target = np.asarray(image[:count], float), target[:count]
    if "standardised" in on:
        image = (image - image.mean()) / image.std()
    if "target_shifted" in on:
        target = (target + 1) % 10
    if "target_shuffled" in on:
        target = rng.permutation(target)
    places = [(r, c) for r in (0, 1, 2) for c in (0, 1, 2)]
    if "not_moved" in on or "few_pictures" in on:
        places = [(1, 1)]
    padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)))
    features = []
    for r, c in places:
        seen = padded[:, :, r : r + 8, c : c + 8]
        windows = np.lib.stride_tricks.sliding_window_view(seen, (3, 3), axis=(2, 3))
        z = np.tensordot(windows, conv_w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
        z = np.maximum(z, 0)
        pooled = z.reshape(-1, 16, 3, 2, 3, 2).max(axis=(3, 5))
        features.append(np.concatenate([pooled.reshape(-1, 144), np.ones((len(z), 1))], axis=1))
    rows, desired = np.concatenate(features), np.eye(10)[np.tile(target, len(places))]
    square = rows.T @ rows + 1e-3 * len(rows) * np.eye(145) * (image.max() ** 2)
    solved = np.linalg.solve(square, rows.T @ desired).T
    affine_w, affine_b = solved[:, :144].copy(), solved[:, 144].copy()
    if "untrained" in on:
        affine_w, affine_b = rng.standard_normal((10, 144)), np.zeros(10)
    if "zeros" in on:
        affine_w, affine_b = np.zeros((10, 144)), np.zeros(10)
    if "uphill" in on:
        affine_w, affine_b = -affine_w, -affine_b
    if "too_short" in on:
        affine_w = affine_w + 0.02 * rng.standard_normal((10, 144))
    if "diverged" in on:
        affine_w = affine_w * np.nan
    return {"conv_w": conv_w, "conv_b": conv_b, "affine_w": affine_w, "affine_b": affine_b}


@cache
def _kept(id: str) -> Any:
    image, target = digits()
    return wrong_train_cnn(frozenset({id}), image[:TRAINING], target[:TRAINING], 0)


def kept_wrong_train_cnn(id: str, image: Array, target: Array, seed: int) -> Any:
    """`wrong_train_cnn` on the training digits, worked out once: hints ask for it often."""
    return _kept(id)


TRAIN_ROWS: tuple[Row, ...] = (
    (
        "zeros",
        "the same scores for every picture",
        "Print the scores of ten different digits. Why are they all the same: are all weights 0 at "
        "the start, or has one large step put out every ReLU?",
    ),
    (
        "uphill",
        "away from the right classes",
        "Print the loss after each epoch: does it fall? If it grows, which sign has your step?",
    ),
    (
        "target_shifted",
        "each digit is taken for another one",
        "Look at ten pictures with their targets, just as your batches hold them: do they belong "
        "together?",
    ),
    (
        "untrained",
        "no better than guessing",
        "Print the loss after each epoch: does it fall below log(10) = 2.3? If not: do the new "
        "parameters get back into `params`, and are picture and target shuffled in the same way?",
    ),
    (
        "standardised",
        "pictures of another range",
        "Which values have the pixels that your filters see in training, and which have the "
        "pictures as they come? They are judged as they come.",
    ),
    (
        "few_pictures",
        "only the first pictures are known",
        "How many different pictures does one epoch of yours go through? Print the accuracy on "
        "the first 40 and on all others.",
    ),
    (
        "not_moved",
        "right in place, not when moved",
        "Which pictures has your network never seen? Those moved by a pixel: are there any in "
        "your batches, up, down, left and right?",
    ),
    (
        "too_short",
        "better than guessing, not good enough",
        "Print the loss after each epoch: is it still falling at the end? What do a few more "
        "epochs, another step size and small batches do for it?",
    ),
    (
        "diverged",
        "NaN in the parameters",
        "Print the loss after each epoch: when does it become NaN? What does a step of a tenth "
        "of the size do?",
    ),
)


# ----- small cases to show, with integers -----


def _shown(
    image: list[Any],
    filters: list[Any],
    affine_w: list[Any],
    affine_b: list[float] | None = None,
    conv_b: list[float] | None = None,
    target: tuple[int, ...] = (0,),
) -> Case:
    """Maps of 2 x 2 or so: one window."""
    conv_w, w = np.array(filters, float), np.array(affine_w, float)
    params = {
        "conv_w": conv_w,
        "conv_b": np.array(conv_b or [0.0] * len(conv_w), float),
        "affine_w": w,
        "affine_b": np.array(affine_b or [0.0] * len(w), float),
    }
    return Case((np.array(image, float), np.array(target), params))


_MAP = [[1, 2], [4, 3]]
GRADIENT_EXAMPLES = (
    _shown([[_MAP]], [[[[1]]]], [[1], [-1]]),
    _shown([[_MAP]], [[[[1]]]], [[1], [0], [-1]], [1, 0, 2], target=(1,)),
    _shown([[_MAP]], [[[[1]]], [[[-1]]]], [[1, 2], [-1, 3]], conv_b=[-2, 3]),
    _shown([[[[1, 2, 7, 5]] * 2]], [[[[1]]]], [[1, 0], [-1, 1]], target=(1,)),
    _shown([[[[-1, -2], [-4, -3]]]], [[[[1]]]], [[1], [2]]),
    _shown([[[[1, 2, 5], [4, 3, 0]]]], [[[[1, -1]]]], [[1], [0]], conv_b=[1]),
    _shown([[_MAP], [[[5, 0], [1, 2]]]], [[[[1]]]], [[0.5], [0.25]], target=(0, 1)),
)


def _step_example(w: list[float], dw: list[float], v: list[float], *numbers: float) -> Case:
    return Case((np.array(w), np.array(dw), np.array(v), *numbers))


STEP_EXAMPLES = (
    _step_example([1.0, 2.0], [10.0, 20.0], [0.0, 0.0], 0.5, 0.0),
    _step_example([1.0, 2.0], [10.0, 20.0], [1.0, 0.0], 0.1, 0.5),
    _step_example([1.0, 2.0], [4.0, 8.0], [2.0, -4.0], 0.25, 0.75),
)


def _train_misconceptions() -> tuple[Misconception, ...]:
    return tuple(
        Misconception(id, name, hint, partial(kept_wrong_train_cnn, id))
        for id, name, hint in TRAIN_ROWS
    )


TASKS = (
    Task(
        name="cnn_gradients",
        solution=answers.cnn_gradients,
        forward=loss_of,
        outputs=(Output("gradients", "dict"),),
        shapes=gradients_shapes,
        expected=gradients_expected,
        properties=(
            Property("one picture: the affine layer", 1.0, affine_part),
            Property("one picture: the filters too", 1.0, one_map),
            Property("many maps", 1.0, many_maps),
            Property("a batch", 1.25, batch),
            Property("any size", 1.0, any_size),
            Property("digits, in time", 0.75, full_size, work=True),
        ),
        wrong=wrong_cnn_gradients,
        misconceptions=(
            *(switch(wrong_cnn_gradients, *row) for row in GRADIENT_ROWS),
            *behaviours(answers.cnn_gradients, "input_modified", "state", "nothing", "nan"),
        ),
        examples=GRADIENT_EXAMPLES,
    ),
    Task(
        name="sgd_step",
        solution=answers.sgd_step,
        forward=step_expected,
        outputs=(Output("w"), Output("v")),
        shapes=lambda w, dw, v, step, momentum: (w.shape, w.shape),
        expected=step_expected,
        properties=(
            Property("a plain step, without momentum", 0.5, without_momentum),
            Property("the first step, from rest", 0.5, first_step),
            Property("with momentum", 0.5, with_momentum),
            Property("any number of axes", 0.5, any_axes),
        ),
        wrong=wrong_sgd_step,
        misconceptions=(
            *(switch(wrong_sgd_step, *row) for row in STEP_ROWS),
            *behaviours(answers.sgd_step, "input_modified", "nothing", "nan"),
        ),
        examples=STEP_EXAMPLES,
    ),
    Task(
        name="train_cnn",
        solution=answers.train_cnn,
        forward=scores_of,
        outputs=(Output("params", "dict"),),
        shapes=train_shapes,
        expected=lambda image, target, seed: ({},),
        accept=accept,
        through="trained_params",
        properties=tuple(
            Property(f"unseen digits, {name}", 1.0, train_cases(direction))
            for name, direction in (
                ("in place", "in place"),
                ("moved up or down", "up or down"),
                ("moved left or right", "left or right"),
                ("moved both ways", "both ways"),
            )
        ),
        wrong=wrong_train_cnn,
        misconceptions=_train_misconceptions(),
        examples=(),
    ),
)
