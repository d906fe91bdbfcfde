"""Training with pictures last: the loss and the gradients of the usual way, or the usual way."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions import network as rows
from solutions import pictures_last, use_backend
from solutions.kernels import tiles, tiles_pictures
from solutions.network import Network, lenet
from solutions.training import sgd

T = 64  # whole vectors, whatever the processor


def batch(T, *shape, classes=10, dtype=np.float32):
    rng = np.random.default_rng(0)
    return rng.standard_normal((T, *shape)).astype(dtype), rng.integers(0, classes, T)


def takes(network, image):
    with use_backend("tiles"):
        return network._rows_for(image) is not None


def strided(dtype):
    """Other strides, borders and windows than in LeNet, rows and columns that no window reaches."""
    layers = [
        rows.conv(2, 5, (3, 2), stride=(1, 2), padding=((1, 0), (0, 2))), rows.relu(),
        rows.conv(5, 4, 3, padding=1, dilation=2), rows.relu(), rows.max_pool((2, 3)),
        rows.flatten(), rows.affine(12, 7), rows.relu(), rows.affine(7, 3),
    ]  # fmt: skip
    return Network(layers, 1, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", ["lenet", "strided"])
def test_loss_and_gradients_are_those_of_the_usual_way(case, dtype):
    network = lenet(dtype=dtype) if case == "lenet" else strided(dtype)
    shape, classes = ((1, 28, 28), 10) if case == "lenet" else ((2, 9, 12), 3)
    image, target = batch(T, *shape, classes=classes, dtype=dtype)
    assert takes(network, image)
    with use_backend("tiles"):
        loss, gradients = network.loss(image, target)
    with use_backend("numpy"):
        expected, usual = network.loss(image, target)
    assert loss == pytest.approx(expected, rel=float(100 * np.finfo(dtype).eps))
    assert list(gradients) == list(usual)
    for name, g in gradients.items():
        assert g.dtype == dtype and g.shape == usual[name].shape and g.flags.c_contiguous
        atol = 100 * np.finfo(dtype).eps * np.abs(usual[name]).max()
        np.testing.assert_allclose(g, usual[name], rtol=0, atol=atol, err_msg=name)


def test_a_class_for_each_position():
    network = Network([rows.conv(2, 3, (3, 5), padding=(1, 2))], dtype=np.float64)
    image, _ = batch(T, 2, 5, 6, dtype=np.float64)
    target = np.random.default_rng(1).integers(0, 3, (T, 5, 6))
    assert takes(network, image)
    with use_backend("tiles"):
        loss, gradients = network.loss(image, target)
    with use_backend("numpy"):
        expected, usual = network.loss(image, target)
    assert loss == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradients["conv1.w"], usual["conv1.w"], rtol=0, atol=1e-13)


def test_targets_of_any_whole_numbers_and_pictures_in_any_layout():
    network = lenet()
    image, target = batch(T, 1, 28, 28)
    with use_backend("tiles"):
        expected = network.loss(image, target)[0]
        assert network.loss(image, target.astype(np.int8))[0] == pytest.approx(expected, rel=1e-6)
        other = np.asfortranarray(image)
        other.flags.writeable = False
        assert network.loss(other, target)[0] == expected


OTHERS = {
    "a batch that fills no vector": (lenet(), batch(3, 1, 28, 28)),
    "many maps under 3 x 3": (
        Network([rows.conv(16, 16, 3), rows.relu(), rows.flatten(), rows.affine(256, 10)]),
        batch(T, 16, 6, 6),
    ),
    "maps too large for the cache": (
        Network([rows.conv(9, 2, 2), rows.flatten(), rows.affine(1922, 10)]),
        batch(T, 9, 32, 32),
    ),
    "groups": (
        Network([rows.conv(2, 4, 3, groups=2), rows.flatten(), rows.affine(64, 10)]),
        batch(T, 2, 6, 6),
    ),
    "max pooling without ReLU": (
        Network([rows.max_pool(2), rows.flatten(), rows.affine(9, 10)]),
        batch(T, 1, 6, 6),
    ),
    "windows that overlap": (
        Network([rows.relu(), rows.max_pool(2, 1), rows.flatten(), rows.affine(25, 10)]),
        batch(T, 1, 6, 6),
    ),
    "another kind of row": (
        Network([rows.flatten(), rows.activation("tanh"), rows.affine(36, 10)]),
        batch(T, 1, 6, 6),
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_has_no_such_form_goes_the_usual_way(case):
    network, (image, target) = OTHERS[case]
    assert not takes(network, image)
    with use_backend("tiles"):
        assert np.isfinite(network.loss(image, target)[0])


def test_other_backends_go_the_usual_way():
    image, _ = batch(T, 1, 28, 28)
    with use_backend("im2col"):
        assert lenet()._rows_for(image) is None


@pytest.mark.parametrize(
    ("shape", "change", "message"),
    [
        ((1, 28, 28), lambda image, target: (image, target + 1), "`target` .* 0 to 9"),
        ((1, 28, 28), lambda image, target: (image, target[1:]), "`target` has shape"),
        ((1, 28, 28), lambda image, target: (image.astype(float), target), "one dtype"),
        ((2, 28, 28), lambda image, target: (image, target), "`w` has shape"),
        ((1, 34, 28), lambda image, target: (image, target), "`w` has shape"),
    ],
)
def test_bad_input_is_refused_as_ever(shape, change, message):
    with use_backend("tiles"), pytest.raises((ValueError, TypeError), match=message):
        lenet().loss(*change(*batch(T, *shape)))
    assert not tiles._broken


def test_parameters_of_another_kind_are_noticed():
    network, (image, target) = lenet(), batch(T, 1, 28, 28)
    with use_backend("tiles"):
        expected, gradients = network.loss(image, target)
        for value in network.params.values():
            value.flags.writeable = False
        loss, same = network.loss(image, target)
        assert loss == pytest.approx(expected, rel=1e-5)
        np.testing.assert_allclose(same["conv1.w"], gradients["conv1.w"], rtol=0, atol=1e-5)
        network.params["conv1.w"] = network.params["conv1.w"].astype(float)
        with pytest.raises(TypeError, match="one dtype"):
            network.loss(image, target)


def test_where_the_kernels_do_not_work_the_usual_way_is_taken(monkeypatch):
    def refused(*_):
        raise TypeError("no such intrinsic")

    monkeypatch.setattr(tiles_pictures, "forward", refused)
    network, (image, target) = lenet(), batch(T, 1, 28, 28)
    try:
        with use_backend("tiles"):
            with pytest.warns(RuntimeWarning, match="'im2col' takes its place"):
                loss = network.loss(image, target)[0]
            assert network.loss(image, target)[0] == loss
    finally:
        tiles._broken.clear()


def test_relu_and_max_pooling_are_one_row():
    names = [(kind, layer.name) for kind, layer in pictures_last.together(lenet().layers)]
    assert names[:4] == [
        ("conv", "conv1"),
        ("relu max_pool", "max_pool1"),
        ("conv", "conv2"),
        ("relu max_pool", "max_pool2"),
    ]


def test_training_goes_where_it_went():
    """Five steps of each backend, from the same start."""
    image, target = batch(T, 1, 28, 28)
    found = {}
    for name in ("tiles", "numpy"):
        network, rule = lenet(), sgd(0.01)
        with use_backend(name):
            for _ in range(5):
                rule.update(network.params, network.loss(image, target)[1])
        found[name] = network.params
    for name, value in found["numpy"].items():
        np.testing.assert_allclose(found["tiles"][name], value, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize("place", ["forward", "backward"])
def test_a_function_that_was_put_in_a_rows_place_is_the_one_that_counts(k, place):
    """As when somebody plants a bug: the fast way must not hide it."""
    layers = [
        rows.conv(1, 4, 3),
        rows.relu(),
        rows.max_pool(2),
        rows.flatten(),
        rows.affine(36, 10),
    ]
    before = getattr(layers[k], place)

    def doubled(first, *rest):
        return before(2 * first, *rest)

    layers[k] = replace(layers[k], **{place: doubled})
    network, (image, target) = Network(layers, seed=1), batch(T, 1, 8, 8)
    assert not takes(network, image)
    with use_backend("tiles"):
        loss, gradients = network.loss(image, target)
    with use_backend("numpy"):
        expected, usual = network.loss(image, target)
    assert loss == pytest.approx(expected, rel=1e-5)
    for name, value in usual.items():
        np.testing.assert_allclose(gradients[name], value, rtol=0, atol=1e-5 * np.abs(value).max())
