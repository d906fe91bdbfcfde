"""Still stuck? A ladder of four rungs for each task, each of which says a little more.

    stuck("conv_dw")                  the next rung, one more at every call
    stuck("conv_dw", 2)               the second rung
    stuck("conv_dw", show_me=True)    the model answer, only when it is asked for

1  the question: the hint of the last check     2  where to look on the chapter's page
3  a small example with its right numbers, and the terms of one entry     4  the model answer

Rung 3 is computed: an entry of a gradient is a sum over the gradient that comes in, and what each
of its numbers adds is found by a difference with h = 1, exact for what is linear.
"""

import inspect
import textwrap
from typing import Any, NamedTuple

import numpy as np

from autograder.judge import heard
from autograder.observe import Leaf, expected_leaves
from autograder.report import WIDTH, example_arguments, number, values
from autograder.task import Array, Case, Task
from autograder.tasks import get_task
from solutions import use_backend

RUNGS = 3  # the fourth has to be asked for
MOST_TERMS = 9
MOST_SUMS = 3
MOST_ENTRIES = 40
PLAIN = (1, (1, 1), ((0, 0), (0, 0)))  # strides and paddings that do nothing

_reached: dict[str, int] = {}

# Where to look: the section of the chapter's page, and what in it.
LOOK: dict[str, tuple[str, str]] = {
    "square_backward": ("The warm-up: a layer that squares", "the figure: slope times dz"),
    "conv1d_scan": ("A pattern can be anywhere", "the window that moves along the line"),
    "conv_scan": ("One layer, two stages", "the figure: two filters scan two in-maps"),
    "count_parameters": ("What the layer learns", "the count of weights and biases"),
    "numeric_gradient": ("Measure a gradient", '"Both sides, not one"'),
    "graph_backward": ("Backward, edge by edge", "the figure, and the two rules below it"),
    "batch_gradient": ("Divergence and loss", "the formula with 1/T"),
    "flatten_backward": ("Flatten: nothing is computed", "the figure: two maps, one row"),
    "affine_backward": (
        "Affine: rows forward, columns backward",
        "the figure: three pictures, four numbers in, two neurons",
    ),
    "softmax_stable": ("Softmax, without overflow", "which number is taken off"),
    "cross_entropy_backward": (
        "Cross-entropy: probability minus one-hot",
        "the formula, and its gradient in numbers",
    ),
    "softmax_backward": ("Softmax alone", "the slopes, for i = k and for i ≠ k"),
    "relu_backward": ("Every entry for itself", "the figure: which dy passes"),
    "sigmoid_backward": ("Three slopes", "the slope written with y"),
    "tanh_backward": ("Three slopes", "the slope written with y"),
    "influence_mask": (
        "One pixel's nine contributions",
        "the figure: pick a pixel, and see which z's light up",
    ),
    "pixel_gradient": (
        "One pixel's nine contributions",
        "the formula for dy[t, m, r, c], and the figure below it",
    ),
    "conv_dy_scatter": (
        "It is a convolution",
        '"An impulse in dz stamps the filter, unflipped"',
    ),
    "conv_dy_flip": (
        "It is a convolution",
        "the figure: the flipped filter slides over dz in its border",
    ),
    "conv_dw": ("From one slope to the sum", "the figure: dz slides over y"),
    "conv_db": ("The bias", "the formula: all the z's that one bias moves"),
    "pad_backward": ("The crop", "what becomes of the border"),
    "padded_conv_backward": ("Pad, convolve, crop", "the figure: what is dropped"),
    "downsample_backward": ("Their backward", "the impulse through the drop"),
    "upsample_backward": ("Their backward", "the impulse through the zeros"),
    "strided_conv_backward": (
        "A stride is a convolution, then a drop",
        "the figure: dz with zeros between its entries",
    ),
    "conv_backward": (
        "One function for every stride and padding",
        "the three lines with +=, and where R and C come from",
    ),
    "convnet_backward": ("Step through it", "the figure: the way back through the layers"),
    "max_pool_forward": ("A filter that takes the largest", "the two formulas"),
    "max_pool_backward": (
        "Backward: route it to the winner",
        "the figure: an element that wins twice collects",
    ),
    "mean_pool_forward": ("Forward: the average of each window", "the formula"),
    "mean_pool_backward": (
        "Backward: spread it over the window",
        "the figure: each share at every place of its window",
    ),
    "conv_transpose_forward": ("Stamps", "the figure: six stamps that overlap"),
    "conv_transpose_backward": ("Backward", "which layer reads what the stamps have written"),
    "cnn_gradients": ("Six layers", "the shapes from layer to layer"),
    "sgd_step": ("Gradient descent", "the step with momentum"),
    "train_cnn": ("Train it", "the loop over batches"),
}


NOT_SHOWN = "This is a variant, for credit: its answer is not shown. Rung 3 is the last."


class Sum(NamedTuple):
    """One entry of an answer and what it is made of."""

    entry: str
    value: float
    terms: list[str]


