"""Chapter 02's tasks: numeric gradients, paths that add up, the mean over the batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.behaviours import behaviours
from autograder.cases import other_layout, read_only, single
from autograder.gradcheck import gradient_by_difference
from autograder.task import Array, Case, Output, Property, Shape, Task, distinct, switch
from solutions.chapters import ch02_paths as answers

# ----- numeric_gradient -----


@dataclass(frozen=True, eq=False, repr=False)
class Formula:
    """A function of an array that shows itself as its formula, and refuses another shape.

    Nothing else of it is of use: in grading, the learner's side has only the call.
    """

    _text: str
    _shape: Shape
    _function: Callable[[Array], Any]

    def __call__(self, x: Array) -> float:
        if isinstance(x, np.ndarray) and x.dtype.kind == "c":
            raise TypeError("f takes an array of real numbers")
        x = np.asarray(x, float)  # so that a list of texts makes no array of them
        if x.shape != self._shape:
            raise ValueError(f"f takes an array of shape {self._shape}, not {x.shape}")
        return float(self._function(x))

    def __repr__(self) -> str:
        return self._text


def numeric_expected(f: Formula, x: Array, h: float) -> tuple[Array, ...]:
    """The task's formula: f is its own forward, and the step is a part of what is asked."""
    return (gradient_by_difference(lambda a: np.asarray(f(a)), x, np.ones(()), h),)


def _quadratic(rng: np.random.Generator, *shape: int, h: float = 0.25) -> Case:
    """With a step of any size the same answer, up to rounding: only what is moved matters.

    The products of neighbours notice an entry that has not been put back.
    """
    a, c = rng.uniform(1, 2, shape), rng.uniform(1, 2, shape)

    def function(x: Array) -> Any:
        return np.sum(a * x**2) + np.sum(c * x * np.roll(x.ravel(), 1).reshape(shape))

    f = Formula("sum of a * x**2 + c * x * (x of the entry before)", shape, function)
    return Case((f, rng.uniform(1, 2, shape), h), tolerance=1e-6)


def _cubic(rng: np.random.Generator, h: float, *shape: int) -> Case:
    """The answer depends on the step."""
    a = rng.uniform(1, 2, shape)
    f = Formula("(sum of a * x)**3", shape, lambda x: np.sum(a * x) ** 3)
    return Case((f, rng.uniform(0.25, 0.5, shape), h))


def numeric_line(rng: np.random.Generator) -> list[Case]:
    return [_quadratic(rng, n) for n in distinct(rng, 2, 5, 2)]


def numeric_axes(rng: np.random.Generator) -> list[Case]:
    A, B, C = distinct(rng, 2, 4, 3)
    return [_quadratic(rng, A, B), _quadratic(rng, 1, C, A), _quadratic(rng, 2, 1, B)]


def numeric_step(rng: np.random.Generator) -> list[Case]:
    n = int(rng.integers(2, 5))
    return [_cubic(rng, h, n) for h in (0.5, 2.0)]


def numeric_x(rng: np.random.Generator) -> list[Case]:
    A, B = distinct(rng, 2, 4, 2)
    f, x, h = _quadratic(rng, A, B).args
    return [
        Case((f, *read_only(x), h), tolerance=1e-6),
        Case((f, other_layout(x), h), tolerance=1e-6),
        single(Case((f, x, 0.5))),
    ]


