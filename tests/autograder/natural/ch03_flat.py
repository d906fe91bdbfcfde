"""Chapter 03's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (for the programs)

MISTAKES = [
    # ----- flatten_backward -----
    ("flatten_backward", {"column_by_column"}, """
def f(dz, shape):
    return np.reshape(dz, shape, order="F")
"""),
    ("flatten_backward", {"maps_last"}, """
def f(dz, shape):
    T, M, H, W = shape
    return dz.reshape(T, H, W, M).transpose(0, 3, 1, 2)
"""),
    ("flatten_backward", {"rows_and_columns_exchanged"}, """
def f(dz, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * W + c) * H + r]
    return dy
"""),
    # ----- affine_backward -----
    ("affine_backward", {"mean_over_batch"}, """
def f(dz, y, w, b):
    T = dz.shape[0]
    dy = dz @ w
    dw = dz.T @ y / T
    db = dz.sum(axis=0) / T
    return dy, dw, db
"""),
    ("affine_backward", {"dw_transposed", "shape"}, """
def f(dz, y, w, b):
    return np.dot(dz, w), np.dot(y.T, dz), np.sum(dz, axis=0)
"""),
    ("affine_backward", {"db_not_summed", "shape", "axes"}, """
def f(dz, y, w, b):
    return np.dot(dz, w), np.dot(dz.T, y), dz
"""),
    ("affine_backward", {"order", "shape"}, """
def f(dz, y, w, b):
    dw = np.einsum("tn,tm->nm", dz, y)
    db = np.einsum("tn->n", dz)
    dy = np.einsum("tn,nm->tm", dz, w)
    return dw, db, dy
"""),
    ("affine_backward", {"overwrite"}, """
def f(dz, y, w, b):
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(len(dz)):
        dy[t] = w.T @ dz[t]
        dw = np.outer(dz[t], y[t])
        db = dz[t]
    return dy, dw, db
"""),
    ("affine_backward", {"db_keepdims", "shape", "axes"}, """
def f(dz, y, w, b):
    return dz.dot(w), dz.T.dot(y), np.sum(dz, axis=0, keepdims=True)
"""),
    ("affine_backward", {"dw_from_w"}, """
def f(dz, y, w, b):
    dy = dz @ w
    dw = w * dz.sum(axis=0)[:, None]
    db = dz.sum(axis=0)
    return dy, dw, db
"""),
    ("affine_backward", {"w_transposed", "shapes"}, """
def f(dz, y, w, b):
    return dz @ w.T, dz.T @ y, dz.sum(0)
"""),
    ("affine_backward", {"db_one_number"}, """
def f(dz, y, w, b):
    return dz @ w, dz.T @ y, np.array([dz.sum()])
"""),
    # ----- softmax_stable -----
    ("softmax_stable", {"nothing_taken_off"}, """
