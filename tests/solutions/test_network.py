"""Networks: forward walks the rows, backward walks them reversed, every parameter is checked."""

import numpy as np
import pytest

from solutions import network as rows
from solutions.losses import cross_entropy_forward
from solutions.network import Layer, Network, lenet

RNG = np.random.default_rng(0)


def every_kind(dtype=np.float64):
    """A network with a row of every kind; odd sizes, so that nothing fits by accident."""
    layers = [
        rows.conv(2, 6, (3, 2), stride=(1, 2), padding=((1, 0), (0, 2))),
        rows.batch_norm(6),
        rows.activation("tanh"),
        rows.conv(6, 4, 2, groups=2, dilation=(1, 2)),
        rows.activation("softplus"),
        rows.mean_pool(2, 1),
        rows.activation("gelu"),
        rows.max_pool((2, 1)),
        rows.activation("sigmoid"),
        rows.flatten(),
        rows.affine(16, 7),
        rows.activation("leaky_relu"),
        rows.affine(7, 5),
    ]
    return Network(layers, seed=3, dtype=dtype)


IMAGE = RNG.standard_normal((3, 2, 8, 9))
TARGET = np.array([4, 0, 2])


def test_network_by_hand():
    """One affine row and ReLU: z = 2*3 + 1 = 7; dy = 5 -> dw = 5*3, db = 5, dimage = 5*2."""
    network = Network([rows.affine(1, 1), rows.relu()], dtype=np.float64)
    network.params["affine1.w"][:] = 2
    network.params["affine1.b"][:] = 1
    z, trace = network.forward(np.array([[3.0]]))
    assert z.tolist() == [[7.0]]
    dimage, gradients = network.backward(np.array([[5.0]]), trace)
    assert dimage.tolist() == [[10.0]]
    assert {name: g.tolist() for name, g in gradients.items()} == {
        "affine1.w": [[15.0]],
        "affine1.b": [5.0],
    }


def test_rows_of_one_kind_are_numbered():
    assert list(every_kind().params) == [
        "conv1.w", "conv1.b", "batch_norm1.gamma", "batch_norm1.beta", "batch_norm1.mean",
        "batch_norm1.var", "conv2.w", "conv2.b", "affine1.w", "affine1.b", "affine2.w", "affine2.b",
    ]  # fmt: skip


def test_every_parameter_and_the_picture_pass_a_directional_check():
    """<gradient, direction> against the difference quotient of the loss, for each by itself."""
    network = every_kind()
    _, gradients = network.loss(IMAGE, TARGET)
    learned = [n for n in network.params if not n.endswith((".mean", ".var"))]
    assert list(gradients) == learned
    h = 1e-5
    for name in learned:
        start, direction = network.params[name], RNG.standard_normal(network.params[name].shape)
        losses = []
        for sign in (1, -1):
            network.params[name] = start + sign * h * direction
            z, _ = network.forward(IMAGE, training=True)
            losses.append(cross_entropy_forward(z, TARGET))
        network.params[name] = start
        quotient = (losses[0] - losses[1]) / (2 * h)
        size = np.linalg.norm(gradients[name]) * np.linalg.norm(direction)
        assert abs(np.vdot(gradients[name], direction) - quotient) <= 1e-7 * max(size, 1e-2), name


def test_a_wrong_row_is_noticed():
    """The check above has teeth: a row whose backward is off by a factor does not pass."""
    good = rows.activation("tanh")
    bad = Layer("tanh", good.forward, lambda dy, z, p: (1.01 * good.backward(dy, z, p)[0], {}))
    right, wrong = (
        Network([rows.flatten(), rows.affine(144, 6), row, rows.affine(6, 5)], dtype=np.float64)
        for row in (good, bad)
    )
    gap = right.loss(IMAGE, TARGET)[1]["affine1.w"] - wrong.loss(IMAGE, TARGET)[1]["affine1.w"]
    assert np.abs(gap).max() > 1e-4


