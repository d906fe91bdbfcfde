"""Chapter 03: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "flatten_backward",
        "It reshapes in Fortran (column-first) order instead of row by row.",
        {"column_by_column"},
        True,
        """
def flatten_backward(dz, shape):
    return np.reshape(dz, shape, order='F').copy()
""",
    ),
    (
        "flatten_backward",
        "It takes the maps as the fastest axis of the row (reshape to T, H, W, M and then a "
        "transpose) instead of as the slowest.",
        {"maps_last"},
        True,
        """
def flatten_backward(dz, shape):
    T, M, H, W = shape
    return dz.reshape(T, H, W, M).transpose(0, 3, 1, 2).copy()
""",
    ),
    (
        "flatten_backward",
        "The row index is computed with H instead of W as the length of a row, which is right "
        "only for square maps.",
        {"height_for_width"},
        False,
        """
def flatten_backward(dz, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * H + r) * H + c]
    return dy
""",
    ),
    (
        "affine_backward",
        "dy multiplies dz by w transposed instead of by w, so the sum runs over the wrong "
        "axis of w (and it only runs when N equals M).",
        {"w_transposed"},
        True,
        """
def affine_backward(dz, y, w, b):
    dy = np.dot(dz, w.T)
    dw = np.dot(dz.T, y)
    db = np.sum(dz, axis=0)
    return dy, dw, db
""",
    ),
    (
        "affine_backward",
        "dw is returned transposed: it has shape (M, N) instead of (N, M).",
        {"dw_transposed"},
        True,
        """
def affine_backward(dz, y, w, b):
    dy = dz @ w
    dw = y.T @ dz
    db = dz.sum(axis=0)
    return dy, dw, db
""",
    ),
    (
        "affine_backward",
        "db is summed over the outputs (axis 1) instead of over the batch (axis 0), so it has "
        "T entries instead of N.",
        {"db_over_neurons"},
        True,
        """
def affine_backward(dz, y, w, b):
    dy = np.einsum('tn,nm->tm', dz, w)
    dw = np.einsum('tn,tm->nm', dz, y)
    db = np.einsum('tn->t', dz)
    return dy, dw, db
""",
    ),
    (
        "affine_backward",
        "dw and db are divided by the batch size T: means instead of sums.",
        {"mean_over_batch"},
        True,
        """
def affine_backward(dz, y, w, b):
    T = dz.shape[0]
    dy = dz.dot(w)
    dw = dz.T.dot(y) / T
    db = dz.mean(axis=0)
    return dy, dw, db
""",
    ),
    (
        "affine_backward",
        "dw is assigned with = for each picture instead of added up, so only the last picture "
        "of the batch counts in dw.",
        {"dw_overwrite"},
        False,
        """
def affine_backward(dz, y, w, b):
    dy = np.zeros_like(y)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for t in range(len(y)):
        dy[t] = w.T @ dz[t]
        dw = np.outer(dz[t], y[t])
        db += dz[t]
    return dy, dw, db
""",
    ),
    (
        "affine_backward",
        "Two mistakes: the results come in the order dw, db, dy instead of dy, dw, db, and db "
        "keeps the batch axis (shape (1, N)).",
        {"order"},
        True,
        """
def affine_backward(dz, y, w, b):
    dw = dz.T @ y
    db = np.sum(dz, axis=0, keepdims=True)
    dy = dz @ w
    return dw, db, dy
""",
    ),
    (
        "softmax_stable",
        "It subtracts the maximum of the whole array instead of each row's own maximum, so a "
        "row far below the others has a sum of 0 and becomes NaN.",
        {"one_maximum_for_all"},
        True,
        """
def softmax_stable(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=1, keepdims=True)
""",
    ),
    (
        "softmax_stable",
        "It subtracts the maximum of each column (axis 0) instead of each row, so different "
        "numbers are taken off the entries of one row.",
        {"maximum_over_the_batch"},
        True,
        """
def softmax_stable(z):
    shifted = z - z.max(axis=0)
    e = np.exp(shifted)
    return e / np.sum(e, axis=1, keepdims=True)
