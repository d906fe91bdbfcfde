"""The digits: their form, and an order that never changes."""

import numpy as np

from solutions import load_mnist


def test_load_mnist_gives_pictures_and_classes_in_a_fixed_order():
    x, label = load_mnist()
    assert x.shape == (10_000, 1, 28, 28) and x.dtype == np.float32
    assert label.shape == (10_000,) and label.dtype == np.int64
    assert x.min() == 0 and x.max() == 1
    assert label[:10].tolist() == [3, 9, 5, 0, 2, 1, 1, 4, 0, 0]


def test_load_mnist_has_every_class_in_both_parts():
    _, label = load_mnist()
    for part in (label[:8000], label[8000:]):
        assert np.bincount(part).min() > 0.08 * len(part)