def stuck(name: str, rung: int | None = None, show_me: bool = False) -> None:
    """Print a rung of the ladder of the task `name`: the next one, or the one of that number.

    Raises KeyError for an unknown task, ValueError for a rung that is not 1, 2 or 3.
    """
    task = get_task(name)
    if rung is not None and rung not in range(1, RUNGS + 1):
        raise ValueError(
            f"`rung` (={rung!r}) must be 1, 2 or 3; the model answer: stuck({name!r}, show_me=True)"
        )
    if show_me:
        print(_model_answer(task) if "@" not in name else NOT_SHOWN)
        return
    rung = rung or min(_reached.get(name, 0) + 1, RUNGS)
    _reached[name] = rung
    text = (_question, _place, _example)[rung - 1](task)
    more = f"Still stuck? stuck({name!r})"
    if rung == RUNGS:
        shown = f"Still stuck? stuck({name!r}, show_me=True), the answer"
        more = shown if "@" not in name else NOT_SHOWN
    print(f"{name}, rung {rung} of {RUNGS + 1}\n{text}\n{more}")


def _question(task: Task) -> str:
    asked = heard.get(task.name, "")
    first = f"Your last check asked: {asked}" if asked else "Run the check: its last line asks."
    then = (
        "Answer it on paper, with the numbers of the smallest case that fails, before you "
        "change a line."
    )
    return "\n".join(textwrap.fill(line, WIDTH) for line in (first, then))


def _place(task: Task) -> str:
    section, what = LOOK[task.name]
    page = task.solution.__module__.rsplit(".", 1)[-1]
    where = f'Chapter {task.chapter[2:]}, "{section}": {what}.'
    return f"{textwrap.fill(where, WIDTH)}\n(the page is book/chapters/{page}.md)"


def _example(task: Task) -> str:
    """The example that shows most, with its right answer and a sum for each output."""
    if task.accept is not None:
        return "Many answers are right here: there is no small example. Check each part by itself."
    with use_backend("numpy"), np.errstate(all="ignore"):
        found = [(case, _sums(task, case)) for case in task.examples]
        case, sums = max(found, key=lambda pair: _shows(*pair))
        right = expected_leaves(task, case)
    lines = ["By hand, on paper:", *example_arguments(task, case), "The right answer:"]
    lines += [f"  {output.name} {_shown(np.asarray(value))}" for output, value in right]
    for s in sums:
        lines.append(f"{s.entry} = {number(s.value)} is a sum over {task.arguments[0]}:")
        lines += [f"  {term}" for term in s.terms]
    if sums:
        lines.append("Where does the second factor of each product come from?")
    return "\n".join(lines)


def _shows(case: Case, sums: list[Sum]) -> tuple[int, bool]:
    """How many sums of two terms or more; then whether there is a stride or a padding at all."""
    last = case.args[-1]
    special = isinstance(last, int | tuple) and last not in PLAIN
    return sum(len(s.terms) > 1 for s in sums), special


def _shown(a: Array) -> str:
    return values(a) if a.ndim else f"= {number(a)}"


def _sums(task: Task, case: Case) -> list[Sum]:
    """Of each output, the entry with the most terms over the first argument, if it is linear."""
    upstream = case.args[0]
    if not isinstance(upstream, np.ndarray) or upstream.dtype != np.float64:
        return []
    if upstream.size > MOST_ENTRIES:
        return []
    elsewhere = np.asarray(np.random.default_rng(0).standard_normal(upstream.shape))
    at_zero = _values(task, case, np.zeros_like(upstream))
    slopes = []  # by every entry of the first argument, with h = 1
    for k in range(upstream.size):
        unit = np.zeros_like(upstream)
        unit.flat[k] = 1
        moved = _values(task, case, unit)
        slopes.append([m - z for m, z in zip(moved, at_zero, strict=True)])
    for point in (upstream, elsewhere):
        for place, value in enumerate(_values(task, case, point)):
            by = np.array([s[place] for s in slopes])
            total = at_zero[place] + np.tensordot(point.ravel(), by, 1)
            if not np.allclose(total, value, rtol=1e-9, atol=1e-9):
                return []  # not linear in its first argument
    named = expected_leaves(task, case)
    sums = [
        _sum(task, upstream, named[k], at_zero[k], [s[k] for s in slopes])
        for k in range(len(named))
    ]
    return [s for s in sums if s.terms][:MOST_SUMS]


def _sum(task: Task, upstream: Array, leaf: Leaf, at_zero: Array, slopes: list[Array]) -> Sum:
    output, whole = leaf
    products = [x * slope for x, slope in zip(upstream.flat, slopes, strict=True)]
    counts = np.asarray(np.count_nonzero(products, axis=0))
    at = np.unravel_index(int(np.argmax(np.where(counts > MOST_TERMS, 0, counts))), counts.shape)
    first = task.arguments[0]
    terms = [
        f"{_entry(first, np.unravel_index(k, upstream.shape))} * slope: "
        f"{number(upstream.flat[k])} * {number(slopes[k][at])}"
        for k in range(upstream.size)
        if products[k][at] != 0
    ]
    rest = float(at_zero[at])
    if terms and rest:
        terms.append(f"what does not depend on {first}: {number(rest)}")
    return Sum(_entry(output.name, at), float(np.asarray(whole)[at]), terms)


def _values(task: Task, case: Case, first: Array) -> list[Any]:
    moved = Case((first, *case.args[1:]))
    return [np.asarray(value, float) for _, value in expected_leaves(task, moved)]


def _entry(name: str, at: Any) -> str:
    return f"{name}[{', '.join(str(int(i)) for i in at)}]" if len(at) else name


def _model_answer(task: Task) -> str:
    absent = f"{task.name}: the model answer is not here; your course keeps it. Rung 3 is the last."
    if hasattr(inspect.getmodule(task.solution), "STAND_INS"):  # in the browser
        return absent.replace("your course keeps it", "it is in the course's repository")
    try:
        return inspect.getsource(task.solution)
    except OSError:
        return absent