""",
    ),
    (
        "softmax_stable",
        "It subtracts each row's mean instead of its maximum, so in a row that holds both "
        "1000 and -1000 exp still overflows.",
        {"mean_taken_off"},
        True,
        """
def softmax_stable(z):
    m = z.mean(axis=1, keepdims=True)
    e = np.exp(z - m)
    return e / e.sum(axis=1, keepdims=True)
""",
    ),
    (
        "softmax_stable",
        "It divides by the sum over the whole array instead of by each row's sum, so the rows "
        "do not sum to 1.",
        {"sum_over_everything"},
        False,
        """
def softmax_stable(z):
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum()
""",
    ),
    (
        "softmax_stable",
        "It clips z to the range -500 to 500 instead of subtracting a number per row, so "
        "numbers beyond the range become equal and their ratio is lost.",
        {"clipped"},
        True,
        """
def softmax_stable(z):
    safe = np.clip(z, -500, 500)
    out = np.exp(safe)
    out /= out.sum(axis=1, keepdims=True)
    return out
""",
    ),
    (
        "softmax_stable",
        "It subtracts the largest absolute value of the row instead of the largest value, so "
        "a row whose numbers are all strongly negative gets a sum of 0.",
        {"size_taken_off"},
        True,
        """
def softmax_stable(z):
    rows = []
    for row in z:
        big = np.abs(row).max()
        e = np.exp(row - big)
        rows.append(e / e.sum())
    return np.array(rows)
""",
    ),
    (
        "softmax_stable",
        "It subtracts the maximum from z in place, so the argument z is changed.",
        {"input_modified"},
        True,
        """
def softmax_stable(z):
    z -= z.max(axis=1)[:, None]
    e = np.exp(z)
    return e / e.sum(axis=1)[:, None]
""",
    ),
    (
        "softmax_stable",
        "Two mistakes: nothing is taken off z before exp, so numbers like 1000 overflow, and "
        "the sum runs down the columns (axis 0) instead of along each row.",
        {"nothing_taken_off", "over_the_batch"},
        True,
        """
def softmax_stable(z):
    exps = np.exp(z)
    return exps / np.sum(exps, axis=0)
""",
    ),
    (
        "cross_entropy_backward",
        "The gradient is not divided by the batch size T.",
        {"mean_missing"},
        True,
        """
def cross_entropy_backward(z, target):
    T, C = z.shape
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    for t in range(T):
        y[t, target[t]] -= 1
    return y
""",
    ),
    (
        "cross_entropy_backward",
        "It subtracts 1 with dz[:, target], which takes 1 off in the target columns of every "
        "picture, instead of one entry per picture.",
        {"columns_of_all"},
        True,
        """
def cross_entropy_backward(z, target):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    dz = e / np.sum(e, axis=1, keepdims=True)
    dz[:, target] -= 1
    return dz / len(z)
""",
    ),
    (
        "cross_entropy_backward",
        "The sign is wrong: it returns (one-hot - y) / T instead of (y - one-hot) / T.",
        {"sign"},
        True,
        """
def cross_entropy_backward(z, target):
    T, C = z.shape
    shifted = z - z.max(axis=1, keepdims=True)
    y = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    onehot = np.zeros((T, C))
    onehot[np.arange(T), target] = 1
    return (onehot - y) / T
""",
    ),
    (
        "cross_entropy_backward",
        "The softmax is computed without taking off the row maximum, so numbers like 1000 "
        "give NaN.",
        {"overflow"},
        True,
        """
def cross_entropy_backward(z, target):
    y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y[np.arange(z.shape[0]), target] -= 1
    return y / z.shape[0]
""",
    ),
    (
        "cross_entropy_backward",
        "The one-hot rows get max(target) + 1 columns instead of C, so it raises an error or "
        "is wrong when the last class is not among the targets.",
        {"classes_of_the_batch"},
        False,
        """