def wrong_numeric_gradient(on: "frozenset[str]", f: Any, x: Array, h: float) -> Any:
    """numeric_gradient; each switch in `on` is one bug."""
    if "own_step" in on:
        h = 1e-5
    over = 2 * h
    if "divided_by_h" in on:
        over = h
    if "not_divided" in on:
        over = 1.0
    if "precedence" in on:
        over = 2 / h
    if "all_at_once" in on:
        return (f(x + h) - f(x - h)) / over
    if "one_slope_for_all" in on:
        return np.full(x.shape, (f(x + h) - f(x - h)) / over)
    moves = list(np.ndindex(x.shape))
    if "first_axis_only" in on:
        moves = list(np.ndindex(x.shape[:1]))
    if "last_axis_only" in on:
        moves = [(..., k) for k in range(x.shape[-1])]
    dx = np.zeros(x.shape)
    up, down = x.copy(), x.copy()
    for k in moves:
        if "never_put_back" not in on:
            up, down = x.copy(), x.copy()
        step = h * x[k] if "relative_step" in on else h
        up[k] += step
        down[k] -= step
        if "forward_difference" in on or "one_sided" in on:
            down = x.copy()
        if "backward_difference" in on:
            up = x.copy()
        change = f(down) - f(up) if "sign" in on else f(up) - f(down)
        if "forward_difference" in on or "backward_difference" in on:
            change = 2 * change
        if "overwrite" in on:
            dx[:] = 0
        dx[k] = f(up) - f(down) / over if "bracket_missing" in on else change / over
    return dx.ravel() if "flat" in on else dx


NUMERIC_ROWS = (
    (
        "forward_difference",
        "forward differences",
        "On how many sides of x does yours look? Central differences go up and down by h.",
    ),
    (
        "backward_difference",
        "backward differences",
        "On how many sides of x does yours look? Central differences go up and down by h.",
    ),
    (
        "one_sided",
        "one side only, divided by two steps",
        "How far apart are the two points at which yours calls f: h or 2 * h?",
    ),
    (
        "divided_by_h",
        "divided by h in place of 2 * h",
        "How far apart are x[k] + h and x[k] - h?",
    ),
    (
        "not_divided",
        "the difference is not divided",
        "Is a change of f already a slope? By which length has it to be divided?",
    ),
    (
        "precedence",
        "/ 2 * h",
        "In which order does Python work out a / 2 * h? From left to right: is h below the line?",
    ),
    (
        "bracket_missing",
        "only the second value of f is divided",
        "In which order does Python work out a - b / c? Which of the two values has to be divided?",
    ),
    (
        "never_put_back",
        "entries stay where they were moved to",
        "Where are the entries before k when entry k is moved? Only one may be away from x.",
    ),
    (
        "all_at_once",
        "all entries are moved at once",
        "How many entries of x does x + h move? The answer needs a slope for each alone.",
    ),
    (
        "one_slope_for_all",
        "all entries are moved at once, and get one slope",
        "How many entries of x does x + h move? In yours all entries of dx are equal: is f equally "
        "steep along each of them?",
    ),
    (
        "first_axis_only",
        "whole rows are moved at once",
        "Which entries does x[k] += h move when x has two axes? How many indices does one entry "
        "need?",
    ),
    (
        "last_axis_only",
        "whole columns are moved at once",
        "Which entries does x[..., k] += h move? How many indices does one entry need?",
    ),
    (
        "own_step",
        "a step of its own",
        "With which step is yours worked out? Use the h that is given, also when it is large.",
    ),
    (
        "relative_step",
        "a step in proportion to x",
        "By how much does entry k move: by h, or by h times x[k]?",
    ),
    ("sign", "down minus up", "Which of the two values of f is taken from which?"),
    (
        "overwrite",
        "only the last entry is kept",
        "Which entries of dx are left at the end of your loop? Each k fills a place of its own.",
    ),
    (
        "flat",
        "a row in place of x's shape",
        "Which shape has x? dx has the same, also when x has two axes or more.",
    ),
)


def _numeric_example(text: str, function: Callable[[Array], Any], x: list[Any], h: float) -> Case:
    values = np.array(x, float)
    return Case((Formula(text, values.shape, function), values, h))


NUMERIC_EXAMPLES = (
    _numeric_example("x[0]**2 * x[1]", lambda x: x[0] ** 2 * x[1], [3, 2], 1.0),
    _numeric_example("x[0]**3 + x[0] * x[1]", lambda x: x[0] ** 3 + x[0] * x[1], [2, 5], 2.0),
    _numeric_example(
        "x[0, 0] * x[0, 1] + x[1, 0]**2",
        lambda x: x[0, 0] * x[0, 1] + x[1, 0] ** 2,
        [[1, 2], [3, 4]],
        0.5,
    ),
)


