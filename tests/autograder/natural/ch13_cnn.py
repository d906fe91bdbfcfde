"""Chapter 13's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- cnn_gradients -----
    ("cnn_gradients", {"mean_missing"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = softmax(z2)
    dz2[np.arange(len(z2)), target] -= 1
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"softmax_twice"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    y = softmax(z2)
    dy = (y - np.eye(y.shape[1])[target]) / len(y)
    dz2 = y * (dy - (y * dy).sum(1, keepdims=True))
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"softmax_missing"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (z2 - np.eye(z2.shape[1])[target]) / len(z2)
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"sign"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (np.eye(z2.shape[1])[target] - softmax(z2)) / len(z2)
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"softmax_over_pictures"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    e = np.exp(z2)
    dz2 = (e / e.sum(axis=0) - np.eye(z2.shape[1])[target]) / len(z2)
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"relu_missing"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    return backward(dz2, image, params, np.ones_like(z1), pooled, pidx, flat)
"""),
    ("cnn_gradients", {"to_all_of_window"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    found = backward(dz2, image, params, z1, pooled, pidx, flat)
    dp = (dz2 @ params["affine_w"]).reshape(pooled.shape)
    dz1 = np.repeat(np.repeat(dp, 2, axis=2), 2, axis=3) * (z1 > 0)
    found["conv_w"], found["conv_b"] = filters(dz1, image, params["conv_w"])
    return found
"""),
    ("cnn_gradients", {"unflattened_maps_last"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    found = backward(dz2, image, params, z1, pooled, pidx, flat)
    T, N, H, W = pooled.shape
    dp = (dz2 @ params["affine_w"]).reshape(T, H, W, N).transpose(0, 3, 1, 2)
    dz1 = unpool(dp, pidx, z1.shape) * (z1 > 0)
    found["conv_w"], found["conv_b"] = filters(dz1, image, params["conv_w"])
    return found
"""),
    ("cnn_gradients", {"affine_b_mean"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    found = backward(dz2, image, params, z1, pooled, pidx, flat)
    return {**found, "affine_b": dz2.mean(axis=0)}
"""),
    ("cnn_gradients", {"type"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    found = backward(dz2, image, params, z1, pooled, pidx, flat)
    return found["conv_w"], found["conv_b"], found["affine_w"], found["affine_b"]
"""),
    ("cnn_gradients", {"conv_bias_missing"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, {**params, "conv_b": 0 * params["conv_b"]})
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    return backward(dz2, image, params, z1, pooled, pidx, flat)
"""),
    ("cnn_gradients", {"unknown"}, """
def f(image, target, params):
    z1, y1, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    found = backward(dz2, image, params, z1, pooled, pidx, flat)
    return {k: params[k] - 0.1 * found[k] for k in params}
"""),
    # another gradient than the one by the parameter
    ("cnn_gradients", {"conv_w_is_dimage"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["conv_w"] = by_image(dz1, image, params["conv_w"])
    return found
"""),
    ("cnn_gradients", {"conv_one_off"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    dimage = by_image(dz1, image, params["conv_w"])
    found["conv_w"], found["conv_b"] = dimage, found["conv_w"]
    return found
"""),
    ("cnn_gradients", {"conv_w_is_dz"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["conv_w"] = dz1
    return found
"""),
    ("cnn_gradients", {"conv_w_is_dy"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["conv_w"] = dy1
    return found
"""),
    ("cnn_gradients", {"affine_w_transposed"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_w"] = flat.T @ dz2
    return found
"""),
    ("cnn_gradients", {"affine_w_is_dflat"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_w"] = dz2 @ params["affine_w"]
    return found
"""),
    ("cnn_gradients", {"affine_one_off"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_w"], found["affine_b"] = dz2 @ params["affine_w"], found["affine_w"]
    return found
"""),
    # sums that are not taken
    ("cnn_gradients", {"affine_b_per_picture"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_b"] = dz2
    return found
"""),
    ("cnn_gradients", {"conv_b_per_picture"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["conv_b"] = dz1.sum((2, 3))
    return found
"""),
    ("cnn_gradients", {"conv_b_of_dy"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["conv_b"] = dy1.sum((0, 2, 3))
    return found
"""),
    # gradients that were never filled
    ("cnn_gradients", {"affine_w_zero", "affine_b_zero"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found |= {k: 0 * params[k] for k in ("affine_w", "affine_b")}
    return found
"""),
    ("cnn_gradients", {"affine_w_zero"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_w"] = 0 * params["affine_w"]
    return found
"""),
    ("cnn_gradients", {"conv_w_zero", "conv_b_zero"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found |= {k: 0 * params[k] for k in ("conv_w", "conv_b")}
    return found
"""),
    # the keys are right, one value is no array; and the other way round
    ("cnn_gradients", {"type"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    found["affine_b"] = dz2.sum()
    return found
"""),
    ("cnn_gradients", {"type"}, """
def f(image, target, params):
    found, dz2, flat, dy1, dz1 = right(image, target, params)
    return {k: found[k] for k in ("affine_w", "affine_b")}
"""),
    # ----- sgd_step -----
    ("sgd_step", {"input_modified"}, """
def f(w, dw, v, step, momentum):
    v *= momentum
    v -= step * dw
    w += v
    return w, v
"""),
    ("sgd_step", {"minus_velocity"}, """
def f(w, dw, v, step, momentum):
    v = momentum * v - step * dw
    return w - v, v
"""),
    ("sgd_step", {"other_convention"}, """
def f(w, dw, v, step, momentum):
    v = momentum * v + dw
    return w - step * v, v
"""),
    ("sgd_step", {"velocity_of_other_sign"}, """
def f(w, dw, v, step, momentum):
    v = momentum * v + step * dw
    w = w - v
    return w, v
"""),
    ("sgd_step", {"damped"}, """
def f(w, dw, v, step, momentum):
    v = momentum * v - (1 - momentum) * step * dw
    return w + v, v
"""),
    # ----- train_cnn -----
    ("train_cnn", {"not_moved"}, """
def f(image, target, seed):
    return train(image, target, seed, moves=[(1, 1)])
"""),
    ("train_cnn", {"uphill", "untrained"}, """
def f(image, target, seed):
    return train(image, target, seed, step=-0.02, epochs=1)
"""),
    ("train_cnn", {"zeros"}, """
def f(image, target, seed):
    return train(image, target, seed, start=0.0)
"""),
    ("train_cnn", {"few_pictures"}, """
def f(image, target, seed):
    return train(image[:64], target[:64], seed, epochs=60)
"""),
    ("train_cnn", {"too_short"}, """
def f(image, target, seed):
    return train(image, target, seed, step=0.002, epochs=2)
"""),
    ("train_cnn", {"standardised"}, """
def f(image, target, seed):
    return train(16 * image, target, seed, step=0.001, epochs=4)
"""),
    ("train_cnn", {"untrained"}, """
def f(image, target, seed):
    shuffled = np.random.default_rng(1).permutation(target)
    return train(image, shuffled, seed, epochs=2)
"""),
    ("train_cnn", {"diverged", "zeros"}, """
def f(image, target, seed):
    return train(image, target, seed, step=50.0, epochs=1)
"""),
    ("train_cnn", {"shape"}, """
def f(image, target, seed):
    found = train(image[:100], target[:100], seed, epochs=1)
    return {**found, "affine_w": found["affine_w"].T}
"""),
]  # fmt: skip


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(image, params):
    """z1, y1, the pooled maps, which of each window won, flat, z2."""
    windows = np.lib.stride_tricks.sliding_window_view(
        image, params["conv_w"].shape[2:], axis=(2, 3)
    )
    z1 = np.einsum("tmrcij,nmij->tnrc", windows, params["conv_w"])
    z1 = z1 + params["conv_b"][:, None, None]
    y1 = np.maximum(z1, 0)
    four = np.stack([y1[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)])
    pooled = four.max(axis=0)
    flat = pooled.reshape(len(image), -1)
    z2 = flat @ params["affine_w"].T + params["affine_b"]
    return z1, y1, pooled, four.argmax(axis=0), flat, z2


def unpool(dp, pidx, shape):
    dy = np.zeros(shape)
    for k in range(4):
        dy[:, :, k // 2 :: 2, k % 2 :: 2] = dp * (pidx == k)
    return dy


def filters(dz, image, w):
    """dw and db of the convolution."""
    dw = np.zeros(w.shape)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            seen = image[:, :, i : i + dz.shape[2], j : j + dz.shape[3]]
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, seen)
    return dw, dz.sum(axis=(0, 2, 3))


def backward(dz2, image, params, z1, pooled, pidx, flat):
    """The way back from dz2, as it should be."""
    dp = (dz2 @ params["affine_w"]).reshape(pooled.shape)
    dz1 = unpool(dp, pidx, z1.shape) * (z1 > 0)
    dw, db = filters(dz1, image, params["conv_w"])
    return {"conv_w": dw, "conv_b": db, "affine_w": dz2.T @ flat, "affine_b": dz2.sum(axis=0)}


def right(image, target, params):
    """The gradients, and what a learner has at hand at the end: dz2, flat, dy1, dz1."""
    z1, _, pooled, pidx, flat, z2 = forward(image, params)
    dz2 = (softmax(z2) - np.eye(z2.shape[1])[target]) / len(z2)
    dy1 = unpool((dz2 @ params["affine_w"]).reshape(pooled.shape), pidx, z1.shape)
    return backward(dz2, image, params, z1, pooled, pidx, flat), dz2, flat, dy1, dy1 * (z1 > 0)


def by_image(dz1, image, w):
    """dy of the convolution, which nobody needs here."""
    dimage = np.zeros_like(image)
    for i, j in np.ndindex(w.shape[2:]):
        rows, columns = slice(i, i + dz1.shape[2]), slice(j, j + dz1.shape[3])
        dimage[:, :, rows, columns] += np.einsum("tnrc,nm->tmrc", dz1, w[:, :, i, j])
    return dimage


def train(image, target, seed, step=0.05, epochs=5, start=0.3, moves=None):
    """Training as it should be, but for what is handed over."""
    rng = np.random.default_rng(seed)
    shapes = {"conv_w": (16, 1, 3, 3), "affine_w": (10, 144), "conv_b": (16,), "affine_b": (10,)}
    params = {k: start * rng.standard_normal(s) for k, s in shapes.items()}
    params["affine_w"] /= 3
    velocity = {k: 0 * w for k, w in params.items()}
    moves = moves or [(r, c) for r in range(3) for c in range(3)]
    for _ in range(epochs):
        order = rng.permutation(len(image))
        for k in range(0, len(order), 32):
            r, c = moves[rng.integers(len(moves))]
            wide = np.pad(image[order[k : k + 32]], ((0, 0), (0, 0), (1, 1), (1, 1)))
            moved = wide[:, :, r : r + 8, c : c + 8]
            z1, _, pooled, pidx, flat, z2 = forward(moved, params)
            dz2 = (softmax(z2) - np.eye(10)[target[order[k : k + 32]]]) / len(z2)
            for name, dw in backward(dz2, moved, params, z1, pooled, pidx, flat).items():
                velocity[name] = 0.9 * velocity[name] - step * dw
                params[name] = params[name] + velocity[name]
    return params
