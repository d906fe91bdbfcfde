"""Chapter 04's tasks: backward through an activation. dy, z and dz have one shape."""

from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import other_layout, read_only, single
from autograder.task import Array, Case, Function, Output, Property, Task, distinct, switch
from solutions.chapters import ch04_activations as answers

# ----- forward, and the gradient from it: each z moves its own y alone, so one call does all -----


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


def sigmoid(z: Array) -> Any:
    """Safe for complex and for large numbers: the real part chooses between two equal forms."""
    shrinks = np.exp(np.where(z.real > 0, -z, z))
    return np.where(z.real > 0, 1, shrinks) / (1 + shrinks)


def tanh(z: Array) -> Any:
    """Safe for complex and for large numbers."""
    return 2 * sigmoid(2 * z) - 1


def by_difference(dy: Array, z: Array) -> tuple[Array, ...]:
    """For relu: exact, as all z are further than the step from the kink at 0."""
    h = np.asarray(2.0**-4, z.dtype)
    return (dy * (relu(z + h) - relu(z - h)) / (2 * h),)


def by_complex_step(forward: Function) -> Function:
    step = 1e-30
    return lambda dy, z: (dy * forward(z + 1j * step).imag / step,)


# ----- cases -----


def _case(rng: np.random.Generator, *shape: int) -> Case:
    """dy and z with all four pairs of signs, none of them near 0."""
    size = int(np.prod(shape))
    order = rng.permutation(size)
    z = rng.uniform(0.25, 2, size) * np.where(order % 2 == 0, 1, -1)
    dy = rng.uniform(0.25, 2, size) * np.where(order // 2 % 2 == 0, 1, -1)
    return Case((dy.reshape(shape), z.reshape(shape)))


def one_row(rng: np.random.Generator) -> list[Case]:
    return [Case(read_only(*_case(rng, 1, n).args)) for n in distinct(rng, 4, 8, 2)]


def maps(rng: np.random.Generator) -> list[Case]:
    T, M, H, W = distinct(rng, 2, 5, 4)
    case = _case(rng, T, M, H, W)
    return [case, Case(tuple(map(other_layout, case.args))), single(case)]


def any_shape(rng: np.random.Generator) -> list[Case]:
    A, B, C = distinct(rng, 2, 5, 3)
    return [_case(rng, A + B), _case(rng, A, 2 * B), _case(rng, A, B, C)]


def large(rng: np.random.Generator) -> list[Case]:
    """Numbers around 0 among large ones: 0 by itself would fit any size of error."""
    dy, z = _case(rng, int(rng.integers(2, 4)), 8).args
    z[0, :2], z[1, -2:] = (1000, -1000), (-800, 800)
    return [Case((dy, z))]


# ----- misconceptions -----


def wrong_relu_backward(on: "frozenset[str]", dy: Array, z: Array) -> Any:
    """relu_backward; each switch in `on` is one bug."""
    slope = np.where(z > 0, 1.0, 0.0).astype(z.dtype)
    if "inverted" in on:
        slope = 1 - slope
    if "mask_from_dy" in on:
        slope = np.where(dy > 0, 1.0, 0.0).astype(z.dtype)
    if "both_masks" in on:
        slope = np.where(dy > 0, slope, 0)
    if "leaky" in on:
        slope = np.where(z > 0, 1.0, 0.01).astype(z.dtype)
    if "minus_one" in on:
        slope = np.sign(z)
    if "z_for_slope" in on:
        slope = np.maximum(z, 0)
    if "one_mask_for_all" in on:
        slope = np.full_like(z, z.mean() > 0)
    if "first_picture_mask" in on:
        slope = np.broadcast_to(slope[:1], z.shape)
    if "passed_on" in on:
        slope = np.ones_like(z)
    if "counts_above_one" in on:
        slope = np.where(z >= 1, 1.0, 0.0).astype(z.dtype)
    if "dy_missing" in on:
        return slope.copy()
    if "forward" in on:
        return np.maximum(z, 0)
    if "larger_of_both" in on:
        return np.maximum(dy, z)
    if "sign" in on:
        return -dy * slope
    return dy * slope


RELU_ROWS = (
    (
        "mask_from_dy",
        "negative dy are cut off",
        "Which of the two decides whether the gate is open: z or dy? A negative dy passes where z "
        "is positive.",
    ),
    (
        "both_masks",
        "negative dy are cut off too",
        "Does a negative dy pass where z is positive? Only z decides.",
    ),
    (
        "dy_missing",
        "dy is left out",
        "That is the slope. By the chain rule dDiv/dz = dDiv/dy * slope: where is dy?",
    ),
    (
        "z_for_slope",
        "max(z, 0) where its slope is needed",
        "How fast does max(z, 0) grow at z = 5: by 5, or by 1?",
    ),
    (
        "inverted",
        "the mask is inverted",
        "Where does dy pass: where z is positive, or where it is negative?",
    ),
    (
        "passed_on",
        "dy passes everywhere",
        "How fast does max(z, 0) grow where z is negative? Where does z enter yours?",
    ),
    (
        "leaky",
        "a slope below 0",
        "Is max(z, 0) quite flat where z is negative, or does it leak a little?",
    ),
    (
        "minus_one",
        "slope -1 where z is negative",
        "Does max(z, 0) fall or stay where z is negative? That is not |z|.",
    ),
    (
        "one_mask_for_all",
        "one decision for all entries",
        "Does every entry look at its own z? A z that is positive on average is not positive "
        "everywhere.",
    ),
    (
        "first_picture_mask",
        "every picture gets the first one's mask",
        "Does picture 1 look at its own z?",
    ),
    (
        "counts_above_one",
        "the kink is at 1",
        "From which z on does max(z, 0) grow: from 0 or from 1?",
    ),
    (
        "forward",
        "forward in place of backward",
        "max(z, 0) is what the layer puts out. What does backward do with dy?",
    ),
    (
        "larger_of_both",
        "the larger of dy and z",
        "Are dy and z to be compared with each other? z opens a gate, dy goes through it.",
    ),
    ("sign", "the sign is wrong", "When a positive z grows, does y grow or shrink?"),
)


def wrong_sigmoid_backward(on: "frozenset[str]", dy: Array, z: Array) -> Array:
    """sigmoid_backward; each switch in `on` is one bug."""
    y = 1 / (1 + np.exp(-z))
    if "sigmoid_twice" in on:
        y = 1 / (1 + np.exp(-y))
    if "z_for_y" in on:
        y = z
    if "not_finite" in on:
        y = np.exp(z) / (1 + np.exp(z))
    if "sigmoid_of_dy" in on:
        y = 1 / (1 + np.exp(-dy))
    if "precedence" in on:
        y = 1 / 1 + np.exp(-z)
    if "tanh_for_sigmoid" in on:
        y = np.tanh(z)
    slope = y * (1 - y)
    if "one_less_missing" in on:
        slope = y
    if "y_missing" in on:
        slope = 1 - y
    if "tanh_slope" in on:
        slope = 1 - y**2
    if "plus" in on:
        slope = y * (1 + y)
    if "squared" in on:
        slope = (1 - y) ** 2
    if "not_finite_below" in on:
        slope = np.exp(-z) / (1 + np.exp(-z)) ** 2
    if "z_and_y" in on:
        slope = z * (1 - y)
    if "sign" in on:
        slope = -slope
    return slope if "dy_missing" in on else dy * slope


SIGMOID_ROWS = (
    (
        "z_for_y",
        "z in place of y",
        "Does the argument z hold y already? The slope y * (1 - y) is written with y = sigmoid(z).",
    ),
    (
        "sigmoid_twice",
        "the sigmoid is taken twice",
        "How often does z go through the sigmoid in yours?",
    ),
    (
        "sigmoid_of_dy",
        "the sigmoid of dy",
        "Which of the two arguments goes through the sigmoid in forward: dy or z?",
    ),
    (
        "dy_missing",
        "dy is left out",
        "That is the slope. By the chain rule dDiv/dz = dDiv/dy * slope: where is dy?",
    ),
    (
        "one_less_missing",
        "the factor 1 - y is left out",
        "For large z the sigmoid becomes flat. Does your slope go to 0 there?",
    ),
    (
        "y_missing",
        "the factor y is left out",
        "For z far below 0 the sigmoid becomes flat. Does your slope go to 0 there?",
    ),
    (
        "tanh_slope",
        "the slope of tanh",
        "Whose slope is 1 - y**2? At z = 0 the sigmoid's slope is 1/4.",
    ),
    (
        "tanh_for_sigmoid",
        "tanh in place of the sigmoid",
        "What is sigmoid(0): 0 or 1/2?",
    ),
    (
        "plus",
        "1 + y where 1 - y is needed",
        "For large z the sigmoid becomes flat: does your slope go to 0 there? Look at its signs.",
    ),
    (
        "squared",
        "(1 - y)**2",
        "Which two factors has the slope? At z far below 0, where y is 0, it is 0.",
    ),
    (
        "z_and_y",
        "z * (1 - y)",
        "Which y does the first factor of y * (1 - y) mean: z, or sigmoid(z)?",
    ),
    (
        "precedence",
        "1 / 1 + exp(-z)",
        "In which order does Python work out 1 / 1 + a? What has to stand below the line?",
    ),
    (
        "not_finite",
        "infinity divided by infinity",
        "What is exp(z) / (1 + exp(z)) for z = 1000.? Which form of the sigmoid has no exp(z) "
        "above the line?",
    ),
    (
        "not_finite_below",
        "infinity divided by infinity, far below 0",
        "What is exp(-z) for z = -1000., and what is it divided by in yours? Which form of the "
        "slope has no exp(-z) above the line?",
    ),
    ("sign", "the sign is wrong", "When z grows, does sigmoid(z) grow or shrink?"),
)


def wrong_tanh_backward(on: "frozenset[str]", dy: Array, z: Array) -> Array:
    """tanh_backward; each switch in `on` is one bug."""
    y = np.tanh(z)
    if "tanh_twice" in on:
        y = np.tanh(y)
    if "z_for_y" in on:
        y = z
    if "not_finite" in on:
        y = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    if "not_finite_below" in on:
        y = (1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))
    if "not_finite_above" in on:
        y = (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)
    if "tanh_of_dy" in on:
        y = np.tanh(dy)
    if "tanh_of_square" in on:
        y = np.sqrt(np.abs(np.tanh(z**2)))
    slope = 1 - y**2
    if "square_missing" in on:
        slope = 1 - y
    if "square_of_the_difference" in on:
        slope = (1 - y) ** 2
    if "sigmoid_slope" in on:
        slope = y * (1 - y)
    if "plus" in on:
        slope = 1 + y**2
    if "one_less_missing" in on:
        slope = y**2
    if "forward" in on:
        slope = y
    if "sign" in on:
        slope = -slope
    return slope if "dy_missing" in on else dy * slope