# ----- graph_backward -----


def graph(x: Any, y: Any) -> Any:
    """Div, safe for complex numbers."""
    s = x * y
    return (s + x) * np.sin(s)


def graph_expected(x: float, y: float) -> tuple[float, ...]:
    """The complex step, for x and for y."""
    step = 1e-30
    return graph(x + 1j * step, y).imag / step, graph(x, y + 1j * step).imag / step


def _points(*points: tuple[float, float]) -> list[Case]:
    return [Case((float(x), float(y))) for x, y in points]


def graph_one_path(rng: np.random.Generator) -> list[Case]:
    """Where sin(s) = 0 nothing comes through t's own path: one path each is left."""
    x = rng.uniform(1.25, 2, 3)
    return _points((x[0], 0), (x[1], np.pi / x[1]), (-x[2], 2 * np.pi / x[2]))


def graph_two_paths(rng: np.random.Generator) -> list[Case]:
    return _points(*rng.uniform(0.5, 1.2, (3, 2)))


def graph_signs(rng: np.random.Generator) -> list[Case]:
    a, b, c = rng.uniform(0.5, 1.2, (3, 2))
    return _points((-a[0], a[1]), (b[0], -b[1]), (-3 * c[0], -2 * c[1]))


def wrong_graph_backward(on: "frozenset[str]", x: float, y: float) -> Any:
    """graph_backward; each switch in `on` is one bug."""
    s = x * y
    t = s + x
    dt, slope = np.sin(s), np.cos(s)
    if "cos_sign" in on:
        slope = -slope
    if "cos_missing" in on:
        slope = np.sin(s)
    if "cos_of_t" in on:
        slope = np.cos(t)
    through_sin = slope if "t_missing" in on else t * slope
    if "dt_one" in on:
        dt = 1.0
    ds = through_sin + dt
    if "s_through_t_only" in on:
        ds = dt
    if "s_through_sin_only" in on:
        ds = through_sin
    if "s_paths_multiplied" in on:
        ds = through_sin * dt
    by_x, by_y = (x, y) if "factors_exchanged" in on else (y, x)
    dx, dy = by_x * ds + dt, by_y * ds
    if "x_direct_missing" in on:
        dx = by_x * ds
    if "x_through_s_missing" in on:
        dx = dt
    if "x_paths_multiplied" in on:
        dx = by_x * ds * dt
    if "y_has_two_paths" in on:
        dy = by_y * ds + dt
    if "order" in on:
        dx, dy = dy, dx
    if "one_array" in on:
        return np.array([dx, dy])
    return float(dx), float(dy)


