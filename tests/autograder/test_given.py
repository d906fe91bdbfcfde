"""What a notebook may build on: right layers, and no answer of its own or a later chapter."""

import inspect
import subprocess
import sys
import types

import numpy as np
import pytest

import solutions
from autograder import given, judge
from autograder.tasks import all_tasks

CHAPTERS = sorted({task.chapter for task in all_tasks().values()})
DIGITS = ("conv_w", "conv_b", "affine_w", "affine_b")


def reachable(root):
    """Everything that can be reached from an object: attributes, globals, closures, members."""
    found, todo = {}, [root]
    while todo:
        thing = todo.pop()
        if id(thing) in found or isinstance(thing, types.ModuleType | type):
            continue
        found[id(thing)] = thing
        if isinstance(thing, types.SimpleNamespace):
            todo += vars(thing).values()
        elif isinstance(thing, dict):
            todo += [v for k, v in thing.items() if k != "__builtins__"]
        elif isinstance(thing, types.FunctionType):
            todo += (
                [thing.__globals__, thing.__dict__, thing.__wrapped__]
                if hasattr(thing, "__wrapped__")
                else [thing.__globals__, thing.__dict__]
            )
            todo += [cell.cell_contents for cell in thing.__closure__ or ()]
        elif isinstance(thing, list | tuple):
            todo += thing
    return list(found.values())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_task_of_this_or_a_later_chapter_is_reachable(chapter):
    layers = given.before(chapter)
    functions = {f.__name__: f for f in reachable(layers) if callable(f)}
    for name, task in all_tasks().items():
        assert (name in functions) == (task.chapter < chapter)
    for text in (source for _, _, source in given.rows(chapter)):
        for name, task in all_tasks().items():
            assert task.chapter < chapter or f"def {name}(" not in text


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_layer_is_an_answer_to_a_later_task(chapter):
    for name, task in all_tasks().items():
        if task.chapter < chapter or task.through:
            continue
        for layer in vars(given.before(chapter)).values():
            with np.errstate(all="ignore"):
                report = judge(name, lambda *args, f=layer: f(*args))
            assert report.score < report.points, f"{layer.__name__} answers {name}"


def test_earlier_answers_are_the_model_answers():
    layers = given.before("ch99")
    for name, task in all_tasks().items():
        if not task.through:
            assert judge(name, getattr(layers, name)).score == task.points


def test_layers_hold_numpy_and_each_other_only():
    layers = given.before("ch13")
    names = layers.conv_forward.__globals__
    assert {k for k in names if k != "__builtins__"} == {"np", *vars(layers)}


def test_conv_forward_is_that_of_the_reference_package():
    rng = np.random.default_rng(0)
    y, w, b = (rng.standard_normal(s) for s in ((2, 3, 7, 6), (4, 3, 3, 2), (4,)))
    for stride, padding in (
        (1, ((0, 0), (0, 0))),
        (2, ((1, 0), (0, 2))),
        ((3, 1), ((1, 1), (2, 2))),
    ):
        np.testing.assert_allclose(
            given.conv_forward(y, w, b, stride, padding),
            solutions.conv_forward(y, w, b, stride, padding),
            atol=1e-12,
        )


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("relu_forward", ("z",)),
        ("sigmoid_forward", ("z",)),
        ("tanh_forward", ("z",)),
        ("flatten_forward", ("maps",)),
        ("affine_forward", ("z", "w", "b")),
        ("cross_entropy_forward", ("z", "target")),
    ],
)
def test_other_forwards_are_those_of_the_reference_package(name, args):
    rng = np.random.default_rng(1)
    values = {
        "z": rng.standard_normal((4, 5)),
        "maps": rng.standard_normal((2, 3, 4, 5)),
        "w": rng.standard_normal((3, 5)),
        "b": rng.standard_normal(3),
        "target": np.array([0, 4, 2, 2]),
    }
    chosen = [values[a] for a in args]
    ours, theirs = getattr(given, name)(*chosen), getattr(solutions, name)(*chosen)
    np.testing.assert_allclose(ours, theirs, atol=1e-14)