TANH_ROWS = (
    (
        "z_for_y",
        "z in place of y",
        "Does the argument z hold y already? The slope 1 - y**2 is written with y = tanh(z).",
    ),
    ("tanh_twice", "tanh is taken twice", "How often does z go through tanh in yours?"),
    (
        "tanh_of_dy",
        "tanh of dy",
        "Which of the two arguments goes through tanh in forward: dy or z?",
    ),
    (
        "tanh_of_square",
        "tanh of z squared",
        "What is squared in the slope: z before tanh, or y after it?",
    ),
    (
        "dy_missing",
        "dy is left out",
        "That is the slope. By the chain rule dDiv/dz = dDiv/dy * slope: where is dy?",
    ),
    (
        "square_missing",
        "1 - y",
        "tanh is equally steep at z and at -z. Is your slope?",
    ),
    (
        "square_of_the_difference",
        "(1 - y)**2",
        "What is squared in the slope: y, or 1 - y? tanh is equally steep at z and at -z.",
    ),
    (
        "sigmoid_slope",
        "the slope of the sigmoid",
        "Whose slope is y * (1 - y)? At z = 0 tanh's slope is 1.",
    ),
    (
        "plus",
        "1 + y**2",
        "For large z tanh becomes flat: does your slope go to 0 there? Look at its signs.",
    ),
    (
        "one_less_missing",
        "y**2",
        "How steep is tanh at z = 0, where it is 0: 0 or 1?",
    ),
    (
        "forward",
        "tanh where its slope is needed",
        "Is tanh(z) what the layer puts out, or how fast that grows with z?",
    ),
    (
        "not_finite",
        "infinity divided by infinity",
        "What does your quotient of exp's give for z = 1000.? NumPy has a tanh that knows.",
    ),
    (
        "not_finite_below",
        "infinity divided by infinity, far below 0",
        "What is exp(-2 * z) for z = -1000.? It stands above the line and below it in yours: NumPy "
        "has a tanh that knows.",
    ),
    (
        "not_finite_above",
        "infinity divided by infinity, far above 0",
        "What is exp(2 * z) for z = 1000.? It stands above the line and below it in yours: NumPy "
        "has a tanh that knows.",
    ),
    ("sign", "the sign is wrong", "When z grows, does tanh(z) grow or shrink?"),
)


