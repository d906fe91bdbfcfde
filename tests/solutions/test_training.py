"""Training: the update rules by hand, the loop's promises, and networks that learn."""

import numpy as np
import pytest

from solutions import load_digits, load_mnist
from solutions import network as rows
from solutions.network import Network, lenet
from solutions.training import adam, fit, sgd, shifted


def small(seed=0):
    """A network for the 8 x 8 digits."""
    layers = [
        rows.conv(1, 16, 3, padding=1), rows.relu(),
        rows.conv(16, 32, 3), rows.relu(), rows.max_pool(2),
        rows.flatten(), rows.affine(32 * 9, 10),
    ]  # fmt: skip
    return Network(layers, seed)


def test_sgd_by_hand():
    """v = 0.5*0 - 0.1*4 = -0.4, w = 1 - 0.4; then v = 0.5*-0.4 - 0.1*4 = -0.6, w = 0.6 - 0.6."""
    params, rule = {"w": np.array([1.0])}, sgd(step=0.1, momentum=0.5)
    rule.update(params, {"w": np.array([4.0])})
    assert params["w"][0] == pytest.approx(0.6)
    rule.update(params, {"w": np.array([4.0])})
    assert params["w"][0] == pytest.approx(0.0)


def test_adam_by_hand():
    """The first step is `step` whatever the gradient's size: mean/sqrt(square) = 4/sqrt(16)."""
    params, rule = {"w": np.array([1.0, 1.0])}, adam(step=0.1)
    rule.update(params, {"w": np.array([4.0, -0.01])})
    assert params["w"] == pytest.approx([0.9, 1.1], abs=1e-6)


def test_shifted_moves_each_picture_by_at_most_two():
    rng = np.random.default_rng(0)
    image = rng.random((50, 2, 6, 7))
    moved = shifted(image, rng)
    padded = np.pad(image, ((0, 0), (0, 0), (2, 2), (2, 2)))
    places = set()
    for t in range(50):
        found = [
            (r, c)
            for r in range(5)
            for c in range(5)
            if np.array_equal(moved[t], padded[t, :, r : r + 6, c : c + 7])
        ]
        assert len(found) == 1
        places.add(found[0])
    assert len(places) > 15


def data(count=200):
    x, label = load_digits()
    return x[:count], label[:count]


def test_fit_is_decided_by_its_seed_and_leaves_the_data_alone():
    x, label = data()
    x.flags.writeable = False
    runs = []
    for seed in (1, 1, 2):
        network = small()
        history = fit(network, x, label, adam(), epochs=2, seed=seed, progress=False)
        runs.append((history[-1]["loss"], network.params["conv1.w"]))
    assert runs[0][0] == runs[1][0] != runs[2][0]
    assert np.array_equal(runs[0][1], runs[1][1])


def test_fit_keeps_a_history_and_stops_early_with_the_best_parameters():
    x, label = data()
    network, held_out = small(), data(300)
    history = fit(
        network, x, label, sgd(step=0.5), epochs=30, held_out=held_out, patience=2, progress=False
    )
    scores = [row["accuracy"] for row in history]
    assert len(history) < 30 and [row["epoch"] for row in history] == list(
        range(1, len(history) + 1)
    )
    assert network.accuracy(*held_out) == max(scores)
    assert scores.index(max(scores)) == len(scores) - 3


def test_fit_shows_progress(capsys):
    fit(small(), *data(64), adam(), epochs=1, held_out=data(20))
    shown = capsys.readouterr().err
    assert "training" in shown and "loss=" in shown and "accuracy=" in shown


def test_fit_says_so_when_the_loss_is_not_finite():
    with pytest.raises(FloatingPointError, match="try a smaller `step`"), np.errstate(all="ignore"):
        fit(small(), *data(), sgd(step=1e30), epochs=3, progress=False)


X, LABEL = data(10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit(small(), X, LABEL[:3], adam()), "`image` has 10 pictures for 3 targets"),
        (lambda: fit(small(), X, LABEL, adam(), batch=0), r"`batch` \(=0\)"),
        (lambda: fit(small(), X, LABEL, adam(), epochs=-1), r"`epochs` \(=-1\)"),
        (lambda: fit(small(), X, LABEL, adam(), patience=2), r"`patience` \(=2\) needs `held_out`"),
        (lambda: sgd(step=0), r"`step` \(=0\) must be above 0"),
        (lambda: sgd(momentum=1), r"`momentum` \(=1\)"),
        (lambda: adam(beta2=-0.1), r"`beta2` \(=-0.1\)"),
        (lambda: adam(eps=0), r"`eps` \(=0\)"),
    ],
)
def test_training_errors_name_argument_and_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_8x8_digits_are_learned_to_97_percent():
    x, label = load_digits()
    network = small()
    fit(network, x[:1437], label[:1437], adam(0.002), epochs=25, decay=0.9, progress=False)
    assert network.accuracy(x[1437:], label[1437:]) >= 0.97


def test_lenet_learns_mnist_to_97_percent():
    x, label = load_mnist()
    network = lenet()
    fit(network, x[:8000], label[:8000], adam(0.002), epochs=12, decay=0.85, progress=False)
    assert network.accuracy(x[8000:], label[8000:]) >= 0.97