def test_he_initialisation_keeps_the_size_of_the_signal():
    network = Network([rows.conv(50, 60, 3), rows.conv(60, 40, 3, groups=2)], dtype=np.float64)
    for name, fan_in in (("conv1.w", 450), ("conv2.w", 270)):
        assert network.params[name].std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.02)
    assert not network.params["conv1.b"].any()


def test_seeds_decide_the_parameters():
    one, same, other = lenet(seed=1), lenet(seed=1), lenet(seed=2)
    assert all(np.array_equal(one.params[n], same.params[n]) for n in one.params)
    assert not np.array_equal(one.params["conv1.w"], other.params["conv1.w"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept_throughout(dtype):
    network = every_kind(dtype)
    z, trace = network.forward(IMAGE.astype(dtype), training=True)
    dimage, gradients = network.backward(np.ones_like(z), trace)
    assert {a.dtype for a in (z, dimage, *gradients.values())} == {np.dtype(dtype)}


def test_batch_norm_uses_running_statistics_outside_training():
    network = every_kind()
    before = network.forward(IMAGE)[0]
    assert np.array_equal(before, network.forward(IMAGE)[0])
    network.forward(IMAGE, training=True)
    assert not np.array_equal(before, network.forward(IMAGE)[0])
    z, trace = network.forward(IMAGE)
    with pytest.raises(ValueError, match="`training` = True"):
        network.backward(np.ones_like(z), trace)


def test_predict_works_in_batches_and_on_none():
    network = lenet()
    x = RNG.random((7, 1, 28, 28), dtype=np.float32)
    assert np.array_equal(network.predict(x, batch=3), network.predict(x))
    assert network.predict(x[:0]).shape == (0,)
    with pytest.raises(ValueError, match="`image` has 7 pictures for 3 targets"):
        network.accuracy(x, np.zeros(3, int))


def test_save_and_load_keep_every_parameter(tmp_path):
    one, other = every_kind(), every_kind()
    for value in one.params.values():
        value += 1
    one.save(tmp_path / "network.npz")
    other.load(tmp_path / "network.npz")
    assert all(np.array_equal(one.params[n], other.params[n]) for n in one.params)
    assert [p.name for p in tmp_path.iterdir()] == ["network.npz"]


def test_load_refuses_another_network_and_changes_nothing(tmp_path):
    lenet().save(tmp_path / "lenet.npz")
    network = every_kind()
    before = {n: p.copy() for n, p in network.params.items()}
    with pytest.raises(ValueError, match=r"is of another network: .*affine3\.b"):
        network.load(tmp_path / "lenet.npz")
    lenet(maps=(5, 16)).save(tmp_path / "small.npz")
    with pytest.raises(ValueError, match=r"holds conv1.w of shape \(5, 1, 5, 5\)"):
        lenet().load(tmp_path / "small.npz")
    assert all(np.array_equal(before[n], network.params[n]) for n in before)


def test_load_never_unpickles(tmp_path):
    np.savez(tmp_path / "evil.npz", **{"conv1.w": np.array([object()])})
    with pytest.raises(ValueError, match=r"pickle|another network"):
        lenet().load(tmp_path / "evil.npz")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Network([]), ValueError, r"`layers` \(=\[\]\)"),
        (lambda: Network([rows.relu()], dtype=int), TypeError, "`dtype` .* must be float32"),
        (lambda: rows.activation("swish"), ValueError, r"`kind` \(='swish'\) must be one of relu"),
        (lambda: rows.conv(0, 3, 3), ValueError, r"`M` \(=0\)"),
        (lambda: rows.affine(3, 2.5), TypeError, r"`N` \(=2.5\)"),
        (lambda: rows.batch_norm(3, momentum=0), ValueError, r"`momentum` \(=0\)"),
    ],
)
def test_network_errors_name_argument_and_value(call, error, message):
    with pytest.raises(error, match=message):
        call()
