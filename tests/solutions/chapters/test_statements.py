"""The task statements: each example is true, and its numbers are those that stand in the text.

`Said(text, *shape)` is an array whose numbers stand in the statement just so; anything else is
what the example says in words. Rows: task, arguments, what comes out.
"""

import ast
import inspect
from dataclasses import dataclass

import numpy as np
import pytest

from autograder.given import before
from autograder.tasks import all_tasks


@dataclass(frozen=True)
class Said:
    text: str
    shape: tuple[int, ...]

    @property
    def value(self):
        array = np.array(ast.literal_eval(self.text))
        array = array if array.dtype == bool else array.astype(float)
        return array.reshape(self.shape) if self.shape else array


def said(text, *shape):
    return Said(text, shape)


def maps(*texts):
    """One picture, of the maps (R, C) that the text shows one by one."""
    shape = np.array(ast.literal_eval(texts[0])).shape
    return [said(text, *shape) for text in texts]


def stacked(parts):
    """(1, maps, R, C)"""
    return np.stack([part.value for part in parts])[None]


ZERO = np.zeros(1)

ROWS = [
    ("square_backward", [said("[1., 10.]"), said("[3., -2.]")], [said("[6., -40.]")]),
    (
        "conv1d_scan",
        [said("[[[1., 2., 4.]]]"), said("[[[10., 1.]]]"), said("[100.]")],
        [said("[[[112., 124.]]]")],
    ),
    (
        "conv_scan",
        [
            said("[[[1., 2., 3.]], [[4., 5., 6.]]]", 1, 2, 1, 3),
            [said("[[[10., 1.]], [[0., 0.]]]"), said("[[[1., 0.]], [[0., 10.]]]")],
            said("[100., 200.]"),
        ],
        [[said("[[112., 123.]]"), said("[[251., 262.]]")]],
    ),
    ("count_parameters", [3, 2, 2, 4], [50]),
    (
        "numeric_gradient",
        [lambda x: float(x[0] ** 2 * x[1]), said("[3., 2.]"), 1.0],
        [said("[12., 9.]")],
    ),
    ("graph_backward", [2.0, 0.5], [said("2.0727"), said("4.9248")]),
    ("batch_gradient", [said("[[1., 2., 6.], [3., 4., 0.]]")], [said("[2., 3., 3.]")]),
    (
        "flatten_backward",
        [said("[[1., 2., 3., 4., 5., 6.]]"), (1, 1, 2, 3)],
        [said("[[[[1., 2., 3.], [4., 5., 6.]]]]")],
    ),
    (
        "flatten_backward",
        [said("[[1., 2., 3., 4., 5., 6.]]"), (1, 2, 1, 3)],
        [said("[[[[1., 2., 3.]], [[4., 5., 6.]]]]")],
    ),
    (
        "affine_backward",
        [
            said("[[1., 10.], [100., 0.]]"),
            said("[[2., 3., 4.], [5., 6., 7.]]"),
            said("[[1., 2., 3.], [4., 5., 6.]]"),
            said("[7., 8.]"),
        ],
        [
            said("[[41., 52., 63.], [100., 200., 300.]]"),
            said("[[502., 603., 704.], [20., 30., 40.]]"),
            said("[101., 10.]"),
        ],
    ),
    (
        "softmax_stable",
        [said("[[0., 0.], [1000., 1000.]]")],
        [said("[[0.5, 0.5], [0.5, 0.5]]")],
    ),
    (
        "cross_entropy_backward",
        [said("[[0., 0.], [0., 0.]]"), np.array([0, 1])],
        [said("[[-0.25, 0.25], [0.25, -0.25]]")],
    ),
    ("softmax_backward", [said("[[4., 0.]]"), said("[[0., 0.]]")], [said("[[1., -1.]]")]),
    (
        "relu_backward",
        [said("[5., -6., 7., -8.]"), said("[1., 2., -3., -4.]")],
        [said("[5., -6., 0., 0.]")],
    ),
    ("sigmoid_backward", [said("[4., -8.]"), said("[0., 0.]")], [said("[1., -2.]")]),
    ("tanh_backward", [said("[4., -8.]"), said("[0., 0.]")], [said("[4., -8.]")]),
    (
        "influence_mask",
        [0, 1, 2, 2, 2, 3],
        [said("[[ True, True, False], [False, False, False]]")],
    ),
    *(
        (
            "pixel_gradient",
            [
                said("[[[1, 10]], [[100, 1000]]]", 1, 2, 1, 2),
                [said("[[1, 2]]", 1, 1, 2), said("[[3, 4]]", 1, 1, 2)],
                *position,
            ],
            [said(total)],
        )
        for position, total in (((0, 0, 0, 1), "3412.0"), ((0, 0, 0, 0), "301.0"))
    ),
    (
        "conv_dy_scatter",
        [
            said("[[[1, 10]], [[100, 0]]]", 1, 2, 1, 2),
            [said("[[1, 2], [3, 4]]", 1, 2, 2), said("[[5, 6], [7, 8]]", 1, 2, 2)],
        ],
        [maps("[[501, 612, 20], [703, 834, 40]]")],
    ),
    (
        "conv_dy_flip",
        [said("[[[1, 10]]]", 1, 1, 1, 2), maps("[[1, 2], [3, 4]]", "[[5, 6], [7, 8]]")],
        [maps("[[1, 12, 20], [3, 34, 40]]", "[[5, 56, 60], [7, 78, 80]]")],
    ),
    (
        "conv_dw",
        [maps("[[1, 10]]"), maps("[[1, 2, 3], [4, 5, 6]]")],
        [maps("[[21, 32], [54, 65]]")],
    ),
    (
        "conv_db",
        [[said("[[[1, 2]], [[5, 5]]]"), said("[[[3, 4]], [[5, 5]]]")]],
        [said("[10., 20.]")],
    ),
    (
        "pad_backward",
        [maps("[[1, 2, 3], [4, 5, 6], [7, 8, 9]]"), ((1, 0), (0, 1))],
        [maps("[[4, 5], [7, 8]]")],
    ),
    (
        "padded_conv_backward",
        [maps("[[1, 10, 100]]"), maps("[[3, 4]]"), maps("[[5, 7]]"), ZERO, ((0, 0), (2, 0))],
        [maps("[[570, 700]]"), maps("[[300, 430]]"), said("[111]")],
    ),
    (
        "downsample_backward",
        [maps("[[1, 2], [3, 4]]"), (1, 1, 4, 5), (2, 3)],
        [maps("[[1, 0, 0, 2, 0], [0, 0, 0, 0, 0], [3, 0, 0, 4, 0], [0, 0, 0, 0, 0]]")],
    ),
    (
        "upsample_backward",
        [maps("[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]"), (2, 3)],
        [maps("[[1, 4], [9, 12]]")],
    ),
    (
        "strided_conv_backward",
        [maps("[[1, 10]]"), maps("[[2, 3, 4, 5, 6, 7]]"), maps("[[5, 7, 9]]"), ZERO, (1, 2)],
        [maps("[[5, 7, 59, 70, 90, 0]]"), maps("[[42, 53, 64]]"), said("[11]")],
    ),
    (
        "conv_backward",
        [
            maps("[[1, 10]]"),
            maps("[[3, 4, 5, 6, 8]]"),
            maps("[[5, 7, 9]]"),
            ZERO,
            (1, 2),
            ((0, 0), (1, 0)),
        ],
        [maps("[[7, 59, 70, 90, 0]]"), maps("[[40, 53, 64]]"), said("[11]")],
    ),
    (
        "max_pool_forward",
        [maps("[[1, 5, 2], [5, 0, 7]]", "[[9, 8, 8], [0, 3, 8]]"), (2, 2), (1, 1)],
        [maps("[[5, 7]]", "[[9, 8]]"), maps("[[1, 5]]", "[[0, 1]]")],
    ),
    (
        "max_pool_backward",
        [
            maps("[[10, 20]]", "[[5, 6]]"),
            stacked(maps("[[4, 4]]", "[[0, 2]]")).astype(int),
            (1, 2, 2, 3),
        ],
        [maps("[[0, 0, 0], [0, 30, 0]]", "[[5, 0, 6], [0, 0, 0]]")],
    ),
    (
        "mean_pool_forward",
        [maps("[[1, 5, 3], [2, 0, 5]]"), (2, 2), (1, 1)],
        [maps("[[2, 3.25]]")],
    ),
    (
        "mean_pool_backward",
        [maps("[[4, 8]]"), (1, 1, 2, 3), (2, 2), (1, 1)],
        [maps("[[1, 3, 2], [1, 3, 2]]")],
    ),
    *(
        (
            "conv_transpose_forward",
            [maps("[[1, 2]]"), maps("[[3, 4, 5]]"), bias, (1, 2)],
            [answer],
        )
        for bias, answer in (
            (said("[0]"), maps("[[3, 4, 11, 8, 10]]")),
            (said("[7]"), np.array([[[[10, 11, 18, 15, 17]]]])),  # "all five are larger by 7"
        )
    ),
    (
        "conv_transpose_backward",
        [maps("[[1, 2, 3, 4, 5]]"), maps("[[1, 2]]"), maps("[[3, 4, 5]]"), ZERO, (1, 2)],
        [maps("[[26, 50]]"), maps("[[7, 10, 13]]"), said("[15]")],
    ),
    (
        "sgd_step",
        [said("[1., 2.]"), said("[10., 20.]"), said("[1., 0.]"), 0.1, 0.5],
        [said("[0.5, 0.]"), said("[-0.5, -2.]")],
    ),
]


