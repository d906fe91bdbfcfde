"""Layers of the chapters before a notebook's, so that it can build on them.

    from autograder.given import before
    layers = before("ch13")
    z = layers.conv_forward(y, w, b)

The forward layers stand here. The backward layers are the model answers of the tasks of earlier
chapters: generated from the tables, under the tasks' names. Each is run from its source, with
nothing but NumPy, so that no task of the notebook's own or a later chapter hangs on them.

y (T, M, H, W), w (N, M, KH, KW), b (N,), z (T, N, H_out, W_out); flat: y (T, M), w (N, M), z (T, N).
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# (what a learner reads has no annotations)

import inspect
from types import SimpleNamespace

import numpy as np

from autograder.isolation.layers import Row, before_in
from autograder.task import Function

LAST = "ch99"


def conv_forward(y, w, b, stride=1, padding=((0, 0), (0, 0))):
    """z[t, n, r, c] = b[n] + sum over m, i, j of w[n, m, i, j] * y_padded[t, m, SH*r + i, SW*c + j].

    `stride` is an int or (rows, columns), `padding` ((top, bottom), (left, right)).
    """
    SH, SW = (stride, stride) if isinstance(stride, int) else stride
    y_padded = np.pad(y, ((0, 0), (0, 0), *padding))
    windows = np.lib.stride_tricks.sliding_window_view(y_padded, w.shape[2:], axis=(2, 3))
    z = np.tensordot(windows[:, :, ::SH, ::SW], w, axes=((1, 4, 5), (1, 2, 3)))  # (T, r, c, N)
    return np.ascontiguousarray(np.moveaxis(z + b, 3, 1))


def relu_forward(z):
    """y = max(z, 0), entry by entry."""
    return np.maximum(z, 0)


def sigmoid_forward(z):
    """y = 1 / (1 + exp(-z)), entry by entry."""
    return 1 / (1 + np.exp(-z))


def tanh_forward(z):
    """y = tanh(z), entry by entry."""
    return np.tanh(z)


def flatten_forward(y):
    """z[t, (m*H + r)*W + c] = y[t, m, r, c]: the maps of each picture in one row."""
    return y.reshape(len(y), -1).copy()


def affine_forward(y, w, b):
    """z[t, n] = b[n] + sum over m of w[n, m] * y[t, m]."""
    return y @ w.T + b


def cross_entropy_forward(z, target):
    """The mean over t of -log(softmax(z[t])[target[t]]); z (T, C), target (T,)."""
    shifted = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sum - shifted[np.arange(len(z)), target]))


# The first chapter that may see each: none in which it would be (part of) an answer.
FORWARDS: tuple[tuple[Function, str], ...] = (
    (conv_forward, "ch02"),
    (relu_forward, "ch02"),
    (sigmoid_forward, "ch05"),
    (tanh_forward, "ch05"),
    (flatten_forward, "ch02"),
    (affine_forward, "ch02"),
    (cross_entropy_forward, "ch04"),
)


def rows(last: str = LAST) -> list[Row]:
    """What a notebook of the chapter `last` may see."""
    from autograder.tasks import all_tasks  # late: a notebook that needs no layers loads no tables

    answers: list[tuple[Function, str]] = [
        (t.solution, f"ch{int(t.chapter[2:]) + 1:02d}") for t in all_tasks().values()
    ]
    seen = [(f, first) for f, first in (*FORWARDS, *answers) if first <= last]
    return [(f.__name__, first, inspect.getsource(f)) for f, first in seen]


def before(chapter: str) -> SimpleNamespace:
    """The layers of all chapters before `chapter` ("ch13"), as attributes.

    Raises ValueError for what is no chapter.
    """
    return before_in(rows(), LAST)(chapter)