# ----- small cases to show -----


def _example(dy: list[float], z: list[float]) -> Case:
    return Case((np.array(dy, float), np.array(z, float)))


RELU_EXAMPLES = (
    _example([5, -6, 7, -8], [1, 2, -3, -4]),
    _example([1, -2, 3], [0.5, -0.5, 4]),
    Case((np.array([[1.0, 2], [3, 4]]), np.array([[1.0, -1], [-2, 2]]))),
)
SMOOTH_EXAMPLES = (
    _example([4, -8], [0, 0]),
    _example([1, 1, -2], [1, -1, 2]),
    _example([1, 1], [0, 1000]),
    _example([1, 1], [0, -1000]),
)


def _task(
    solution: Function,
    forward: Function,
    expected: Function,
    wrong: Function,
    rows: tuple[tuple[str, str, str], ...],
    properties: tuple[Property, ...],
    examples: tuple[Case, ...],
) -> Task:
    return Task(
        name=solution.__name__,
        solution=solution,
        forward=forward,
        outputs=(Output("dz"),),
        shapes=lambda dy, z: (z.shape,),
        expected=expected,
        properties=properties,
        wrong=wrong,
        misconceptions=(
            *(switch(wrong, *row) for row in rows),
            *behaviours(solution, "input_modified", "state", "type", "nothing", "nan"),
        ),
        examples=examples,
    )


SHAPES = (Property("maps of a batch", 0.5, maps), Property("any shape", 0.5, any_shape))
SMOOTH = (
    Property("numbers around 0", 0.5, one_row),
    *SHAPES,
    Property("large numbers", 0.5, large),
)

TASKS = (
    _task(
        answers.relu_backward,
        relu,
        by_difference,
        wrong_relu_backward,
        RELU_ROWS,
        (Property("the gate: open or shut", 1.0, one_row), *SHAPES),
        RELU_EXAMPLES,
    ),
    _task(
        answers.sigmoid_backward,
        sigmoid,
        by_complex_step(sigmoid),
        wrong_sigmoid_backward,
        SIGMOID_ROWS,
        SMOOTH,
        SMOOTH_EXAMPLES,
    ),
    _task(
        answers.tanh_backward,
        tanh,
        by_complex_step(tanh),
        wrong_tanh_backward,
        TANH_ROWS,
        SMOOTH,
        SMOOTH_EXAMPLES,
    ),
)
