"""The end of the network: softmax, and the divergences with their mean over the pictures.

T pictures, C classes; z (T, C), or (T, C, H, W) with a class for each position; axis 1 is the
classes. `target` is the desired output, the lecture's d: class indices (T,) or (T, H, W) for the
cross entropy, an array like y for the squared error. A loss is a mean, in units of one divergence,
so its gradient has the factor 1/count already: it is the dz that the backward pass begins with.
"""

import numpy as np

from solutions.arguments import Array, expect_shape, floats_with, same_dtype


def _check_classes(z: Array) -> None:
    if floats_with("z", z, "T C").shape[1] == 0:
        raise ValueError(f"`z` has shape {z.shape}; at least one class is needed on axis 1")


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))  # the largest is exp(0) = 1: nothing overflows
    y: Array = e / e.sum(axis=1, keepdims=True)
    return y


def softmax_forward(z: Array) -> Array:
    """y[t, k] = exp(z[t, k]) / sum over all classes i of exp(z[t, i]).

    z (T, C) or (T, C, H, W), classes on axis 1  ->  y like z, fresh; sums to 1 over axis 1.

    Raises ValueError or TypeError, before any work, when z is no float array with axes T and C.
    Source: 11-785 "CNN III", "Pseudocode: Vector notation" (Y = softmax of the last maps).
    """
    _check_classes(z)
    return _softmax(z)


def softmax_backward(dy: Array, z: Array) -> Array:
    """dz[t, k] = y[t, k] * (dy[t, k] - sum over all classes i of y[t, i] * dy[t, i]).

    dy, z (T, C) or (T, C, H, W), y = softmax(z)  ->  dz like z, fresh. Every z of a picture moves
    every y of it: dy[i]/dz[k] = y[i] * ((i == k) - y[k]).

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: missing from the lecture, which begins its backward at dY(L).
    """
    _check_classes(z)
    expect_shape("dy", floats_with("dy", dy, "T C"), z.shape, "`z`")
    same_dtype(dy=dy, z=z)
    y = _softmax(z)
    dz: Array = y * (dy - (y * dy).sum(axis=1, keepdims=True))
    return dz


def _class_index(z: Array, target: Array) -> Array:
    """`target` checked, with an axis of one for the classes: where to look in z along axis 1."""
    _check_classes(z)
    C = z.shape[1]
    if not isinstance(target, np.ndarray):
        raise TypeError(f"`target` must be a NumPy array, not {type(target).__name__}")
    if not np.issubdtype(target.dtype, np.integer):
        raise TypeError(f"`target` has dtype {target.dtype}; class indices (integers) are needed")
    reason = f"one class index for each position of `z` (of shape {z.shape})"
    expect_shape("target", target, (z.shape[0], *z.shape[2:]), reason)
    _check_count("z", z, target.size)
    outside = (target < 0) | (target >= C)
    if outside.any():
        at = tuple(int(i) for i in np.argwhere(outside)[0])
        raise ValueError(f"`target` (={target[at]} at {at}) must be a class from 0 to {C - 1}")
    return np.expand_dims(target.astype(np.intp), 1)


def _check_count(name: str, value: Array, count: int) -> None:
    if count == 0:
        raise ValueError(f"`{name}` has shape {value.shape}: a mean over nothing has no value")


def cross_entropy_forward(z: Array, target: Array) -> float:
    """loss = mean over t of -log(y[t, target[t]]), with y = softmax(z): in nats.

    z (T, C), target (T,); or z (T, C, H, W), target (T, H, W), and the mean is over the positions
    too  ->  a float. Computed as log(sum of exp(z)) - z[target] with z's maximum taken off first:
    no finite z gives an infinite logarithm.

    Raises ValueError or TypeError, before any work, for shapes that do not fit, a class index out
    of range, and an empty batch.
    Source: 11-785 "CNN III", "Recap: Problem Setup" (the loss is the mean divergence).
    """
    index = _class_index(z, target)
    # float64: the answer is one number, and a difference of two float32 may overflow
    shifted = np.subtract(z, z.max(axis=1, keepdims=True), dtype=np.float64)
    log_sum = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(np.mean(log_sum - np.take_along_axis(shifted, index, axis=1)))


def cross_entropy_backward(z: Array, target: Array) -> Array:
    """dz[t, k] = (softmax(z)[t, k] - (k == target[t])) / count.

    z, target as in forward; count = T, or T*H*W with positions  ->  dz like z, fresh.

    Raises ValueError or TypeError, before any work, as forward does.
    Source: missing from the lecture, which begins its backward at dY(L).
    """
    index = _class_index(z, target)
    dz = _softmax(z)
    right = np.take_along_axis(dz, index, axis=1)
    np.put_along_axis(dz, index, right - 1, axis=1)
    return dz / target.size


def cross_entropy_with_gradient(z: Array, target: Array) -> tuple[float, Array]:
    """`cross_entropy_forward` and `cross_entropy_backward` at once: they share their exponentials."""
    index = _class_index(z, target)
    shifted = np.subtract(z, z.max(axis=1, keepdims=True), dtype=np.float64)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total) - np.take_along_axis(shifted, index, axis=1))
    dz = e / total
    np.put_along_axis(dz, index, np.take_along_axis(dz, index, axis=1) - 1, axis=1)
    return float(loss), (dz / target.size).astype(z.dtype)


def _check_pair(y: Array, target: Array) -> None:
    floats_with("y", y, "T")
    expect_shape("target", floats_with("target", target, "T"), y.shape, "`y`")
    same_dtype(y=y, target=target)
    _check_count("y", y, y.shape[0])


def squared_error_forward(y: Array, target: Array) -> float:
    """loss = mean over t of 1/2 * sum over the picture of (y - target)^2.

    y, target (T, ...), in y's units  ->  a float, in their square.

    Raises ValueError or TypeError, before any work, for shapes that do not fit and an empty batch.
    Source: 11-785 "CNN III", "Recap: Problem Setup" (the loss is the mean divergence).
    """
    _check_pair(y, target)
    gap = np.subtract(y, target, dtype=np.float64)
    return float(np.sum(gap**2) / (2 * len(y)))


def squared_error_backward(y: Array, target: Array) -> Array:
    """dy = (y - target) / T.

    y, target (T, ...)  ->  dy like y, fresh.

    Raises ValueError or TypeError, before any work, for shapes that do not fit and an empty batch.
    Source: 11-785 "CNN III", "Recap: The derivative" (the mean of the pictures' derivatives).
    """
    _check_pair(y, target)
    return (y - target) / len(y)