def f(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
"""),
    ("softmax_stable", {"one_maximum_for_all"}, """
def f(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=1, keepdims=True)
"""),
    ("softmax_stable", {"over_the_batch"}, """
def f(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
"""),
    ("softmax_stable", {"over_everything"}, """
def f(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)
"""),
    ("softmax_stable", {"clipped"}, """
def f(z):
    e = np.exp(np.clip(z, -500, 500))
    return e / e.sum(axis=1, keepdims=True)
"""),
    # ----- cross_entropy_backward -----
    ("cross_entropy_backward", {"mean_missing"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    y[np.arange(len(target)), target] -= 1.0
    return y
"""),
    ("cross_entropy_backward", {"sign"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    onehot = np.zeros(z.shape)
    for t in range(len(z)):
        onehot[t, target[t]] = 1
    return (onehot - y) / len(z)
"""),
    ("cross_entropy_backward", {"columns_of_all"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    y[:, target] -= 1
    return y / z.shape[0]
"""),
    ("cross_entropy_backward", {"softmax_missing"}, """
def f(z, target):
    dz = z.copy()
    dz[np.arange(len(z)), target] -= 1
    return dz / len(z)
"""),
    ("cross_entropy_backward", {"divided_by_all"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    y[np.arange(len(z)), target] -= 1
    return y / z.size
"""),
    ("cross_entropy_backward", {"right_class_only"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros_like(z)
    for t in range(len(z)):
        dz[t, target[t]] = (y[t, target[t]] - 1) / len(z)
    return dz
"""),
    ("cross_entropy_backward", {"through_log_only"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros_like(z)
    dz[np.arange(len(z)), target] = -1 / y[np.arange(len(z)), target]
    return dz / len(z)
"""),
    ("cross_entropy_backward", {"overflow"}, """
def f(z, target):
    y = np.exp(z) / np.exp(z).sum(axis=1)[:, None]
    y[range(len(z)), target] -= 1
    return y / len(z)
"""),
    ("cross_entropy_backward", {"one_missing"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y / len(z)
"""),
    # ----- softmax_backward -----
    ("softmax_backward", {"diagonal_only"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return dy * y * (1 - y)
"""),
    ("softmax_backward", {"z_for_y"}, """
def f(dy, z):
    return z * (dy - np.sum(z * dy, axis=1, keepdims=True))
"""),
    ("softmax_backward", {"sum_not_weighted"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * (dy - dy.sum(axis=1, keepdims=True))
"""),
    ("softmax_backward", {"sum_over_everything"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * (dy - np.sum(y * dy))
"""),
    ("softmax_backward", {"dy_missing"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * (1 - y)
"""),
    ("softmax_backward", {"others_only"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros_like(z)
    for t in range(len(z)):
        for k in range(z.shape[1]):
            for i in range(z.shape[1]):
                if i != k:
                    dz[t, k] -= dy[t, i] * y[t, i] * y[t, k]
    return dz
"""),
    ("softmax_backward", {"overwrite"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros_like(z)
    for t in range(len(z)):
        for k in range(z.shape[1]):
            for i in range(z.shape[1]):
                dz[t, k] = dy[t, i] * y[t, i] * ((i == k) - y[t, k])
    return dz
"""),
    # ----- as readers of the notebooks wrote them -----
    ("softmax_stable", {"sum_over_everything"}, """
def f(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum()
"""),
    ("softmax_stable", {"over_everything", "sum_over_everything"}, """
def f(z):
    e = np.exp(z)
    return e / e.sum()
"""),
    ("softmax_stable", {"over_everything"}, """
def f(z):
    e = np.exp(z - z.max())
    return e / e.sum()
"""),
    ("softmax_stable", {"over_the_batch", "sum_over_the_batch"}, """
def f(z):
    e = np.exp(z)
    return e / e.sum(axis=0)
"""),
    ("softmax_backward", {"scattered"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    dz = np.zeros_like(z)
    for t in range(T):
        for k in range(C):
            for i in range(C):
                slope = y[t, i] * ((1 if i == k else 0) - y[t, k])
                dz[t, i] += dy[t, i] * slope
    return dz
"""),
    ("softmax_backward", {"sum_alone"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * dy - np.sum(dy * y, axis=1, keepdims=True)
"""),
    ("softmax_backward", {"others_only"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    dz = np.zeros_like(z)
    for t in range(T):
        for k in range(C):
            for i in range(C):
                if i != k:
                    dz[t, k] -= dy[t, i] * y[t, i] * y[t, k]
    return dz
"""),
    ("softmax_backward", {"own_slope_missing"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    dz = np.zeros_like(z)
    for t in range(T):
        for k in range(C):
            for i in range(C):
                dz[t, k] += dy[t, i] * (-y[t, i] * y[t, k])
    return dz
"""),
    ("softmax_backward", {"own_slope_missing"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return -y * np.sum(dy * y, axis=1, keepdims=True)
"""),
    ("softmax_backward", {"others_only"}, """
def f(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    dz = np.zeros_like(z)
    for t in range(T):
        for k in range(C):
            for i in range(C):
                slope = 0.0
                if i != k:
                    slope = -y[t, i] * y[t, k]
                dz[t, k] += dy[t, i] * slope
    return dz
"""),
    ("affine_backward", {"dy_overwrite"}, """
def f(dz, y, w, b):
    T, N = dz.shape
    M = y.shape[1]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            db[n] += dz[t, n]
            for m in range(M):
                dy[t, m] = dz[t, n] * w[n, m]
                dw[n, m] += dz[t, n] * y[t, m]
    return dy, dw, db
"""),
    ("affine_backward", {"dw_overwrite"}, """
def f(dz, y, w, b):
    T, N = dz.shape
    M = y.shape[1]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            db[n] += dz[t, n]
            for m in range(M):
                dy[t, m] += dz[t, n] * w[n, m]
                dw[n, m] = dz[t, n] * y[t, m]
    return dy, dw, db
"""),
    ("affine_backward", {"db_overwrite"}, """
def f(dz, y, w, b):
    T, N = dz.shape
    M = y.shape[1]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            db[n] = dz[t, n]
            for m in range(M):
                dy[t, m] += dz[t, n] * w[n, m]
                dw[n, m] += dz[t, n] * y[t, m]
    return dy, dw, db
"""),
    ("affine_backward", {"dy_overwrite", "overwrite"}, """
def f(dz, y, w, b):
    T, N = dz.shape
    M = y.shape[1]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            db[n] = dz[t, n]
            for m in range(M):
                dy[t, m] = dz[t, n] * w[n, m]
                dw[n, m] = dz[t, n] * y[t, m]
    return dy, dw, db
"""),
    ("affine_backward", {"dw_overwrite", "dy_overwrite"}, """
def f(dz, y, w, b):
    T, N = dz.shape
    M = y.shape[1]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            db[n] += dz[t, n]
            for m in range(M):
                dy[t, m] = dz[t, n] * w[n, m]
                dw[n, m] = dz[t, n] * y[t, m]
    return dy, dw, db
"""),
    ("affine_backward", {"db_scalar"}, """
def f(dz, y, w, b):
    dy = dz @ w
    dw = dz.T @ y
    db = dz.sum()
    return dy, dw, db
"""),
    ("affine_backward", {"db_scalar"}, """
def f(dz, y, w, b):
    dy = dz @ w
    dw = dz.T @ y
    return dy, dw, sum(sum(dz))
"""),
    ("cross_entropy_backward", {"y_not_divided"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    onehot = np.zeros((T, C))
    onehot[np.arange(T), target] = 1
    return y - onehot / T
"""),
    ("cross_entropy_backward", {"one_not_divided"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    T, C = z.shape
    onehot = np.zeros((T, C))
    onehot[np.arange(T), target] = 1
    return y / T - onehot
"""),
    ("cross_entropy_backward", {"y_not_divided"}, """
def f(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    dz = e / e.sum(axis=1, keepdims=True)
    T = len(z)
    dz[np.arange(T), target] -= 1 / T
    return dz
"""),
    ("flatten_backward", {"sizes_in_reverse"}, """
def f(dz, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * W + r) * H + c]
    return dy
"""),
    ("flatten_backward", {"height_for_width"}, """
def f(dz, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * H + r) * H + c]
    return dy
"""),
    ("flatten_backward", {"width_for_height"}, """
def f(dz, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * W + r) * W + c]
    return dy
"""),
]  # fmt: skip
