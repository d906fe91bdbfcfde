"""Chapter 09: the complete backward pass, of one layer in general and of a network without pooling.

y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out). The
docstrings are the task statements.
"""

import numpy as np


def conv_backward(dz, y, w, b, stride, padding):
    """The gradients of Div by y, w and b, with stride and padding.

    Div is the divergence: the loss of one picture. Forward puts zeros
    around each map of y, `y_padded[t, m, top + r, left + c] =
    y[t, m, r, c]`, and moves the filter by the stride:
    `z[t, n, r, c] = b[n] + sum over m, i, j of
             w[n, m, i, j] * y_padded[t, m, SH*r + i, SW*c + j]`.

    So `w[n, m, i, j] * dz[t, n, r, c]` is added to
    dy_padded[t, m, SH*r + i, SW*c + j]; cut off its border to get dy. And
    `dw[n, m, i, j] = sum over t, r, c of
             dz[t, n, r, c] * y_padded[t, m, SH*r + i, SW*c + j]`,
    `db[n] = sum over t, r, c of dz[t, n, r, c]`  (sums, not means).

    dz (T, N, H_out, W_out), y (T, M, H, W) without its padding,
    w (N, M, KH, KW), b (N,)
    ->  the tuple dy, dw, db: new arrays with the shapes of y, w and b.

    `stride` is the tuple (SH, SW) of ints, or one int for both;
    `padding` is always ((top, bottom), (left, right)), four whole numbers
    that may differ, each of them may be 0. Where SH does not divide
    top + H + bottom - KH, no filter reaches the last rows of y_padded;
    where SH is larger than KH, none reaches some in the middle.

    Example, with one map each: dz [[1, 10]], y [[3, 4, 5, 6, 8]],
    w [[5, 7, 9]], b [0], stride (1, 2) and padding ((0, 0), (1, 0)):
    y_padded is [[0, 3, 4, 5, 6, 8]], so dy is
    [[7, 9 + 50, 70, 90, 0]] = [[7, 59, 70, 90, 0]], dw
    [[1*0 + 10*4, 1*3 + 10*5, 1*4 + 10*6]] = [[40, 53, 64]] and db [11].

    Do not change the arguments. The values of b play no part. From this
    chapter on the dtype counts: float32 arrays give float32 gradients,
    for about a tenth of the points.
    Lecture: "Backward layer l", with the bias, stride and padding.
    """
    SH, SW = (stride, stride) if isinstance(stride, int) else stride
    (top, _), (left, _) = padding
    (H_out, W_out), (KH, KW), (H, W) = dz.shape[2:], w.shape[2:], y.shape[2:]
    y_padded = np.pad(y, ((0, 0), (0, 0), *padding))
    dy_padded, dw = np.zeros_like(y_padded), np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            rows = slice(i, i + SH * H_out - SH + 1, SH)
            columns = slice(j, j + SW * W_out - SW + 1, SW)
            dy_padded[:, :, rows, columns] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y_padded[:, :, rows, columns])
    dy = dy_padded[:, :, top : top + H, left : left + W].copy()
    return dy, dw, dz.sum(axis=(0, 2, 3))


def convnet_backward(dy, image, weights, biases):
    """The gradients of Div by everything in a network without pooling.

    The network has L layers, each a convolution (stride 1, no padding) and
    then a ReLU. With y = image at the start, forward is, layer by layer,

    `z[t, n, r, c] = b[n] + sum over m, i, j of
                     w[n, m, i, j] * y[t, m, r + i, c + j]`,
    `y = max(z, 0)`, which is the y of the next layer,

    where w = weights[0], b = biases[0] belong to the layer next to the
    image, and weights[-1], biases[-1] to the last one. dy is the gradient
    of Div by the y that comes out at the end, after the last ReLU.

    First go forward and keep every y and z. Then go backward: through the
    ReLU of a layer (slope 1 where its z is positive, 0 where it is
    negative), through its convolution, to the layer before it.

    dy (T, N, H_out, W_out), image (T, M, H, W); `weights` a list of L
    arrays (N, M, KH, KW) and `biases` one of L arrays (N,), where the M of
    a layer is the N of the layer before it; sizes may differ, L may be 1
    ->  the tuple dimage, dweights, dbiases: dimage of image's shape,
    dweights and dbiases lists of L new arrays, in the order and with the
    shapes of `weights` and `biases`. Sums over the batch, not means.

    Example, with L = 2, one map each and filters of one weight: image
    [[2, 3]], weights 4 and 5, biases -9 and 1 give z [[-1, 3]], y [[0, 3]],
    then z [[1, 16]]. With dy [[6, 7]] the last layer's dw is [[21]], its db
    [13], its dy [[30, 35]]; the first one's dz is [[0, 35]], its dw
    [[105]], its db [35], and dimage is [[0, 140]].

    Do not change the arguments. float32 arrays give float32 gradients, for
    about a tenth of the points. You may call your conv_backward. Where a z
    is exactly 0 nothing is scored.
    Lecture: "Complete Backward (no pooling)", with the biases.
    """
    ys, zs = [image], []
    for w, b in zip(weights, biases, strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(ys[-1], w.shape[2:], axis=(2, 3))
        zs.append(np.einsum("tmrcij,nmij->tnrc", windows, w) + b[:, None, None])
        ys.append(np.maximum(zs[-1], 0))
    dweights = [np.zeros_like(w) for w in weights]
    dbiases = [np.zeros_like(b) for b in biases]
    for layer in reversed(range(len(weights))):
        dz = dy * (zs[layer] > 0)
        y, w, b = ys[layer], weights[layer], biases[layer]
        gradients = conv_backward(dz, y, w, b, 1, ((0, 0), (0, 0)))
        dy, dweights[layer], dbiases[layer] = gradients
    return dy, dweights, dbiases