def test_a_network_is_assembled_from_the_given_layers():
    """What chapter 13's notebook asks for: full marks, with given layers only."""
    layers = given.before("ch13")

    def cnn_gradients(image, target, params):
        conv_w, conv_b, affine_w, affine_b = (params[k] for k in DIGITS)
        z1 = layers.conv_forward(image, conv_w, conv_b)
        y1 = layers.relu_forward(z1)
        pooled, pidx = layers.max_pool_forward(y1, (2, 2), (2, 2))
        flat = layers.flatten_forward(pooled)
        z2 = layers.affine_forward(flat, affine_w, affine_b)
        dz2 = layers.cross_entropy_backward(z2, target)
        dflat, daffine_w, daffine_b = layers.affine_backward(dz2, flat, affine_w, affine_b)
        dpooled = layers.flatten_backward(dflat, pooled.shape)
        dy1 = layers.max_pool_backward(dpooled, pidx, y1.shape)
        dz1 = layers.relu_backward(dy1, z1)
        _, dw, db = layers.conv_backward(dz1, image, conv_w, conv_b, 1, ((0, 0), (0, 0)))
        return dict(zip(DIGITS, (dw, db, daffine_w, daffine_b), strict=True))

    report = judge("cnn_gradients", cnn_gradients)
    assert report.score == report.points, report.text()


def test_a_traceback_shows_the_given_layers_lines():
    layers = given.before("ch13")
    assert "y @ w.T + b" in inspect.getsource(layers.affine_forward)


@pytest.mark.parametrize("chapter", ["ch5", "05", "ch05_dy", 5, None, ""])
def test_before_names_a_chapter_that_is_none(chapter):
    with pytest.raises(ValueError, match="`chapter`"):
        given.before(chapter)


def test_given_needs_no_numba_and_nothing_heavy():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from autograder.given import before\n"
        "from autograder.digits import load_digits\n"
        "before('ch13'); assert load_digits()[0].shape == (1797, 1, 8, 8)\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"nbgrader", "sphinx", "nbformat", "IPython", "matplotlib", "scipy"}


def test_cnn_gradients_expected_values_are_slopes_of_the_loss():
    """By central differences along random directions; kinks are further than the step."""
    from autograder.tasks.ch13_cnn import loss_of

    task, rng, h = all_tasks()["cnn_gradients"], np.random.default_rng(2), 1e-6
    for prop in task.properties:
        for case in prop.cases(rng):
            image, target, params = case.args
            image = image.astype(float)
            params = {k: p.astype(float) for k, p in params.items()}
            (gradients,) = task.expected(image, target, params)
            along = {k: rng.standard_normal(p.shape) for k, p in params.items()}
            ahead, behind = (
                loss_of(image, target, {k: p + s * h * along[k] for k, p in params.items()})
                for s in (1, -1)
            )
            slope = sum(float(np.vdot(gradients[k], along[k])) for k in params)
            assert abs((ahead - behind) / (2 * h) - slope) < 1e-6 * max(1.0, abs(slope))


def test_convnet_expected_values_are_slopes_of_the_output():
    from autograder.tasks.ch09_backward import network_forward

    task, rng, h = all_tasks()["convnet_backward"], np.random.default_rng(3), 1e-6
    for prop in task.properties:
        for case in prop.cases(rng):
            if case.large or case.same_dtype:
                continue
            dy, image, weights, biases = case.args
            found = task.expected(*case.args)
            along = [rng.standard_normal(a.shape) for a in (image, *weights, *biases)]
            L = len(weights)

            def div(s, dy=dy, image=image, weights=weights, biases=biases, along=along, L=L):
                ws = [w + s * v for w, v in zip(weights, along[1 : L + 1], strict=True)]
                bs = [b + s * v for b, v in zip(biases, along[L + 1 :], strict=True)]
                return float(np.sum(dy * network_forward(image + s * along[0], ws, bs)[0][-1]))

            slope = sum(
                float(np.vdot(g, v))
                for g, v in zip((found[0], *found[1], *found[2]), along, strict=True)
            )
            assert abs((div(h) - div(-h)) / (2 * h) - slope) < 1e-5 * max(1.0, abs(slope))
