"""Chapter 13: assemble a convolutional network with pooling, and train it on digits of 8 x 8 pixels.

image (T, M, H, W), target (T,); N filters, C classes. The docstrings are the task statements.
"""

import numpy as np


def cnn_gradients(image, target, params):
    """The gradients of the loss by all parameters of a small CNN.

    Forward goes through six layers, T pictures at a time:

    1. conv, stride 1, no padding: `z1[t, n, r, c] = conv_b[n] + sum over
       m, i, j of conv_w[n, m, i, j] * image[t, m, r + i, c + j]`
    2. ReLU: `y1 = max(z1, 0)`
    3. max pool, windows of 2 x 2, stride 2 (no window overlaps another)
    4. flatten: first all of map 0, row by row, then map 1, and so on
    5. affine: `z2[t, k] = affine_b[k] + sum over f of
       affine_w[k, f] * flat[t, f]`
    6. softmax and cross-entropy: `loss = 1/T * sum over t of
       -log(softmax(z2[t])[target[t]])`, the mean over the pictures

    image (T, M, H, W), target (T,) whole numbers from 0 to C - 1, and
    `params` a dict of four arrays: "conv_w" (N, M, KH, KW), "conv_b" (N,),
    "affine_w" (C, N * (H_out // 2) * (W_out // 2)), "affine_b" (C,), where
    H_out = H - KH + 1 and W_out = W - KW + 1 are even
    ->  a dict with the same four keys: the gradients of the loss, new
    arrays of the same shapes.

    For the digits M = 1, H = W = 8, N = 16, KH = KW = 3 and C = 10, but
    take all sizes from the arrays.

    Example: image [[1, 2], [3, 4]] (one map), target [0], conv_w one
    filter of one weight [[1]], conv_b [0], affine_w [[1], [1]] and
    affine_b [0, 0] give z1 = y1 = image, flat [[4]], z2 [[4, 4]], so the
    gradients are affine_b [-0.5, 0.5], affine_w [[-2], [2]], conv_w [[0]]
    and conv_b [0].

    Write it in one piece, or put together layers: after
    `from autograder.given import before`, `layers = before("ch13")` has
    conv_forward(y, w, b), conv_backward(dz, y, w, b, stride, padding),
    relu_forward(z), relu_backward(dy, z), flatten_forward(y),
    max_pool_forward(y, size, stride), max_pool_backward(dz, pidx, shape),
    flatten_backward(dz, shape), affine_forward(y, w, b),
    affine_backward(dz, y, w, b) and cross_entropy_backward(z, target).

    No z1 is 0. The largest y1 of a window stands there once, unless all
    four are 0: then the ReLU lets no gradient through, whichever wins. Any
    floating dtype will do. Do not change image, target or params.
    Lecture: "Recap: A CNN, end-to-end".
    """
    w, v = params["conv_w"], params["affine_w"]
    windows = np.lib.stride_tricks.sliding_window_view(image, w.shape[2:], axis=(2, 3))
    z = np.einsum("tmrcij,nmij->tnrc", windows, w) + params["conv_b"][:, None, None]
    T, N, H, W = z.shape
    y = np.maximum(z, 0).reshape(T, N, H // 2, 2, W // 2, 2).swapaxes(3, 4).reshape(T, -1, 4)
    winner = y.argmax(axis=2)[:, :, None]  # which of the four in each window
    flat = np.take_along_axis(y, winner, axis=2)[:, :, 0]
    scores = flat @ v.T + params["affine_b"]
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    dscores = e / e.sum(axis=1, keepdims=True)
    dscores[np.arange(T), target] -= 1
    dscores /= T
    dy = np.zeros_like(y)
    np.put_along_axis(dy, winner, (dscores @ v)[:, :, None], axis=2)
    dy = dy.reshape(T, N, H // 2, W // 2, 2, 2).swapaxes(3, 4).reshape(z.shape)
    dz = dy * (z > 0)
    dw = np.einsum("tnrc,tmrcij->nmij", dz, windows)
    affine = {"affine_w": dscores.T @ flat, "affine_b": dscores.sum(axis=0)}
    return {"conv_w": dw, "conv_b": dz.sum(axis=(0, 2, 3)), **affine}


def sgd_step(w, dw, v, step, momentum):
    """One step of gradient descent with momentum: the new w and the new v.

    The velocity v remembers a share of the steps before; w moves by it:

    `v_new = momentum * v - step * dw`
    `w_new = w + v_new`

    w, dw and v are float arrays of one shape, with any number of axes;
    step and momentum are floats, 0 <= momentum < 1
    ->  the tuple w_new, v_new: new arrays of that shape.

    Example: w = [1., 2.], dw = [10., 20.], v = [1., 0.], step = 0.1 and
    momentum = 0.5 give v_new = [-0.5, -2.] and w_new = [0.5, 0.].

    Any floating dtype will do. Do not change w, dw or v: no += on them.
    Lecture: gradient descent with step size eta; momentum is an addition.
    """
    v_new = momentum * v - step * dw
    return w + v_new, v_new


def train_cnn(image, target, seed):
    """Train the CNN of cnn_gradients on digits: return its parameters.

    image (T, 1, 8, 8) floats from 0 to 1, target (T,) the digits 0 to 9;
    `seed` for np.random.default_rng, which makes all your random numbers
    ->  a dict of arrays "conv_w" (16, 1, 3, 3), "conv_b" (16,),
    "affine_w" (10, 144), "affine_b" (10,).

    Begin with small random weights (not all 0: equal filters stay equal)
    and with all velocities at 0. Then, epoch by epoch: shuffle, take
    batches of some 32 pictures, and move every parameter by sgd_step along
    its gradient. A step of 0.05 and a momentum of 0.9 do well; stop after
    some 20 to 40 epochs. It takes seconds, and may take a minute.

    The parameters are judged on digits that are not in `image`, as they
    are and moved by one pixel: up or down, left or right, or both. Zeros
    come in at the border (np.roll would bring in the far side). So move
    your training pictures too, at random; one shift for a whole batch is
    enough. Asked for are 85 % of the digits in place, 75 % of those moved
    along one axis, 65 % of those moved along both.

    Pictures are judged as they come: scale or shift no pixel values in
    here, or put that into the parameters. Do not change image or target.
    """
    rng = np.random.default_rng(seed)
    params = {"conv_b": np.zeros(16), "affine_b": np.zeros(10)}
    params["conv_w"] = 0.3 * rng.standard_normal((16, 1, 3, 3))
    params["affine_w"] = 0.1 * rng.standard_normal((10, 144))
    velocity = {name: np.zeros_like(w) for name, w in params.items()}
    for _ in range(30):
        for batch in np.array_split(rng.permutation(len(image)), len(image) // 32):
            r, c = rng.integers(0, 3, 2)  # 1, 1 leaves the pictures in place
            padded = np.pad(image[batch], ((0, 0), (0, 0), (1, 1), (1, 1)))
            moved = padded[:, :, r : r + 8, c : c + 8]
            gradients = cnn_gradients(moved, target[batch], params)
            for name, dw in gradients.items():
                w, v = sgd_step(params[name], dw, velocity[name], 0.05, 0.9)
                params[name], velocity[name] = w, v
    return params
