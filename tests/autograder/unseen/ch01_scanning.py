"""Chapter 01: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "conv1d_scan",
        "It uses np.convolve, which flips the filter, so each filter is applied mirrored.",
        {"flipped"},
        True,
        """
def conv1d_scan(y, w, b):
    T, M, W = y.shape
    N, _, KW = w.shape
    z = np.zeros((T, N, W - KW + 1))
    for t in range(T):
        for n in range(N):
            z[t, n] = b[n]
            for m in range(M):
                z[t, n] += np.convolve(y[t, m], w[n, m], mode='valid')
    return z
""",
    ),
    (
        "conv1d_scan",
        "The bias is added inside the loop over the in-maps, so b[n] is counted M times "
        "instead of once.",
        {"bias_in_the_loop"},
        True,
        """
def conv1d_scan(y, w, b):
    T, M, W = y.shape
    N, M, KW = w.shape
    W_out = W - KW + 1
    z = np.zeros((T, N, W_out))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for c in range(W_out):
                    z[t, n, c] += np.sum(w[n, m] * y[t, m, c:c + KW]) + b[n]
    return z
""",
    ),
    (
        "conv1d_scan",
        "The output is one column too short: it has W - KW columns instead of W - KW + 1, so "
        "the last position is missing.",
        {"last_place_missing"},
        True,
        """
def conv1d_scan(y, w, b):
    T, M, W = y.shape
    N, _, KW = w.shape
    columns = []
    for c in range(W - KW):
        block = y[:, :, c:c + KW]
        columns.append(np.tensordot(block, w, axes=([1, 2], [1, 2])) + b)
    return np.stack(columns, axis=2)
""",
    ),
    (
        "conv1d_scan",
        "It adds b along the last axis (the columns) instead of along the axis of the "
        "filters, because b is not reshaped to (N, 1).",
        {"bias_on_columns"},
        True,
        """
def conv1d_scan(y, w, b):
    KW = w.shape[2]
    blocks = sliding_window_view(y, KW, axis=2)      # (T, M, W_out, KW)
    z = np.einsum('tmcj,nmj->tnc', blocks, w)
    return z + b
""",
    ),
    (
        "conv1d_scan",
        "Two mistakes: the filters are reversed before sliding, and the bias is never added.",
        {"flipped"},
        True,
        """
def conv1d_scan(y, w, b):
    T, M, W = y.shape
    N, M, KW = w.shape
    W_out = W - KW + 1
    z = np.zeros((T, N, W_out))
    for c in range(W_out):
        for j in range(KW):
            z[:, :, c] += y[:, :, c + j] @ w[:, :, KW - 1 - j].T
    return z
""",
    ),
    (
        "conv_scan",
        "It takes KH for both sides of the filter (KW is never read), so it only works for "
        "square filters.",
        {"shape"},
        True,
        """
def conv_scan(y, w, b):
    T, M, H, W = y.shape
    N, M, K = w.shape[:3]
    z = np.zeros((T, N, H - K + 1, W - K + 1))
    for t in range(T):
        for n in range(N):
            for r in range(H - K + 1):
                for c in range(W - K + 1):
                    z[t, n, r, c] = np.sum(w[n] * y[t, :, r:r + K, c:c + K]) + b[n]
    return z
""",
    ),
    (
        "conv_scan",
        "The bias b is never added.",
        {"bias_missing"},
        True,
        """
def conv_scan(y, w, b):
    KH, KW = w.shape[2:]
    patches = sliding_window_view(y, (KH, KW), axis=(2, 3))
    z = np.einsum('tmrcij,nmij->tnrc', patches, w)
    return z
""",
    ),
    (
        "conv_scan",
        "A ReLU is applied to the affine maps at the end, although the statement says there "
        "is no activation.",
        {"activated"},
        True,
        """
def conv_scan(y, w, b):
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    H_out, W_out = H - KH + 1, W - KW + 1
    z = np.zeros((T, N, H_out, W_out))
    for i in range(KH):
        for j in range(KW):
            z += np.einsum('nm,tmrc->tnrc', w[:, :, i, j], y[:, :, i:i + H_out, j:j + W_out])
    z += b.reshape(1, N, 1, 1)
    return np.maximum(z, 0)
""",
    ),
    (
        "conv_scan",
        "It assigns z[t, n, r, c] anew for every in-map m instead of adding to it, so only "
        "the last in-map counts.",
        {"last_map_only"},
        True,
        """
def conv_scan(y, w, b):
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(H - KH + 1):
                    for c in range(W - KW + 1):
                        patch = y[t, m, r:r + KH, c:c + KW]
                        z[t, n, r, c] = (patch * w[n, m]).sum()
            z[t, n] += b[n]
    return z
""",
    ),
    (
        "conv_scan",
        "Two mistakes: the filters are flipped in both picture axes before sliding, and the "
        "bias is added to the first picture (t = 0) only.",
        {"flipped"},
        True,
        """
def conv_scan(y, w, b):
    N, M, KH, KW = w.shape
    w_rot = w[:, :, ::-1, ::-1]          # a real convolution flips the kernel
    win = sliding_window_view(y, (KH, KW), axis=(2, 3))
    z = np.einsum('tmrcij,nmij->tnrc', win, w_rot)
    for n in range(N):
        z[0, n] += b[n]
    return z
""",
    ),
    (
        "count_parameters",
        "It counts one bias per plane (N*M biases) instead of one bias per filter (N biases).",
        {"bias_for_each_plane"},
        True,
        """
def count_parameters(M, N, KH, KW):
    per_plane = KH * KW + 1
    return N * M * per_plane
""",
    ),
    (
        "count_parameters",
        "It forgets the biases and counts the weights only.",
        {"bias_missing"},
        True,
        """
def count_parameters(M, N, KH, KW):
    return M * N * KH * KW
""",
    ),
    (
        "count_parameters",
        "It counts the parameters of a single filter only and does not multiply by the number "
        "of filters N.",
        {"out_maps_missing"},
        True,
        """
def count_parameters(M, N, KH, KW):
    weights = M * KH * KW
    bias = 1
    return weights + bias
""",
    ),
    (
        "count_parameters",
        "It adds M biases (one per in-map) instead of N biases (one per filter).",
        {"biases_of_in_maps"},
        True,
        """
def count_parameters(M, N, KH, KW):
    total = 0
    for n in range(N):
        total += M * KH * KW
    total += M
    return total
""",
    ),
]