GRAPH_ROWS = (
    (
        "x_direct_missing",
        "the path from t straight to x is left out",
        "In how many lines of the graph does x stand? Each of them is a path to Div: add them.",
    ),
    (
        "x_through_s_missing",
        "the path over s to x is left out",
        "In how many lines of the graph does x stand? Each of them is a path to Div: add them.",
    ),
    (
        "s_through_t_only",
        "the path of s through sin is left out",
        "In how many lines below its own does s stand? What does Div = t * sin(s) send to s?",
    ),
    (
        "s_through_sin_only",
        "the path of s through t is left out",
        "In how many lines below its own does s stand? What does t = s + x send to s?",
    ),
    (
        "t_missing",
        "the factor t is left out",
        "What stands before sin(s) in the last line, and what becomes of it when s moves?",
    ),
    (
        "cos_sign",
        "the slope of sin has the wrong sign",
        "When s = 0 grows a little, does sin(s) grow or shrink?",
    ),
    ("cos_missing", "sin in place of its slope", "What is the slope of sin(s): is it sin again?"),
    (
        "cos_of_t",
        "cos(t) in place of cos(s)",
        "Of which number does the last line take the sine: of s or of t? Where is the slope of sin "
        "to be taken?",
    ),
    (
        "dt_one",
        "dt is taken to be 1",
        "By how much does Div = t * sin(s) grow when t alone grows?",
    ),
    (
        "factors_exchanged",
        "the factors of s = x * y are exchanged",
        "By how much does x * y grow when x alone grows by 1: by x or by y?",
    ),
    (
        "s_paths_multiplied",
        "the two paths of s are multiplied",
        "Along a path the slopes are multiplied. And what is done with two paths?",
    ),
    (
        "x_paths_multiplied",
        "the two paths of x are multiplied",
        "Along a path the slopes are multiplied. And what is done with two paths?",
    ),
    (
        "y_has_two_paths",
        "dt is added to dy too",
        "In how many lines of the graph does y stand?",
    ),
    ("order", "dy, dx in place of dx, dy", "In which order does yours hand back the two?"),
    (
        "one_array",
        "one array in place of two floats",
        "How many values does the last line hand back? `return dx, dy` are two.",
    ),
)


# ----- batch_gradient -----


def batch_mean(dw_each: Array) -> Array:
    """1/T times the sum, picture by picture."""
    total = np.zeros(dw_each.shape[1:], dw_each.dtype)
    for dw in dw_each:
        total = total + dw
    return total / len(dw_each)


def batch_many(rng: np.random.Generator) -> list[Case]:
    T, M = distinct(rng, 3, 6, 2)
    return [Case(read_only(rng.standard_normal((t, m)))) for t, m in ((T, M), (M, T))]


def batch_any_shape(rng: np.random.Generator) -> list[Case]:
    T, N, M, KH, KW = distinct(rng, 3, 7, 5)
    dw = rng.standard_normal((T, N, M, KH, KW))
    return [Case((dw,)), Case((other_layout(dw[:, 0]),)), single(Case((dw[:, :, 0, 0],)))]


def batch_of_one(rng: np.random.Generator) -> list[Case]:
    N, M = distinct(rng, 2, 6, 2)
    return [Case((rng.standard_normal((1, N, M)),)), Case((rng.standard_normal((1, M)),))]


def wrong_batch_gradient(on: "frozenset[str]", dw_each: Array) -> Any:
    """batch_gradient; each switch in `on` is one bug."""
    T = len(dw_each)
    if "mean_of_all" in on:
        return dw_each.mean()
    if "mean_of_each_picture" in on:
        return dw_each.reshape(T, -1).mean(axis=1)
    if "last_axis" in on:
        return dw_each.mean(axis=-1)
    if "axis_kept" in on:
        return dw_each.mean(axis=0, keepdims=True)
    if "first_only" in on:
        return dw_each[0].copy()
    if "last_only" in on:
        return dw_each[-1] / T
    if "one_less" in on:
        return dw_each.sum(axis=0) / (T - 1)
    if "wrong_count" in on:
        return dw_each.sum(axis=0) / dw_each.size
    if "wrong_length" in on:
        return dw_each.sum(axis=0) / dw_each.shape[1]
    if "divided_twice" in on:
        return dw_each.mean(axis=0) / T
    if "running" in on:
        dw = dw_each[0].copy()
        for other in dw_each[1:]:
            dw = (dw + other) / 2
        return dw
    return dw_each.sum(axis=0)


