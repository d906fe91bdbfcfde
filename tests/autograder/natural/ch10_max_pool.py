"""Chapter 10's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (the programs use it)

MISTAKES = [
    # ----- max_pool_forward -----
    ("max_pool_forward", {"index_in_window"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        z[t, m, r, c] = np.max(window)
        pidx[t, m, r, c] = np.argmax(window)
    return z, pidx
"""),
    ("max_pool_forward", {"window_offset_missing"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(np.argmax(window), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = i * W + j
    return z, pidx
"""),
    ("max_pool_forward", {"starts_at_zero", "starts_at_zero_corner"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    z = np.zeros((T, M, (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t in range(T):
        for m in range(M):
            for r in range(z.shape[2]):
                for c in range(z.shape[3]):
                    best, where = 0, 0
                    for i in range(size[0]):
                        for j in range(size[1]):
                            row, col = r * stride[0] + i, c * stride[1] + j
                            if y[t, m, row, col] > best:
                                best = y[t, m, row, col]
                                where = row * W + col
                    z[t, m, r, c] = best
                    pidx[t, m, r, c] = where
    return z, pidx
"""),
    ("max_pool_forward", {"last_of_ties"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    z = np.zeros((T, M, (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1))
    pidx = np.zeros(z.shape, dtype=int)
    for t, m, r, c in np.ndindex(z.shape):
        best = -np.inf
        for i in range(size[0]):
            for j in range(size[1]):
                row, col = r * stride[0] + i, c * stride[1] + j
                if y[t, m, row, col] >= best:
                    best = y[t, m, row, col]
                    pidx[t, m, r, c] = row * W + col
        z[t, m, r, c] = best
    return z, pidx
"""),
    ("max_pool_forward", {"found_in_map"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        z[t, m, r, c] = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW].max()
        pidx[t, m, r, c] = np.where(y[t, m].ravel() == z[t, m, r, c])[0][0]
    return z, pidx
"""),
    ("max_pool_forward", {"size_over_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, H // SH, W // SW))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = (r * SH + i) * W + c * SW + j
    return z, pidx
"""),
    ("max_pool_forward", {"row_times_height"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = (r * SH + i) * H + c * SW + j
    return z, pidx
"""),
    ("max_pool_forward", {"starts_without_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            window = y[:, :, r : r + KH, c : c + KW].reshape(T, M, -1)
            z[:, :, r, c] = window.max(-1)
            k = window.argmax(-1)
            pidx[:, :, r, c] = (r + k // KW) * W + c + k % KW
    return z, pidx
"""),
    ("max_pool_forward", {"index_in_batch"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = np.ravel_multi_index((t, m, r * SH + i, c * SW + j), y.shape)
    return z, pidx
"""),
    ("max_pool_forward", {"over_maps"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            window = y[:, :, r * SH : r * SH + KH, c * SW : c * SW + KW]
            for t in range(T):
                z[t, :, r, c] = window[t].max()
                k, i, j = np.unravel_index(window[t].argmax(), window[t].shape)
                pidx[t, :, r, c] = (r * SH + i) * W + c * SW + j
    return z, pidx
"""),
    ("max_pool_forward", {"last_window_missing"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    H_out, W_out = (H - KH) // SH, (W - KW) // SW
    z = np.zeros((T, M, H_out, W_out))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = (r * SH + i) * W + c * SW + j
    return z, pidx
"""),
    ("max_pool_forward", {"place_in_z"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = (r + i) * W + c + j
    return z, pidx
"""),
    ("max_pool_forward", {"dtype"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros_like(z)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW]
        i, j = np.unravel_index(window.argmax(), window.shape)
        z[t, m, r, c] = window[i, j]
        pidx[t, m, r, c] = (r * SH + i) * W + c * SW + j
    return z, pidx
"""),
    # the place in the window added to a place of the corner
    ("max_pool_forward", {"added_to_corner"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = SH * r * W + SW * c + k
    return z, pidx
"""),
    ("max_pool_forward", {"added_to_row_and_column"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = SH * r + SW * c + k
    return z, pidx
"""),
    ("max_pool_forward", {"added_to_place_of_z"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = r * z.shape[3] + c + k
    return z, pidx
"""),
    ("max_pool_forward", {"row_plus_column"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = SH * r + k // KW + SW * c + k % KW
    return z, pidx
"""),
    # the stride in one of row and column
    ("max_pool_forward", {"row_without_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = (r + k // KW) * W + SW * c + k % KW
    return z, pidx
"""),
    ("max_pool_forward", {"column_without_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(window)
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = (SH * r + k // KW) * W + c + k % KW
    return z, pidx
"""),
    # the largest magnitude decides
    ("max_pool_forward", {"magnitude_decides"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(np.abs(window))
        z[t, m, r, c] = window.flat[k]
        pidx[t, m, r, c] = (SH * r + k // KW) * W + SW * c + k % KW
    return z, pidx
"""),
    ("max_pool_forward", {"place_by_magnitude"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(np.abs(window))
        z[t, m, r, c] = window.max()
        pidx[t, m, r, c] = (SH * r + k // KW) * W + SW * c + k % KW
    return z, pidx
"""),
    ("max_pool_forward", {"largest_magnitude"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    pidx = np.zeros(z.shape, dtype=np.int64)
    for t, m, r, c in np.ndindex(z.shape):
        window = y[t, m, SH * r : SH * r + KH, SW * c : SW * c + KW]
        k = np.argmax(np.abs(window))
        z[t, m, r, c] = np.abs(window).max()
        pidx[t, m, r, c] = (SH * r + k // KW) * W + SW * c + k % KW
    return z, pidx
"""),
    # ----- max_pool_backward -----
    ("max_pool_backward", {"overwrite"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    p = pidx[t, m, r, c]
                    dy[t, m, p // W, p % W] = dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"overwrite"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros((T, M, H * W))
    for t in range(T):
        for m in range(M):
            dy[t, m][pidx[t, m]] += dz[t, m]
    return dy.reshape(shape)
"""),
    ("max_pool_backward", {"overwrite"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros((T, M, H * W))
    np.put_along_axis(dy, pidx.reshape(T, M, -1), dz.reshape(T, M, -1), axis=2)
    return dy.reshape(shape)
"""),
    ("max_pool_backward", {"index_over_all"}, """
def f(dz, pidx, shape):
    dy = np.zeros(shape)
    np.add.at(dy.reshape(-1), pidx.reshape(-1), dz.reshape(-1))
    return dy
"""),
    ("max_pool_backward", {"row_by_height", "index"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        p = pidx[t, m, r, c]
        dy[t, m, p // H, p % H] += dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"size_of_z", "index"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros_like(dz)
    for t, m, r, c in np.ndindex(dz.shape):
        p = pidx[t, m, r, c]
        dy[t, m, p // W, p % W] += dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"row_column_exchanged", "index"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        col, row = divmod(pidx[t, m, r, c], W)
        dy[t, m, row, col] += dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"first_instance"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    p = pidx[t, m, r, c]
                    dy[t, m, p // W, p % W] += dz[t, m, r, c]
        return dy
"""),
    ("max_pool_backward", {"dtype"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape, dtype=int)
    for t, m, r, c in np.ndindex(dz.shape):
        p = pidx[t, m, r, c]
        dy[t, m, p // W, p % W] += int(dz[t, m, r, c])
    return dy
"""),
    ("max_pool_backward", {"batch_summed"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        p = pidx[t, m, r, c]
        dy[:, m, p // W, p % W] += dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"same_place", "unknown"}, """
def f(dz, pidx, shape):
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        dy[t, m, r, c] += dz[t, m, r, c]
    return dy
"""),
    ("max_pool_backward", {"first_pidx", "unknown"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            i, j = np.unravel_index(pidx[0, 0, r, c], (H, W))
            dy[:, :, i, j] += dz[:, :, r, c]
    return dy
"""),
    ("max_pool_backward", {"flat_maps"}, """
def f(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros((T, M, H * W))
    for t in range(T):
        for m in range(M):
            np.add.at(dy[t, m], pidx[t, m].ravel(), dz[t, m].ravel())
    return dy
"""),
]  # fmt: skip