def cross_entropy_backward(z, target):
    classes = target.max() + 1
    onehot = np.eye(classes)[target]
    ez = np.exp(z - z.max(axis=1).reshape(-1, 1))
    y = ez / ez.sum(axis=1).reshape(-1, 1)
    return (y - onehot) / len(target)
""",
    ),
    (
        "cross_entropy_backward",
        "It returns the gradient by the softmax output y (-1/y at the right class, divided by "
        "T) instead of going on through the softmax to z.",
        {"through_log_only"},
        True,
        """
def cross_entropy_backward(z, target):
    T = len(z)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros_like(z)
    for t, k in enumerate(target):
        dz[t, k] = -1 / y[t, k]
    return dz / T
""",
    ),
    (
        "cross_entropy_backward",
        "Only the 1 of the right class is divided by T and not the y, because of a missing "
        "bracket.",
        {"y_not_divided"},
        False,
        """
def cross_entropy_backward(z, target):
    T, C = z.shape
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    onehot = (np.arange(C)[None, :] == target[:, None]).astype(float)
    return y - onehot / T
""",
    ),
    (
        "cross_entropy_backward",
        "Two mistakes: z itself is used where softmax(z) belongs (no softmax is taken), and "
        "it is changed in place.",
        {"input_modified"},
        True,
        """
def cross_entropy_backward(z, target):
    T = z.shape[0]
    z[np.arange(T), target] -= 1
    return z / T
""",
    ),
    (
        "cross_entropy_backward",
        "It divides by the number of classes C instead of by the batch size T.",
        {"divided_by_classes"},
        True,
        """
def cross_entropy_backward(z, target):
    probs = np.exp(z - z.max(axis=-1, keepdims=True))
    probs /= probs.sum(axis=-1, keepdims=True)
    rows = []
    for p, k in zip(probs, target):
        g = p.copy()
        g[k] -= 1
        rows.append(g / len(p))
    return np.array(rows)
""",
    ),
    (
        "softmax_backward",
        "It uses only the slope of each y by its own z, y*(1 - y), and forgets the paths from "
        "z[k] to the other y's.",
        {"diagonal_only"},
        True,
        """
def softmax_backward(dy, z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return dy * y * (1 - y)
""",
    ),
    (
        "softmax_backward",
        "The sum of dy*y is taken over the whole batch instead of over each picture's classes.",
        {"sum_over_everything"},
        True,
        """
def softmax_backward(dy, z):
    z = z - z.max(axis=1, keepdims=True)
    y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    s = np.sum(dy * y)
    return y * (dy - s)
""",
    ),
    (
        "softmax_backward",
        "dy is taken at k (the z's class) instead of at i (the y's class) in the sum, so the "
        "sum of the slopes over i cancels to 0 everywhere.",
        {"zero", "scattered"},
        True,
        """
def softmax_backward(dy, z):
    T, C = z.shape
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros((T, C))
    for t in range(T):
        for k in range(C):
            for i in range(C):
                delta = 1 if i == k else 0
                dz[t, k] += dy[t, k] * y[t, i] * (delta - y[t, k])
    return dz
""",
    ),
    (
        "softmax_backward",
        "z is treated as if it already were the softmax output y: no softmax is taken.",
        {"z_for_y"},
        True,
        """
def softmax_backward(dy, z):
    T, C = z.shape
    dz = np.zeros_like(z)
    for t in range(T):
        y = z[t]
        jac = np.diag(y) - np.outer(y, y)
        dz[t] = jac @ dy[t]
    return dz
""",
    ),
    (
        "softmax_backward",
        "The softmax is computed without taking off the row maximum, so numbers like 1000 "
        "give NaN.",
        {"overflow"},
        True,
        """
def softmax_backward(dy, z):
    y = np.exp(z)
    y = y / y.sum(axis=1, keepdims=True)
    jac = np.einsum('ti,ik->tik', y, np.eye(z.shape[1])) - np.einsum('ti,tk->tik', y, y)
    return np.einsum('ti,tik->tk', dy, jac)
""",
    ),
]