def statement(name):
    """The docstring as one line."""
    return " ".join(inspect.getdoc(all_tasks()[name].solution).split())


def value_of(part):
    if isinstance(part, list):
        return np.stack([p.value for p in part]).reshape(_shape(part))
    return part.value if isinstance(part, Said) else part


def _shape(parts):
    """Maps (R, C) are those of one picture or of one filter; larger parts are stacked."""
    one = parts[0].value.shape
    return (1, len(parts), *one) if len(one) == 2 else (len(parts), *one)


def texts_in(parts):
    flat = [p for part in parts for p in (part if isinstance(part, list) else [part])]
    return [p.text for p in flat if isinstance(p, Said)]


@pytest.mark.parametrize(
    ("name", "args", "outputs"),
    [pytest.param(*row, id=f"{row[0]}-{k}") for k, row in enumerate(ROWS)],
)
def test_example_of_a_statement_is_true_and_stands_in_it(name, args, outputs):
    values = [value_of(a) for a in args]
    answer = all_tasks()[name].solution(*values)
    answer = answer if isinstance(answer, tuple) else (answer,)
    for got, want in zip(answer, outputs, strict=True):
        want = value_of(want)
        assert np.shape(got) == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=0, atol=5e-5)
    text = statement(name)
    for shown in texts_in([*args, *outputs]):
        assert shown in text, f"{shown} is not in the statement of {name}"