BATCH_ROWS = (
    (
        "sum",
        "the sum in place of the mean",
        "Should the step be twice as long when every picture comes twice? What is the sum to be "
        "divided by?",
    ),
    (
        "mean_of_all",
        "one mean over everything",
        "How many weights are there? Each keeps a gradient of its own: over which axis alone "
        "does the mean go?",
    ),
    (
        "mean_of_each_picture",
        "the mean over the weights of each picture",
        "Which axis counts the pictures, and which ones the weights? The mean goes over pictures.",
    ),
    (
        "last_axis",
        "the mean over the last axis",
        "Which axis counts the pictures? The first, not the last.",
    ),
    (
        "axis_kept",
        "the axis of the pictures is still there",
        "Which shape has one picture's gradient? The mean has the same, without an axis of size "
        "1 before it.",
    ),
    ("first_only", "the first picture alone", "How many of the T gradients are in your answer?"),
    (
        "last_only",
        '"=" where "+=" is needed, over t',
        "What happens to the gradient of picture t - 1 when yours comes to picture t?",
    ),
    ("one_less", "divided by T - 1", "How many pictures are there: T, or T - 1?"),
    (
        "wrong_count",
        "divided by the number of all entries",
        "How many terms has each sum: as many as there are pictures, or as dw_each has entries?",
    ),
    (
        "wrong_length",
        "divided by the length of another axis",
        "Which axis counts the pictures? Its length is T.",
    ),
    ("divided_twice", "divided by T twice", "How often does yours divide by T?"),
    (
        "running",
        "halves of halves",
        "With three pictures, how much does the first one weigh in your answer, and the last?",
    ),
)


def _batch_example(dw_each: list[Any]) -> Case:
    return Case((np.array(dw_each, float),))


BATCH_EXAMPLES = (
    _batch_example([[1, 2, 6], [3, 4, 0]]),
    _batch_example([[1, 2], [3, 4], [8, 0]]),
    _batch_example([[[1, 2, 4]], [[3, 6, 0]]]),
    _batch_example([[5, 7]]),
)


TASKS = (
    Task(
        name="numeric_gradient",
        solution=answers.numeric_gradient,
        forward=lambda f, x, h: f(x),
        outputs=(Output("dx"),),
        shapes=lambda f, x, h: (x.shape,),
        expected=numeric_expected,
        properties=(
            Property("a row of numbers", 1.0, numeric_line),
            Property("any number of axes", 1.0, numeric_axes),
            Property("the step that is given", 0.5, numeric_step),
            Property("x is left as it is", 0.5, numeric_x),
        ),
        wrong=wrong_numeric_gradient,
        misconceptions=(
            *(switch(wrong_numeric_gradient, *row) for row in NUMERIC_ROWS),
            *behaviours(
                answers.numeric_gradient, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=NUMERIC_EXAMPLES,
    ),
    Task(
        name="graph_backward",
        solution=answers.graph_backward,
        forward=graph,
        outputs=(Output("dx", "number"), Output("dy", "number")),
        shapes=lambda x, y: ((), ()),
        expected=graph_expected,
        properties=(
            Property("one path: where sin(s) = 0", 0.5, graph_one_path),
            Property("two paths add up", 1.0, graph_two_paths),
            Property("negative numbers", 0.5, graph_signs),
        ),
        wrong=wrong_graph_backward,
        misconceptions=(
            *(switch(wrong_graph_backward, *row) for row in GRAPH_ROWS),
            *behaviours(answers.graph_backward, "state", "nothing", "nan"),
        ),
        examples=(*_points((2, 0)), *_points((1, 1), (2, 3), (-1, 2))),
    ),
    Task(
        name="batch_gradient",
        solution=answers.batch_gradient,
        forward=batch_mean,
        outputs=(Output("dw"),),
        shapes=lambda dw_each: (dw_each.shape[1:],),
        expected=lambda dw_each: (batch_mean(dw_each),),
        properties=(
            Property("the mean over the pictures", 0.5, batch_many),
            Property("weights of any shape", 0.25, batch_any_shape),
            Property("a batch of one", 0.25, batch_of_one),
        ),
        wrong=wrong_batch_gradient,
        misconceptions=(
            *(switch(wrong_batch_gradient, *row) for row in BATCH_ROWS),
            *behaviours(
                answers.batch_gradient, "input_modified", "state", "type", "nothing", "nan"
            ),
        ),
        examples=BATCH_EXAMPLES,
    ),
)