def test_numbers_in_words():
    assert "count_parameters(3, 2, 2, 4) = 50" in statement("count_parameters")
    assert "influence_mask(0, 1, 2, 2, 2, 3) is the array" in statement("influence_mask")
    for number in ("x = 2.0, y = 0.5", "dt = 0.8415 and ds = 2.4624"):
        assert number in statement("graph_backward")
    s, t = 2.0 * 0.5, 2.0 * 0.5 + 2.0
    assert round(np.sin(s), 4) == 0.8415
    assert round(t * np.cos(s) + np.sin(s), 4) == 2.4624


def test_example_of_convnet_backward():
    layer = lambda value: np.full((1, 1, 1, 1), float(value))  # noqa: E731
    dimage, dweights, dbiases = all_tasks()["convnet_backward"].solution(
        np.array([[[[6.0, 7.0]]]]),
        np.array([[[[2.0, 3.0]]]]),
        [layer(4), layer(5)],
        [np.array([-9.0]), np.array([1.0])],
    )
    assert dimage.tolist() == [[[[0, 140]]]]
    assert [float(w.item()) for w in dweights] == [105, 21]
    assert [float(b.item()) for b in dbiases] == [35, 13]
    text = statement("convnet_backward")
    for shown in ("[[2, 3]]", "weights 4 and 5, biases -9 and 1", "dy [[6, 7]]", "dw is [[21]]"):
        assert shown in text
    for shown in ("db [13]", "dw [[105]]", "db [35]", "dimage is [[0, 140]]"):
        assert shown in text


def test_example_of_cnn_gradients():
    params = {
        "conv_w": np.ones((1, 1, 1, 1)),
        "conv_b": np.zeros(1),
        "affine_w": np.ones((2, 1)),
        "affine_b": np.zeros(2),
    }
    image = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    found = all_tasks()["cnn_gradients"].solution(image, np.array([0]), params)
    shown = {
        "affine_b": "[-0.5, 0.5]",
        "affine_w": "[[-2], [2]]",
        "conv_w": "[[0]]",
        "conv_b": "[0]",
    }
    for name, numbers in shown.items():
        want = np.array(ast.literal_eval(numbers), float).reshape(params[name].shape)
        np.testing.assert_allclose(found[name], want)
        assert f"{name} {numbers}" in statement("cnn_gradients")


def test_cnn_gradients_names_layers_that_are_given_with_their_arguments():
    layers = before("ch13")
    text = statement("cnn_gradients").split("has conv_forward", 1)[1]
    calls = ast.parse("[conv_forward" + text.split(". No z1", 1)[0].replace(" and ", ", ") + "]")
    names = {
        node.func.id: [a.id for a in node.args]
        for node in ast.walk(calls)
        if isinstance(node, ast.Call)
    }
    assert len(names) == 11
    for name, arguments in names.items():
        given = list(inspect.signature(getattr(layers, name)).parameters)
        assert arguments == given[: len(arguments)], name


@pytest.mark.parametrize("task", list(all_tasks().values()), ids=lambda t: t.name)
def test_statements_are_narrow_and_say_what_div_is(task):
    text = inspect.getdoc(task.solution)
    assert max(map(len, text.splitlines())) <= 72
    first = next(
        (
            t
            for t in all_tasks().values()
            if t.chapter == task.chapter and "Div" in statement(t.name)
        ),
        None,
    )
    if task is first:
        assert "divergence" in text


def test_every_example_has_a_row():
    own = {"convnet_backward", "cnn_gradients"}
    rows = {name for name, *_ in ROWS} | own
    assert {t for t in all_tasks() if "Example" in statement(t)} == rows
    assert set(all_tasks()) - rows == {"train_cnn"}
